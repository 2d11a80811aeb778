// SPDX-License-Identifier: GPL-3.0-or-later
// What changes a variable besides an optimizer: assign and its kin. Such an op runs where the variable lives.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using backend::OpCode;

Value ModelBuilder::callAssign(CallArguments& arguments, const Value& variable, OpCode op)
{
    const NodeId value = toNode(arguments.required("value"), arguments.rangeOf("value"),
                                m_model->graph.node(variable.node).dtype);
    if (value == kNoNode)
        return Value::error();
    const std::string requested = currentDeviceText();
    const std::string& home = m_model->variables[variable.index].device;
    Node node;
    node.op = op;
    node.inputs = {variable.node, value};
    node.colocateWith = variable.node;
    const Value added = addNode(std::move(node), arguments.range(), arguments.text("name"));
    if (!added.isError() && !requested.empty() && requested != home) {
        m_model->ignored.push_back(
            {arguments.range(),
             "device " + requested + " for an update of " + m_model->variables[variable.index].name,
             "an op that changes a variable runs where the variable lives" +
                 (home.empty() ? std::string() : ", on " + home)});
        m_model->graph.node(added.node).device = home;
    }
    return added;
}

} // namespace wr::graph
