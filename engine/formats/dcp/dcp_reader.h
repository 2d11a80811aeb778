// SPDX-License-Identifier: GPL-3.0-or-later
// Reads PyTorch's distributed checkpoints (DCP): a folder with ".metadata" and files of parts, each part a
// small PyTorch or safetensors file of its own. Only files of the folder are opened. May be used from several
// threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/dcp/dcp_metadata.h"
#include "engine/formats/tensorflow/slice_map.h"

namespace wr::formats {

class DcpReader final : public checkpoint::ListedReader {
public:
    static constexpr std::string_view kMetadataName = ".metadata";
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>> open(Vfs& vfs,
                                                                            const std::string& folder);

    std::string formatName() const override { return "PyTorch distributed"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    using Part = std::shared_ptr<const checkpoint::CheckpointReader>;
    struct Values {
        std::vector<DcpChunk> chunks;
        std::vector<SliceMap> slices; ///< of the chunks
    };
    explicit DcpReader(const std::string& folder) : checkpoint::ListedReader(folder) {}
    Status openFiles(Vfs& vfs, const DcpMetadata& metadata);
    void addTensor(DcpTensor tensor);
    void addValue(const std::string& name, const DcpPlace& place);
    Result<std::shared_ptr<File>> fileAt(const DcpPlace& place) const;
    /// The file that a chunk is, with one tensor of its shape. Some are kept.
    Result<Part> partOf(std::size_t index, std::size_t chunk) const;

    std::map<std::string, std::shared_ptr<File>> m_files;
    std::map<std::string, std::uint64_t> m_sizes;
    std::vector<Values> m_values; ///< of the entries
    mutable std::mutex m_partsMutex;
    mutable std::map<std::pair<std::size_t, std::size_t>, Part> m_parts;
};

} // namespace wr::formats
