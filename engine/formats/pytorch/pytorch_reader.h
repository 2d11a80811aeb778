// SPDX-License-Identifier: GPL-3.0-or-later
// Reads PyTorch's checkpoints: a zip archive with a pickle that describes the tensors and an entry for each
// storage, or, before version 1.6, pickles and storages one after another. The pickles are never executed.
// May be used from several threads.
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
    /// Whether these first bytes are those of the old format.
    static bool isOld(std::string_view head);
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    openOld(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    std::string formatName() const override { return "PyTorch"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    struct Storage {
        const ZipEntry* entry = nullptr; ///< of the archive
        std::uint64_t begin = 0;         ///< in a file without one
        std::uint64_t bytes = 0;
        bool isDeflated() const { return entry != nullptr && entry->isDeflated; }
    };
    explicit PytorchReader(const std::string& path) : ListedReader(path) {}
    void addTensors(FoundState state, const std::map<std::string, Storage>& storages);
    /// The elements from the first one of a tensor to its last, as they lie in the storage.
    Status readExtent(std::size_t index, std::span<std::byte> into) const;
    Status readStored(const Storage& storage, std::uint64_t at, std::span<std::byte> into) const;
    bool isPlain(std::size_t index) const;

    std::optional<ZipIndex> m_zip;
    std::shared_ptr<File> m_file;     ///< where there is no archive
    std::vector<FoundTensor> m_found; ///< of the entries
    std::vector<Storage> m_storages;  ///< of the entries
};

} // namespace wr::formats
