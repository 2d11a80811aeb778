// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/script/written_tree.h"

#include <QByteArray>

namespace wr::script {
namespace {

std::string joined(const std::vector<ExprPtr>& children)
{
    std::string text;
    for (const ExprPtr& child : children)
        text += (text.empty() ? "" : " ") + written(*child);
    return text;
}

} // namespace

std::string written(const Expr& expr)
{
    switch (expr.kind) {
    case ExprKind::Name:
        return expr.text;
    case ExprKind::Attribute:
        return written(*expr.children[0]) + "." + expr.text;
    case ExprKind::Call: {
        std::string text = "(call " + written(*expr.children[0]);
        for (const Argument& argument : expr.arguments)
            text += std::string(argument.isSpread ? " *" : " ") +
                    (argument.keyword.empty() ? "" : argument.keyword + "=") + written(*argument.value);
        return text + ")";
    }
    case ExprKind::Number:
        return expr.isInteger ? std::to_string(expr.integer) : QByteArray::number(expr.number).toStdString();
    case ExprKind::String:
        return "'" + expr.text + "'";
    case ExprKind::FormattedString: {
        std::string text = "(f";
        for (const FormatPart& part : expr.parts)
            text += part.value ? " " + written(*part.value) : " '" + part.literal + "'";
        return text + ")";
    }
    case ExprKind::List:
        return "[" + joined(expr.children) + "]";
    case ExprKind::Tuple:
        return "<" + joined(expr.children) + ">";
    case ExprKind::Dict:
        return "{" + joined(expr.children) + "}";
    case ExprKind::Unary:
    case ExprKind::Binary:
        return "(" + expr.text + " " + joined(expr.children) + ")";
    case ExprKind::Subscript:
        return "(at " + joined(expr.children) + ")";
    case ExprKind::Ellipsis:
        return "...";
    case ExprKind::Bool:
        return expr.integer != 0 ? "True" : "False";
    case ExprKind::None:
        return "None";
    case ExprKind::Lambda:
        return "(lambda '" + expr.text + "' " + joined(expr.children) + ")";
    case ExprKind::Comprehension:
        return "(each " + joined(expr.children) + ")";
    case ExprKind::Error:
        return "?";
    }
    return {};
}

namespace {

std::string written(const Statement& statement)
{
    switch (statement.kind) {
    case StatementKind::Assign: {
        std::string text;
        for (const ExprPtr& target : statement.targets)
            text += written(*target) + " " + statement.op + " ";
        return text + written(*statement.value);
    }
    case StatementKind::Expression:
        return written(*statement.value);
    case StatementKind::With: {
        std::string text = "with";
        for (const WithItem& item : statement.items)
            text += " " + written(*item.context) + (item.alias ? " as " + written(*item.alias) : "");
        return text + " {" + written(statement.body) + "}";
    }
    case StatementKind::For:
        return "for " + written(*statement.targets[0]) + " in " + written(*statement.value) + " {" +
               written(statement.body) + "}";
    case StatementKind::Import:
        return "import";
    case StatementKind::Pass:
        return "pass";
    case StatementKind::Ellipsis:
        return "hole";
    case StatementKind::Error:
        return "error";
    }
    return {};
}

} // namespace

std::string written(const std::vector<Statement>& statements)
{
    std::string text;
    for (const Statement& statement : statements)
        text += (text.empty() ? "" : "; ") + written(statement);
    return text;
}

} // namespace wr::script
