// SPDX-License-Identifier: GPL-3.0-or-later
// Watches how long the event loop of this thread leaves its timers waiting, and, by a thread that only
// sleeps, how long the machine itself did, so that a busy machine is not taken for a busy window. For tests.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <atomic>
#include <chrono>
#include <thread>

namespace wr::ui {

class UiGap {
public:
    UiGap()
    {
        m_timer.setInterval(kBeatMilliseconds);
        m_timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { beat(); });
        m_machine = std::thread([this] {
            auto before = std::chrono::steady_clock::now();
            while (!m_isOver) {
                std::this_thread::sleep_for(std::chrono::milliseconds(kBeatMilliseconds));
                const auto now = std::chrono::steady_clock::now();
                const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(now - before).count();
                before = now;
                int worst = m_machineWorst;
                while (gap > worst && !m_machineWorst.compare_exchange_weak(worst, static_cast<int>(gap))) {
                }
            }
        });
        m_clock.start();
        m_timer.start();
    }
    ~UiGap()
    {
        m_isOver = true;
        m_machine.join();
    }
    UiGap(const UiGap&) = delete;
    UiGap& operator=(const UiGap&) = delete;

    int beats() const { return m_beats; }
    /// The longest wait in milliseconds, and how much of it exceeded what the machine did to everybody.
    int worst() const { return m_worst; }
    int worstBeyondMachine() const { return m_worstBeyond; }

private:
    static constexpr int kBeatMilliseconds = 4;

    void beat()
    {
        const auto gap = static_cast<int>(m_clock.restart());
        const int machine = m_machineWorst.exchange(0);
        ++m_beats;
        m_worst = std::max(m_worst, gap);
        m_worstBeyond = std::max(m_worstBeyond, gap - std::max(0, machine - kBeatMilliseconds));
    }

    QTimer m_timer;
    QElapsedTimer m_clock;
    std::thread m_machine;
    std::atomic<bool> m_isOver{false};
    std::atomic<int> m_machineWorst{0};
    int m_beats = 0;
    int m_worst = 0;
    int m_worstBeyond = 0;
};

} // namespace wr::ui
