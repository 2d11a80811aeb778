// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/prepared_file.h"
#include "engine/checkpoint/save_plan.h"
#include "engine/checkpoint/sharded_save.h"

#include <chrono>

namespace wr::checkpoint {
namespace {

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

Result<SaveReport> saveOne(Vfs& vfs, const std::string& path, const TensorSource& source,
                           const Metadata& metadata, const SaveOptions& options, const Progress& progress)
{
    // What a set of several files leaves behind when it is replaced.
    WR_ASSIGN_OR_RETURN(const std::optional<ShardSet> old, replacedSet(vfs, path, options));
    WR_ASSIGN_OR_RETURN(PreparedFile prepared, prepareFile(vfs, path, source, metadata, options, progress));
    WR_RETURN_IF_ERROR(prepared.file.commit(options.replace));
    removeParts(vfs, path, old, {});
    return std::move(prepared.report);
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
    const std::vector<std::vector<std::size_t>> parts = partsOf(source, options);
    Result<SaveReport> report = parts.size() > 1
                                    ? saveParts(vfs, path, source, parts, metadata, options, progress)
                                    : saveOne(vfs, path, source, metadata, options, progress);
    if (report)
        report->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace

Result<SaveReport> saveCheckpoint(Vfs& vfs, const std::string& path, std::span<const NamedTensor> tensors,
                                  const Metadata& metadata, const SaveOptions& options,
                                  const Progress& progress)
{
    return saveFrom(vfs, path, MemorySource(tensors), metadata, options, progress);
}

Result<SaveReport> saveSource(Vfs& vfs, const std::string& path, const TensorSource& source,
                              const Metadata& metadata, const SaveOptions& options, const Progress& progress)
{
    return saveFrom(vfs, path, source, metadata, options, progress);
}

Result<SaveReport> rewriteCheckpoint(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     const SaveOptions& options, const Progress& progress,
                                     const std::vector<std::size_t>& only)
{
    return saveFrom(vfs, path, ReaderSource(from, only), from.metadata(), options, progress);
}

} // namespace wr::checkpoint
