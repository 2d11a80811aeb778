// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/model_builder.h"
#include "engine/graph/suggestion.h"

#include <algorithm>

namespace wr::graph {

CallArguments::CallArguments(ModelBuilder& builder, const script::Expr& call,
                             const std::vector<std::string_view>& parameters, std::string_view function,
                             backend::OpCode op)
    : m_builder(builder), m_call(&call), m_function(function), m_op(op)
{
    const bool takesMore = !parameters.empty() && parameters.front().front() == '*';
    const std::size_t most = takesMore ? 0 : parameters.size();
    std::size_t place = 0;
    // A positional argument, by the next parameter; `item` where the value is known already.
    const auto addNext = [&](const script::Argument& argument, const Value* item) {
        if (takesMore) {
            m_more.push_back(item != nullptr ? *item : builder.evaluate(*argument.value));
            return true;
        }
        if (place >= most) {
            builder.error(argument.range,
                          m_function + " takes at most " + std::to_string(most) + " arguments");
            return false;
        }
        const std::string name(parameters[place++]);
        if (item != nullptr)
            m_values.insert_or_assign(name, *item);
        return add(argument, name);
    };
    for (const script::Argument& argument : call.arguments) {
        if (argument.isSpread) {
            const Value list = builder.evaluate(*argument.value);
            if (list.kind != Value::Kind::List && !list.isError())
                builder.error(argument.range, "only a list or a tuple can stand after *", "TypeError");
            m_valid = list.kind == Value::Kind::List;
            for (std::size_t i = 0; m_valid && i < list.items.size(); ++i)
                m_valid = addNext(argument, &list.items[i]);
        } else if (argument.keyword.empty()) {
            m_valid = addNext(argument, nullptr);
        } else if (std::find(parameters.begin(), parameters.end(), argument.keyword) == parameters.end()) {
            const std::string nearest = nearestName(argument.keyword, parameters);
            builder.error(argument.range,
                          m_function + " has no argument \"" + argument.keyword + "\"" +
                              (nearest.empty() ? std::string() : "; did you mean " + nearest + "?"));
            m_valid = false;
        } else {
            m_valid = add(argument, argument.keyword);
        }
        if (!m_valid)
            return;
    }
}

bool CallArguments::add(const script::Argument& argument, const std::string& name)
{
    if (m_arguments.emplace(name, argument.value.get()).second)
        return true;
    m_builder.error(argument.range, "\"" + name + "\" is given twice");
    return false;
}

const script::Expr* CallArguments::find(std::string_view parameter) const
{
    const auto found = m_arguments.find(parameter);
    return found == m_arguments.end() ? nullptr : found->second;
}

script::TextRange CallArguments::rangeOf(std::string_view parameter) const
{
    const script::Expr* const expr = find(parameter);
    return expr != nullptr ? expr->range : m_call->range;
}

Value CallArguments::value(std::string_view parameter)
{
    const script::Expr* const expr = find(parameter);
    if (expr == nullptr)
        return Value::of(Value::Kind::None);
    const auto known = m_values.find(parameter);
    if (known != m_values.end())
        return known->second;
    return m_values.emplace(std::string(parameter), m_builder.evaluate(*expr)).first->second;
}

Value CallArguments::required(std::string_view parameter)
{
    if (find(parameter) == nullptr)
        return m_builder.error(m_call->range,
                               m_function + " needs the argument \"" + std::string(parameter) + "\"");
    return value(parameter);
}

std::string CallArguments::text(std::string_view parameter)
{
    if (!has(parameter))
        return {};
    const Value given = value(parameter);
    if (given.kind == Value::Kind::None)
        return {};
    return m_builder.toText(given, rangeOf(parameter)).value_or(std::string());
}

std::optional<double> CallArguments::number(std::string_view parameter, double fallback)
{
    return has(parameter) ? m_builder.toNumber(value(parameter), rangeOf(parameter)) : fallback;
}

std::optional<std::int64_t> CallArguments::integer(std::string_view parameter, std::int64_t fallback)
{
    return has(parameter) ? m_builder.toInteger(value(parameter), rangeOf(parameter)) : fallback;
}

std::optional<bool> CallArguments::boolean(std::string_view parameter, bool fallback)
{
    return has(parameter) ? m_builder.toBool(value(parameter), rangeOf(parameter)) : fallback;
}

std::optional<DType> CallArguments::type(std::string_view parameter, DType fallback)
{
    if (!has(parameter) || value(parameter).kind == Value::Kind::None)
        return fallback;
    return m_builder.toType(value(parameter), rangeOf(parameter));
}

} // namespace wr::graph
