// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint of several files as one. May be used from several threads.
#pragma once

#include "engine/checkpoint/shard_set.h"

namespace wr::checkpoint {

class ShardedReader final : public CheckpointReader {
public:
    /// `parts` are the opened files of the set, in its order. DataLoss when they are not those that the set
    /// lists.
    static Result<std::shared_ptr<const CheckpointReader>>
    open(const std::string& path, std::uint64_t fileBytes, ShardSet set,
         std::vector<std::shared_ptr<const CheckpointReader>> parts);

    const std::string& path() const override { return m_path; }
    std::string formatName() const override;
    std::uint64_t fileBytes() const override { return m_fileBytes; } ///< of all files
    std::size_t tensorCount() const override { return m_firsts.back(); }
    TensorEntry tensor(std::size_t index) const override;
    std::ptrdiff_t find(std::string_view name) const override;
    void forEachName(const NameCall& call) const override;
    const Metadata& metadata() const override { return m_set.metadata; }
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;
    std::string uuid() const override { return m_set.uuid; }
    std::optional<BaseReference> base() const override; ///< of any part: all were made against one
    bool needsBase(std::size_t index) const override;

private:
    struct Place {
        const CheckpointReader& reader;
        std::size_t index;
    };
    ShardedReader() = default;
    Place placeOf(std::size_t index) const;

    std::string m_path;
    std::uint64_t m_fileBytes = 0;
    ShardSet m_set;
    std::vector<std::shared_ptr<const CheckpointReader>> m_parts;
    std::vector<std::size_t> m_firsts;     ///< index of the first tensor of each part, and the number of all
    std::vector<std::string> m_firstNames; ///< of the parts
    std::vector<std::string> m_warnings;
};

} // namespace wr::checkpoint
