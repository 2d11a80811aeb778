// SPDX-License-Identifier: GPL-3.0-or-later
// The device of a variable in the script: the literal of its own tf.device block, a new block around its
// statement, or the taking away of one.
#include "app/document/script_walk.h"
#include "app/document/variable_edit.h"
#include "engine/graph/device_name.h"
#include "engine/script/edit.h"

#include <algorithm>

namespace wr::app {
namespace {

using script::Statement;
using script::StatementKind;
using script::TextRange;

bool isDeviceBlock(const Statement& statement)
{
    return statement.kind == StatementKind::With &&
           std::any_of(statement.items.begin(), statement.items.end(), [](const script::WithItem& item) {
               return item.context && item.context->kind == script::ExprKind::Call &&
                      script::dottedName(*item.context->children[0]) == "tf.device";
           });
}

Result<ScriptEdits> wrap(const graph::Model& model, const graph::Variable& variable,
                         const std::string& device)
{
    const script::Tree& tree = *model.tree;
    const TextRange statement = variable.source.statement;
    if (!standsAlone(tree, statement))
        return fail(failedPrecondition(variable.name + " shares " + lineText(tree, statement.begin) +
                                       " with another statement"));
    const std::string indentation = indentationAt(tree, statement.begin);
    const std::string unit = indentation.find('\t') != std::string::npos ? "\t" : "    ";
    return ScriptEdits{{{statement.begin, statement.begin},
                        "with tf.device(" + script::quoted(device) + "):\n" + indentation + unit}};
}

Result<ScriptEdits> unwrap(const graph::Model& model, const graph::Variable& variable, const Statement& block)
{
    const script::Tree& tree = *model.tree;
    const std::string where =
        "the device block of " + variable.name + " on " + lineText(tree, block.range.begin);
    if (block.items.size() != 1 || block.items[0].alias)
        return fail(failedPrecondition(where + " does more than name a device"));
    if (block.body.size() != 1)
        return fail(failedPrecondition(where + " holds other statements too"));
    // The head up to the colon goes; a comment behind it would be lost.
    const TextRange head{block.range.begin, block.body[0].range.begin};
    const std::string_view after = tree.slice({block.items[0].context->range.end, block.body[0].range.begin});
    if (after.find('#') != std::string_view::npos)
        return fail(failedPrecondition(where + " has a comment that would be lost"));
    return ScriptEdits{{head, ""}};
}

} // namespace

Result<ScriptEdits> placeVariable(const graph::Model& model, const graph::Variable& variable,
                                  const std::string& device)
{
    WR_ASSIGN_OR_RETURN(const graph::DeviceName name, graph::DeviceName::parse(device));
    if (device.empty() ? variable.device.empty() : name.toString() == variable.device)
        return ScriptEdits();
    const auto path = statementsAround(*model.tree, variable.source.statement);
    const Statement* block = nullptr;
    for (const Statement* statement : path) {
        if (isDeviceBlock(*statement))
            block = statement;
    }
    const bool isAlone =
        block != nullptr && block->body.size() == 1 && block->body[0].range == variable.source.statement;
    if (device.empty()) {
        if (block == nullptr)
            return fail(
                failedPrecondition("the device of " + variable.name + " is not given by a tf.device block"));
        if (!isAlone && block->body.size() == 1)
            return fail(failedPrecondition("other blocks stand between " + variable.name +
                                           " and its device on " +
                                           lineText(*model.tree, block->range.begin)));
        return unwrap(model, variable, *block);
    }
    if (isAlone && variable.source.device != nullptr)
        return ScriptEdits{
            {variable.source.device->range, likeLiteral(*model.tree, *variable.source.device, device)}};
    return wrap(model, variable, device);
}

} // namespace wr::app
