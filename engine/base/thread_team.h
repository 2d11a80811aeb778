// SPDX-License-Identifier: GPL-3.0-or-later
// A fixed team of threads that share the tiles of one kernel at a time. The caller takes part. Which thread
// runs which tile is not defined, so the work must not depend on it. run() may be called by one thread only
// and does not nest.
#pragma once

#include <cstdint>
#include <memory>

namespace wr {

enum class Denormals : std::uint8_t {
    Flush, ///< counted as zero: they cost a training two to three times the step
    Keep,
};

class ThreadTeam {
public:
    /// threads >= 1, the caller included.
    explicit ThreadTeam(int threads, Denormals denormals = Denormals::Flush);
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    int threads() const;
    /// How many of them take part in runs to come; 1 to threads().
    void setActive(int threads);
    /// Calls body(context, begin, end) until the tiles [0, tiles) are done, and returns after the last.
    void run(std::int64_t tiles, void (*body)(void* context, std::int64_t begin, std::int64_t end),
             void* context);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace wr
