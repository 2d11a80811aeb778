// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/variable_edit.h"

#include "app/document/field_text.h"
#include "app/document/script_walk.h"
#include "engine/graph/known_functions.h"
#include "engine/script/edit.h"

#include <algorithm>
#include <map>

namespace wr::app {
namespace {

using script::Expr;
using script::Statement;

/// Places of the arguments among the positional ones; −1: keyword only.
struct Signature {
    int trainable = -1;
    int dtype = -1;
};

Signature signatureOf(const Expr& call)
{
    return takesShapeApart(call) ? Signature{5, 2} : Signature{1, 7};
}

/// Where an initial value takes its dtype; -1 for those that have none.
int dtypePosition(const Expr& initializer)
{
    if (initializer.kind != script::ExprKind::Call)
        return -1;
    const std::string name = script::dottedName(*initializer.children[0]);
    if (name == "tf.zeros" || name == "tf.ones" || name == "tf.constant")
        return 1;
    if (name == "tf.random_normal" || name == "tf.truncated_normal" || name == "tf.random_uniform")
        return 3;
    return -1;
}

Result<ScriptEdits> editShape(const graph::Model& model, const graph::Variable& variable,
                              const QString& value)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::int64_t> dims, readShape(value));
    if (Shape(dims) == variable.shape)
        return ScriptEdits();
    const Expr* literal = variable.source.shape;
    if (literal == nullptr)
        return fail(failedPrecondition("the shape of " + variable.name + " follows from its initial value " +
                                       variable.initializer));
    const bool isTuple =
        literal->kind == script::ExprKind::Tuple && model.tree->slice(literal->range).starts_with("(");
    std::string text;
    for (std::size_t i = 0; i < dims.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
    if (isTuple)
        text = "(" + text + (dims.size() == 1 ? ",)" : ")");
    else
        text = "[" + text + "]";
    return ScriptEdits{{literal->range, text}};
}

Result<ScriptEdits> editDType(const graph::Model& model, const graph::Variable& variable,
                              const QString& value)
{
    WR_ASSIGN_OR_RETURN(const DType dtype, readDType(value));
    if (dtype == variable.dtype)
        return ScriptEdits();
    const std::string spelling = "tf." + std::string(dtypeName(dtype));
    const Expr& call = *variable.source.call;
    const int position = signatureOf(call).dtype;
    const Expr* initializer = variable.source.initializer;
    const int initialPosition = initializer != nullptr ? dtypePosition(*initializer) : -1;
    if (initialPosition >= 0 && script::findArgument(call, "dtype", position) == nullptr)
        return ScriptEdits{
            script::setArgument(*model.tree, *initializer, "dtype", initialPosition, spelling)};
    return ScriptEdits{script::setArgument(*model.tree, call, "dtype", position, spelling)};
}

Result<ScriptEdits> editInitializer(const graph::Model& model, const graph::Variable& variable,
                                    const QString& value)
{
    WR_ASSIGN_OR_RETURN(const std::string text, readExpression(value));
    const Expr* initializer = variable.source.initializer;
    if (initializer == nullptr)
        return fail(failedPrecondition("the initial value of " + variable.name +
                                       " is not written as one expression"));
    if (text == model.tree->slice(initializer->range))
        return ScriptEdits();
    return ScriptEdits{{initializer->range, text}};
}

/// Place of seed= among the parameters of a known function; -1 when it takes none.
int seedPosition(const Expr& call)
{
    static const std::map<std::string_view, int> positions = [] {
        std::map<std::string_view, int> result;
        for (const graph::KnownFunction& function : graph::knownFunctions()) {
            const auto found = std::find(function.parameters.begin(), function.parameters.end(), "seed");
            if (found != function.parameters.end())
                result.emplace(function.name, static_cast<int>(found - function.parameters.begin()));
        }
        return result;
    }();
    if (call.kind != script::ExprKind::Call)
        return -1;
    const auto found = positions.find(script::dottedName(*call.children[0]));
    return found == positions.end() ? -1 : found->second;
}

Result<ScriptEdits> editSeed(const graph::Model& model, const graph::Variable& variable, const QString& value)
{
    WR_ASSIGN_OR_RETURN(const std::string seed, readSeed(value));
    const Expr* drawn = seededCall(variable);
    if (drawn == nullptr)
        return fail(failedPrecondition("the initial value of " + variable.name +
                                       " is not drawn at random, so it has no seed"));
    const int position = seedPosition(*drawn);
    const script::Argument* given = script::findArgument(*drawn, "seed", position);
    const std::string before = seedAsWritten(model, *drawn);
    if (seed == before)
        return ScriptEdits();
    if (!seed.empty())
        return ScriptEdits{script::setArgument(*model.tree, *drawn, "seed", position, seed)};
    if (given->keyword.empty())
        return ScriptEdits{{given->value->range, "None"}};
    return ScriptEdits{script::removeArgument(*model.tree, *drawn, "seed", position)};
}

Result<ScriptEdits> editTrainable(const graph::Model& model, const graph::Variable& variable,
                                  const QString& value)
{
    WR_ASSIGN_OR_RETURN(const bool trainable, readTruth(value));
    if (trainable == variable.trainable)
        return ScriptEdits();
    const Expr& call = *variable.source.call;
    const int position = signatureOf(call).trainable;
    const script::Argument* given = script::findArgument(call, "trainable", position);
    if (trainable && given != nullptr && !given->keyword.empty())
        return ScriptEdits{script::removeArgument(*model.tree, call, "trainable", position)};
    return ScriptEdits{
        script::setArgument(*model.tree, call, "trainable", position, trainable ? "True" : "False")};
}

} // namespace

bool takesShapeApart(const Expr& call)
{
    return call.kind == script::ExprKind::Call &&
           script::dottedName(*call.children[0]).ends_with("get_variable");
}

const Expr* seededCall(const graph::Variable& variable)
{
    const Expr* found = nullptr;
    if (variable.source.initializer != nullptr)
        visitExpressions(*variable.source.initializer, [&](const Expr& expr) {
            if (found == nullptr && seedPosition(expr) >= 0)
                found = &expr;
        });
    return found;
}

std::string seedAsWritten(const graph::Model& model, const Expr& seeded)
{
    const script::Argument* given = script::findArgument(seeded, "seed", seedPosition(seeded));
    return given == nullptr || given->value->kind == script::ExprKind::None
               ? std::string()
               : std::string(model.tree->slice(given->value->range));
}

std::string likeLiteral(const script::Tree& tree, const Expr& literal, const std::string& contents)
{
    const std::string_view old = tree.slice(literal.range);
    const bool isPlain = contents.find_first_of("'\"\\\n\r\t") == std::string::npos;
    if (isPlain && old.size() >= 2 && old[0] == '\'' && !old.starts_with("'''"))
        return "'" + contents + "'";
    return script::quoted(contents);
}

std::string readOnlyReason(const graph::Model& model, const graph::Variable& variable)
{
    if (!variable.slotOf.empty())
        return "made by the optimizer for " + variable.slotOf;
    if (variable.source.editable && variable.source.call != nullptr)
        return {};
    if (variable.source.statement == script::TextRange{})
        return "made by the optimizer";
    for (const Statement* statement : statementsAround(*model.tree, variable.source.statement)) {
        if (statement->kind == script::StatementKind::For)
            return "made in the loop on " + lineText(*model.tree, statement->range.begin);
    }
    return "built by an expression that a table cannot show, on " +
           lineText(*model.tree, variable.source.statement.begin);
}

Result<ScriptEdits> editVariable(const graph::Model& model, const graph::Variable& variable,
                                 VariableField field, const QString& value)
{
    if (const std::string reason = readOnlyReason(model, variable); !reason.empty())
        return fail(failedPrecondition(variable.name + " is " + reason));
    switch (field) {
    case VariableField::Name: {
        WR_ASSIGN_OR_RETURN(const std::string name, readVariableName(value));
        return renameVariable(model, variable, name);
    }
    case VariableField::Shape:
        return editShape(model, variable, value);
    case VariableField::DType:
        return editDType(model, variable, value);
    case VariableField::Initializer:
        return editInitializer(model, variable, value);
    case VariableField::Device: {
        WR_ASSIGN_OR_RETURN(const std::string device, readDevice(value));
        return placeVariable(model, variable, device);
    }
    case VariableField::Trainable:
        return editTrainable(model, variable, value);
    case VariableField::Seed:
        return editSeed(model, variable, value);
    }
    return fail(internalError("no such column"));
}

} // namespace wr::app
