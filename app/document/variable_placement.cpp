// SPDX-License-Identifier: GPL-3.0-or-later
// The device of variables in the script: the literal of their own tf.device block, a new block around their
// statements, or the taking away of one.
#include "app/document/script_walk.h"
#include "app/document/variable_edit.h"
#include "engine/graph/device_name.h"
#include "engine/graph/name_pattern.h"
#include "engine/script/edit.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace wr::app {
namespace {

using graph::DeviceName;
using script::Expr;
using script::ExprKind;
using script::Statement;
using script::StatementKind;
using script::TextRange;

/// What the tf.device blocks around a place say.
struct DeviceContext {
    DeviceName device;
    bool isKnown = true; ///< false: an expression decides
};

const Expr* deviceArgument(const script::WithItem& item)
{
    if (!item.context || item.context->kind != ExprKind::Call ||
        script::dottedName(*item.context->children[0]) != "tf.device")
        return nullptr;
    const script::Argument* argument = script::findArgument(*item.context, "device_name_or_function", 0);
    return argument != nullptr ? argument->value.get() : nullptr;
}

/// The argument of the block's only tf.device; null when it is no device block or has several.
const Expr* deviceOf(const Statement& statement)
{
    const Expr* found = nullptr;
    if (statement.kind != StatementKind::With)
        return nullptr;
    for (const script::WithItem& item : statement.items) {
        const Expr* argument = deviceArgument(item);
        if (argument != nullptr && found != nullptr)
            return nullptr;
        found = argument != nullptr ? argument : found;
    }
    return found;
}

bool isDeviceBlock(const Statement& statement)
{
    return statement.kind == StatementKind::With &&
           std::any_of(statement.items.begin(), statement.items.end(),
                       [](const script::WithItem& item) { return deviceArgument(item) != nullptr; });
}

DeviceContext inside(const Statement& block, DeviceContext context)
{
    for (const script::WithItem& item : block.items) {
        const Expr* argument = deviceArgument(item);
        if (argument == nullptr)
            continue;
        if (argument->kind == ExprKind::None) {
            context = {};
        } else if (argument->kind == ExprKind::String) {
            const Result<DeviceName> name = DeviceName::parse(argument->text);
            context.isKnown = context.isKnown && name.has_value();
            if (name)
                context.device = context.device.mergedWith(*name);
        } else {
            context.isKnown = false;
        }
    }
    return context;
}

/// Names are data: in quotes, so that a sentence may begin with one.
std::string quotedName(const std::string& name)
{
    return "\"" + name + "\"";
}

/// Collects why something cannot be done; the first few are told.
class Reasons {
public:
    void add(const std::string& reason)
    {
        constexpr int kTold = 3;
        if (m_count++ < kTold)
            m_text += (m_text.empty() ? "" : "; ") + reason;
        else
            m_more = "; and " + std::to_string(m_count - kTold) + " more";
    }
    Status status() const { return m_count == 0 ? Status() : failedPrecondition(m_text + m_more); }

private:
    int m_count = 0;
    std::string m_text;
    std::string m_more;
};

class PlacementEditor {
public:
    PlacementEditor(const graph::Model& model, DeviceName wanted, const std::string& text)
        : m_model(model), m_tree(*model.tree), m_wanted(std::move(wanted)), m_text(text)
    {
    }

    Result<ScriptEdits> run(const std::vector<std::string>& names)
    {
        WR_RETURN_IF_ERROR(choose(names));
        visit(m_tree.statements(), {});
        if (Status status = m_reasons.status(); !status.isOk())
            return fail(status);
        return std::move(m_edits);
    }

private:
    Status choose(const std::vector<std::string>& names)
    {
        std::unordered_map<std::string_view, const graph::Variable*> byName;
        std::unordered_map<std::uint32_t, std::vector<const graph::Variable*>> made;
        for (const graph::Variable& variable : m_model.variables) {
            byName.emplace(variable.name, &variable);
            if (variable.slotOf.empty() && variable.source.statement != TextRange{})
                made[variable.source.statement.begin].push_back(&variable);
        }
        std::unordered_set<std::string_view> chosen;
        for (const std::string& name : names) {
            const auto found = byName.find(name);
            if (found == byName.end())
                return notFound("there is no variable " + quotedName(name));
            const graph::Variable& variable = *found->second;
            if (!variable.slotOf.empty())
                m_reasons.add(quotedName(name) + " is kept by the optimizer for " +
                              quotedName(variable.slotOf) + " and follows it");
            else if (variable.source.statement == TextRange{})
                m_reasons.add(quotedName(name) + " is made by the optimizer");
            else if (chosen.insert(variable.name).second)
                m_moving.emplace(variable.source.statement.begin, &variable);
        }
        for (const auto& [begin, variable] : m_moving) {
            for (const graph::Variable* other : made[begin]) {
                if (chosen.count(other->name) > 0)
                    continue;
                m_reasons.add(quotedName(variable->name) + " is " + origin(*variable) + " together with " +
                              quotedName(other->name));
                break;
            }
        }
        return m_reasons.status();
    }

    std::string origin(const graph::Variable& variable) const
    {
        for (const Statement* statement : statementsAround(m_tree, variable.source.statement)) {
            if (statement->kind == StatementKind::For)
                return "made in the loop on " + lineText(m_tree, statement->range.begin);
        }
        return "made on " + lineText(m_tree, variable.source.statement.begin);
    }

    /// The variable of a statement that is to move and is not yet where it should be.
    const graph::Variable* moving(const Statement& statement, const DeviceContext& context) const
    {
        const auto found = m_moving.find(statement.range.begin);
        if (found == m_moving.end() || !statement.body.empty())
            return nullptr;
        return context.isKnown && context.device == m_wanted ? nullptr : found->second;
    }

    bool allMove(const std::vector<Statement>& body, const DeviceContext& context) const
    {
        return !body.empty() && std::all_of(body.begin(), body.end(), [&](const Statement& statement) {
            return moving(statement, context) != nullptr ||
                   (!isDeviceBlock(statement) && allMove(statement.body, context));
        });
    }

    void visit(const std::vector<Statement>& body, const DeviceContext& context)
    {
        std::vector<const Statement*> run;
        for (const Statement& statement : body) {
            if (moving(statement, context) != nullptr) {
                run.push_back(&statement);
                continue;
            }
            wrap(run);
            run.clear();
            if (statement.body.empty())
                tellOfRule(statement, context);
            else if (!isDeviceBlock(statement))
                visit(statement.body, context);
            else
                visitBlock(statement, context);
        }
        wrap(run);
    }

    void visitBlock(const Statement& block, const DeviceContext& around)
    {
        const Expr* literal = deviceOf(block);
        const DeviceContext within = inside(block, around);
        const bool isLiteral =
            literal != nullptr && (literal->kind == ExprKind::String || literal->kind == ExprKind::None);
        if (!isLiteral || !allMove(block.body, within)) {
            visit(block.body, within);
        } else if (m_text.empty()) {
            if (!around.isKnown || around.device != DeviceName{} || !unwrap(block))
                m_edits.push_back({literal->range, "None"});
        } else if (literal->kind == ExprKind::String) {
            m_edits.push_back({literal->range, likeLiteral(m_tree, *literal, m_text)});
        } else {
            m_edits.push_back({literal->range, script::quoted(m_text)});
        }
    }

    /// Nothing is pinned here, and yet the variable has a device: a rule gave it.
    void tellOfRule(const Statement& statement, const DeviceContext& context)
    {
        const auto found = m_moving.find(statement.range.begin);
        if (!m_text.empty() || found == m_moving.end() || !context.isKnown || found->second->device.empty())
            return;
        for (const graph::PlacementRule& rule : m_model.rules) {
            if (!graph::matchesPattern(rule.pattern, found->second->name))
                continue;
            m_reasons.add(quotedName(found->second->name) + " is placed by the rule \"" + rule.pattern +
                          "\" on " + lineText(m_tree, rule.source.begin));
            return;
        }
    }

    /// Lines between two statements that hold a comment at their indentation, as places of the "#".
    std::vector<std::uint32_t> commentsBetween(const Statement& before, const Statement& after) const
    {
        std::vector<std::uint32_t> places;
        const std::string indentation = indentationAt(m_tree, after.range.begin);
        std::uint32_t line = lineEndOf(m_tree, before.range.end);
        const std::uint32_t end = lineBeginOf(m_tree, after.range.begin);
        for (; line < end; line = lineEndOf(m_tree, line)) {
            const std::string own = indentationAt(m_tree, line);
            const auto at = line + static_cast<std::uint32_t>(own.size());
            if (own == indentation && m_tree.text()[at] == '#')
                places.push_back(at);
        }
        return places;
    }

    void wrap(const std::vector<const Statement*>& run)
    {
        if (run.empty())
            return;
        for (const Statement* statement : run) {
            if (!standsAlone(m_tree, statement->range))
                m_reasons.add(quotedName(m_moving.at(statement->range.begin)->name) + " shares " +
                              lineText(m_tree, statement->range.begin) + " with another statement");
        }
        const std::string indentation = indentationAt(m_tree, run.front()->range.begin);
        const std::string unit = indentation.find('\t') != std::string::npos ? "\t" : "    ";
        const std::uint32_t first = run.front()->range.begin;
        const std::string device = m_text.empty() ? "None" : script::quoted(m_text);
        m_edits.push_back({{first, first}, "with tf.device(" + device + "):\n" + indentation + unit});
        for (std::size_t i = 1; i < run.size(); ++i) {
            for (const std::uint32_t comment : commentsBetween(*run[i - 1], *run[i]))
                m_edits.push_back({{comment, comment}, unit});
            m_edits.push_back({{run[i]->range.begin, run[i]->range.begin}, unit});
        }
    }

    /// Takes the block's head away and its body a level out; false where something would be lost by it.
    bool unwrap(const Statement& block)
    {
        const std::vector<Statement>& body = block.body;
        const TextRange behind{block.items[0].context->range.end, body[0].range.begin};
        if (block.items.size() != 1 || block.items[0].alias || !standsAlone(m_tree, block.range) ||
            m_tree.slice(behind).find('#') != std::string_view::npos)
            return false;
        const std::string outer = indentationAt(m_tree, block.range.begin);
        ScriptEdits edits{{{block.range.begin, body[0].range.begin}, ""}};
        const auto outdent = [&](std::uint32_t place) {
            const std::uint32_t line = lineBeginOf(m_tree, place);
            edits.push_back({{line + static_cast<std::uint32_t>(outer.size()), place}, ""});
        };
        for (std::size_t i = 0; i < body.size(); ++i) {
            const bool isPlain = body[i].body.empty() &&
                                 (i == 0 || (standsAlone(m_tree, body[i].range) &&
                                             indentationAt(m_tree, body[i].range.begin).starts_with(outer)));
            if (!isPlain && body.size() > 1)
                return false;
            if (!body[i].body.empty())
                return false;
            if (i == 0)
                continue;
            for (const std::uint32_t comment : commentsBetween(body[i - 1], body[i]))
                outdent(comment);
            outdent(body[i].range.begin);
        }
        m_edits.insert(m_edits.end(), edits.begin(), edits.end());
        return true;
    }

    const graph::Model& m_model;
    const script::Tree& m_tree;
    DeviceName m_wanted;
    std::string m_text; ///< the device as it is written; empty: none
    std::unordered_map<std::uint32_t, const graph::Variable*> m_moving; ///< by the statement's begin
    ScriptEdits m_edits;
    Reasons m_reasons;
};

} // namespace

Result<ScriptEdits> placeVariables(const graph::Model& model, const std::vector<std::string>& names,
                                   const std::string& device)
{
    WR_ASSIGN_OR_RETURN(DeviceName wanted, DeviceName::parse(device));
    return PlacementEditor(model, std::move(wanted), device).run(names);
}

Result<ScriptEdits> placeVariable(const graph::Model& model, const graph::Variable& variable,
                                  const std::string& device)
{
    return placeVariables(model, {variable.name}, device);
}

Status checkPlacement(const graph::Model& after, const std::vector<std::string>& names,
                      const std::string& device)
{
    WR_ASSIGN_OR_RETURN(const DeviceName wanted, DeviceName::parse(device));
    std::unordered_map<std::string_view, const graph::Variable*> byName;
    for (const graph::Variable& variable : after.variables)
        byName.emplace(variable.name, &variable);
    Reasons reasons;
    for (const std::string& name : names) {
        const auto found = byName.find(name);
        if (found == byName.end()) {
            reasons.add(quotedName(name) + " would no longer be made");
            continue;
        }
        const std::string& is = found->second->device;
        // What the script no longer pins, a rule may place.
        const bool isRuled =
            device.empty() && std::any_of(after.rules.begin(), after.rules.end(), [&](const auto& rule) {
                return graph::matchesPattern(rule.pattern, name);
            });
        if (is != (device.empty() ? std::string() : wanted.toString()) && !isRuled)
            reasons.add(quotedName(name) + " would be on " + (is.empty() ? "no device" : is) +
                        ", since another block or rule has a say");
    }
    return reasons.status();
}

} // namespace wr::app
