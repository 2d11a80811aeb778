// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/file_kind.h"
#include "engine/checkpoint/safetensors_reader.h"
#include "engine/checkpoint/sharded_reader.h"
#include "engine/checkpoint/wr1_reader.h"

#include <algorithm>

namespace wr::checkpoint {

namespace {

/// One file, or the list of several.
struct Opened {
    std::shared_ptr<const CheckpointReader> reader; ///< null where it is a list
    std::uint64_t fileBytes = 0;
};

Result<Opened> openFile(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(path));
    if (!info.isRegular)
        return fail(StatusCode::InvalidArgument,
                    path + (info.isDirectory ? ": a folder, not a checkpoint" : ": not a regular file"));
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    std::array<std::byte, kSniffBytes> head{};
    std::array<std::byte, 8> tail{};
    WR_ASSIGN_OR_RETURN(const std::size_t headSize, file->read(0, head));
    std::size_t tailSize = 0;
    if (size >= tail.size()) {
        WR_ASSIGN_OR_RETURN(tailSize, file->read(size - tail.size(), tail));
    }
    const FileKind kind = fileKind(std::span(head).first(headSize), std::span(tail).first(tailSize), size);
    Opened opened{nullptr, size};
    if (kind == FileKind::Zstd) {
        WR_ASSIGN_OR_RETURN(opened.reader, Wr1Reader::open(vfs, std::move(file), path, size));
    } else if (kind == FileKind::Safetensors) {
        WR_ASSIGN_OR_RETURN(opened.reader, SafetensorsReader::open(std::move(file), path, size));
    } else if (!isSetHead(std::span(head).first(headSize))) {
        return fail(StatusCode::InvalidArgument, path + ": " + fileKindAdvice(kind));
    }
    return opened;
}

Result<std::shared_ptr<const CheckpointReader>> openSet(Vfs& vfs, const std::string& path, ShardSet set,
                                                        std::uint64_t fileBytes)
{
    std::vector<std::shared_ptr<const CheckpointReader>> parts;
    for (const ShardPart& part : set.parts) {
        Result<Opened> opened = openFile(vfs, directoryOf(path) + "/" + part.file);
        if (!opened)
            return fail(opened.error().withContext(path + ": part " + part.file));
        if (!opened->reader)
            return fail(dataLoss(path + ": " + part.file + " is itself a list of parts"));
        parts.push_back(std::move(opened->reader));
    }
    return ShardedReader::open(path, fileBytes, std::move(set), std::move(parts));
}

/// The set that a file is a part of; nothing where there is none.
std::optional<std::pair<std::string, ShardSet>> setAround(Vfs& vfs, const std::string& path,
                                                          const CheckpointReader& part)
{
    std::optional<std::string> of = setPathOf(path);
    for (int attempt = 0; of && attempt < 2; ++attempt) {
        Result<ShardSet> set = readShardSet(vfs, *of);
        if (set) {
            for (const ShardPart& listed : set->parts) {
                if (listed.file == path.substr(path.rfind('/') + 1) && listed.uuid == part.uuid())
                    return std::pair(*of, std::move(*set));
            }
        }
        of = withoutMark(*of);
    }
    return std::nullopt;
}

} // namespace

Result<std::shared_ptr<const CheckpointReader>> openCheckpoint(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(Opened opened, openFile(vfs, path));
    if (!opened.reader) {
        WR_ASSIGN_OR_RETURN(ShardSet set, readShardSet(vfs, path));
        return openSet(vfs, path, std::move(set), opened.fileBytes);
    }
    if (auto around = setAround(vfs, path, *opened.reader)) {
        const Result<FileInfo> info = vfs.info(around->first);
        return openSet(vfs, around->first, std::move(around->second), info ? info->size : 0);
    }
    return opened.reader;
}

Result<std::vector<Damage>> verifyCheckpoint(const CheckpointReader& reader, const Progress& progress)
{
    std::vector<Damage> damage;
    for (const std::string& loss : reader.losses())
        damage.push_back({"", loss});
    std::uint64_t total = 0;
    for (const TensorEntry& entry : reader.tensors())
        total += entry.logicalBytes;
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < reader.tensors().size(); ++i) {
        const TensorEntry& entry = reader.tensors()[i];
        const Result<Tensor> tensor = reader.read(i, [&](std::uint64_t done, std::uint64_t) {
            return !progress || progress(before + done, total);
        });
        if (!tensor) {
            if (tensor.error().code() != StatusCode::DataLoss)
                return fail(tensor.error());
            damage.push_back({entry.spec.name, tensor.error().message()});
        }
        before += entry.logicalBytes;
    }
    return damage;
}

} // namespace wr::checkpoint
