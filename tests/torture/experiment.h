// SPDX-License-Identifier: GPL-3.0-or-later
// What an experiment of the torture driver is, and how it counts: attempts that survived, of all that were
// made, and how to repeat those that did not. One thread, except for Tally.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace wr::torture {

using Random = std::mt19937_64;

/// A number in [0, count); the same on every machine, which std's distributions are not.
inline std::uint64_t below(Random& random, std::uint64_t count)
{
    return count == 0 ? 0 : random() % count;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kThin =
    10; ///< a sanitizer takes its time: one attempt of so many in quick forms
#else
inline constexpr std::uint64_t kThin = 1;
#endif

struct Options {
    bool isFull = false;
    std::uint64_t seed = 1;
    std::string program; ///< this driver, for experiments that start a process to kill it
    std::string folder;  ///< an empty folder of the experiment's own

    std::uint64_t pick(std::uint64_t quick, std::uint64_t full) const { return isFull ? full : quick; }
};

class Tally {
public:
    /// Counts one attempt. `cause` is empty when it survived, else it says where and why.
    void count(const std::string& cause)
    {
        const std::lock_guard lock(m_mutex);
        ++m_attempts;
        if (cause.empty())
            return;
        ++m_failures;
        if (m_causes.size() < kMostCauses)
            m_causes.push_back(cause);
    }
    void pass(std::uint64_t attempts)
    {
        const std::lock_guard lock(m_mutex);
        m_attempts += attempts;
    }
    /// The experiment cannot be made on this machine.
    void skip(std::string why) { m_skipped = std::move(why); }
    /// Said under the line of the result.
    void note(std::string text) { m_notes.push_back(std::move(text)); }

    std::uint64_t attempts() const { return m_attempts; }
    std::uint64_t failures() const { return m_failures; }
    const std::vector<std::string>& causes() const { return m_causes; }
    const std::vector<std::string>& notes() const { return m_notes; }
    const std::string& skipped() const { return m_skipped; }

private:
    static constexpr std::size_t kMostCauses = 8;
    std::mutex m_mutex;
    std::uint64_t m_attempts = 0;
    std::uint64_t m_failures = 0;
    std::vector<std::string> m_causes;
    std::vector<std::string> m_notes;
    std::string m_skipped;
};

struct Experiment {
    const char* name;
    const char* what; ///< what it proves
    void (*run)(const Options& options, Tally& tally);
};

void crashStates(const Options& options, Tally& tally);
void writeFaults(const Options& options, Tally& tally);
void diskFull(const Options& options, Tally& tally);
void mutants(const Options& options, Tally& tally);
void hostileHeaders(const Options& options, Tally& tally);
void kills(const Options& options, Tally& tally);
void syscalls(const Options& options, Tally& tally);
/// In the process that is to be killed: does a task of a folder, and says on its standard output whether it
/// succeeded.
int runTask(const std::string& number, const std::string& seed, const std::string& folder);
void flips(const Options& options, Tally& tally);
void truncations(const Options& options, Tally& tally);

} // namespace wr::torture
