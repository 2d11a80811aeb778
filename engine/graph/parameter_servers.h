// SPDX-License-Identifier: GPL-3.0-or-later
// How tf.train.replica_device_setter shares variables out to the tasks of a job of parameter servers: round
// robin in the order of creation, to the task with the fewest bytes so far, or by a digest of the name. Pure
// values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wr::graph {

enum class ParameterServerStrategy : std::uint8_t {
    RoundRobin,
    GreedyByBytes, ///< tf.contrib.training.GreedyLoadBalancingStrategy; the first task where several are
                   ///< equal
    Random,        ///< tf.contrib.training.RandomStrategy: MD5 of "name_seed", modulo the tasks
};

struct VariableSize {
    std::string name;
    std::uint64_t bytes = 0;
};

/// Gives each variable its task, one after another.
class TaskAssigner {
public:
    /// Fewer than one task counts as one.
    explicit TaskAssigner(int tasks = 1,
                          ParameterServerStrategy strategy = ParameterServerStrategy::RoundRobin,
                          std::int64_t seed = 0);
    int next(const VariableSize& variable);

private:
    ParameterServerStrategy m_strategy;
    std::int64_t m_seed;
    std::size_t m_next = 0;
    std::vector<std::uint64_t> m_loads; ///< bytes, one a task
};

/// The task of each of `variables`, in their order.
std::vector<int> assignTasks(std::span<const VariableSize> variables, int tasks,
                             ParameterServerStrategy strategy, std::int64_t seed = 0);

} // namespace wr::graph
