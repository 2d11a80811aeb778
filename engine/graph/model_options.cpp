// SPDX-License-Identifier: GPL-3.0-or-later
// wr.options(…) and wr.alias(…).
#include "engine/graph/model_builder.h"

namespace wr::graph {

void ModelBuilder::addOptionFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.set_random_seed", &B::callSeed, {"seed"}},
                               {"wr.options", &B::callOptions, {"seeds", "tensorflow"}},
                               {"wr.alias", &B::callAlias, {"old_name", "name"}}});
}

Value ModelBuilder::callOptions(CallArguments& arguments)
{
    const bool isLate = !m_model->graph.nodes().empty();
    if (isLate)
        return error(arguments.range(), "wr.options stands before the first op of the script");
    if (arguments.has("seeds")) {
        const std::string rule = arguments.text("seeds");
        if (rule != "names" && rule != "tensorflow")
            return error(arguments.rangeOf("seeds"), "seeds is \"names\" or \"tensorflow\"");
        m_model->options.seeds = rule == "names" ? SeedRule::Names : SeedRule::TensorFlow;
    }
    if (arguments.has("tensorflow")) {
        const std::string version = arguments.text("tensorflow");
        if (version != "0.11" && version != "1.x")
            return error(arguments.rangeOf("tensorflow"), "tensorflow is \"0.11\" or \"1.x\"");
        m_model->options.version = version == "1.x" ? TensorFlowVersion::V1 : TensorFlowVersion::V011;
    }
    return Value::of(Value::Kind::None);
}

Value ModelBuilder::callAlias(CallArguments& arguments)
{
    const auto oldName = toText(arguments.required("old_name"), arguments.rangeOf("old_name"));
    const auto name = toText(arguments.required("name"), arguments.rangeOf("name"));
    if (!oldName || !name)
        return Value::error();
    m_model->aliases.push_back(
        {*oldName, *name, m_statement != nullptr ? m_statement->range : arguments.range()});
    return Value::of(Value::Kind::None);
}

void ModelBuilder::checkAliases()
{
    for (const Alias& alias : m_model->aliases) {
        if (m_model->findVariable(alias.name) == nullptr)
            warn(alias.source, "no variable is named \"" + alias.name + "\", so this alias has no effect");
    }
}

} // namespace wr::graph
