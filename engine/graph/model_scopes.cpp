// SPDX-License-Identifier: GPL-3.0-or-later
// Name scopes and variable scopes.
#include "engine/graph/model_builder.h"

namespace wr::graph {

void ModelBuilder::addScopeFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.name_scope", &B::callInitializer, {"name"}},
                               {"tf.variable_scope", &B::callInitializer, {"name"}}});
}

Value ModelBuilder::enterScope(const Expr& context, const std::string& function)
{
    const script::Argument* const argument = script::findArgument(context, "name", 0);
    if (argument == nullptr)
        error(context.range, function + " needs a name");
    else if (const auto text = toText(evaluate(*argument->value), argument->value->range))
        m_scopes.push_back(*text);
    return Value::of(Value::Kind::Opaque);
}

std::string ModelBuilder::scoped(const std::string& name) const
{
    std::string whole;
    for (const std::string& scope : m_scopes)
        whole += scope + "/";
    return whole + name;
}

} // namespace wr::graph
