// SPDX-License-Identifier: GPL-3.0-or-later
// Devices: tf.device blocks, and wr.place(…), the rules that place variables by name.
#include "engine/graph/model_builder.h"
#include "engine/graph/name_pattern.h"

namespace wr::graph {

void ModelBuilder::addDeviceFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.device", &B::callInitializer, {"device_name_or_function"}},
                               {"wr.place", &B::callPlace, {"pattern", "device"}}});
}

void ModelBuilder::enterDevice(const Expr& context)
{
    const script::Argument* const argument = script::findArgument(context, "device_name_or_function", 0);
    if (argument == nullptr) {
        error(context.range, "tf.device needs a device, as in tf.device(\"/cpu:0\")");
    } else if (argument->value->kind == script::ExprKind::None) {
        m_devices.push_back({{}, nullptr, true});
    } else if (const std::optional<std::string> text =
                   toText(evaluate(*argument->value), argument->value->range)) {
        Result<DeviceName> device = DeviceName::parse(*text);
        if (device)
            m_devices.push_back({*device, argument->value.get(), false});
        else
            error(argument->value->range, device.error().message());
    }
}

DeviceName ModelBuilder::currentDevice() const
{
    DeviceName name;
    for (const DeviceScope& scope : m_devices)
        name = scope.resets ? DeviceName{} : name.mergedWith(scope.name);
    return name;
}

std::string ModelBuilder::currentDeviceText() const
{
    return currentDevice().toString();
}

Value ModelBuilder::callPlace(CallArguments& arguments)
{
    const auto pattern = toText(arguments.required("pattern"), arguments.rangeOf("pattern"));
    const auto device = toText(arguments.required("device"), arguments.rangeOf("device"));
    if (!pattern || !device)
        return Value::error();
    Result<DeviceName> name = DeviceName::parse(*device);
    if (!name)
        return error(arguments.rangeOf("device"), name.error().message());
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
