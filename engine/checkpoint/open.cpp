// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/file_kind.h"
#include "engine/checkpoint/safetensors_reader.h"
#include "engine/checkpoint/wr1_reader.h"

#include <algorithm>

namespace wr::checkpoint {

Result<std::shared_ptr<const CheckpointReader>> openCheckpoint(Vfs& vfs, const std::string& path)
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
    if (kind == FileKind::Zstd)
        return Wr1Reader::open(vfs, std::move(file), path, size);
    if (kind == FileKind::Safetensors)
        return SafetensorsReader::open(std::move(file), path, size);
    return fail(StatusCode::InvalidArgument, path + ": " + fileKindAdvice(kind));
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
