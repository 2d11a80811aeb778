// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/temporary_file.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/torture/crash_run.h"
#include "tests/torture/folder_work.h"
#include "tests/torture/platter.h"

#include <algorithm>
#include <unistd.h>

namespace wr::torture {
namespace {

constexpr std::uint64_t kDrawsAtCall = 4; ///< states after each call of the disk
constexpr std::uint64_t kActions = 4;     ///< of a round
constexpr std::size_t kMostFiles = 8;

/// The machine has started again: the process that wrote is gone.
Disk afterRestart(const Disk& state)
{
    // No process has a number above the kernel's largest, 2^22.
    constexpr const char* kNobody = ".wrtmp-4999999-";
    const std::string ours = ".wrtmp-" + std::to_string(::getpid()) + "-";
    Disk disk;
    for (const auto& [path, image] : state) {
        const std::size_t mark = path.find(ours);
        disk[mark == std::string::npos ? path : std::string(path).replace(mark, ours.size(), kNobody)] =
            image;
    }
    return disk;
}

/// What the next program finds when it looks through the folder with the engine's own functions.
std::string lookThrough(const Disk& state)
{
    ModelDisk disk(afterRestart(state));
    sweepTemporaries(disk, std::string(kFolder) + "/any");
    for (const auto& [path, image] : disk.contents()) {
        if (isTemporary(path))
            return path + ": left over";
        if (!path.ends_with(".wrck") || path.find("/damaged-") != std::string::npos)
            continue;
        const auto reader = checkpoint::openCheckpoint(disk, path);
        if (!reader)
            return path + ": " + reader.error().toString();
        const auto damage = verifyCheckpoint(**reader);
        if (!damage)
            return path + ": " + damage.error().toString();
        if (!damage->empty())
            return path + ": " + damage->front().what;
    }
    return {};
}

class Rounds {
public:
    Rounds(std::uint64_t states, std::uint64_t seed, Tally& tally, const Between& between, bool stopsAtFirst)
        : m_states(states), m_seed(seed), m_tally(tally), m_between(between), m_stopsAtFirst(stopsAtFirst)
    {
    }

    void run()
    {
        for (m_round = 0; !isDone(); ++m_round) {
            m_random.seed(m_seed * 1'000'003 + m_round);
            if (m_disk.size() > kMostFiles || below(m_random, 8) == 0) {
                m_disk.clear();
                m_ledger = {};
            }
            m_ledger.beginWith(m_disk);
            if (below(m_random, 3) == 0)
                FolderWork::addDamaged(m_disk, m_ledger, m_random);
            round();
        }
    }

private:
    bool isDone() const
    {
        return m_tally.attempts() >= m_states || (m_stopsAtFirst && m_tally.failures() > 0);
    }

    std::string place(const std::string& cause, std::size_t call) const
    {
        return cause.empty() ? cause
                             : "seed " + std::to_string(m_seed) + ", round " + std::to_string(m_round) +
                                   ", power cut after call " + std::to_string(call) + ": " + cause;
    }

    void round()
    {
        ModelDisk disk(m_disk);
        const std::unique_ptr<Vfs> seen = m_between ? m_between(disk) : nullptr;
        FolderWork work(seen ? *seen : static_cast<Vfs&>(disk), disk, m_ledger, m_random);
        for (std::uint64_t i = 0; i < kActions; ++i) {
            if (const std::string complaint = work.act(); !complaint.empty())
                m_tally.count(place(complaint, disk.calls().size()));
        }
        Platter platter(m_disk);
        Disk next = m_disk;
        const std::size_t chosen = below(m_random, disk.calls().size() + 1);
        for (std::size_t call = 0; call <= disk.calls().size() && !isDone(); ++call) {
            if (call > 0)
                platter.follow(disk.calls()[call - 1]);
            const std::uint64_t draws = platter.isSure() ? 1 : kDrawsAtCall;
            for (std::uint64_t draw = 0; draw < draws && !isDone(); ++draw) {
                Disk state = platter.crash(m_random);
                std::string cause = m_ledger.complaint(state, call);
                // The files are the ones that were looked at when they were acknowledged, so that not each
                // state needs it again.
                if (cause.empty() && below(m_random, 16) == 0)
                    cause = lookThrough(state);
                m_tally.count(place(cause, call));
                if (call == chosen && draw == 0 && cause.empty())
                    next = afterRestart(state);
            }
        }
        m_disk = std::move(next);
    }

    std::uint64_t m_states;
    std::uint64_t m_seed;
    Tally& m_tally;
    const Between& m_between;
    bool m_stopsAtFirst;
    std::uint64_t m_round = 0;
    Random m_random;
    Disk m_disk;
    FolderLedger m_ledger;
};

} // namespace

void runCrashes(std::uint64_t states, std::uint64_t seed, Tally& tally, const Between& between,
                bool stopsAtFirst)
{
    Rounds(states, seed, tally, between, stopsAtFirst).run();
}

void crashStates(const Options& options, Tally& tally)
{
    runCrashes(options.pick(4'000, 100'000), options.seed, tally);
}

} // namespace wr::torture
