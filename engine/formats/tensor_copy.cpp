// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensor_copy.h"

#include <algorithm>

namespace wr::formats {

Status CopyProgress::add(std::uint64_t bytes)
{
    m_done += bytes;
    return !m_progress || m_progress(m_done, m_total) ? Status() : cancelled("writing was stopped");
}

Result<std::uint64_t> valueBytes(const checkpoint::CheckpointReader& from)
{
    std::uint64_t bytes = 0;
    for (const checkpoint::TensorEntry& entry : from.tensors()) {
        if (__builtin_add_overflow(bytes, entry.logicalBytes, &bytes))
            return fail(StatusCode::ResourceExhausted, "the tensors are too large for one file");
    }
    return bytes;
}

Status copyTensor(const checkpoint::CheckpointReader& from, std::size_t index,
                  const checkpoint::TensorEntry& entry, const ByteSink& to, CopyProgress& progress)
{
    constexpr std::uint64_t kLargeTensor = std::uint64_t{32} << 20U;
    constexpr std::uint64_t kPiece = std::uint64_t{4} << 20U;
    if (entry.logicalBytes <= kLargeTensor) {
        WR_ASSIGN_OR_RETURN(const Tensor tensor, from.read(index));
        WR_RETURN_IF_ERROR(to(tensor.bytes()));
        return progress.add(entry.logicalBytes);
    }
    std::vector<std::byte> buffer(kPiece);
    for (std::uint64_t at = 0; at < entry.logicalBytes;) {
        const std::span<std::byte> part =
            std::span(buffer).first(static_cast<std::size_t>(std::min(kPiece, entry.logicalBytes - at)));
        WR_RETURN_IF_ERROR(from.readPart(index, at, part));
        WR_RETURN_IF_ERROR(to(part));
        WR_RETURN_IF_ERROR(progress.add(part.size()));
        at += part.size();
    }
    return {};
}

Status checkSameTensors(const checkpoint::CheckpointReader& written, const checkpoint::CheckpointReader& from)
{
    std::vector<TensorSpec> specs; // entries may be made for the moment
    for (const checkpoint::TensorEntry& entry : from.tensors())
        specs.push_back(entry.spec);
    std::size_t at = 0;
    for (const checkpoint::TensorEntry& entry : written.tensors()) {
        if (at == specs.size() || !(entry.spec == specs[at]))
            return dataLoss("\"" + entry.spec.name + "\": what was written does not read back");
        ++at;
    }
    return at == specs.size() ? Status()
                              : dataLoss("\"" + specs[at].name + "\": what was written does not read back");
}

} // namespace wr::formats
