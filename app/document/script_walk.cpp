// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_walk.h"

#include <algorithm>

namespace wr::app {
namespace {

using script::Expr;
using script::Statement;

void visitExpression(const Expr& expr, const ExprVisitor& visit)
{
    visit(expr);
    for (const script::ExprPtr& child : expr.children) {
        if (child)
            visitExpression(*child, visit);
    }
    for (const script::Argument& argument : expr.arguments)
        visitExpression(*argument.value, visit);
    for (const script::FormatPart& part : expr.parts) {
        if (part.value)
            visitExpression(*part.value, visit);
    }
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

} // namespace

void visitExpressions(const Statement& statement, const ExprVisitor& visit)
{
    for (const script::ExprPtr& target : statement.targets) {
        if (target)
            visitExpression(*target, visit);
    }
    if (statement.value)
        visitExpression(*statement.value, visit);
    for (const script::WithItem& item : statement.items) {
        if (item.context)
            visitExpression(*item.context, visit);
        if (item.alias)
            visitExpression(*item.alias, visit);
    }
    visitExpressions(statement.body, visit);
}

void visitExpressions(const Expr& expr, const ExprVisitor& visit)
{
    visitExpression(expr, visit);
}

void visitExpressions(const std::vector<Statement>& statements, const ExprVisitor& visit)
{
    for (const Statement& statement : statements)
        visitExpressions(statement, visit);
}

void visitBindings(const std::vector<Statement>& statements, const ExprVisitor& visit)
{
    const auto visitTarget = [&visit](const Expr& target) {
        visitExpression(target, [&visit](const Expr& expr) {
            if (expr.kind == script::ExprKind::Name)
                visit(expr);
        });
    };
    for (const Statement& statement : statements) {
        for (const script::ExprPtr& target : statement.targets) {
            if (target)
                visitTarget(*target);
        }
        for (const script::WithItem& item : statement.items) {
            if (item.alias)
                visitTarget(*item.alias);
        }
        visitBindings(statement.body, visit);
    }
}

std::vector<const Statement*> statementsAround(const script::Tree& tree, script::TextRange range)
{
    std::vector<const Statement*> path;
    const std::vector<Statement>* level = &tree.statements();
    while (level != nullptr) {
        const auto found = std::find_if(level->begin(), level->end(), [&](const Statement& statement) {
            return statement.range.begin <= range.begin && range.end <= statement.range.end;
        });
        if (found == level->end())
            break;
        path.push_back(&*found);
        level = &found->body;
    }
    return path;
}

std::uint32_t lineBeginOf(const script::Tree& tree, std::uint32_t offset)
{
    const std::string& text = tree.text();
    std::uint32_t begin = std::min(offset, static_cast<std::uint32_t>(text.size()));
    while (begin > 0 && text[begin - 1] != '\n')
        --begin;
    return begin;
}

std::uint32_t lineEndOf(const script::Tree& tree, std::uint32_t offset)
{
    const std::size_t feed = tree.text().find('\n', offset);
    return static_cast<std::uint32_t>(feed == std::string::npos ? tree.text().size() : feed + 1);
}

std::string indentationAt(const script::Tree& tree, std::uint32_t offset)
{
    const std::uint32_t begin = lineBeginOf(tree, offset);
    std::uint32_t end = begin;
    while (end < tree.text().size() && isBlank(tree.text()[end]))
        ++end;
    return tree.text().substr(begin, end - begin);
}

bool standsAlone(const script::Tree& tree, script::TextRange statement)
{
    const std::string& text = tree.text();
    const std::uint32_t begin = lineBeginOf(tree, statement.begin);
    if (begin + indentationAt(tree, statement.begin).size() != statement.begin)
        return false;
    std::uint32_t after = statement.end;
    while (after < text.size() && isBlank(text[after]))
        ++after;
    return after >= text.size() || text[after] == '\n' || text[after] == '#';
}

std::string lineText(const script::Tree& tree, std::uint32_t offset)
{
    return "line " + std::to_string(tree.position(offset).line);
}

} // namespace wr::app
