// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/task_thread.h"

#include <utility>

namespace wr::app {

TaskThread::TaskThread(Slice slice) : m_slice(std::move(slice)), m_thread([this] { loop(); }) {}

TaskThread::~TaskThread()
{
    stop();
}

void TaskThread::post(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopped)
            return;
        m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

void TaskThread::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void TaskThread::loop()
{
    bool hasMore = false;
    for (;;) {
        Task task;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return hasMore || m_stopping || !m_tasks.empty(); });
            if (!m_tasks.empty()) {
                task = std::move(m_tasks.front());
                m_tasks.pop_front();
            } else if (m_stopping) {
                m_stopped = true;
                return;
            }
        }
        if (task) {
            task();
            hasMore = static_cast<bool>(m_slice);
        } else {
            hasMore = m_slice();
        }
    }
}

} // namespace wr::app
