// SPDX-License-Identifier: GPL-3.0-or-later
// Saves with a fault put in, each of which an experiment has to notice: else it proves nothing. Faults of
// the sources themselves are in source_mutants.py.
#include "tests/torture/crash_run.h"
#include "tests/torture/mutant_disk.h"

namespace wr::torture {

void mutants(const Options& options, Tally& tally)
{
    constexpr std::uint64_t kMostStates = 200'000;
    for (const MutantRow& row : kMutants) {
        const Between between = [&row](Vfs& disk) { return std::make_unique<MutantDisk>(disk, row.mutant); };
        Tally found;
        if (row.isCaughtByCrashes)
            runCrashes(kMostStates, options.seed, found, between, true);
        else
            runFaults(options, found, between, true);
        const bool isCaught = found.failures() > 0;
        const std::string by = std::string(row.isCaughtByCrashes ? "crash_states" : "write_faults");
        tally.count(isCaught ? std::string() : std::string(row.what) + ": not noticed by " + by);
        if (isCaught)
            tally.note(std::string(row.what) + ": " + by + ", attempt " + std::to_string(found.attempts()) +
                       ": " + found.causes().front());
    }
}

} // namespace wr::torture
