// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/task_key.h"

namespace wr::session {

TaskKey TaskKey::of(const graph::DeviceName& name)
{
    return {name.job.value_or("localhost"), name.replica.value_or(0), name.task.value_or(0)};
}

std::string TaskKey::prefix() const
{
    if (isLocal())
        return {};
    return "/job:" + job + (replica != 0 ? "/replica:" + std::to_string(replica) : "") +
           "/task:" + std::to_string(task);
}

void NamedTasks::add(const graph::DeviceName& name)
{
    if (name.task)
        m_tasks.insert(TaskKey::of(name));
}

TaskKey NamedTasks::meantBy(const graph::DeviceName& name) const
{
    TaskKey key = TaskKey::of(name);
    if (name.task || !name.job || key.isLocal())
        return key;
    const auto first = m_tasks.lower_bound(key);
    const bool isOfJob = first != m_tasks.end() && first->job == key.job && first->replica == key.replica;
    return isOfJob ? *first : key;
}

} // namespace wr::session
