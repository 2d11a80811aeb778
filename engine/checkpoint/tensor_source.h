// SPDX-License-Identifier: GPL-3.0-or-later
// Where a save takes its values from: tensors in memory, or another checkpoint, block by block. May be asked
// from several threads.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/planes.h"

namespace wr::checkpoint {

class TensorSource {
public:
    virtual ~TensorSource() = default;
    virtual const std::vector<TensorSpec>& specs() const = 0;
    /// Bytes [at, at + size) of a tensor's values: where they lie, or read into `scratch`.
    virtual Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                                     std::vector<std::byte>& scratch) const = 0;
    /// All values, checked.
    virtual Result<Tensor> whole(std::size_t tensor) const = 0;
    /// What is known without looking at the values.
    virtual std::optional<Digest> knownDigest(std::size_t tensor) const = 0;
    virtual std::optional<Statistics> knownStatistics(std::size_t tensor) const = 0;
    /// The filter under which another file holds these very bytes in frames that may be copied.
    virtual std::optional<Filter> storedFilter(std::size_t /*tensor*/) const { return {}; }
    /// The frame there that holds exactly bytes [at, at + size) of the filtered tensor; none when there is
    /// none.
    virtual std::optional<Frame> storedFrame(std::size_t /*tensor*/, std::uint64_t /*at*/,
                                             std::uint32_t /*size*/) const
    {
        return {};
    }
};

/// Borrows the tensors.
class MemorySource final : public TensorSource {
public:
    explicit MemorySource(std::span<const NamedTensor> tensors);
    const std::vector<TensorSpec>& specs() const override { return m_specs; }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override;
    Result<Tensor> whole(std::size_t tensor) const override { return m_tensors[tensor].tensor; }
    std::optional<Digest> knownDigest(std::size_t) const override { return {}; }
    std::optional<Statistics> knownStatistics(std::size_t) const override { return {}; }

private:
    std::span<const NamedTensor> m_tensors;
    std::vector<TensorSpec> m_specs;
};

/// Borrows the reader; `only`: indices of tensors, all when empty.
class ReaderSource final : public TensorSource {
public:
    ReaderSource(const CheckpointReader& reader, std::vector<std::size_t> only);
    const std::vector<TensorSpec>& specs() const override { return m_specs; }
    Result<std::span<const std::byte>> bytes(std::size_t tensor, std::uint64_t at, std::size_t size,
                                             std::vector<std::byte>& scratch) const override;
    Result<Tensor> whole(std::size_t tensor) const override { return m_reader.read(m_indices[tensor]); }
    std::optional<Digest> knownDigest(std::size_t tensor) const override;
    std::optional<Statistics> knownStatistics(std::size_t tensor) const override;

private:
    const CheckpointReader& m_reader;
    std::vector<std::size_t> m_indices;
    std::vector<TensorSpec> m_specs;
};

/// Digest of one tensor, block by block.
Result<Digest> streamedDigest(const TensorSource& source, std::size_t tensor);

/// As saveCheckpoint(), of what a source gives. Frames that it has already are copied, whatever the coder
/// was.
Result<SaveReport> saveSource(Vfs& vfs, const std::string& path, const TensorSource& source,
                              const Metadata& metadata, const SaveOptions& options,
                              const Progress& progress = {});

} // namespace wr::checkpoint
