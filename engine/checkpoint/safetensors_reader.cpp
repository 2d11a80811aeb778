// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors_reader.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>

namespace wr::checkpoint {

SafetensorsReader::SafetensorsReader(std::shared_ptr<File> file, std::string path, std::uint64_t fileBytes)
    : ListedReader(std::move(path)), m_file(std::move(file))
{
    m_fileBytes = fileBytes;
}

Result<std::shared_ptr<const CheckpointReader>>
SafetensorsReader::open(std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes)
{
    const auto inFile = [&](const Status& status) { return fail(status.withContext(path)); };
    std::array<std::byte, 8> length{};
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, length));
    const auto size = loadLittle<std::uint64_t>(length.data());
    if (got != length.size() || size > kMaxHeaderBytes || size > fileBytes - length.size())
        return inFile(dataLoss("the header is cut off"));
    std::vector<std::byte> json(static_cast<std::size_t>(size));
    WR_ASSIGN_OR_RETURN(const std::size_t read, file->read(length.size(), json));
    if (read != json.size())
        return inFile(dataLoss("the header is cut off"));
    const std::uint64_t bufferAt = length.size() + size;
    Result<TensorHeader> header = parseHeader(json, fileBytes - bufferAt);
    if (!header)
        return inFile(header.error());
    std::shared_ptr<SafetensorsReader> reader(new SafetensorsReader(std::move(file), path, fileBytes));
    reader->m_metadata = std::move(header->metadata);
    if (const auto format = reader->m_metadata.find("format");
        format != reader->m_metadata.end() && format->second == "wr1")
        return inFile(
            unimplemented("an unpacked compact checkpoint: its values are filtered; open the packed file"));
    std::sort(header->tensors.begin(), header->tensors.end(),
              [](const HeaderTensor& a, const HeaderTensor& b) { return a.spec.name < b.spec.name; });
    for (HeaderTensor& tensor : header->tensors) {
        TensorEntry entry;
        entry.spec = std::move(tensor.spec);
        entry.logicalBytes = entry.storedBytes = tensor.end - tensor.begin;
        reader->m_entries.push_back(std::move(entry));
        reader->m_offsets.push_back(bufferAt + tensor.begin);
    }
    return reader;
}

Status SafetensorsReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    WR_ASSIGN_OR_RETURN(const std::size_t got, m_file->read(m_offsets[index] + at, into));
    return got == into.size()
               ? Status()
               : dataLoss(m_entries[index].spec.name + ": the file became shorter while it was read");
}

} // namespace wr::checkpoint
