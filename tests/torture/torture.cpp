// SPDX-License-Identifier: GPL-3.0-or-later
// torture [--full] [--seed N] [--list] [NAME…]: proof of survival. Each experiment prints one line,
// "NAME: N of N, seed S, T s"; the exit code is 1 when one of them lost something.
#include "tests/torture/experiment.h"
#include "tests/torture/fuzz/fuzz_seeds.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace wr::torture {
namespace {

constexpr Experiment kExperiments[] = {
    {"crash_states", "a power cut at any moment loses nothing that was acknowledged", crashStates},
    {"write_faults", "a file system that fails or lies at any call damages nothing and is noticed",
     writeFaults},
    {"flips", "every flipped bit of a checkpoint is noticed and the right frame and tensor named", flips},
    {"truncations", "a checkpoint cut at any length is noticed, and what is lost is named", truncations},
    {"hostile_headers", "a header is taken when all its numbers agree, and refused at once otherwise",
     hostileHeaders},
    {"syscalls", "each system call of a save killed, and refused with six errors once and for ever",
     syscalls},
    {"kills", "a training that is killed and resumed again and again keeps all its bits", kills},
    {"disk_full", "a full disk refuses a save, which then changes nothing, and works again with room",
     diskFull},
    {"mutants", "the experiments notice each of the classic faults of a save", mutants},
};

const Experiment* find(std::string_view name)
{
    for (const Experiment& experiment : kExperiments) {
        if (name == experiment.name)
            return &experiment;
    }
    return nullptr;
}

enum class Verdict { Passed, Failed, Skipped };

Verdict run(const Experiment& experiment, Options options)
{
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        ("weightroom-torture-" + std::to_string(::getpid()) + "-" + experiment.name);
    std::filesystem::create_directories(folder);
    options.folder = folder.string();
    Tally tally;
    const auto started = std::chrono::steady_clock::now();
    experiment.run(options, tally);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (!tally.skipped().empty()) {
        std::printf("SKIP   : %s: %s\n", experiment.name, tally.skipped().c_str());
        return Verdict::Skipped;
    }
    std::printf("%s: %llu of %llu, seed %llu, %.1f s%s\n", experiment.name,
                static_cast<unsigned long long>(tally.attempts() - tally.failures()),
                static_cast<unsigned long long>(tally.attempts()),
                static_cast<unsigned long long>(options.seed), seconds, options.isFull ? ", full" : "");
    for (const std::string& note : tally.notes())
        std::printf("    %s\n", note.c_str());
    for (const std::string& cause : tally.causes())
        std::printf("FAIL!  : %s: %s\n", experiment.name, cause.c_str());
    std::fflush(stdout);
    return tally.failures() == 0 && tally.attempts() > 0 ? Verdict::Passed : Verdict::Failed;
}

int usage()
{
    std::fputs("torture [--full] [--seed N] [--list] [NAME…]\n", stderr);
    return 2;
}

int main(int count, char** words)
{
    Options options;
    options.program = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<const Experiment*> chosen;
    if (count == 5 && std::string_view(words[1]) == "--task")
        return runTask(words[2], words[3], words[4]);
    if (count == 3 && std::string_view(words[1]) == "--seeds")
        return writeSeeds(words[2]);
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--list") {
            for (const Experiment& experiment : kExperiments)
                std::printf("%-16s %s\n", experiment.name, experiment.what);
            return 0;
        }
        if (word == "--full") {
            options.isFull = true;
        } else if (word == "--seed" && i + 1 < count) {
            const char* const end = words[i + 1] + std::strlen(words[i + 1]);
            if (std::from_chars(words[i + 1], end, options.seed).ptr != end)
                return usage();
            ++i;
        } else if (const Experiment* const experiment = find(word)) {
            chosen.push_back(experiment);
        } else {
            return usage();
        }
    }
    if (chosen.empty()) {
        for (const Experiment& experiment : kExperiments)
            chosen.push_back(&experiment);
    }
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (const Experiment* const experiment : chosen) {
        const Verdict verdict = run(*experiment, options);
        ++(verdict == Verdict::Passed ? passed : verdict == Verdict::Failed ? failed : skipped);
    }
    // The words that packaging/check counts.
    std::printf("Totals: %d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed == 0 ? 0 : 1;
}

} // namespace
} // namespace wr::torture

int main(int count, char** words)
{
    return wr::torture::main(count, words);
}
