// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/sharded_reader.h"

#include <algorithm>

namespace wr::checkpoint {

Result<std::shared_ptr<const CheckpointReader>>
ShardedReader::open(const std::string& path, std::uint64_t fileBytes, ShardSet set,
                    std::vector<std::shared_ptr<const CheckpointReader>> parts)
{
    std::shared_ptr<ShardedReader> reader(new ShardedReader);
    reader->m_path = path;
    reader->m_fileBytes = fileBytes;
    std::size_t first = 0;
    std::string last;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const CheckpointReader& part = *parts[i];
        const std::size_t count = part.tensorCount();
        if (part.uuid() != set.parts[i].uuid || count != set.parts[i].tensors || count == 0)
            return fail(
                dataLoss(path + ": " + set.parts[i].file + " is not the part that was saved with it"));
        reader->m_firsts.push_back(first);
        reader->m_firstNames.push_back(part.tensor(0).spec.name);
        if (i > 0 && reader->m_firstNames.back() <= last)
            return fail(
                dataLoss(path + ": the names in " + set.parts[i].file + " do not follow those before"));
        last = part.tensor(count - 1).spec.name;
        first += count;
        reader->m_fileBytes += part.fileBytes();
        for (const std::string& warning : part.warnings())
            reader->m_warnings.push_back(set.parts[i].file + ": " + warning);
    }
    reader->m_firsts.push_back(first);
    reader->m_set = std::move(set);
    reader->m_parts = std::move(parts);
    return reader;
}

std::string ShardedReader::formatName() const
{
    return m_parts.front()->formatName() + ", " + std::to_string(m_parts.size()) + " parts";
}

ShardedReader::Place ShardedReader::placeOf(std::size_t index) const
{
    const auto after = std::upper_bound(m_firsts.begin(), m_firsts.end() - 1, index);
    const auto part = static_cast<std::size_t>(after - m_firsts.begin()) - 1;
    return {*m_parts[part], index - m_firsts[part]};
}

TensorEntry ShardedReader::tensor(std::size_t index) const
{
    const Place place = placeOf(index);
    return place.reader.tensor(place.index);
}

void ShardedReader::forEachName(const NameCall& call) const
{
    for (std::size_t part = 0; part < m_parts.size(); ++part) {
        const std::size_t first = m_firsts[part];
        m_parts[part]->forEachName(
            [&](std::size_t index, std::string_view name) { call(first + index, name); });
    }
}

std::ptrdiff_t ShardedReader::find(std::string_view name) const
{
    const auto after = std::upper_bound(m_firstNames.begin(), m_firstNames.end(), name);
    if (after == m_firstNames.begin())
        return -1;
    const auto part = static_cast<std::size_t>(after - m_firstNames.begin()) - 1;
    const std::ptrdiff_t found = m_parts[part]->find(name);
    return found < 0 ? -1 : found + static_cast<std::ptrdiff_t>(m_firsts[part]);
}

Result<Tensor> ShardedReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const Place place = placeOf(index);
    return place.reader.read(place.index, progress, threads);
}

Status ShardedReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const Place place = placeOf(index);
    return place.reader.readPart(place.index, at, into);
}

std::optional<BaseReference> ShardedReader::base() const
{
    for (const auto& part : m_parts) {
        if (std::optional<BaseReference> base = part->base())
            return base;
    }
    return std::nullopt;
}

bool ShardedReader::needsBase(std::size_t index) const
{
    const Place place = placeOf(index);
    return place.reader.needsBase(place.index);
}

} // namespace wr::checkpoint
