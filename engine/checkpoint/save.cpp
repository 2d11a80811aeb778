// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/temporary_file.h"
#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/checkpoint_writer.h"
#include "engine/checkpoint/durable_file.h"

#include <chrono>
#include <random>

namespace wr::checkpoint {
namespace {

Uuid randomUuid()
{
    std::random_device random;
    Uuid uuid{};
    for (std::uint8_t& byte : uuid)
        byte = static_cast<std::uint8_t>(random());
    return uuid;
}

std::string kilobytes(std::uint64_t bytes)
{
    return bytes < 10'000'000 ? std::to_string(bytes / 1'000) + " kB"
                              : std::to_string(bytes / 1'000'000) + " MB";
}

Status checkFree(Vfs& vfs, const std::string& path, const SavePlan& plan)
{
    // Estimates come from samples, so only a clear lack refuses beforehand; the disk has the last word while
    // writing.
    constexpr double kSurely = 0.8;
    const Result<std::uint64_t> free = vfs.freeSpace(directoryOf(path));
    if (free && static_cast<double>(*free) < kSurely * static_cast<double>(plan.estimatedBytes))
        return resourceExhausted(path + ": about " + kilobytes(plan.estimatedBytes) +
                                 " are needed and only " + kilobytes(*free) + " are free");
    return {};
}

/// Why this cannot be the base of a delta at `path`.
Status checkBase(Vfs& vfs, const std::string& path, const CheckpointReader& base)
{
    const std::string name = base.path().substr(base.path().rfind('/') + 1);
    if (base.uuid().empty())
        return failedPrecondition(base.path() + ": only a compact checkpoint can be the base of a delta");
    if (base.base())
        return failedPrecondition(base.path() + ": a delta cannot be the base of another");
    const std::string neighbour = directoryOf(path) + "/" + name;
    if (neighbour == path || path == name)
        return failedPrecondition(path + ": a delta cannot replace its own base");
    if (!vfs.info(neighbour))
        return failedPrecondition(path + ": a delta must lie in the folder of its base " + base.path());
    return {};
}

Result<SaveReport> saveFrom(Vfs& vfs, const std::string& path, const TensorSource& source,
                            const Metadata& metadata, const SaveOptions& options, const Progress& progress)
{
    const auto started = std::chrono::steady_clock::now();
    if (!options.replace && vfs.info(path))
        return fail(StatusCode::AlreadyExists, path + ": a file of this name exists");
    WR_RETURN_IF_ERROR(checkTensors(source.specs(), metadata));
    if (options.base)
        WR_RETURN_IF_ERROR(checkBase(vfs, path, *options.base));
    const Uuid uuid = randomUuid();
    WR_ASSIGN_OR_RETURN(const SavePlan plan, planSave(source, metadata, options, hexText(uuid)));
    WR_RETURN_IF_ERROR(checkFree(vfs, path, plan));
    sweepTemporaries(vfs, path);
    WR_ASSIGN_OR_RETURN(DurableFile file, DurableFile::create(vfs, path));
    const SaveProgress told(progress, plan.logicalBytes);
    WR_RETURN_IF_ERROR(CheckpointWriter(vfs, file, plan, options.threads, told)
                           .writeAll(metadata, uuid, options.profile != Profile::Plain));
    SaveReport report;
    report.path = path;
    report.fileBytes = file.size();
    report.logicalBytes = plan.logicalBytes;
    report.isDelta = plan.base != nullptr;
    report.uuid = options.profile == Profile::Plain ? std::string() : hexText(uuid);
    WR_RETURN_IF_ERROR(file.commit(options.replace));
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace

Result<SaveReport> saveCheckpoint(Vfs& vfs, const std::string& path, std::span<const NamedTensor> tensors,
                                  const Metadata& metadata, const SaveOptions& options,
                                  const Progress& progress)
{
    return saveFrom(vfs, path, MemorySource(tensors), metadata, options, progress);
}

Result<SaveReport> rewriteCheckpoint(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     const SaveOptions& options, const Progress& progress,
                                     const std::vector<std::size_t>& only)
{
    return saveFrom(vfs, path, ReaderSource(from, only), from.metadata(), options, progress);
}

} // namespace wr::checkpoint
