// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks of jobs, as device names tell them: which one a request means, and which ones a script names. Values;
// any thread.
#pragma once

#include "engine/graph/device_name.h"

#include <compare>
#include <set>
#include <string>

namespace wr::session {

/// A task; what a request leaves open is that of this process, "/job:localhost/replica:0/task:0".
struct TaskKey {
    std::string job = "localhost";
    int replica = 0;
    int task = 0;
    auto operator<=>(const TaskKey&) const = default;

    static TaskKey of(const graph::DeviceName& name);
    bool isLocal() const { return *this == TaskKey{}; }
    /// "/job:ps/task:7"; empty for this process.
    std::string prefix() const;
};

/// The tasks that a script names by number.
class NamedTasks {
public:
    void add(const graph::DeviceName& name);
    const std::set<TaskKey>& all() const { return m_tasks; }
    /// The task that a request means: a job without a task is the first of its tasks that the script names.
    TaskKey meantBy(const graph::DeviceName& name) const;

private:
    std::set<TaskKey> m_tasks;
};

} // namespace wr::session
