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

struct ThreadTeam::State {
    // One generation is one run(): the caller publishes the job, raises the generation, and waits until every
    // worker has reported that it is through with that generation.
    std::atomic<std::uint32_t> generation{0};
    std::atomic<std::uint32_t> working{0};
    std::atomic<std::int64_t> nextTile{0};
    std::atomic<bool> ending{false};
    std::int64_t tiles = 0;
    std::int64_t grain = 1;
    void (*body)(void*, std::int64_t, std::int64_t) = nullptr;
    void* context = nullptr;
    Denormals denormals = Denormals::Flush;
    std::vector<std::thread> workers;

    void takeTiles()
    {
        for (;;) {
            const std::int64_t begin = nextTile.fetch_add(grain, std::memory_order_relaxed);
            if (begin >= tiles)
                return;
            body(context, begin, std::min(begin + grain, tiles));
        }
    }

    void work()
    {
        // The window and other programs come first.
        constexpr int kNice = 10;
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
        const DenormalMode mode(denormals);
        std::uint32_t seen = 0;
        for (;;) {
            constexpr int kSpins = 2000;
            for (int i = 0; i < kSpins && generation.load(std::memory_order_acquire) == seen; ++i)
                pauseBriefly();
            generation.wait(seen, std::memory_order_acquire);
            seen = generation.load(std::memory_order_acquire);
            if (ending.load(std::memory_order_relaxed))
                return;
            takeTiles();
            if (working.fetch_sub(1, std::memory_order_acq_rel) == 1)
                working.notify_one();
        }
    }
};

ThreadTeam::ThreadTeam(int threads, Denormals denormals) : m_state(std::make_unique<State>())
{
    m_state->denormals = denormals;
    for (int i = 1; i < threads; ++i)
        m_state->workers.emplace_back([state = m_state.get()] { state->work(); });
}

ThreadTeam::~ThreadTeam()
{
    m_state->ending.store(true, std::memory_order_relaxed);
    m_state->generation.fetch_add(1, std::memory_order_release);
    m_state->generation.notify_all();
    for (std::thread& worker : m_state->workers)
        worker.join();
}

int ThreadTeam::threads() const
{
    return static_cast<int>(m_state->workers.size()) + 1;
}

void ThreadTeam::run(std::int64_t tiles, void (*body)(void*, std::int64_t, std::int64_t), void* context)
{
    const DenormalMode mode(m_state->denormals);
    if (tiles <= 1 || m_state->workers.empty()) {
        if (tiles > 0)
            body(context, 0, tiles);
        return;
    }
    State& state = *m_state;
    constexpr std::int64_t kSharesPerThread = 4;
    state.tiles = tiles;
    state.grain = std::max<std::int64_t>(1, tiles / (threads() * kSharesPerThread));
    state.body = body;
    state.context = context;
    state.nextTile.store(0, std::memory_order_relaxed);
    state.working.store(static_cast<std::uint32_t>(state.workers.size()), std::memory_order_relaxed);
    state.generation.fetch_add(1, std::memory_order_release);
    state.generation.notify_all();
    state.takeTiles();
    constexpr int kSpins = 2000;
    for (int i = 0; i < kSpins && state.working.load(std::memory_order_acquire) != 0; ++i)
        pauseBriefly();
    for (std::uint32_t left = state.working.load(std::memory_order_acquire); left != 0;
         left = state.working.load(std::memory_order_acquire))
        state.working.wait(left, std::memory_order_acquire);
}

} // namespace wr
