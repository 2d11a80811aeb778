// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/gguf/gguf_reader.h"

#include "engine/formats/half_file.h"

#include "engine/formats/gguf/gguf_header.h"

#include <algorithm>
#include <cstring>

namespace wr::formats {

Status GgufReader::add(const std::string& name, Shape shape, std::uint64_t number, std::uint64_t offset)
{
    const BlockType* const type = blockType(number);
    if (type == nullptr || type->dtype == DType::Invalid) {
        m_warnings.push_back(name + ": of type " +
                             (type != nullptr ? std::string(type->name) : std::to_string(number)) +
                             ", which is not read");
        return {};
    }
    const std::optional<std::int64_t> elements = shape.elementCount();
    if (!elements)
        return dataLoss(name + ": its shape is larger than any file");
    const auto count = static_cast<std::uint64_t>(*elements);
    if (shape.rank() > 0 && static_cast<std::uint64_t>(shape.dims().back()) % type->elements != 0)
        return dataLoss(name + ": its rows are no whole blocks of " + std::string(type->name));
    const std::uint64_t blocks = (count + type->elements - 1) / type->elements;
    if (offset > m_fileBytes || blocks > (m_fileBytes - offset) / type->bytes) {
        constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 48U; // enough to tell how much is missing
        const std::uint64_t end = std::min(offset, kMostBytes) + std::min(blocks, kMostBytes) * type->bytes;
        m_needed = std::max(m_needed, end);
        ++m_cutOff;
        return {};
    }
    checkpoint::TensorEntry entry;
    entry.spec = {name, type->dtype, std::move(shape)};
    entry.logicalBytes = count * dtypeSize(type->dtype);
    entry.storedBytes = blocks * type->bytes;
    if (type->restore != nullptr)
        m_metadata["gguf.type." + name] = type->name;
    m_entries.push_back(std::move(entry));
    m_places.push_back({offset, type});
    return {};
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
GgufReader::open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes)
{
    Result<GgufHeader> header = readGgufHeader(*file, fileBytes);
    if (!header)
        return fail(header.error().withContext(path));
    std::shared_ptr<GgufReader> reader(new GgufReader(path));
    reader->m_file = std::move(file);
    reader->m_fileBytes = fileBytes;
    reader->m_metadata = std::move(header->metadata);
    std::sort(header->tensors.begin(), header->tensors.end(),
              [](const GgufTensor& a, const GgufTensor& b) { return a.name < b.name; });
    for (GgufTensor& tensor : header->tensors) {
        std::uint64_t offset = 0;
        if (__builtin_add_overflow(header->valuesAt, tensor.offset, &offset))
            offset = UINT64_MAX;
        if (const Status status = reader->add(tensor.name, std::move(tensor.shape), tensor.type, offset);
            !status.isOk())
            return fail(status.withContext(path));
    }
    if (reader->m_cutOff > 0)
        reader->lose(partlyThere(fileBytes, reader->m_needed) + "; " + std::to_string(reader->m_cutOff) +
                     " of " + std::to_string(header->tensors.size()) + " tensors are not");
    return reader;
}

Status GgufReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const Place& place = m_places[index];
    const auto read = [&](std::uint64_t from, std::span<std::byte> to) {
        const Result<std::size_t> got = m_file->read(place.offset + from, to);
        if (!got)
            return got.error();
        return *got == to.size()
                   ? Status()
                   : dataLoss(m_entries[index].spec.name + ": the file became shorter while it was read");
    };
    if (place.type->restore == nullptr)
        return read(at, into);
    constexpr std::size_t kBlocks = 4096; // at a time
    const std::size_t blockValues = place.type->elements * sizeof(float);
    std::vector<float> values(place.type->elements);
    std::vector<std::byte> packed;
    std::uint64_t block = at / blockValues;
    auto skip = static_cast<std::size_t>(at % blockValues);
    while (!into.empty()) {
        const std::size_t count = std::min(kBlocks, (skip + into.size() + blockValues - 1) / blockValues);
        packed.resize(count * place.type->bytes);
        WR_RETURN_IF_ERROR(read(block * place.type->bytes, packed));
        for (std::size_t i = 0; i < count; ++i) {
            place.type->restore(packed.data() + i * place.type->bytes, values.data());
            const std::size_t part = std::min(blockValues - skip, into.size());
            std::memcpy(into.data(), reinterpret_cast<const std::byte*>(values.data()) + skip, part);
            into = into.subspan(part);
            skip = 0;
        }
        block += count;
    }
    return {};
}

} // namespace wr::formats
