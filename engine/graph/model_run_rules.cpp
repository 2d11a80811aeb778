// SPDX-License-Identifier: GPL-3.0-or-later
// What wr.train says of metrics and of when to stop, to look and to save.
#include "engine/graph/training_builder.h"

#include <cmath>

namespace wr::graph {

using Kind = Value::Kind;

std::optional<std::vector<Metric>> ModelBuilder::metricsOf(CallArguments& arguments)
{
    std::vector<Metric> metrics;
    const Value given = arguments.value("metrics");
    if (given.isError())
        return std::nullopt;
    const auto refused = [&](const std::string& why) {
        error(arguments.rangeOf("metrics"), why);
        return std::nullopt;
    };
    if (given.kind == Kind::None)
        return metrics;
    if (given.kind != Kind::Dict)
        return refused("metrics is {\"accuracy\": a float32 scalar, …}");
    if (given.items.size() / 2 > kMostMetrics)
        return refused("there are at most " + std::to_string(kMostMetrics) + " metrics");
    for (std::size_t i = 0; i + 1 < given.items.size(); i += 2) {
        const Value& name = given.items[i];
        const Value& value = given.items[i + 1];
        if (name.isError() || value.isError())
            return std::nullopt;
        const bool isScalar = value.isTensor() && m_model->graph.node(value.node).shape.rank() == 0 &&
                              m_model->graph.node(value.node).dtype == DType::Float32;
        if (name.kind != Kind::String || name.text.empty() || !isScalar)
            return refused("metrics is {\"accuracy\": a float32 scalar, …}");
        for (const Metric& other : metrics) {
            if (other.name == name.text)
                return refused("there are two metrics \"" + name.text + "\"");
        }
        if (name.text == "loss")
            return refused("the loss is shown anyway; give the metric another name");
        metrics.push_back({name.text, value.node});
    }
    return metrics;
}

std::optional<RunRules> ModelBuilder::runRulesOf(CallArguments& arguments, const std::vector<Metric>& metrics)
{
    RunRules rules;
    bool isGood = true;
    const auto refuse = [&](const char* parameter, const std::string& why) {
        error(arguments.rangeOf(parameter), std::string(parameter) + " " + why);
        isGood = false;
    };
    const auto whole = [&](const char* parameter, std::int64_t& target) {
        if (arguments.value(parameter).kind == Kind::None)
            return;
        const std::optional<std::int64_t> value = arguments.integer(parameter, 0);
        if (!value)
            isGood = false;
        else if (*value < 1)
            refuse(parameter, "must be a whole number above 0");
        else
            target = *value;
    };
    const auto positive = [&](const char* parameter, double& target) {
        if (arguments.value(parameter).kind == Kind::None)
            return;
        const std::optional<double> value = arguments.number(parameter, 0.0);
        if (!value)
            isGood = false;
        else if (!(*value > 0.0) || !std::isfinite(*value))
            refuse(parameter, "must be a number above 0");
        else
            target = *value;
    };
    const auto flag = [&](const char* parameter, bool& target) {
        const std::optional<bool> value = arguments.boolean(parameter, false);
        isGood = isGood && value;
        target = value.value_or(false);
    };
    whole("steps", rules.steps);
    positive("minutes", rules.minutes);
    whole("validate_every", rules.validateEvery);
    whole("patience", rules.patience);
    whole("checkpoint_steps", rules.checkpointSteps);
    positive("checkpoint_minutes", rules.checkpointMinutes);
    flag("checkpoint_best", rules.keepsBest);
    flag("checkpoint_on_pause", rules.savesOnPause);
    flag("checkpoint_deltas", rules.savesDeltas);
    whole("checkpoint_keep", rules.keepLast);
    positive("checkpoint_keep_every_hours", rules.keepEveryHours);
    whole("checkpoint_keep_best", rules.keepBest);
    if (isGood && rules.keepLast == 0 && (rules.keepEveryHours > 0.0 || rules.keepBest > 0))
        refuse(rules.keepBest > 0 ? "checkpoint_keep_best" : "checkpoint_keep_every_hours",
               "says what stays besides the newest; say with checkpoint_keep= how many of those");

    const Value monitor = arguments.value("monitor");
    if (monitor.isError())
        isGood = false;
    if (monitor.kind == Kind::String && monitor.text != "loss") {
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            if (metrics[i].name == monitor.text)
                rules.monitor = static_cast<int>(i);
        }
        if (rules.monitor < 0)
            refuse("monitor", "is \"loss\" or the name of one of the metrics");
    } else if (monitor.kind != Kind::String && monitor.kind != Kind::None && !monitor.isError()) {
        refuse("monitor", "is \"loss\" or the name of one of the metrics");
    }
    // An error is to fall as the loss is; everything else that people measure is to grow.
    const std::string watched =
        rules.monitor < 0 ? "loss" : metrics[static_cast<std::size_t>(rules.monitor)].name;
    rules.wantsLess = watched.find("loss") != std::string::npos || watched.find("error") != std::string::npos;
    const Value mode = arguments.value("mode");
    if (mode.kind == Kind::String && (mode.text == "min" || mode.text == "max"))
        rules.wantsLess = mode.text == "min";
    else if (mode.kind != Kind::None && !mode.isError())
        refuse("mode", "is \"min\" or \"max\"");
    else if (mode.isError())
        isGood = false;
    if (!isGood)
        return std::nullopt;
    return rules;
}

} // namespace wr::graph
