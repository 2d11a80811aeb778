// SPDX-License-Identifier: GPL-3.0-or-later
// Init groups and session blocks, read as recipes: lists of actions that a button runs.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using Kind = Value::Kind;

void ModelBuilder::addRecipeFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(), {{"tf.initialize_all_variables", &B::callInitializer, {}},
                               {"tf.global_variables_initializer", &B::callInitializer, {}},
                               {"tf.initialize_variables", &B::callInitializer, {"var_list", "name"}},
                               {"tf.variables_initializer", &B::callInitializer, {"var_list", "name"}},
                               {"tf.Session", &B::callSession, {"target", "graph", "config"}},
                               {"tf.InteractiveSession", &B::callSession, {"target", "graph", "config"}},
                               {"tf.Graph", &B::callInitializer, {}},
                               {"print", &B::callInitializer, {"a", "b", "c", "d", "e", "f", "g", "h"}}});
}

Value ModelBuilder::callInitializer(CallArguments& arguments)
{
    for (const script::Argument& argument : arguments.call().arguments)
        evaluate(*argument.value);
    return Value::of(Kind::Opaque);
}

Value ModelBuilder::callSession(CallArguments& /*arguments*/)
{
    return Value::of(Kind::Session);
}

} // namespace wr::graph
