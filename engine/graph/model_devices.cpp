// SPDX-License-Identifier: GPL-3.0-or-later
// Devices: tf.device blocks, and wr.place(…), the rules that place variables by name.
#include "engine/graph/model_builder.h"
#include "engine/graph/name_pattern.h"

namespace wr::graph {

void ModelBuilder::addDeviceFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(
        table.end(),
        {{"tf.device", &B::callInitializer, {"device_name_or_function"}},
         {"wr.place", &B::callPlace, {"pattern", "device"}},
         {"tf.train.ClusterSpec", &B::callClusterSpec, {"cluster"}},
         {"tf.contrib.training.GreedyLoadBalancingStrategy",
          &B::callDeviceStrategy,
          {"num_tasks", "load_fn"}},
         {"tf.contrib.training.RandomStrategy", &B::callDeviceStrategy, {"num_ps_tasks", "seed"}},
         {"tf.contrib.training.byte_size_load_fn", &B::callInitializer, {"op"}},
         {"tf.train.replica_device_setter",
          &B::callReplicaSetter,
          {"ps_tasks", "ps_device", "worker_device", "merge_devices", "cluster", "ps_ops", "ps_strategy"}}});
}

void ModelBuilder::enterDevice(const Expr& context)
{
    const script::Argument* const argument = script::findArgument(context, "device_name_or_function", 0);
    if (argument == nullptr) {
        error(context.range, "tf.device needs a device, as in tf.device(\"/cpu:0\")");
        return;
    }
    const script::TextRange& range = argument->value->range;
    const Expr* written = argument->value.get();
    DeviceScope scope;
    if (written->kind == script::ExprKind::Lambda) {
        scope.replaces = true;
        written = written->children.front().get();
        const bool takesOp =
            !argument->value->text.empty() && argument->value->text.find(',') == std::string::npos;
        if (!takesOp) {
            misuse(range, "TypeError", "a device function takes one argument, the op");
            return;
        }
        if (written->kind != script::ExprKind::String && written->kind != script::ExprKind::None) {
            error(written->range, "only a lambda that gives one string, as in lambda op: \"/cpu:0\", is "
                                  "understood here");
            return;
        }
    }
    const Value value = evaluate(*written);
    if (value.isError())
        return;
    if (value.kind == Value::Kind::DeviceFunction) {
        scope.setter = value.index;
    } else if (value.kind == Value::Kind::None) {
        scope.resets = !scope.replaces; // a function that gives None takes away what the blocks inside said
        if (scope.resets && written->kind != script::ExprKind::None && !m_devices.empty())
            m_model->ignored.push_back({range, "the devices of the blocks around",
                                        "there is no parameter server, so the setter gives None, and "
                                        "tf.device(None) drops what stands outside of it"});
    } else if (const std::optional<std::string> text = toText(value, range)) {
        const Result<DeviceName> device = DeviceName::parse(*text);
        if (!device) {
            misuse(range, "ValueError", device.error().message());
            return;
        }
        scope.name = *device;
        scope.literal = scope.replaces ? nullptr : written;
        if (const auto strict = DeviceName::parse(device->toString(), DeviceGrammar::Strict); !strict)
            warn(range, "TensorFlow's runtime would refuse this device: " + strict.error().message());
    } else {
        return;
    }
    m_devices.push_back(std::move(scope));
}

/// From the innermost block outwards, as TensorFlow asks them: a name fills what is open, a function sees
/// what the blocks inside have said.
DeviceName ModelBuilder::currentDevice(const Variable* variable)
{
    DeviceName name;
    for (auto scope = m_devices.rbegin(); scope != m_devices.rend() && !scope->resets; ++scope) {
        if (scope->setter)
            name = chooseReplica(m_setters[*scope->setter], variable, name);
        else
            name = scope->replaces ? scope->name : scope->name.mergedWith(name);
    }
    return name;
}

std::string ModelBuilder::currentDeviceText(const Variable* variable)
{
    return currentDevice(variable).toString();
}

Value ModelBuilder::callPlace(CallArguments& arguments)
{
    const auto pattern = toText(arguments.required("pattern"), arguments.rangeOf("pattern"));
    const auto device = toText(arguments.required("device"), arguments.rangeOf("device"));
    if (!pattern || !device)
        return Value::error();
    Result<DeviceName> name = DeviceName::parse(*device);
    if (!name)
        return misuse(arguments.rangeOf("device"), "ValueError", name.error().message());
    m_model->rules.push_back(
        {*pattern, name->toString(), 0, m_statement != nullptr ? m_statement->range : arguments.range()});
    return Value::of(Value::Kind::None);
}

/// Rules fill what the script's own blocks leave open; what mutates a variable follows by colocation.
void ModelBuilder::applyRules()
{
    if (m_model->rules.empty())
        return;
    for (Variable& variable : m_model->variables) {
        const std::string& owner = variable.slotOf.empty() ? variable.name : variable.slotOf;
        for (PlacementRule& rule : m_model->rules) {
            if (!matchesPattern(rule.pattern, owner))
                continue;
            rule.hits += variable.slotOf.empty() ? 1 : 0;
            const Result<DeviceName> wanted = DeviceName::parse(rule.device);
            const Result<DeviceName> own = DeviceName::parse(variable.device);
            if (wanted && own) {
                variable.device = wanted->mergedWith(*own).toString();
                m_model->graph.node(variable.node).device = variable.device;
            }
        }
    }
    for (const PlacementRule& rule : m_model->rules) {
        if (rule.hits == 0)
            m_model->ignored.push_back({rule.source, "the rule \"" + rule.pattern + "\"",
                                        "no variable of the model has such a name"});
    }
}

} // namespace wr::graph
