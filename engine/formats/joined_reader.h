// SPDX-License-Identifier: GPL-3.0-or-later
// Several files as one checkpoint: each tensor is read from the file that holds it. May be used from several
// threads once it is filled.
#pragma once

#include "engine/checkpoint/listed_reader.h"

namespace wr::formats {

class JoinedReader final : public checkpoint::ListedReader {
public:
    JoinedReader(std::string path, std::string formatName)
        : checkpoint::ListedReader(std::move(path)), m_formatName(std::move(formatName))
    {
    }
    /// Takes all tensors of a file. DataLoss when one of that name is there already.
    Status add(std::shared_ptr<const checkpoint::CheckpointReader> part);
    void addBytes(std::uint64_t bytes) { m_fileBytes += bytes; }
    void addMetadata(checkpoint::Metadata metadata) { m_metadata.merge(std::move(metadata)); }
    void warn(std::string warning) { m_warnings.push_back(std::move(warning)); }
    /// Sorts what was added.
    void finish();

    std::string formatName() const override { return m_formatName; }
    Result<Tensor> read(std::size_t index, const Progress& progress, int threads) const override;
    Status readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const override;

private:
    struct Place {
        checkpoint::TensorEntry entry;
        std::size_t part = 0;
        std::size_t index = 0; ///< in the part
    };
    std::string m_formatName;
    std::vector<std::shared_ptr<const checkpoint::CheckpointReader>> m_parts;
    std::map<std::string, Place> m_byName;                     ///< until finish()
    std::vector<std::pair<std::size_t, std::size_t>> m_places; ///< of the entries: part, index
};

} // namespace wr::formats
