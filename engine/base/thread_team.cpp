// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/thread_team.h"

#include <algorithm>
#include <atomic>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace wr {
namespace {

void pauseBriefly()
{
#if defined(__SSE2__)
    _mm_pause();
#endif
}

/// How this thread treats denormal numbers; restores on destruction what was before.
class DenormalMode {
public:
#if defined(__SSE2__)
    explicit DenormalMode(Denormals denormals) : m_before(_mm_getcsr())
    {
        constexpr unsigned kFlushToZero = 0x8000;
        constexpr unsigned kDenormalsAreZero = 0x0040;
        constexpr unsigned kBoth = kFlushToZero | kDenormalsAreZero;
        _mm_setcsr(denormals == Denormals::Flush ? m_before | kBoth : m_before & ~kBoth);
    }
    ~DenormalMode()
    {
        _mm_setcsr(m_before);
    }
    DenormalMode(const DenormalMode&) = delete;
    DenormalMode& operator=(const DenormalMode&) = delete;

private:
    unsigned m_before;
#else
    explicit DenormalMode(Denormals /*denormals*/) {}
#endif
};

} // namespace

/// A thread's part of the tiles. Its owner begins with it every time, so that what one kernel left in a
/// core's cache the next one finds there; who is through helps the others.
struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
};

struct ThreadTeam::State {
    // A run publishes its job and opens the gate; workers come in while it is open, and the caller, when no
    // tile is left, closes it and waits for those that are inside. A worker that comes too late (its
    // processor had other work) costs nothing. The gate: whether it is open, the number of the run, how many
    // are inside.
    static constexpr std::uint64_t kOpen = std::uint64_t{1} << 63U;
    static constexpr std::uint64_t kInside = 0xffff;
    static constexpr unsigned kRunShift = 16;
    std::atomic<std::uint64_t> gate{0};
    std::atomic<std::uint32_t> runs{0};
    std::atomic<bool> ending{false};
    std::int64_t grain = 1;
    void (*body)(void*, std::int64_t, std::int64_t) = nullptr;
    void* context = nullptr;
    Denormals denormals = Denormals::Flush;
    std::vector<Share> shares;
    std::size_t active = 1; ///< of the shares; read by workers while the gate is open
    std::vector<std::thread> workers;

    explicit State(int threads)
        : shares(static_cast<std::size_t>(std::max(threads, 1))), active(shares.size())
    {
    }

    void share(std::int64_t tiles)
    {
        const auto count = static_cast<std::int64_t>(active);
        for (std::int64_t i = 0; i < count; ++i) {
            Share& own = shares[static_cast<std::size_t>(i)];
            own.next.store(tiles * i / count, std::memory_order_relaxed);
            own.end = tiles * (i + 1) / count;
        }
        constexpr std::int64_t kTakesPerShare = 4;
        grain = std::max<std::int64_t>(1, tiles / (count * kTakesPerShare));
    }

    void takeTiles(std::size_t who)
    {
        for (std::size_t i = 0; i < active; ++i) {
            Share& from = shares[(who + i) % active];
            while (from.next.load(std::memory_order_relaxed) < from.end) {
                const std::int64_t begin = from.next.fetch_add(grain, std::memory_order_relaxed);
                if (begin < from.end)
                    body(context, begin, std::min(begin + grain, from.end));
            }
        }
    }

    /// Whether the gate was open, so that the caller now waits for this thread to leave().
    bool enter()
    {
        std::uint64_t seen = gate.load(std::memory_order_relaxed);
        while ((seen & kOpen) != 0) {
            if (gate.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                           std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    void leave()
    {
        if ((gate.fetch_sub(1, std::memory_order_release) & (kOpen | kInside)) == 1)
            gate.notify_one();
    }

    void work(std::size_t who)
    {
        // The window and other programs come first.
        constexpr int kNice = 10;
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
        const DenormalMode mode(denormals);
        std::uint32_t seen = 0;
        for (;;) {
            constexpr int kSpins = 2000;
            for (int i = 0; i < kSpins && runs.load(std::memory_order_acquire) == seen; ++i)
                pauseBriefly();
            runs.wait(seen, std::memory_order_acquire);
            seen = runs.load(std::memory_order_acquire);
            if (ending.load(std::memory_order_relaxed))
                return;
            if (enter()) {
                if (who < active)
                    takeTiles(who);
                leave();
            }
        }
    }

    void open()
    {
        const std::uint32_t run = runs.load(std::memory_order_relaxed) + 1;
        gate.store(kOpen | std::uint64_t{run} << kRunShift, std::memory_order_release);
        runs.store(run, std::memory_order_release);
        runs.notify_all();
    }

    void close()
    {
        std::uint64_t left = gate.fetch_and(~kOpen, std::memory_order_acquire) & ~kOpen;
        constexpr int kSpins = 2000;
        for (int i = 0; i < kSpins && (left & kInside) != 0; ++i) {
            pauseBriefly();
            left = gate.load(std::memory_order_acquire);
        }
        for (; (left & kInside) != 0; left = gate.load(std::memory_order_acquire))
            gate.wait(left, std::memory_order_acquire);
    }
};

ThreadTeam::ThreadTeam(int threads, Denormals denormals) : m_state(std::make_unique<State>(threads))
{
    m_state->denormals = denormals;
    for (std::size_t i = 1; i < m_state->shares.size(); ++i)
        m_state->workers.emplace_back([state = m_state.get(), i] { state->work(i); });
}

ThreadTeam::~ThreadTeam()
{
    m_state->ending.store(true, std::memory_order_relaxed);
    m_state->runs.fetch_add(1, std::memory_order_release);
    m_state->runs.notify_all();
    for (std::thread& worker : m_state->workers)
        worker.join();
}

int ThreadTeam::threads() const
{
    return static_cast<int>(m_state->workers.size()) + 1;
}

void ThreadTeam::setActive(int threads)
{
    // Workers read it inside the gate only, and between two runs nobody is there.
    m_state->active = static_cast<std::size_t>(std::clamp(threads, 1, this->threads()));
}

void ThreadTeam::run(std::int64_t tiles, void (*body)(void*, std::int64_t, std::int64_t), void* context)
{
    const DenormalMode mode(m_state->denormals);
    if (tiles <= 1 || m_state->active == 1) {
        if (tiles > 0)
            body(context, 0, tiles);
        return;
    }
    State& state = *m_state;
    state.share(tiles);
    state.body = body;
    state.context = context;
    state.open();
    state.takeTiles(0);
    state.close();
}

} // namespace wr
