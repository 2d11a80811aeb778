// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/open.h"
#include "engine/checkpoint/shard_set.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/safetensors_reader.h"
#include "engine/checkpoint/shard_set.h"
#include "engine/checkpoint/tensor_header.h"
#include "engine/formats/dcp/dcp_reader.h"
#include "engine/formats/gguf/gguf_reader.h"
#include "engine/formats/half_file.h"
#include "engine/formats/hdf5/hdf5_reader.h"
#include "engine/formats/joined_reader.h"
#include "engine/formats/numpy/numpy_folder.h"
#include "engine/formats/numpy/numpy_reader.h"
#include "engine/formats/onnx/onnx_reader.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/pytorch/pytorch_reader.h"
#include "engine/formats/sharded/sharded_checkpoint.h"
#include "engine/formats/tensorflow/bundle_paths.h"
#include "engine/formats/tensorflow/bundle_reader.h"
#include "engine/formats/tensorflow/first_format_reader.h"

#include <algorithm>

namespace wr::formats {
namespace {

using Reader = std::shared_ptr<const checkpoint::CheckpointReader>;

bool hasTableFooter(File& file, std::uint64_t size)
{
    std::array<std::byte, 8> tail{};
    if (size < kTableFooterBytes)
        return false;
    const Result<std::size_t> got = file.read(size - tail.size(), tail);
    return got && *got == tail.size() && loadLittle<std::uint64_t>(tail.data()) == kTableMagic;
}

/// Whether the value under the empty key is the list of tensors that begins a checkpoint of the first format.
bool isFirstFormat(const TableBlock& first)
{
    if (first.entries.empty())
        return false;
    WireReader reader(first.value(first.entries[0]));
    WireReader::Field field;
    return reader.next(field) && field.is(1, WireReader::Kind::Bytes);
}

Result<Reader> openTable(Vfs& vfs, const std::string& path, std::shared_ptr<File> file, std::uint64_t size)
{
    Result<Table> table = Table::open(std::move(file), size);
    if (!table)
        return fail(table.error().withContext(path));
    if (table->blockCount() > 0) {
        const Result<TableBlock> first = table->block(0);
        if (!first)
            return fail(first.error().withContext(path));
        if (isFirstFormat(*first))
            return FirstFormatReader::open(vfs, path);
    }
    if (!path.ends_with(".index"))
        return fail(StatusCode::InvalidArgument,
                    path + ": the index of a TensorFlow checkpoint under another name; call it NAME.index, "
                           "beside NAME.data-00000-of-00001");
    return BundleReader::open(vfs, path, size, *table);
}

Result<Reader> openZip(const std::string& path, std::shared_ptr<File> file, std::uint64_t size)
{
    Result<ZipIndex> index = ZipIndex::open(file, size);
    if (!index)
        return fail(index.error().withContext(path));
    if (PytorchReader::dataEntry(*index) != nullptr)
        return PytorchReader::open(std::move(*index), path, size);
    if (const ZipEntry* const keras = index->find("model.weights.h5"); keras != nullptr) {
        if (keras->isDeflated)
            return fail(StatusCode::Unimplemented,
                        path + ": a Keras archive that is packed; unpack it and open its model.weights.h5");
        return Hdf5Reader::open(std::move(file), path, keras->begin, keras->bytes);
    }
    return NumpyReader::openArchive(std::move(*index), path, size);
}

std::string withoutSlash(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

/// An array is called as its file.
std::string nameOfArray(const std::string& path)
{
    std::string name = baseName(path);
    if (name.size() > 4 && name.ends_with(".npy"))
        name.resize(name.size() - 4);
    return name;
}

Result<Reader> openSafetensors(std::shared_ptr<File> file, const std::string& path, std::uint64_t size)
{
    Result<Reader> reader = checkpoint::SafetensorsReader::open(file, path, size);
    if (reader)
        return reader;
    const Status explained = explainedSafetensors(*file, size, reader.error());
    return fail(explained.message() == reader.error().message() ? explained : explained.withContext(path));
}

/// A file that is a checkpoint by itself and needs no other beside it; nothing when it is none of these.
Result<Reader> openContent(std::shared_ptr<File> file, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    std::array<std::byte, 16> head{};
    WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, head));
    const std::string_view magic(reinterpret_cast<const char*>(head.data()), got);
    if (magic.starts_with("\x93NUMPY"))
        return NumpyReader::openArray(std::move(file), path, size, nameOfArray(path));
    if (magic.starts_with("GGUF"))
        return GgufReader::open(std::move(file), path, size);
    if (magic.starts_with("PK\x03\x04"))
        return openZip(path, std::move(file), size);
    if (Hdf5Reader::isHdf5(magic))
        return Hdf5Reader::open(std::move(file), path, 0, size);
    if (PytorchReader::isOld(magic))
        return PytorchReader::openOld(std::move(file), path, size);
    constexpr std::size_t kJson = 8;
    if (got > kJson && magic[kJson] == '{' &&
        loadLittle<std::uint64_t>(head.data()) <= checkpoint::kMaxHeaderBytes)
        return openSafetensors(std::move(file), path, size);
    return Reader();
}

/// A part of a larger checkpoint.
Result<Reader> openPart(std::shared_ptr<File> file, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(Reader reader, openContent(file, path));
    if (reader)
        return reader;
    const std::string instead = standIn(*file, file->size().value_or(0));
    return fail(StatusCode::InvalidArgument,
                path + ": " + (instead.empty() ? "no checkpoint that can be part of a larger one" : instead));
}

/// Whether the text begins as a list of files.
bool isJson(File& file)
{
    std::array<std::byte, 64> head{};
    const Result<std::size_t> got = file.read(0, head);
    const std::string_view text(reinterpret_cast<const char*>(head.data()), got ? *got : 0);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    // The length that a safetensors file begins with may look like a brace, but has zeros behind it.
    return first != std::string_view::npos && text[first] == '{' && text.find('\0') == std::string_view::npos;
}

/// The part of a checkpoint whose other parts are missing.
Result<Reader> aloneWith(Reader part, const std::string& why)
{
    auto joined = std::make_shared<JoinedReader>(part->path(), part->formatName());
    WR_RETURN_IF_ERROR(joined->add(std::move(part)));
    joined->finish();
    joined->warn(why);
    return Reader(std::move(joined));
}

/// A checkpoint of several files, none of TensorFlow's; nothing when the folder holds none.
Result<Reader> openFolder(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, vfs.list(path));
    if (std::binary_search(names.begin(), names.end(), DcpReader::kMetadataName))
        return DcpReader::open(vfs, path);
    WR_ASSIGN_OR_RETURN(const std::string list, shardListIn(path, names));
    if (!list.empty())
        return openShardList(vfs, list, openPart);
    return openNumpyFolder(vfs, path, names);
}

Result<Reader> openFile(Vfs& vfs, const std::string& path)
{
    if (baseName(path) == DcpReader::kMetadataName)
        return DcpReader::open(vfs, directoryOf(path));
    if (path.ends_with(".distcp")) {
        if (vfs.info(directoryOf(path) + "/" + std::string(DcpReader::kMetadataName)))
            return DcpReader::open(vfs, directoryOf(path));
        return fail(StatusCode::NotFound,
                    path + ": values of a distributed PyTorch checkpoint without their description; put its "
                           ".metadata beside them");
    }
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    if (hasTableFooter(*file, size))
        return openTable(vfs, path, std::move(file), size);
    if (isJson(*file)) {
        WR_ASSIGN_OR_RETURN(Reader list, openShardList(vfs, path, openPart));
        if (list)
            return list;
    }
    std::string why;
    WR_ASSIGN_OR_RETURN(Reader whole, openByShard(vfs, path, openPart, why));
    if (whole)
        return whole;
    WR_ASSIGN_OR_RETURN(Reader reader, openContent(file, path));
    if (reader && !why.empty())
        return aloneWith(std::move(reader), why);
    if (reader)
        return reader;
    // Nothing marks an ONNX model but that all of it makes sense as one.
    WR_ASSIGN_OR_RETURN(Reader model, OnnxReader::open(vfs, file, path));
    if (model)
        return model;
    if (const std::string instead = standIn(*file, size); !instead.empty())
        return fail(StatusCode::InvalidArgument, path + ": " + instead);
    return Reader();
}

} // namespace

Result<Reader> openAnyCheckpoint(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::optional<std::string> found, findTensorFlowTable(vfs, path));
    const std::string target = found.value_or(path);
    WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(target));
    if (info.isRegular) {
        // Our own checkpoints of several files have lists that look like those of others.
        const auto set = checkpoint::readShardSet(vfs, target);
        if (set || set.error().code() == StatusCode::DataLoss || checkpoint::isPartOfSet(vfs, target))
            return checkpoint::openCheckpoint(vfs, target);
        WR_ASSIGN_OR_RETURN(Reader reader, openFile(vfs, target));
        if (reader)
            return reader;
    }
    if (info.isDirectory) {
        WR_ASSIGN_OR_RETURN(Reader reader, openFolder(vfs, withoutSlash(target)));
        if (reader)
            return reader;
    }
    return checkpoint::openCheckpoint(vfs, target);
}

} // namespace wr::formats
