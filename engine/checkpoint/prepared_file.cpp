// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/prepared_file.h"

#include "engine/base/temporary_file.h"
#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/checkpoint_writer.h"

#include <random>

namespace wr::checkpoint {
namespace {

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

} // namespace

Uuid randomUuid()
{
    std::random_device random;
    Uuid uuid{};
    for (std::uint8_t& byte : uuid)
        byte = static_cast<std::uint8_t>(random());
    return uuid;
}

Result<PreparedFile> prepareFile(Vfs& vfs, const std::string& path, const TensorSource& source,
                                 const Metadata& metadata, const SaveOptions& options,
                                 const Progress& progress)
{
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
    return PreparedFile{std::move(file), std::move(report)};
}

} // namespace wr::checkpoint
