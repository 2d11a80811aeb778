// SPDX-License-Identifier: GPL-3.0-or-later
// Reads HDF5 files, as Keras writes them: .h5, .weights.h5, and the one in a .keras archive. libhdf5 runs in
// a confined process of its own, whose words are checked as a file's would be. May be used from several
// threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/hdf5/child_process.h"

namespace wr::formats {

class Hdf5Reader final : public checkpoint::ListedReader {
public:
    static bool isHdf5(std::string_view head) { return head.starts_with("\x89HDF\r\n\x1A\n"); }
    /// The HDF5 file is at [begin, begin + size) of `file`.
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    open(std::shared_ptr<File> file, const std::string& path, std::uint64_t begin, std::uint64_t size);

    std::string formatName() const override { return "HDF5"; }
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    Hdf5Reader(const std::string& path, std::shared_ptr<File> file, Hdf5Process process)
        : ListedReader(path), m_file(std::move(file)), m_process(std::move(process))
    {
    }
    Status takeList();
    Status takeTensor(std::uint64_t number);

    std::shared_ptr<File> m_file;
    mutable std::mutex m_mutex;
    mutable Hdf5Process m_process;
    std::vector<std::uint64_t> m_numbers; ///< of the entries, as the process counts them
};

} // namespace wr::formats
