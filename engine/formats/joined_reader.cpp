// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/joined_reader.h"

#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>

namespace wr::formats {

Status JoinedReader::add(std::shared_ptr<const checkpoint::CheckpointReader> part)
{
    std::size_t index = 0;
    for (const checkpoint::TensorEntry& entry : part->tensors()) {
        const auto [place, isNew] = m_byName.emplace(entry.spec.name, Place{entry, m_parts.size(), index++});
        if (!isNew)
            return dataLoss("\"" + entry.spec.name + "\" is in two files: " +
                            baseName(m_parts[place->second.part]->path()) + " and " + baseName(part->path()));
    }
    const std::string where = baseName(part->path()) + ": ";
    for (const std::string& loss : part->losses())
        lose(where + loss);
    for (const std::string& warning : part->warnings()) {
        if (std::find(part->losses().begin(), part->losses().end(), warning) == part->losses().end())
            m_warnings.push_back(where + warning);
    }
    addMetadata(part->metadata());
    m_fileBytes += part->fileBytes();
    m_parts.push_back(std::move(part));
    return {};
}

void JoinedReader::finish()
{
    for (auto& [name, place] : m_byName) {
        m_entries.push_back(std::move(place.entry));
        m_places.emplace_back(place.part, place.index);
    }
    m_byName.clear();
}

Result<Tensor> JoinedReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const auto [part, place] = m_places[index];
    return m_parts[part]->read(place, progress, threads);
}

Status JoinedReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const auto [part, place] = m_places[index];
    return m_parts[part]->readPart(place, at, into);
}

} // namespace wr::formats
