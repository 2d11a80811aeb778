// SPDX-License-Identifier: GPL-3.0-or-later
// Reads NumPy's files: one array (.npy), or a zip archive of arrays (.npz), packed or not. May be used from
// several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/zip/zip_index.h"
#include "engine/tensor/npy_header.h"

namespace wr::formats {

class NumpyReader final : public checkpoint::ListedReader {
public:
    /// One array, as the tensor `name`.
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>> openArray(std::shared_ptr<File> file,
                                                                                 const std::string& path,
                                                                                 std::uint64_t fileBytes,
                                                                                 const std::string& name);
    /// What is no array in the archive becomes a warning. InvalidArgument when nothing is.
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    openArchive(ZipIndex index, const std::string& path, std::uint64_t fileBytes);

    std::string formatName() const override { return m_zip ? "NumPy archive" : "NumPy array"; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    struct Place {
        NpyHeader header;
        std::uint64_t begin = 0;         ///< of the elements, in the file or the entry
        const ZipEntry* entry = nullptr; ///< of m_zip
        /// Whether the file's bytes are the tensor's.
        bool isPlain() const
        {
            return !header.isSwapped && !header.isFortran && header.dtype != DType::Bool &&
                   (entry == nullptr || !entry->isDeflated);
        }
    };
    explicit NumpyReader(const std::string& path) : ListedReader(path) {}
    void add(const std::string& name, const Place& place);
    void readMetadata(const ZipEntry& entry);
    Result<std::vector<std::byte>> readEntry(const Place& place) const; ///< header and elements of an archive

    std::shared_ptr<File> m_file;  ///< of one array
    std::optional<ZipIndex> m_zip; ///< of an archive
    std::vector<Place> m_places;   ///< of the entries
};

} // namespace wr::formats
