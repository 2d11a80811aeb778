// SPDX-License-Identifier: GPL-3.0-or-later
// Reads GGUF files, versions 2 and 3: metadata, plain tensors, and quantised ones restored to float32. May be
// used from several threads.
#pragma once

#include "engine/checkpoint/listed_reader.h"
#include "engine/formats/gguf/block_types.h"

namespace wr::formats {

class GgufReader final : public checkpoint::ListedReader {
public:
    static Result<std::shared_ptr<const checkpoint::CheckpointReader>>
    open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes);

    std::string formatName() const override { return "GGUF"; }
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    struct Place {
        std::uint64_t offset = 0; ///< in the file
        const BlockType* type = nullptr;
    };
    explicit GgufReader(const std::string& path) : ListedReader(path) {}
    /// Lists a tensor that lies at `offset`; what cannot be read becomes a warning.
    Status add(const std::string& name, Shape shape, std::uint64_t type, std::uint64_t offset);

    std::shared_ptr<File> m_file;
    std::vector<Place> m_places; ///< of the entries
    std::uint64_t m_needed = 0;  ///< bytes of the file for the tensors that are cut off
    std::size_t m_cutOff = 0;
};

} // namespace wr::formats
