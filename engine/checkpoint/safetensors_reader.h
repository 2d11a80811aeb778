// SPDX-License-Identifier: GPL-3.0-or-later
// Reads plain safetensors files. They carry no checksums: what their bytes say is what is read. May be used
// from several threads.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::checkpoint {

class SafetensorsReader final : public CheckpointReader {
public:
    /// DataLoss when header and file do not agree.
    static Result<std::shared_ptr<const CheckpointReader>>
    open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    const std::string& path() const override { return m_path; }
    std::string formatName() const override { return "safetensors"; }
    std::uint64_t fileBytes() const override { return m_fileBytes; }
    const std::vector<TensorEntry>& tensors() const override { return m_entries; }
    std::ptrdiff_t find(std::string_view name) const override;
    const Metadata& metadata() const override { return m_metadata; }
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    SafetensorsReader(std::shared_ptr<File> file, std::string path, std::uint64_t fileBytes);

    std::shared_ptr<File> m_file;
    std::string m_path;
    std::uint64_t m_fileBytes;
    std::vector<TensorEntry> m_entries;   ///< sorted by name
    std::vector<std::uint64_t> m_offsets; ///< of the entries, in the file
    Metadata m_metadata;
    std::vector<std::string> m_warnings;
};

} // namespace wr::checkpoint
