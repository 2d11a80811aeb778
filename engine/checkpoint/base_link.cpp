// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/base_link.h"

#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/durable_file.h"

#include <algorithm>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

/// A file name, nothing that leads out of the folder.
bool isPlainName(std::string_view name)
{
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

} // namespace

std::string hexText(std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

Result<Digest> contentDigest(const CheckpointReader& reader)
{
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    XXH3_128bits_reset(state.get());
    for (std::size_t i = 0; i < reader.tensors().size(); ++i) {
        const TensorEntry& entry = reader.tensors()[i];
        Digest digest{};
        if (entry.digest) {
            digest = *entry.digest;
        } else {
            WR_ASSIGN_OR_RETURN(const Tensor tensor, reader.read(i));
            digest = digestOf(tensor.bytes());
        }
        XXH3_128bits_update(state.get(), entry.spec.name.c_str(), entry.spec.name.size() + 1);
        XXH3_128bits_update(state.get(), digest.data(), digest.size());
    }
    return digestOf(XXH3_128bits_digest(state.get()));
}

BaseLink::BaseLink(Vfs& vfs, std::string path, BaseReference reference)
    : m_vfs(&vfs), m_path(std::move(path)), m_reference(std::move(reference))
{
}

Result<std::shared_ptr<const CheckpointReader>> BaseLink::open() const
{
    const std::lock_guard lock(m_mutex);
    if (m_base == nullptr) {
        WR_ASSIGN_OR_RETURN(m_base, search());
    }
    return m_base;
}

std::shared_ptr<const CheckpointReader> BaseLink::candidate(const std::string& name) const
{
    const std::string path = directoryOf(m_path) + "/" + name;
    const Result<std::shared_ptr<const CheckpointReader>> opened = openCheckpoint(*m_vfs, path);
    return opened && (*opened)->uuid() == m_reference.uuid ? *opened : nullptr;
}

Result<std::shared_ptr<const CheckpointReader>> BaseLink::search() const
{
    const std::string hint = isPlainName(m_reference.hint) ? m_reference.hint : std::string();
    std::shared_ptr<const CheckpointReader> base = hint.empty() ? nullptr : candidate(hint);
    if (base == nullptr) {
        WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, m_vfs->list(directoryOf(m_path)));
        std::vector<std::shared_ptr<const CheckpointReader>> candidates;
        for (const std::string& name : names) {
            if (auto found = name != hint && name.ends_with(".wrck") ? candidate(name) : nullptr)
                candidates.push_back(std::move(found));
        }
        // Of several copies a damaged one is no better for its name.
        const auto isWhole = [](const std::shared_ptr<const CheckpointReader>& copy) {
            const Result<std::vector<Damage>> damage = verifyCheckpoint(*copy);
            return damage && damage->empty();
        };
        if (candidates.size() > 1) {
            const auto whole = std::find_if(candidates.begin(), candidates.end(), isWhole);
            base = whole == candidates.end() ? candidates.front() : *whole;
        } else if (!candidates.empty()) {
            base = candidates.front();
        }
    }
    const std::string wanted = hint.empty() ? "a file" : "\"" + hint + "\"";
    if (base == nullptr)
        return fail(notFound("its base is missing: " + wanted + " of identity " + m_reference.uuid +
                             " is not in this folder"));
    if (base->base())
        return fail(dataLoss("its base " + base->path() + " is itself a delta"));
    const Result<Digest> digest = contentDigest(*base);
    if (!digest)
        return fail(digest.error().withContext("its base " + base->path()));
    if (hexText(*digest) != m_reference.digest)
        return fail(
            dataLoss("its base " + base->path() + " holds other values than when the delta was made"));
    return base;
}

} // namespace wr::checkpoint
