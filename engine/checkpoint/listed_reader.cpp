// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/listed_reader.h"

#include <algorithm>

namespace wr::checkpoint {

std::ptrdiff_t findByName(const std::vector<TensorEntry>& entries, std::string_view name)
{
    const auto found =
        std::lower_bound(entries.begin(), entries.end(), name,
                         [](const TensorEntry& entry, std::string_view n) { return entry.spec.name < n; });
    return found != entries.end() && found->spec.name == name ? found - entries.begin() : -1;
}

void ListedReader::lose(const std::string& what)
{
    m_warnings.insert(m_warnings.begin() + static_cast<std::ptrdiff_t>(m_losses.size()), what);
    m_losses.push_back(what);
}

Result<Tensor> ListedReader::read(std::size_t index, const Progress& progress, int /*threads*/) const
{
    constexpr std::size_t kPiece = std::size_t{8} << 20U;
    const TensorEntry& entry = m_entries[index];
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    const std::span<std::byte> values = tensor.mutableBytes();
    for (std::size_t at = 0; at < values.size();) {
        const std::span<std::byte> piece = values.subspan(at, std::min(kPiece, values.size() - at));
        WR_RETURN_IF_ERROR(readPart(index, at, piece));
        at += piece.size();
        if (progress && !progress(at, values.size()))
            return fail(cancelled("reading was cancelled"));
    }
    return tensor;
}

Status ListedReader::partOfWhole(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    Tensor tensor;
    {
        const std::lock_guard lock(m_keptMutex);
        if (m_kept.isValid() && m_keptIndex == index)
            tensor = m_kept;
    }
    if (!tensor.isValid()) {
        WR_ASSIGN_OR_RETURN(tensor, read(index, {}, 1));
        const std::lock_guard lock(m_keptMutex);
        m_kept = tensor;
        m_keptIndex = index;
    }
    const std::span<const std::byte> part = tensor.bytes().subspan(static_cast<std::size_t>(at), into.size());
    std::copy(part.begin(), part.end(), into.begin());
    return {};
}

} // namespace wr::checkpoint
