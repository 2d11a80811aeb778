// SPDX-License-Identifier: GPL-3.0-or-later
// tf.train.replica_device_setter: variables go to the tasks of a job of parameter servers, everything else to
// the worker.
#include "engine/graph/model_builder.h"

#include <algorithm>
#include <array>

namespace wr::graph {

using Kind = Value::Kind;

namespace {

constexpr std::int64_t kMostTasks = 65536;

/// The names under which TensorFlow's versions know the op of a variable.
constexpr std::array<std::string_view, 3> kVariableOps{"Variable", "VariableV2", "VarHandleOp"};

std::uint64_t bytesOf(const Variable& variable)
{
    const std::int64_t elements = variable.shape.elementCount().value_or(0);
    return static_cast<std::uint64_t>(elements) * dtypeSize(variable.dtype);
}

} // namespace

/// A cluster as a dictionary from jobs to lists of addresses, or to dictionaries from numbers to addresses.
Value ModelBuilder::checkedCluster(Value cluster, const script::TextRange& range)
{
    if (cluster.isError())
        return cluster;
    if (cluster.kind != Kind::Dict)
        return misuse(range, "TypeError",
                      "`cluster` must be a dictionary mapping one or more job names to lists of network "
                      "addresses, or a `ClusterDef` protocol buffer");
    for (std::size_t i = 0; i + 1 < cluster.items.size(); i += 2) {
        const Value& job = cluster.items[i];
        const Value& tasks = cluster.items[i + 1];
        if (job.isError() || tasks.isError())
            return Value::error();
        if (job.kind != Kind::String)
            return misuse(range, "TypeError", "the name of a job is a string");
        const bool isList = tasks.kind == Kind::List;
        bool fits = isList || tasks.kind == Kind::Dict;
        for (std::size_t k = 0; fits && k < tasks.items.size(); ++k) {
            const Value& item = tasks.items[k];
            fits = isList || k % 2 == 1 ? item.kind == Kind::String
                                        : item.kind == Kind::Number && item.isInteger;
        }
        if (!fits)
            return misuse(range, "TypeError",
                          "The tasks for job '" + job.text +
                              "' must be a list or a dictionary from integers to strings.");
    }
    return cluster;
}

Value ModelBuilder::callClusterSpec(CallArguments& arguments)
{
    return checkedCluster(arguments.required("cluster"), arguments.rangeOf("cluster"));
}

Value ModelBuilder::callDeviceStrategy(CallArguments& arguments)
{
    const bool isGreedy = arguments.function() == "tf.contrib.training.GreedyLoadBalancingStrategy";
    const char* const parameter = isGreedy ? "num_tasks" : "num_ps_tasks";
    if (arguments.required(parameter).isError())
        return Value::error();
    const std::optional<std::int64_t> tasks = arguments.integer(parameter, 1);
    const std::optional<std::int64_t> seed = isGreedy ? 0 : arguments.integer("seed", 0);
    if (!tasks || !seed)
        return Value::error();
    if (*tasks < 1 || *tasks > kMostTasks)
        return misuse(arguments.rangeOf(parameter), "ValueError", "there are from 1 to 65,536 tasks");
    if (isGreedy) {
        const Expr* const load = arguments.find("load_fn");
        if (load == nullptr || script::dottedName(*load) != "tf.contrib.training.byte_size_load_fn")
            return error(
                arguments.rangeOf("load_fn"),
                "load_fn is tf.contrib.training.byte_size_load_fn; other measures are not understood");
    }
    m_strategies.emplace_back(
        static_cast<int>(*tasks),
        isGreedy ? ParameterServerStrategy::GreedyByBytes : ParameterServerStrategy::Random, *seed);
    return Value::ofIndex(Kind::DeviceStrategy, m_strategies.size() - 1);
}

Value ModelBuilder::callReplicaSetter(CallArguments& arguments)
{
    const auto device = [&](const char* parameter, const char* fallback) -> std::optional<DeviceName> {
        const std::string text = arguments.has(parameter) ? arguments.text(parameter) : fallback;
        const Result<DeviceName> name = DeviceName::parse(text);
        if (name)
            return *name;
        misuse(arguments.rangeOf(parameter), "ValueError", name.error().message());
        return std::nullopt;
    };
    const std::optional<DeviceName> ps = device("ps_device", "/job:ps");
    const std::optional<DeviceName> worker = device("worker_device", "/job:worker");
    std::optional<std::int64_t> tasks = arguments.integer("ps_tasks", 0);
    const std::optional<bool> merges = arguments.boolean("merge_devices", true);
    const Value cluster = arguments.value("cluster");
    const Value ops = arguments.value("ps_ops");
    const Value strategy = arguments.value("ps_strategy");
    if (!ps || !worker || !tasks || !merges || cluster.isError() || ops.isError() || strategy.isError())
        return Value::error();
    if (cluster.kind != Kind::None) {
        const Value jobs = checkedCluster(cluster, arguments.rangeOf("cluster"));
        if (jobs.isError())
            return jobs;
        tasks = 0;
        for (std::size_t i = 0; i + 1 < jobs.items.size(); i += 2) {
            const Value& members = jobs.items[i + 1];
            if (ps->job && jobs.items[i].text == *ps->job)
                tasks =
                    static_cast<std::int64_t>(members.items.size() / (members.kind == Kind::Dict ? 2 : 1));
        }
    }
    if (*tasks < 0 || *tasks > kMostTasks)
        return error(arguments.range(), "there are from 0 to 65,536 parameter servers");
    if (*tasks == 0)
        return Value::of(Kind::None);

    ReplicaSetter setter;
    setter.ps = *ps;
    setter.worker = *worker;
    setter.merges = *merges;
    setter.takesVariables = *ps != DeviceName{};
    if (ops.kind != Kind::None) {
        bool takes = false;
        if (ops.kind != Kind::List)
            return error(arguments.rangeOf("ps_ops"), "ps_ops is a list of op types, as [\"Variable\"]");
        for (const Value& op : ops.items) {
            const std::optional<std::string> name = toText(op, arguments.rangeOf("ps_ops"));
            if (!name)
                return Value::error();
            if (std::find(kVariableOps.begin(), kVariableOps.end(), *name) != kVariableOps.end())
                takes = true;
            else
                m_model->ignored.push_back({arguments.rangeOf("ps_ops"), "\"" + *name + "\" in ps_ops",
                                            "only variables go to parameter servers here"});
        }
        setter.takesVariables = setter.takesVariables && takes;
    }
    setter.strategy = m_strategies.size();
    if (strategy.kind == Kind::DeviceStrategy)
        setter.strategy = strategy.index;
    else if (strategy.kind == Kind::None)
        m_strategies.emplace_back(static_cast<int>(*tasks));
    else
        return misuse(arguments.rangeOf("ps_strategy"), "TypeError", "ps_strategy must be callable");
    m_setters.push_back(std::move(setter));
    return Value::ofIndex(Kind::DeviceFunction, m_setters.size() - 1);
}

DeviceName ModelBuilder::chooseReplica(const ReplicaSetter& setter, const Variable* variable,
                                       const DeviceName& inner)
{
    if (!setter.merges && inner != DeviceName{})
        return inner;
    if (variable == nullptr || !setter.takesVariables)
        return setter.worker.mergedWith(inner);
    DeviceName ps = setter.ps;
    // Up to 0.11 a task was taken and kept also where a block inside names another job.
    const bool isOld = m_model->options.version == TensorFlowVersion::V011;
    if (isOld || (ps.job && (!inner.job || *inner.job == *ps.job)))
        ps.task = m_strategies[setter.strategy].next({variable->name, bytesOf(*variable)});
    return ps.mergedWith(inner);
}

} // namespace wr::graph
