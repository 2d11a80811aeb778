// SPDX-License-Identifier: GPL-3.0-or-later
// Reads PyTorch's checkpoints: a zip archive with a pickle that describes the tensors and an entry for each
// storage. The pickle is never executed. May be used from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/pytorch/state_walk.h"
#include "engine/formats/zip/zip_index.h"

namespace wr::formats {

class PytorchReader final : public checkpoint::ListedReader {
public:
    /// The description, "NAME/data.pkl"; nullptr when the archive is none of PyTorch's.
    static const ZipEntry* dataEntry(const ZipIndex& index);
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    open(ZipIndex index, const std::string& path, std::uint64_t fileBytes);

    std::string formatName() const override { return "PyTorch"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    PytorchReader(const std::string& path, ZipIndex index) : ListedReader(path), m_zip(std::move(index)) {}
    void addTensors(FoundState state, const std::string& folder);
    /// The elements from the first one of a tensor to its last, as they lie in the storage.
    Status readExtent(std::size_t index, std::span<std::byte> into) const;

    ZipIndex m_zip;
    std::vector<FoundTensor> m_found;        ///< of the entries
    std::vector<const ZipEntry*> m_storages; ///< of the entries
};

} // namespace wr::formats
