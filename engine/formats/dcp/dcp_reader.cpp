// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/dcp/dcp_reader.h"

#include "engine/checkpoint/safetensors_reader.h"
#include "engine/formats/file_part.h"
#include "engine/formats/pytorch/pytorch_reader.h"

#include <algorithm>
#include <set>

namespace wr::formats {
namespace {

using Opened = Result<std::shared_ptr<const checkpoint::CheckpointReader>>;

Opened openPart(std::shared_ptr<File> file, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    std::array<std::byte, 16> head{};
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, head));
    const std::string_view magic(reinterpret_cast<const char*>(head.data()), got);
    if (PytorchReader::isOld(magic))
        return PytorchReader::openOld(std::move(file), path, size);
    if (!magic.starts_with("PK"))
        return checkpoint::SafetensorsReader::open(std::move(file), path, size);
    WR_ASSIGN_OR_RETURN(ZipIndex index, ZipIndex::open(std::move(file), size));
    if (PytorchReader::dataEntry(index) == nullptr)
        return fail(StatusCode::DataLoss, path + ": a part is no PyTorch file");
    return PytorchReader::open(std::move(index), path, size);
}

/// A number or a short text that was saved alone; empty for anything else.
std::string savedValue(std::shared_ptr<File> file, std::uint64_t size)
{
    constexpr std::uint64_t kLongest = std::uint64_t{64} << 10U;
    const Result<ZipIndex> index = ZipIndex::open(std::move(file), size);
    const ZipEntry* const data = index ? PytorchReader::dataEntry(*index) : nullptr;
    if (data == nullptr)
        return {};
    const Result<std::vector<std::byte>> bytes = index->readSmall(*data, kLongest);
    const Result<Pickle> pickle = bytes ? readPickle(*bytes) : Result<Pickle>(fail(bytes.error()));
    if (!pickle)
        return {};
    const PickleNode& root = (*pickle)[pickle->root];
    switch (root.kind) {
    case PickleNode::Kind::Int:
    case PickleNode::Kind::Bool:
        return std::to_string(root.number);
    case PickleNode::Kind::Float:
        return std::to_string(root.real);
    case PickleNode::Kind::Text:
        return root.text.substr(0, 400);
    default:
        return {};
    }
}

} // namespace

Result<std::shared_ptr<const checkpoint::CheckpointReader>> DcpReader::open(Vfs& vfs,
                                                                            const std::string& folder)
{
    constexpr std::uint64_t kLongestMetadata = std::uint64_t{256} << 20U;
    const std::string path = folder + "/" + std::string(kMetadataName);
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, readFile(vfs, path, kLongestMetadata));
    const Result<Pickle> pickle = readPickle(bytes);
    if (!pickle)
        return fail(pickle.error().withContext(path));
    Result<DcpMetadata> metadata = parseDcpMetadata(*pickle);
    if (!metadata)
        return fail(metadata.error().withContext(path));
    std::shared_ptr<DcpReader> reader(new DcpReader(folder));
    reader->m_fileBytes = bytes.size();
    reader->m_warnings = std::move(metadata->warnings);
    if (const Status status = reader->openFiles(vfs, *metadata); !status.isOk())
        return fail(status.withContext(path));
    for (DcpTensor& tensor : metadata->tensors)
        reader->addTensor(std::move(tensor));
    constexpr std::size_t kMostValues = 1000;
    for (const auto& [name, place] : metadata->values) {
        if (reader->m_metadata.size() < kMostValues)
            reader->addValue(name, place);
    }
    return reader;
}

Status DcpReader::openFiles(Vfs& vfs, const DcpMetadata& metadata)
{
    std::set<std::string> names;
    for (const DcpTensor& tensor : metadata.tensors) {
        for (const DcpChunk& chunk : tensor.chunks)
            names.insert(chunk.place.file);
    }
    for (const auto& [name, place] : metadata.values)
        names.insert(place.file);
    std::size_t missing = 0;
    std::string first;
    for (const std::string& name : names) {
        Result<std::unique_ptr<File>> file = vfs.openBeneath(m_path, name);
        if (!file && file.error().code() == StatusCode::NotFound) {
            if (missing++ == 0)
                first = name;
            continue;
        }
        if (!file)
            return file.error();
        WR_ASSIGN_OR_RETURN(const std::uint64_t size, (*file)->size());
        m_fileBytes += size;
        m_sizes[name] = size;
        m_files[name] = std::move(*file);
    }
    if (missing > 0)
        lose(std::to_string(missing) + " of its " + std::to_string(names.size()) + " files are missing, as " +
             first.substr(0, 200) + "; fetch them, they hold some of the values");
    return {};
}

void DcpReader::addTensor(DcpTensor tensor)
{
    Values values;
    const std::size_t size = dtypeSize(tensor.spec.dtype);
    const auto bytes = static_cast<std::uint64_t>(*tensor.spec.shape.elementCount()) * size;
    const auto wrong = [&](const std::string& what) { m_warnings.push_back(tensor.spec.name + ": " + what); };
    checkpoint::TensorEntry entry;
    for (const DcpChunk& chunk : tensor.chunks) {
        if (chunk.sizes.size() != chunk.offsets.size())
            return wrong("one of its parts cannot be read");
        TensorSlice slice;
        for (std::size_t i = 0; i < chunk.offsets.size(); ++i)
            slice.push_back({chunk.offsets[i], chunk.sizes[i]});
        Result<SliceMap> map = SliceMap::create(slice, tensor.spec.shape, size);
        if (!map)
            return wrong(map.error().message());
        values.slices.push_back(std::move(*map));
        entry.storedBytes += chunk.place.length;
    }
    if (const Status status = checkSlices(values.slices, bytes); !status.isOk())
        return wrong(status.message());
    entry.spec = std::move(tensor.spec);
    entry.logicalBytes = bytes;
    values.chunks = std::move(tensor.chunks);
    m_entries.push_back(std::move(entry));
    m_values.push_back(std::move(values));
}

void DcpReader::addValue(const std::string& name, const DcpPlace& place)
{
    constexpr std::uint64_t kLongestValue = std::uint64_t{256} << 10U;
    if (place.length > kLongestValue)
        return;
    if (Result<std::shared_ptr<File>> file = fileAt(place)) {
        if (std::string value = savedValue(std::move(*file), place.length); !value.empty())
            m_metadata[name] = std::move(value);
    }
}

Result<std::shared_ptr<File>> DcpReader::fileAt(const DcpPlace& place) const
{
    const auto file = m_files.find(place.file);
    if (file == m_files.end())
        return fail(StatusCode::NotFound, place.file + " is missing");
    const std::uint64_t size = m_sizes.at(place.file);
    if (place.offset > size || place.length > size - place.offset)
        return fail(StatusCode::DataLoss,
                    place.file + " ends before its values do; a copy that stopped, fetch it again");
    return std::shared_ptr<File>(std::make_shared<FilePart>(file->second, place.offset, place.length));
}

Result<DcpReader::Part> DcpReader::partOf(std::size_t index, std::size_t chunk) const
{
    const std::pair<std::size_t, std::size_t> key(index, chunk);
    {
        const std::lock_guard lock(m_partsMutex);
        if (const auto found = m_parts.find(key); found != m_parts.end())
            return found->second;
    }
    const DcpChunk& wanted = m_values[index].chunks[chunk];
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, fileAt(wanted.place));
    WR_ASSIGN_OR_RETURN(Part part, openPart(std::move(file), wanted.place.file));
    std::size_t tensors = 0;
    bool isSame = true;
    for (const checkpoint::TensorEntry& entry : part->tensors()) {
        ++tensors;
        isSame = entry.spec.dtype == m_entries[index].spec.dtype && entry.spec.shape == Shape(wanted.sizes);
    }
    if (tensors != 1 || !isSame)
        return fail(StatusCode::DataLoss, wanted.place.file + ": a part is not what its description says");
    constexpr std::size_t kMostKept = 64;
    const std::lock_guard lock(m_partsMutex);
    if (m_parts.size() >= kMostKept)
        m_parts.clear();
    m_parts[key] = part;
    return part;
}

Result<Tensor> DcpReader::read(std::size_t index, const Progress& progress, int threads) const
{
    const Values& values = m_values[index];
    if (values.chunks.size() != 1)
        return ListedReader::read(index, progress, threads);
    const Result<Part> part = partOf(index, 0);
    if (!part)
        return fail(part.error().withContext(m_entries[index].spec.name));
    return (*part)->read(0, progress, threads);
}

Status DcpReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const Values& values = m_values[index];
    const std::uint64_t end = at + into.size();
    for (std::size_t i = 0; i < values.slices.size(); ++i) {
        const SliceMap& map = values.slices[i];
        const std::uint64_t run = map.runBytes();
        Part part;
        for (std::uint64_t r = 0; run != 0 && r < map.runs(); ++r) {
            const std::uint64_t begin = map.begin(r);
            if (begin >= end) // runs lie in rising order
                break;
            if (begin + run <= at)
                continue;
            if (!part) {
                Result<Part> opened = partOf(index, i);
                if (!opened)
                    return opened.error().withContext(m_entries[index].spec.name);
                part = std::move(*opened);
            }
            const std::uint64_t first = std::max(begin, at);
            const auto length = static_cast<std::size_t>(std::min(begin + run, end) - first);
            const std::span<std::byte> piece = into.subspan(static_cast<std::size_t>(first - at), length);
            WR_RETURN_IF_ERROR(
                part->readPart(0, r * run + first - begin, piece).withContext(m_entries[index].spec.name));
        }
    }
    return {};
}

} // namespace wr::formats
