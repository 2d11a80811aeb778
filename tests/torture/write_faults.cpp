// SPDX-License-Identifier: GPL-3.0-or-later
// Every call of the file system fails or lies once, and once for ever.
#include "engine/base/temporary_file.h"
#include "tests/torture/crash_run.h"
#include "tests/torture/faulty_disk.h"
#include "tests/torture/folder_ledger.h"
#include "tests/torture/folder_task.h"

#include <unistd.h>

namespace wr::torture {
namespace {

bool hasTemporary(const ModelDisk& disk)
{
    for (const auto& [path, bytes] : disk.contents()) {
        if (isTemporary(path))
            return true;
    }
    return false;
}

/// The next start of the program removes what this one could not.
bool isSwept(const ModelDisk& disk)
{
    Disk state;
    const std::string ours = ".wrtmp-" + std::to_string(::getpid()) + "-";
    for (const auto& [path, bytes] : disk.contents()) {
        const std::size_t mark = path.find(ours);
        state[mark == std::string::npos ? path
                                        : std::string(path).replace(mark, ours.size(), ".wrtmp-4999999-")] =
            bytes;
    }
    ModelDisk next(state);
    sweepTemporaries(next, "/run/any");
    return !hasTemporary(next);
}

/// Without these nobody knows that the file is on the disk.
bool isNeeded(const FaultPlan& plan, const std::string& struck)
{
    if (plan.fault != Fault::Error && plan.fault != Fault::ErrorHalf)
        return false;
    // A close of a file that was only read may fail.
    return struck.starts_with("write ") || struck.starts_with("sync ") || struck.starts_with("rename ") ||
           (struck.starts_with("close ") && isTemporary(struck));
}

std::string attempt(FolderTask& task, const FaultPlan& plan, const Between& between, bool& hasStruck)
{
    ModelDisk disk(task.before());
    FaultyDisk faulty(disk, plan);
    const std::unique_ptr<Vfs> seen = between ? between(faulty) : nullptr;
    const Status answer = task.run(seen ? *seen : static_cast<Vfs&>(faulty));
    hasStruck = faulty.hasStruck();
    std::string cause = task.complaint(disk, answer);
    if (cause.empty() && answer.isOk() && isNeeded(plan, faulty.struck()))
        cause = "it is said to be done";
    // Once a call has failed for good, the removal of the temporary file may fail as well.
    const bool mayLeave = plan.mode != FaultPlan::Mode::Once || faulty.struck().starts_with("remove");
    if (cause.empty() && hasTemporary(disk) && !mayLeave)
        cause = "a temporary file is left";
    if (cause.empty() && !isSwept(disk))
        cause = "a temporary file is left after the next start";
    return cause.empty() ? cause
                         : faultName(plan.fault, plan.error) +
                               (plan.mode == FaultPlan::Mode::Once      ? " at "
                                : plan.mode == FaultPlan::Mode::ForFile ? " for one file from "
                                                                        : " from ") +
                               "call " + std::to_string(plan.call) + " (" + faulty.struck() + "): " + cause;
}

} // namespace

void writeFaults(const Options& options, Tally& tally)
{
    runFaults(options, tally);
}

void runFaults(const Options& options, Tally& tally, const Between& between, bool stopsAtFirst)
{
    std::uint64_t turn = 0;
    for (std::uint64_t round = 0; round < options.pick(1, 4); ++round) {
        for (const FolderTask::Kind kind : FolderTask::kKinds) {
            const std::uint64_t seed = options.seed + round;
            FolderTask task(kind, seed);
            const std::string where =
                std::string(FolderTask::name(kind)) + ", seed " + std::to_string(seed) + ": ";
            ModelDisk disk(task.before());
            FaultyDisk healthy(disk);
            const std::unique_ptr<Vfs> seen = between ? between(healthy) : nullptr;
            const Status answer = task.run(seen ? *seen : static_cast<Vfs&>(healthy));
            std::string cause = task.complaint(disk, answer);
            if (cause.empty() && !answer.isOk())
                cause = answer.toString();
            tally.count(cause.empty() ? cause : where + "without any fault: " + cause);
            for (std::uint64_t call = 0; call < healthy.calls(); ++call) {
                for (const Fault fault : kFaults) {
                    const bool isError = fault == Fault::Error || fault == Fault::ErrorHalf;
                    for (int error = 0; error < (isError ? kErrors : 1); ++error) {
                        // The quick form takes the errors in turn.
                        if (isError && !options.isFull && (call + static_cast<std::uint64_t>(error)) % 6 != 0)
                            continue;
                        for (const FaultPlan::Mode mode :
                             {FaultPlan::Mode::Once, FaultPlan::Mode::ForFile, FaultPlan::Mode::ForEver}) {
                            if (!options.isFull && ++turn % kThin != 0)
                                continue;
                            // A file that is always read with other bytes is a damaged one.
                            if (fault == Fault::OtherRead && mode == FaultPlan::Mode::ForFile)
                                continue;
                            bool hasStruck = false;
                            cause = attempt(task, {fault, error, call, mode}, between, hasStruck);
                            if (hasStruck)
                                tally.count(cause.empty() ? cause : where + cause);
                            if (stopsAtFirst && tally.failures() > 0)
                                return;
                        }
                    }
                }
            }
        }
    }
}

} // namespace wr::torture
