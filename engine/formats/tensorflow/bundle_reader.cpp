// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/bundle_reader.h"

#include "engine/base/crc32c.h"
#include "engine/formats/half_file.h"
#include "engine/formats/neighbour_file.h"
#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>

namespace wr::formats {
namespace {

constexpr std::uint64_t kMostShards = 99'999; // what five digits can name
constexpr std::size_t kMostOpenShards = 512;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 62U;
constexpr std::size_t kPiece = std::size_t{8} << 20U;

std::uint64_t bytesOf(const BundleEntry& entry)
{
    const std::uint64_t size = dtypeSize(dtypeFromTensorFlow(entry.type));
    std::uint64_t bytes = 0;
    return __builtin_mul_overflow(static_cast<std::uint64_t>(*entry.shape.elementCount()), size, &bytes)
               ? UINT64_MAX
               : bytes;
}

} // namespace

Result<BundleReader::Entries> BundleReader::readEntries(const Table& table, BundleHeader& header)
{
    Entries entries;
    bool hasHeader = false;
    std::string before;
    for (std::size_t i = 0; i < table.blockCount(); ++i) {
        WR_ASSIGN_OR_RETURN(const TableBlock block, table.block(i));
        for (const TableBlock::Entry& row : block.entries) {
            if (!hasHeader) {
                if (!row.key.empty())
                    return fail(StatusCode::DataLoss, "it has no header");
                WR_ASSIGN_OR_RETURN(header, parseBundleHeader(block.value(row)));
                hasHeader = true;
                continue;
            }
            if (row.key <= before)
                return fail(StatusCode::DataLoss, "its keys are not in order");
            before = row.key;
            Result<BundleEntry> entry = parseBundleEntry(block.value(row));
            if (!entry)
                return fail(entry.error().withContext(row.key));
            entries.emplace_hint(entries.end(), row.key, std::move(*entry));
        }
    }
    if (!hasHeader)
        return fail(StatusCode::DataLoss, "it has no header");
    return entries;
}

void BundleReader::addString(const std::string& name, const BundleEntry& entry)
{
    m_metadata["tensorflow.other." + name] = tensorFlowTypeName(entry.type) + " " + entry.shape.toString() +
                                             ", " + std::to_string(entry.size) + " bytes";
    if (entry.type != kTensorFlowString)
        m_warnings.push_back(name + ": of type " + tensorFlowTypeName(entry.type) + ", which is not read");
}

Status BundleReader::addTensors(const Entries& entries)
{
    std::map<std::string, bool, std::less<>> sliceKeys;
    for (const auto& [name, entry] : entries) {
        for (const TensorSlice& slice : entry.slices)
            sliceKeys[sliceKey(name, slice)] = true;
    }
    for (const auto& [name, entry] : entries) {
        if (sliceKeys.contains(name))
            continue;
        const auto wrong = [where = name](const std::string& what) {
            return dataLoss(what).withContext(where);
        };
        const DType dtype = dtypeFromTensorFlow(entry.type);
        if (dtype == DType::Invalid) {
            addString(name, entry);
            continue;
        }
        checkpoint::TensorEntry listed;
        listed.spec = {name, dtype, entry.shape};
        listed.logicalBytes = listed.storedBytes = bytesOf(entry);
        if (listed.logicalBytes > kMostBytes)
            return wrong("its shape is larger than any file");
        Values values;
        if (entry.slices.empty()) {
            if (entry.size != listed.logicalBytes)
                return wrong("its entry declares " + std::to_string(entry.size) + " bytes, its shape " +
                             std::to_string(listed.logicalBytes));
            values.pieces.push_back({entry.shard, entry.offset, entry.size, entry.checksum});
        }
        for (const TensorSlice& slice : entry.slices) {
            Result<SliceMap> map = SliceMap::create(slice, entry.shape, dtypeSize(dtype));
            if (!map)
                return map.error().withContext(name);
            const auto found = entries.find(sliceKey(name, slice));
            if (found == entries.end())
                return wrong("a slice of it is missing");
            const BundleEntry& part = found->second;
            if (part.type != entry.type || part.size != map->bytes())
                return wrong("a slice of it has another type or size");
            values.pieces.push_back({part.shard, part.offset, part.size, part.checksum});
            values.slices.push_back(std::move(*map));
        }
        if (!values.slices.empty()) {
            if (const Status status = checkSlices(values.slices, listed.logicalBytes); !status.isOk())
                return status.withContext(name);
        }
        m_entries.push_back(std::move(listed));
        m_values.push_back(std::move(values));
    }
    return {};
}

Status BundleReader::openShards(Vfs& vfs, const std::string& prefix, std::uint64_t shards)
{
    for (const Values& values : m_values) {
        for (const Piece& piece : values.pieces) {
            if (piece.shard > kMostShards)
                return dataLoss("an entry names the file of values number " + std::to_string(piece.shard));
            m_shards.try_emplace(piece.shard);
            if (m_shards.size() > kMostOpenShards)
                return unimplemented("its values lie in more than " + std::to_string(kMostOpenShards) +
                                     " files");
        }
    }
    std::vector<std::string> names;
    for (auto& [number, shard] : m_shards) {
        shard.path = dataFile(prefix, number, shards);
        const std::string folder = directoryOf(prefix);
        Result<std::shared_ptr<File>> file = openNeighbour(vfs, folder, baseName(shard.path));
        if (!file && file.error().code() == StatusCode::NotFound) {
            // Merged checkpoints may count more files in their header than in their names.
            if (names.empty())
                names = vfs.list(folder).value_or(std::vector<std::string>{});
            const std::string start = dataFile(baseName(prefix), number, 0);
            for (const std::string& name : names) {
                if (name.size() == start.size() && prefixOfDataFile(name) == baseName(prefix) &&
                    name.starts_with(start.substr(0, start.size() - 5))) {
                    shard.path = folder + "/" + name;
                    file = openNeighbour(vfs, folder, name);
                    break;
                }
            }
        }
        if (!file) {
            shard.problem = file.error().code() == StatusCode::NotFound ? "" : file.error().message();
            continue;
        }
        WR_ASSIGN_OR_RETURN(shard.size, (*file)->size());
        shard.file = std::move(*file);
        m_fileBytes += shard.size;
    }
    return {};
}

void BundleReader::warnOfMissingValues(const Entries& entries)
{
    std::map<std::uint64_t, std::uint64_t> needed; // bytes by shard
    for (const auto& [name, entry] : entries) {
        if (entry.slices.empty() && m_shards.contains(entry.shard)) {
            const std::uint64_t end = std::min(entry.offset, kMostBytes) + std::min(entry.size, kMostBytes);
            needed[entry.shard] = std::max(needed[entry.shard], end);
        }
    }
    for (const auto& [number, end] : needed) {
        const Shard& shard = m_shards.at(number);
        const std::string name = baseName(shard.path);
        if (!shard.file) {
            lose(name + (shard.problem.empty() ? " is missing: the list can be read, the values cannot; put "
                                                 "it beside the index"
                                               : ": " + shard.problem));
        } else if (shard.size < end) {
            const std::string instead = standIn(*shard.file, shard.size);
            lose(name + ": " + (instead.empty() ? partlyThere(shard.size, end) : instead));
        } else if (shard.size > end) {
            m_warnings.push_back(name + " is longer than the index tells, " + std::to_string(shard.size) +
                                 " bytes in place of " + std::to_string(end) +
                                 ": they may be of two checkpoints; take both from the same one");
        }
    }
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>>
BundleReader::open(Vfs& vfs, const std::string& index, std::uint64_t indexBytes, const Table& table)
{
    const auto inFile = [&](const Status& status) { return fail(status.withContext(index)); };
    BundleHeader header;
    Result<Entries> entries = readEntries(table, header);
    if (!entries)
        return inFile(entries.error());
    if (header.isBigEndian)
        return inFile(unimplemented("written on a big-endian machine, which is not read"));
    if (header.minConsumer > 1)
        return inFile(unimplemented("it asks for a newer reader than this one"));
    if (header.shards > kMostShards)
        return inFile(dataLoss("its header declares " + std::to_string(header.shards) + " files of values"));
    std::shared_ptr<BundleReader> reader(new BundleReader(index));
    reader->m_fileBytes = indexBytes;
    if (const Status status = reader->addTensors(*entries); !status.isOk())
        return inFile(status);
    const std::string prefix = index.substr(0, index.size() - std::string_view(".index").size());
    if (const Status status = reader->openShards(vfs, prefix, header.shards); !status.isOk())
        return inFile(status);
    reader->warnOfMissingValues(*entries);
    return reader;
}

Status BundleReader::checkPlace(const Piece& piece) const
{
    const Shard& shard = m_shards.at(piece.shard);
    const std::string name = baseName(shard.path);
    if (!shard.file)
        return notFound(name + " is missing");
    if (piece.offset > shard.size || piece.size > shard.size - piece.offset)
        return dataLoss(name + " ends before its values do");
    return {};
}

Status BundleReader::readPiece(const Piece& piece, std::uint64_t at, std::span<std::byte> into) const
{
    WR_RETURN_IF_ERROR(checkPlace(piece));
    const Shard& shard = m_shards.at(piece.shard);
    WR_ASSIGN_OR_RETURN(const std::size_t got, shard.file->read(piece.offset + at, into));
    return got == into.size() ? Status()
                              : dataLoss(baseName(shard.path) + " became shorter while it was read");
}

Status BundleReader::readChecked(const Piece& piece, std::span<std::byte> into, const Progress& progress,
                                 std::uint64_t before, std::uint64_t total) const
{
    std::uint32_t crc = 0;
    for (std::size_t at = 0; at < into.size();) {
        const std::span<std::byte> part = into.subspan(at, std::min(kPiece, into.size() - at));
        WR_RETURN_IF_ERROR(readPiece(piece, at, part));
        crc = crc32cExtended(crc, part);
        at += part.size();
        if (progress && !progress(before + at, total))
            return cancelled("reading was cancelled");
    }
    return maskedChecksum(crc) == piece.checksum
               ? Status()
               : dataLoss("the checksum of its values in " + baseName(m_shards.at(piece.shard).path) +
                          " is wrong");
}

Result<Tensor> BundleReader::read(std::size_t index, const Progress& progress, int /*threads*/) const
{
    const checkpoint::TensorEntry& entry = m_entries[index];
    const Values& values = m_values[index];
    const auto inTensor = [&](const Status& status) { return fail(status.withContext(entry.spec.name)); };
    for (const Piece& piece : values.pieces) {
        if (const Status status = checkPlace(piece); !status.isOk())
            return inTensor(status);
    }
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < values.pieces.size(); ++i) {
        const Piece& piece = values.pieces[i];
        std::span<std::byte> into = tensor.mutableBytes();
        Tensor slice;
        if (!values.slices.empty()) {
            WR_ASSIGN_OR_RETURN(slice,
                                Tensor::create(DType::UInt8, Shape{static_cast<std::int64_t>(piece.size)}));
            into = slice.mutableBytes();
        }
        if (const Status status = readChecked(piece, into, progress, before, entry.logicalBytes);
            !status.isOk())
            return inTensor(status);
        before += piece.size;
        if (values.slices.empty())
            continue;
        const SliceMap& map = values.slices[i];
        const auto run = static_cast<std::size_t>(map.runBytes());
        for (std::uint64_t r = 0; run != 0 && r < map.runs(); ++r) {
            const std::span<std::byte> from = into.subspan(static_cast<std::size_t>(r) * run, run);
            std::copy(from.begin(), from.end(),
                      tensor.mutableBytes().begin() + static_cast<std::ptrdiff_t>(map.begin(r)));
        }
    }
    return tensor;
}

Status BundleReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    const Values& values = m_values[index];
    const std::string& name = m_entries[index].spec.name;
    if (values.slices.empty())
        return readPiece(values.pieces[0], at, into).withContext(name);
    const std::uint64_t end = at + into.size();
    for (std::size_t i = 0; i < values.slices.size(); ++i) {
        const SliceMap& map = values.slices[i];
        const std::uint64_t run = map.runBytes();
        for (std::uint64_t r = 0; run != 0 && r < map.runs(); ++r) {
            const std::uint64_t begin = map.begin(r);
            if (begin >= end) // runs of a slice lie in rising order
                break;
            if (begin + run <= at)
                continue;
            const std::uint64_t first = std::max(begin, at);
            const auto length = static_cast<std::size_t>(std::min(begin + run, end) - first);
            const std::span<std::byte> part = into.subspan(static_cast<std::size_t>(first - at), length);
            if (const Status status = readPiece(values.pieces[i], r * run + first - begin, part);
                !status.isOk())
                return status.withContext(name);
        }
    }
    return {};
}

} // namespace wr::formats
