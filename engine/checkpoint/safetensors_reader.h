// SPDX-License-Identifier: GPL-3.0-or-later
// Reads plain safetensors files. They carry no checksums: what their bytes say is what is read. May be used
// from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"

namespace wr::checkpoint {

class SafetensorsReader final : public ListedReader {
public:
    /// DataLoss when header and file do not agree.
    static Result<std::shared_ptr<const CheckpointReader>>
    open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    std::string formatName() const override { return "safetensors"; }
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    SafetensorsReader(std::shared_ptr<File> file, std::string path, std::uint64_t fileBytes);

    std::shared_ptr<File> m_file;
    std::vector<std::uint64_t> m_offsets; ///< of the entries, in the file
};

} // namespace wr::checkpoint
