// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_source.h"

#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/planes.h"

#include <algorithm>
#include <numeric>

namespace wr::checkpoint {

MemorySource::MemorySource(std::span<const NamedTensor> tensors) : m_tensors(tensors)
{
    for (const NamedTensor& tensor : tensors)
        m_specs.push_back({tensor.name, tensor.tensor.dtype(), tensor.tensor.shape()});
}

Result<std::span<const std::byte>> MemorySource::bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                                       std::vector<std::byte>& /*scratch*/) const
{
    return m_tensors[tensor].tensor.bytes().subspan(static_cast<std::size_t>(at), size);
}

ReaderSource::ReaderSource(const CheckpointReader& reader, std::vector<std::size_t> only)
    : m_reader(reader), m_indices(std::move(only))
{
    if (m_indices.empty()) {
        m_indices.resize(reader.tensors().size());
        std::iota(m_indices.begin(), m_indices.end(), std::size_t{0});
    }
    for (const std::size_t index : m_indices)
        m_specs.push_back(reader.tensors()[index].spec);
}

Result<std::span<const std::byte>> ReaderSource::bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                                       std::vector<std::byte>& scratch) const
{
    scratch.resize(size);
    WR_RETURN_IF_ERROR(m_reader.readPart(m_indices[tensor], at, scratch));
    return std::span<const std::byte>(scratch);
}

std::optional<Digest> ReaderSource::knownDigest(std::size_t tensor) const
{
    return m_reader.tensors()[m_indices[tensor]].digest;
}

std::optional<Statistics> ReaderSource::knownStatistics(std::size_t tensor) const
{
    return m_reader.tensors()[m_indices[tensor]].statistics;
}

Result<Digest> streamedDigest(const TensorSource& source, std::size_t tensor)
{
    const TensorSpec& spec = source.specs()[tensor];
    const std::uint64_t size = static_cast<std::uint64_t>(*spec.shape.elementCount()) * dtypeSize(spec.dtype);
    const std::uint64_t blockBytes = kBlockElements * dtypeSize(spec.dtype);
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    XXH3_128bits_reset(state.get());
    std::vector<std::byte> scratch;
    for (std::uint64_t at = 0; at < size; at += blockBytes) {
        const auto part = static_cast<std::size_t>(std::min(blockBytes, size - at));
        WR_ASSIGN_OR_RETURN(const auto block, source.bytes(tensor, at, part, scratch));
        XXH3_128bits_update(state.get(), block.data(), block.size());
    }
    return digestOf(XXH3_128bits_digest(state.get()));
}

} // namespace wr::checkpoint
