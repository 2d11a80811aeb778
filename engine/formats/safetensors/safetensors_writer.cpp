// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/safetensors/safetensors_writer.h"

#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/tensor_header.h"
#include "engine/formats/tensor_copy.h"

#include <chrono>

namespace wr::formats {

using checkpoint::CheckpointReader;
using checkpoint::SaveReport;

Result<SaveReport> writeSafetensors(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                    bool replace, const Progress& progress)
{
    const auto start = std::chrono::steady_clock::now();
    checkpoint::TensorHeader header;
    header.metadata = from.metadata();
    std::uint64_t bytes = 0;
    for (const checkpoint::TensorEntry& entry : from.tensors()) {
        WR_RETURN_IF_ERROR(checkpoint::checkWritable(entry.spec));
        header.tensors.push_back({entry.spec, bytes, bytes + entry.logicalBytes});
        if (__builtin_add_overflow(bytes, entry.logicalBytes, &bytes))
            return fail(invalidArgument("the tensors are too large for one file"));
    }
    constexpr std::size_t kAlignment = 64; // of the first tensor, for those who map the file
    const std::vector<std::byte> head = encodeHeader(header, kAlignment);
    if (head.size() > checkpoint::kMaxHeaderBytes)
        return fail(invalidArgument("the names and shapes of " + std::to_string(from.tensors().size()) +
                                    " tensors are more than a safetensors header may hold"));
    WR_ASSIGN_OR_RETURN(checkpoint::DurableFile file, checkpoint::DurableFile::create(vfs, path));
    WR_RETURN_IF_ERROR(file.append(head));
    CopyProgress copied(progress, bytes);
    std::size_t index = 0;
    for (const checkpoint::TensorEntry& entry : from.tensors()) {
        const auto append = [&](std::span<const std::byte> part) { return file.append(part); };
        WR_RETURN_IF_ERROR(copyTensor(from, index++, entry, append, copied));
    }
    WR_RETURN_IF_ERROR(file.finish());
    WR_ASSIGN_OR_RETURN(const std::shared_ptr<const CheckpointReader> written,
                        checkpoint::openCheckpoint(vfs, file.temporaryPath()));
    WR_RETURN_IF_ERROR(checkSameTensors(*written, from).withContext(path));
    const std::uint64_t size = file.size();
    WR_RETURN_IF_ERROR(file.commit(replace));
    SaveReport report;
    report.path = path;
    report.fileBytes = size;
    report.logicalBytes = bytes;
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

} // namespace wr::formats
