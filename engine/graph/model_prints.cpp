// SPDX-License-Identifier: GPL-3.0-or-later
// print(…) in a session block: its text, with "%s" where something stands that only a run can know.
#include "engine/backend/update_form.h"
#include "engine/graph/model_builder.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace wr::graph {

using Kind = Value::Kind;
using Action = RecipeAction::Kind;

/// What is printed. In `text` "%s" stands for each of `nodes` in turn, or for `path`; "%%" for a percent
/// sign.
struct ModelBuilder::Printed {
    std::string text;
    std::vector<NodeId> nodes;
    std::string path;
    bool hasPath = false;
    bool isReport = false; ///< the variables without a value stand for "%s"
};

namespace {

constexpr std::size_t kMostText = 1U << 16U; ///< of one print

std::string escaped(const std::string& text)
{
    std::string result;
    for (const char c : text.substr(0, kMostText)) {
        result += c;
        if (c == '%')
            result += c;
    }
    return result;
}

std::string unescaped(const std::string& text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        result += text[i];
        if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%')
            ++i;
    }
    return result;
}

std::string shortNumber(double number)
{
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.12g", number);
    return buffer.data();
}

/// One number by a conversion such as "%.3f"; widths past 99 are cut.
std::string formatted(const std::string& flags, char conversion, const Value& value)
{
    std::string spec = "%";
    int digits = 0;
    for (const char c : flags) {
        const bool isDigit = c >= '0' && c <= '9';
        digits = isDigit ? digits + 1 : 0;
        if (digits <= 2 && (isDigit || c == '.' || c == '-' || c == '+' || c == ' ' || c == '#'))
            spec += c;
    }
    std::array<char, 512> buffer{};
    const bool isWhole = conversion == 'd' || conversion == 'i' || conversion == 'u';
    if (isWhole) {
        const double whole = std::clamp(value.number, -9e18, 9e18);
        spec += "lld";
        std::snprintf(buffer.data(), buffer.size(), spec.c_str(), // NOLINT: made of the characters above
                      value.isInteger ? static_cast<long long>(value.integer)
                                      : static_cast<long long>(whole));
    } else {
        spec += conversion;
        std::snprintf(buffer.data(), buffer.size(), spec.c_str(), value.number); // NOLINT: as above
    }
    return buffer.data();
}

} // namespace

void ModelBuilder::print(const Value& value, Printed& printed)
{
    if (printed.text.size() > kMostText)
        return;
    switch (value.kind) {
    case Kind::String:
        printed.text += escaped(value.text);
        break;
    case Kind::Number:
        printed.text += value.isInteger ? std::to_string(value.integer) : shortNumber(value.number);
        break;
    case Kind::Bool:
        printed.text += value.integer != 0 ? "True" : "False";
        break;
    case Kind::SavedPath:
        printed.text += "%s";
        printed.path = value.text;
        printed.hasPath = true;
        break;
    case Kind::Fetched:
        printed.text += "%s";
        if (value.node == kNoNode)
            printed.isReport = true;
        else
            printed.nodes.push_back(value.node);
        break;
    case Kind::List: {
        printed.text += "[";
        for (std::size_t i = 0; i < value.items.size() && i < 1000; ++i) {
            printed.text += i == 0 ? "" : ", ";
            print(value.items[i], printed);
        }
        printed.text += "]";
        break;
    }
    case Kind::Node:
    case Kind::Variable:
        printed.text += "<" + escaped(m_model->graph.node(value.node).name) + ">";
        break;
    case Kind::None:
        printed.text += "None";
        break;
    default:
        printed.text += "…";
        break;
    }
}

/// Python's "format" % values.
bool ModelBuilder::printFormatted(const std::string& format, const std::vector<Value>& values,
                                  const script::TextRange& range, Printed& printed)
{
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size() && printed.text.size() <= kMostText; ++i) {
        if (format[i] != '%') {
            printed.text += format[i];
            continue;
        }
        const std::size_t begin = ++i;
        while (i < format.size() &&
               std::string_view("0123456789.-+ #lh").find(format[i]) != std::string::npos)
            ++i;
        if (i >= format.size()) {
            misuse(range, "ValueError", "incomplete format: a letter is missing after the last \"%\"");
            return false;
        }
        const char conversion = format[i];
        if (conversion == '%') {
            printed.text += "%%";
            continue;
        }
        if (std::string_view("diuoxXeEfFgGcrsa").find(conversion) == std::string::npos) {
            misuse(range, "ValueError",
                   std::string("unsupported format character '") + conversion + "' in this text");
            return false;
        }
        if (next >= values.size()) {
            misuse(range, "TypeError", "not enough arguments for format string");
            return false;
        }
        const Value& value = values[next++];
        const bool isNumeric = std::string_view("diueEfFgG").find(conversion) != std::string::npos;
        if (isNumeric && value.kind == Kind::String) {
            misuse(range, "TypeError",
                   std::string("%") + conversion + " format: a number is required, not a text");
            return false;
        }
        if (isNumeric && value.kind == Kind::Number)
            printed.text += escaped(formatted(format.substr(begin, i - begin), conversion, value));
        else
            print(value, printed);
    }
    if (next < values.size()) {
        misuse(range, "TypeError", "not all arguments converted during string formatting");
        return false;
    }
    return true;
}

/// One argument of a print; false after a diagnostic.
bool ModelBuilder::print(const Expr& expr, Printed& printed)
{
    using script::ExprKind;
    if (expr.kind == ExprKind::FormattedString) {
        for (const script::FormatPart& part : expr.parts) {
            printed.text += escaped(part.literal);
            if (!part.value)
                continue;
            const Value value = evaluate(*part.value);
            if (value.isError())
                return false;
            print(value, printed);
        }
        return true;
    }
    if (expr.kind == ExprKind::Binary && expr.text == "%") {
        const Value format = evaluate(*expr.children[0]);
        if (format.kind == Kind::String) {
            const Expr& right = *expr.children[1];
            const Value given = evaluate(right);
            if (given.isError())
                return false;
            if (given.kind == Kind::Dict) {
                print(format, printed);
                return true;
            }
            const bool isTuple = right.kind == ExprKind::Tuple;
            return printFormatted(format.text, isTuple ? given.items : std::vector<Value>{given}, expr.range,
                                  printed);
        }
    }
    const bool isFormat = expr.kind == ExprKind::Call && expr.children.front()->kind == ExprKind::Attribute &&
                          expr.children.front()->text == "format" &&
                          expr.children.front()->children.front()->kind == ExprKind::String;
    if (isFormat) {
        // "{}" and "{0}" alike: the values in turn; how they are to be laid out is left aside.
        const std::string& format = expr.children.front()->children.front()->text;
        std::size_t next = 0;
        for (std::size_t i = 0; i < format.size(); ++i) {
            const bool isDouble = i + 1 < format.size() && format[i + 1] == format[i];
            if ((format[i] == '{' || format[i] == '}') && isDouble) {
                printed.text += format[i++];
            } else if (format[i] == '{') {
                i = std::min(format.find('}', i), format.size());
                if (next >= expr.arguments.size()) {
                    misuse(expr.range, "IndexError", "there are fewer values than places in the text");
                    return false;
                }
                const Value value = evaluate(*expr.arguments[next++].value);
                if (value.isError())
                    return false;
                print(value, printed);
            } else {
                printed.text += escaped(std::string(1, format[i]));
            }
        }
        return true;
    }
    const Value value = evaluate(expr);
    if (value.isError())
        return false;
    print(value, printed);
    return true;
}

Value ModelBuilder::callPrint(CallArguments& arguments)
{
    const std::optional<std::size_t> recipe = openRecipe();
    const std::size_t before = recipe ? m_model->recipes[*recipe].actions.size() : 0;
    Printed printed;
    bool isFirst = true;
    for (const script::Argument& argument : arguments.call().arguments) {
        if (!argument.keyword.empty()) {
            evaluate(*argument.value); // sep=, end=, file=
            continue;
        }
        // Python 2: print "a", b
        const bool isBare = arguments.call().arguments.size() == 1 &&
                            argument.value->kind == script::ExprKind::Tuple &&
                            m_model->tree->slice(argument.value->range).front() != '(';
        std::vector<const Expr*> parts;
        if (isBare) {
            for (const script::ExprPtr& part : argument.value->children)
                parts.push_back(part.get());
        } else {
            parts.push_back(argument.value.get());
        }
        for (const Expr* part : parts) {
            if (!std::exchange(isFirst, false))
                printed.text += " ";
            if (!print(*part, printed))
                return Value::error();
        }
    }
    const std::optional<std::size_t> into = openRecipe();
    if (!into)
        return Value::of(Kind::None);
    RecipeAction action;
    action.source = arguments.range();
    if (!printed.nodes.empty() || printed.isReport) {
        // What was run for this print alone is fetched by its report.
        std::vector<RecipeAction>& actions = m_model->recipes[*into].actions;
        const auto isForPrint = [&](const RecipeAction& run) {
            const auto mutates = [&](NodeId id) {
                const Node& node = m_model->graph.node(id);
                const bool isGroup = node.op == backend::OpCode::NoOp && node.inputs.empty();
                return isGroup || backend::changesVariable(node.op);
            };
            return (run.kind == Action::Run || run.kind == Action::Report) &&
                   std::none_of(run.nodes.begin(), run.nodes.end(), mutates);
        };
        if (into == recipe && actions.size() > before) {
            const auto first = actions.begin() + static_cast<std::ptrdiff_t>(before);
            actions.erase(std::remove_if(first, actions.end(), isForPrint), actions.end());
        }
        action.kind = Action::Report;
        action.nodes = printed.nodes;
        action.text = printed.text;
    } else {
        action.kind = Action::Log;
        action.path = printed.path;
        action.text = printed.hasPath ? printed.text : unescaped(printed.text);
    }
    addAction(*into, std::move(action));
    return Value::of(Kind::None);
}

} // namespace wr::graph
