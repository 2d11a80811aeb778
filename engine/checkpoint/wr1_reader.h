// SPDX-License-Identifier: GPL-3.0-or-later
// Reads WR1 files, compact and plain. Made by openCheckpoint(); may be used from several threads.
#pragma once

#include "engine/checkpoint/content_stream.h"
#include "engine/checkpoint/index.h"

namespace wr::checkpoint {

class Wr1Reader final : public CheckpointReader {
public:
    static Result<std::shared_ptr<const CheckpointReader>>
    open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    const std::string& path() const override { return m_path; }
    std::string formatName() const override { return m_isCompact ? "WR1 compact" : "WR1 plain"; }
    std::uint64_t fileBytes() const override { return m_fileBytes; }
    const std::vector<TensorEntry>& tensors() const override { return m_entries; }
    std::ptrdiff_t find(std::string_view name) const override;
    const Metadata& metadata() const override { return m_metadata; }
    const std::vector<std::string>& warnings() const override { return m_warnings; }
    Result<Tensor> read(std::size_t index, const Progress& progress) const override;

private:
    struct Place {
        std::uint64_t offset = 0; ///< in the content, the header included
        Filter filter = Filter::None;
    };

    Wr1Reader(ContentStream content, std::string path, std::uint64_t fileBytes);
    Status readHeader();
    Status useHeader(std::span<const std::byte> json, std::uint64_t bufferAt);
    void readIndex(File& file, std::uint64_t headerHash);
    Status useIndex(const Index& index, std::uint64_t headerHash);
    std::uint64_t storedBytes(std::uint64_t begin, std::uint64_t size) const;

    ContentStream m_content;
    std::string m_path;
    std::uint64_t m_fileBytes;
    std::uint64_t m_headerHash = 0;
    bool m_isCompact = false;
    std::vector<TensorEntry> m_entries; ///< sorted by name
    std::vector<Place> m_places;        ///< of the entries
    Metadata m_metadata;
    std::vector<std::string> m_warnings;
};

} // namespace wr::checkpoint
