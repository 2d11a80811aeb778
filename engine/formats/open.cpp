// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/open.h"

#include "engine/base/little_endian.h"
#include "engine/formats/gguf/gguf_reader.h"
#include "engine/formats/numpy/numpy_reader.h"
#include "engine/formats/protobuf/wire_reader.h"
#include "engine/formats/pytorch/pytorch_reader.h"
#include "engine/formats/tensorflow/bundle_paths.h"
#include "engine/formats/tensorflow/bundle_reader.h"
#include "engine/formats/tensorflow/first_format_reader.h"

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
    Result<ZipIndex> index = ZipIndex::open(std::move(file), size);
    if (!index)
        return fail(index.error().withContext(path));
    if (PytorchReader::dataEntry(*index) != nullptr)
        return PytorchReader::open(std::move(*index), path, size);
    return NumpyReader::openArchive(std::move(*index), path, size);
}

} // namespace

Result<Reader> openAnyCheckpoint(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const std::optional<std::string> found, findTensorFlowTable(vfs, path));
    const std::string target = found.value_or(path);
    WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(target));
    if (info.isRegular) {
        WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.open(target, OpenMode::Read));
        WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
        if (hasTableFooter(*file, size))
            return openTable(vfs, target, std::move(file), size);
        std::array<std::byte, 6> head{};
        WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(0, head));
        const std::string_view magic(reinterpret_cast<const char*>(head.data()), got);
        if (magic == "\x93NUMPY")
            return NumpyReader::openArray(std::move(file), target, size);
        if (magic.starts_with("GGUF"))
            return GgufReader::open(std::move(file), target, size);
        if (magic.starts_with("PK\x03\x04"))
            return openZip(target, std::move(file), size);
    }
    return checkpoint::openCheckpoint(vfs, target);
}

} // namespace wr::formats
