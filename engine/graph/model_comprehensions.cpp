// SPDX-License-Identifier: GPL-3.0-or-later
// Lists that are made from lists, [f(x) for x in xs if …], and questions about constants: ==, in, is, and,
// or.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using Kind = Value::Kind;

Value ModelBuilder::evaluateComprehension(const Expr& expr)
{
    const Value over = evaluate(*expr.children[2]);
    if (over.isError())
        return over;
    if (over.kind == Kind::Opaque || over.kind == Kind::Module)
        return Value::of(Kind::Opaque);
    if (over.kind != Kind::List)
        return error(expr.children[2]->range, "a comprehension runs over range(n) or a list",
                     over.kind == Kind::Variable ? "TypeError" : "");
    // Its names are its own, as in Python 3.
    const Expr& target = *expr.children[1];
    std::vector<std::pair<std::string, std::optional<Value>>> outer;
    const auto keep = [&](const Expr& name) {
        const auto found = m_names.find(name.text);
        outer.emplace_back(name.text,
                           found == m_names.end() ? std::nullopt : std::optional<Value>(found->second));
    };
    if (target.kind == script::ExprKind::Name)
        keep(target);
    for (const script::ExprPtr& child : target.children) {
        if (child->kind == script::ExprKind::Name)
            keep(*child);
    }
    constexpr std::size_t kMostSteps = 200000; // as of the loops
    Value list = Value::of(Kind::List);
    ++m_loopDepth;
    for (const Value& item : over.items) {
        if (++m_loopSteps > kMostSteps) {
            list = error(expr.range, "the loops of this script take more than 200,000 steps in all");
            break;
        }
        const std::size_t before = m_model->diagnostics.size();
        bind(target, item);
        bool isTaken = m_model->diagnostics.size() == before;
        Value made = isTaken ? Value::of(Kind::None) : Value::error();
        for (std::size_t i = 3; i < expr.children.size() && isTaken && !made.isError(); ++i) {
            const Value truth = evaluate(*expr.children[i]);
            if (truth.isError())
                made = truth;
            else if (truth.kind != Kind::Bool)
                made =
                    error(expr.children[i]->range, "a condition here must be known before the script runs");
            isTaken = truth.kind == Kind::Bool && truth.integer != 0;
        }
        if (!made.isError() && isTaken)
            made = evaluate(*expr.children[0]);
        if (made.isError()) {
            list = made; // the next turn would only say the same
            break;
        }
        if (isTaken)
            list.items.push_back(std::move(made));
    }
    --m_loopDepth;
    for (auto& [name, value] : outer) {
        if (value)
            m_names[name] = std::move(*value);
        else
            m_names.erase(name);
    }
    return list;
}

/// The list grows where it is: to copy it for each item would take the day.
std::optional<Value> ModelBuilder::growList(const Expr& call)
{
    const Expr& callee = *call.children.front();
    const Expr& whole = *callee.children.front();
    const bool extends = callee.text == "extend";
    if ((callee.text != "append" && !extends) || whole.kind != script::ExprKind::Name)
        return std::nullopt;
    const auto found = m_names.find(whole.text);
    if (found == m_names.end() || found->second.kind != Kind::List)
        return std::nullopt;
    CallArguments arguments(*this, call, {extends ? "iterable" : "object"}, callee.text,
                            backend::OpCode::NoOp);
    if (!arguments.isValid())
        return Value::error();
    const Value item = weighed(arguments.required(extends ? "iterable" : "object"), call.range);
    if (item.isError() || (extends && item.kind != Kind::List))
        return item.isError() ? item : error(call.range, "extend takes a list or a tuple", "TypeError");
    m_bytes += sizeof(Value);
    std::vector<Value>& items = m_names[whole.text].items;
    if (extends)
        items.insert(items.end(), item.items.begin(), item.items.end());
    else
        items.push_back(item);
    return Value::of(Kind::None);
}

namespace {

bool isConstant(const Value& value)
{
    return value.kind == Kind::None || value.kind == Kind::Number || value.kind == Kind::Bool ||
           value.kind == Kind::String;
}

bool areEqual(const Value& a, const Value& b)
{
    const auto isNumber = [](const Value& value) {
        return value.kind == Kind::Number || value.kind == Kind::Bool;
    };
    if (isNumber(a) && isNumber(b))
        return a.number == b.number;
    if (a.kind != b.kind)
        return false;
    if (a.kind == Kind::List)
        return a.items.size() == b.items.size() &&
               std::equal(a.items.begin(), a.items.end(), b.items.begin(), areEqual);
    if (a.isTensor())
        return a.node == b.node; // the same object
    return a.text == b.text && a.index == b.index && a.dtype == b.dtype;
}

} // namespace

/// A comparison or a logical operator of values that are known while the script is read; none for others.
std::optional<Value> ModelBuilder::evaluateTruth(const std::string& op, const Value& a, const Value& b)
{
    if (op == "is" || op == "is not")
        return Value::ofBool(areEqual(a, b) == (op == "is"));
    if (op == "in" || op == "not in") {
        bool isIn = false;
        if (a.kind == Kind::String && b.kind == Kind::String)
            isIn = b.text.find(a.text) != std::string::npos;
        else if (b.kind == Kind::List)
            isIn = std::any_of(b.items.begin(), b.items.end(),
                               [&](const Value& item) { return areEqual(a, item); });
        else if (b.kind == Kind::Dict)
            for (std::size_t i = 0; i < b.items.size(); i += 2)
                isIn = isIn || areEqual(a, b.items[i]);
        else
            return std::nullopt;
        return Value::ofBool(isIn == (op == "in"));
    }
    if (a.kind == Kind::Bool && b.kind == Kind::Bool && (op == "and" || op == "or"))
        return Value::ofBool(op == "and" ? a.integer != 0 && b.integer != 0
                                         : a.integer != 0 || b.integer != 0);
    const bool isEquality = op == "==" || op == "!=";
    const bool isComparable =
        (isConstant(a) && isConstant(b)) || (a.kind == Kind::List && b.kind == Kind::List);
    if (isEquality && isComparable)
        return Value::ofBool(areEqual(a, b) == (op == "=="));
    if (a.kind == Kind::Number && b.kind == Kind::Number) {
        if (op == "<")
            return Value::ofBool(a.number < b.number);
        if (op == ">")
            return Value::ofBool(a.number > b.number);
        if (op == "<=")
            return Value::ofBool(a.number <= b.number);
        if (op == ">=")
            return Value::ofBool(a.number >= b.number);
    }
    return std::nullopt;
}

} // namespace wr::graph
