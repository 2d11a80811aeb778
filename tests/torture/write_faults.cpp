// SPDX-License-Identifier: GPL-3.0-or-later
// Every call of the file system fails or lies once, and once for ever.
#include "engine/base/temporary_file.h"
#include "tests/torture/experiment.h"
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

std::string attempt(FolderTask& task, const FaultPlan& plan, bool& hasStruck)
{
    ModelDisk disk(task.before());
    FaultyDisk faulty(disk, plan);
    const Status answer = task.run(faulty);
    hasStruck = faulty.hasStruck();
    std::string cause = task.complaint(disk, answer);
    // Once a call has failed for good, the removal of the temporary file may fail as well.
    const bool mayLeave = plan.isForEver || faulty.struck().starts_with("remove");
    if (cause.empty() && hasTemporary(disk) && !mayLeave)
        cause = "a temporary file is left";
    if (cause.empty() && !isSwept(disk))
        cause = "a temporary file is left after the next start";
    return cause.empty() ? cause
                         : faultName(plan.fault, plan.error) + (plan.isForEver ? " from " : " at ") +
                               "call " + std::to_string(plan.call) + " (" + faulty.struck() + "): " + cause;
}

} // namespace

void writeFaults(const Options& options, Tally& tally)
{
    for (std::uint64_t round = 0; round < options.pick(1, 4); ++round) {
        for (const FolderTask::Kind kind : FolderTask::kKinds) {
            const std::uint64_t seed = options.seed + round;
            FolderTask task(kind, seed);
            const std::string where =
                std::string(FolderTask::name(kind)) + ", seed " + std::to_string(seed) + ": ";
            ModelDisk disk(task.before());
            FaultyDisk healthy(disk);
            const Status answer = task.run(healthy);
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
                        for (const bool isForEver : {false, true}) {
                            bool hasStruck = false;
                            cause = attempt(task, {fault, error, call, isForEver}, hasStruck);
                            if (hasStruck)
                                tally.count(cause.empty() ? cause : where + cause);
                        }
                    }
                }
            }
        }
    }
}

} // namespace wr::torture
