// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/first_format_reader.h"

#include "engine/formats/tensorflow/bundle_paths.h"

#include <algorithm>
#include <charconv>

namespace wr::formats {
namespace {

constexpr std::size_t kMostShards = 512;

/// All names of "NAME-00001-of-00004"; only `path` when it is not of this form.
std::vector<std::string> shardsOf(const std::string& path)
{
    constexpr std::string_view kPattern = "-00000-of-00000";
    if (path.size() <= kPattern.size())
        return {path};
    const std::size_t begin = path.size() - kPattern.size();
    for (std::size_t i = 0; i < kPattern.size(); ++i) {
        const char c = path[begin + i];
        if (kPattern[i] == '0' ? c < '0' || c > '9' : c != kPattern[i])
            return {path};
    }
    std::size_t count = 0;
    std::from_chars(path.data() + path.size() - 5, path.data() + path.size(), count);
    if (count == 0 || count > kMostShards)
        return {path};
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        paths.push_back(path.substr(0, begin) + "-" + std::string(5 - number.size(), '0') + number +
                        path.substr(path.size() - 9));
    }
    return paths;
}

} // namespace

Status FirstFormatReader::openShard(Vfs& vfs, const std::string& path, Tensors& tensors)
{
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    Result<Table> table = Table::open(std::move(file), size);
    if (!table)
        return table.error().withContext(path);
    if (table->blockCount() == 0)
        return dataLoss(path + ": it has no list of tensors");
    const Result<TableBlock> first = table->block(0);
    if (!first)
        return first.error().withContext(path);
    if (first->entries.empty() || !first->entries[0].key.empty())
        return dataLoss(path + ": it has no list of tensors");
    Result<std::vector<SavedTensor>> list = parseSavedTensors(first->value(first->entries[0]));
    if (!list)
        return list.error().withContext(path);
    for (SavedTensor& tensor : *list) {
        const auto [place, isNew] = tensors.try_emplace(tensor.name);
        Gathered& gathered = place->second;
        gathered.shards.insert(gathered.shards.end(), tensor.slices.size(), m_shards.size());
        if (isNew) {
            gathered.tensor = std::move(tensor);
            continue;
        }
        if (gathered.tensor.type != tensor.type || gathered.tensor.shape != tensor.shape)
            return dataLoss(path + ": " + tensor.name + " has two types or shapes");
        gathered.tensor.slices.insert(gathered.tensor.slices.end(), tensor.slices.begin(),
                                      tensor.slices.end());
    }
    m_fileBytes += size;
    m_shards.push_back(std::move(*table));
    return {};
}

Status FirstFormatReader::addTensor(const Gathered& gathered)
{
    const SavedTensor& tensor = gathered.tensor;
    const DType dtype = dtypeFromTensorFlow(tensor.type);
    if (dtype == DType::Invalid) {
        m_metadata["tensorflow.other." + tensor.name] =
            tensorFlowTypeName(tensor.type) + " " + tensor.shape.toString();
        if (tensor.type != kTensorFlowString)
            m_warnings.push_back(tensor.name + ": of type " + tensorFlowTypeName(tensor.type) +
                                 ", which is not read");
        return {};
    }
    // An element takes at least a byte of its block, and a block at least a twenty-second of it.
    const auto elements = static_cast<std::uint64_t>(*tensor.shape.elementCount());
    if (elements / 22 > m_fileBytes)
        return dataLoss(tensor.name + ": it declares more elements than the file can hold");
    checkpoint::TensorEntry entry;
    entry.spec = {tensor.name, dtype, tensor.shape};
    entry.logicalBytes = entry.storedBytes = elements * dtypeSize(dtype);
    std::vector<SliceMap> maps;
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < tensor.slices.size(); ++i) {
        Result<SliceMap> map = SliceMap::create(tensor.slices[i], tensor.shape, dtypeSize(dtype));
        if (!map)
            return map.error().withContext(tensor.name);
        maps.push_back(*map);
        pieces.push_back({gathered.shards[i], sliceKey(tensor.name, tensor.slices[i]), std::move(*map)});
    }
    if (const Status status = checkSlices(maps, entry.logicalBytes); !status.isOk())
        return status.withContext(tensor.name);
    m_entries.push_back(std::move(entry));
    m_pieces.push_back(std::move(pieces));
    return {};
}

Result<std::shared_ptr<const checkpoint::CheckpointReader>> FirstFormatReader::open(Vfs& vfs,
                                                                                    const std::string& path)
{
    std::shared_ptr<FirstFormatReader> reader(new FirstFormatReader(path));
    Tensors tensors;
    for (const std::string& shard : shardsOf(path)) {
        if (const Status status = reader->openShard(vfs, shard, tensors); !status.isOk())
            return fail(status);
    }
    for (const auto& [name, gathered] : tensors) {
        if (const Status status = reader->addTensor(gathered); !status.isOk())
            return fail(status.withContext(path));
    }
    return reader;
}

Result<std::shared_ptr<const TableBlock>> FirstFormatReader::blockOf(const Piece& piece) const
{
    const Table& table = m_shards[piece.shard];
    const std::pair<std::size_t, std::size_t> place{piece.shard, table.blockOf(piece.key)};
    if (place.second == table.blockCount())
        return fail(StatusCode::DataLoss, "its values are missing");
    {
        const std::lock_guard lock(m_mutex);
        if (m_block && m_blockPlace == place)
            return m_block;
    }
    WR_ASSIGN_OR_RETURN(TableBlock block, table.block(place.second));
    auto shared = std::make_shared<const TableBlock>(std::move(block));
    const std::lock_guard lock(m_mutex);
    m_block = shared;
    m_blockPlace = place;
    return shared;
}

Result<Tensor> FirstFormatReader::read(std::size_t index, const Progress& progress, int /*threads*/) const
{
    const checkpoint::TensorEntry& entry = m_entries[index];
    const auto inTensor = [&](const Status& status) { return fail(status.withContext(entry.spec.name)); };
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    std::uint64_t done = 0;
    for (const Piece& piece : m_pieces[index]) {
        const auto block = blockOf(piece);
        if (!block)
            return inTensor(block.error());
        const std::vector<TableBlock::Entry>& rows = (*block)->entries;
        const auto found = std::lower_bound(
            rows.begin(), rows.end(), piece.key,
            [](const TableBlock::Entry& row, const std::string& key) { return row.key < key; });
        if (found == rows.end() || found->key != piece.key)
            return inTensor(dataLoss("its values are missing"));
        std::vector<std::byte> slice;
        std::span<std::byte> into = tensor.mutableBytes();
        if (m_pieces[index].size() > 1) {
            slice.resize(static_cast<std::size_t>(piece.map.bytes()));
            into = slice;
        }
        if (const Status status = parseSavedValues((*block)->value(*found), entry.spec.dtype, into);
            !status.isOk())
            return inTensor(status);
        const auto run = static_cast<std::size_t>(piece.map.runBytes());
        for (std::uint64_t r = 0; !slice.empty() && r < piece.map.runs(); ++r) {
            const std::span<const std::byte> from =
                std::span<const std::byte>(slice).subspan(static_cast<std::size_t>(r) * run, run);
            std::copy(from.begin(), from.end(),
                      tensor.mutableBytes().begin() + static_cast<std::ptrdiff_t>(piece.map.begin(r)));
        }
        done += piece.map.bytes();
        if (progress && !progress(done, entry.logicalBytes))
            return fail(cancelled("reading was cancelled"));
    }
    return tensor;
}

Status FirstFormatReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    return partOfWhole(index, at, into);
}

} // namespace wr::formats
