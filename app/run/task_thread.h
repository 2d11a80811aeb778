// SPDX-License-Identifier: GPL-3.0-or-later
// A thread that runs tasks in order and, between them, slices of idle work as long as there is some: a task
// waits for one slice at most. Owned by the thread that made it; post() may be called by any.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wr::app {

class TaskThread {
public:
    using Task = std::function<void()>;
    /// Returns whether there is more to do at once; asked again after every task.
    using Slice = std::function<bool()>;

    explicit TaskThread(Slice slice = {});
    ~TaskThread(); ///< stop()
    TaskThread(const TaskThread&) = delete;
    TaskThread& operator=(const TaskThread&) = delete;

    /// Dropped once the thread has stopped.
    void post(Task task);
    /// Ends after the slice at hand and all tasks posted so far; waits for that.
    void stop();

private:
    void loop();

    Slice m_slice;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Task> m_tasks;
    bool m_stopping = false;
    bool m_stopped = false;
    std::thread m_thread;
};

} // namespace wr::app
