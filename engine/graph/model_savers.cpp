// SPDX-License-Identifier: GPL-3.0-or-later
// Savers: which variables, under which stored names, by which policy.
#include "engine/graph/model_builder.h"

#include <set>

namespace wr::graph {

using Kind = Value::Kind;

void ModelBuilder::addSaverFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.train.Saver",
                                &B::callSaver,
                                {"var_list", "reshape", "sharded", "max_to_keep",
                                 "keep_checkpoint_every_n_hours", "name"}}});
}

Value ModelBuilder::callSaver(CallArguments& arguments)
{
    SaverInfo saver;
    saver.name = m_target.empty() ? "saver" : m_target;
    const Value list = arguments.value("var_list");
    if (list.isError())
        return list;
    const auto nameOf = [&](const Value& value) -> std::string {
        if (value.kind == Kind::Variable)
            return m_model->variables[value.index].name;
        if (!value.isError())
            error(arguments.rangeOf("var_list"), "a saver takes variables");
        return {};
    };
    if (list.kind != Kind::None) {
        saver.all = false;
        std::set<std::string> seen;
        const bool isDict = list.kind == Kind::Dict;
        if (!isDict && list.kind != Kind::List)
            return error(arguments.rangeOf("var_list"), "a saver takes a list or a dictionary of variables");
        for (std::size_t i = 0; i < list.items.size(); i += isDict ? 2 : 1) {
            const std::string variable = nameOf(list.items[isDict ? i + 1 : i]);
            const std::optional<std::string> stored =
                isDict ? toText(list.items[i], arguments.rangeOf("var_list"))
                       : std::optional<std::string>(variable);
            if (variable.empty() || !stored)
                return Value::error();
            if (!saver.entries.emplace(*stored, variable).second)
                return error(arguments.rangeOf("var_list"),
                             "At least two variables have the same name: " + *stored);
            if (!seen.insert(variable).second)
                return error(arguments.rangeOf("var_list"),
                             "The same saveable will be restored with two names: " + variable);
        }
    } else if (m_model->variables.empty()) {
        return error(arguments.range(), "No variables to save");
    }
    m_model->savers.push_back(std::move(saver));
    return Value::ofIndex(Kind::Saver, m_model->savers.size() - 1);
}

} // namespace wr::graph
