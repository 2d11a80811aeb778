// SPDX-License-Identifier: GPL-3.0-or-later
// Operators, subscripts and formatted strings of scripts.
#include "engine/graph/model_builder.h"

#include <cmath>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

Value ModelBuilder::evaluateUnary(const Expr& expr)
{
    const Value operand = evaluate(*expr.children.front());
    if (operand.isError())
        return operand;
    if (expr.text == "not" && operand.kind == Kind::Bool)
        return Value::ofBool(operand.integer == 0);
    if (operand.kind == Kind::Number && (expr.text == "-" || expr.text == "+")) {
        if (expr.text == "+")
            return operand;
        return operand.isInteger && operand.integer != INT64_MIN ? Value::ofInteger(-operand.integer)
                                                                 : Value::ofNumber(-operand.number);
    }
    if (operand.isTensor() && expr.text == "-") {
        Node node;
        node.op = OpCode::Neg;
        node.inputs = {toNode(operand, expr.range)};
        return addNode(std::move(node), expr.range, {});
    }
    return error(expr.range, "\"" + expr.text + "\" cannot be applied to this");
}

namespace {

std::optional<Value> numberArithmetic(const std::string& op, const Value& a, const Value& b)
{
    const bool whole = a.isInteger && b.isInteger;
    std::int64_t result = 0;
    if (op == "+" && whole && !__builtin_add_overflow(a.integer, b.integer, &result))
        return Value::ofInteger(result);
    if (op == "-" && whole && !__builtin_sub_overflow(a.integer, b.integer, &result))
        return Value::ofInteger(result);
    if (op == "*" && whole && !__builtin_mul_overflow(a.integer, b.integer, &result))
        return Value::ofInteger(result);
    if (op == "+")
        return Value::ofNumber(a.number + b.number);
    if (op == "-")
        return Value::ofNumber(a.number - b.number);
    if (op == "*")
        return Value::ofNumber(a.number * b.number);
    if (op == "/" && b.number != 0.0)
        return Value::ofNumber(a.number / b.number);
    if ((op == "//" || op == "%") && whole && b.integer != 0 &&
        !(b.integer == -1 && a.integer == INT64_MIN)) {
        std::int64_t quotient = a.integer / b.integer;
        std::int64_t remainder = a.integer % b.integer;
        if (remainder != 0 && (remainder < 0) != (b.integer < 0)) {
            --quotient;
            remainder += b.integer;
        }
        return Value::ofInteger(op == "//" ? quotient : remainder);
    }
    if (op == "**") {
        const double power = std::pow(a.number, b.number);
        constexpr double kExact = 9007199254740992.0;
        if (whole && b.integer >= 0 && std::abs(power) < kExact)
            return Value::ofInteger(static_cast<std::int64_t>(std::llround(power)));
        return Value::ofNumber(power);
    }
    return std::nullopt;
}

/// "layer%d" % 3 and the like, for whole numbers and texts; none for any other values or formats.
std::optional<std::string> formatted(const std::string& format, const Value& value)
{
    const std::vector<Value> values = value.kind == Kind::List ? value.items : std::vector<Value>{value};
    std::string text;
    std::size_t used = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            text += format[i];
            continue;
        }
        const char kind = ++i < format.size() ? format[i] : '\0';
        if (kind == '%') {
            text += kind;
            continue;
        }
        if ((kind != 'd' && kind != 's') || used == values.size())
            return std::nullopt;
        const Value& next = values[used++];
        if (next.kind == Kind::Number && next.isInteger)
            text += std::to_string(next.integer);
        else if (next.kind == Kind::String && kind == 's')
            text += next.text;
        else
            return std::nullopt;
    }
    return used == values.size() ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

} // namespace

Value ModelBuilder::evaluateBinary(const Expr& expr)
{
    const Value a = evaluate(*expr.children[0]);
    const Value b = evaluate(*expr.children[1]);
    if (a.kind == Kind::String && expr.text == "%") {
        const std::optional<std::string> text = formatted(a.text, b);
        return text ? Value::ofString(*text) : a; // of a print, whose values need not be known
    }
    if (a.isError() || b.isError())
        return Value::error();
    if (std::optional<Value> truth = evaluateTruth(expr.text, a, b))
        return std::move(*truth);
    if (a.kind == Kind::Number && b.kind == Kind::Number) {
        if (const std::optional<Value> result = numberArithmetic(expr.text, a, b))
            return *result;
    }
    if (a.kind == Kind::String && b.kind == Kind::String && expr.text == "+")
        return Value::ofString(a.text + b.text);
    if (a.kind == Kind::List && b.kind == Kind::List && expr.text == "+") {
        Value joined = a;
        joined.items.insert(joined.items.end(), b.items.begin(), b.items.end());
        return joined;
    }
    if (a.kind == Kind::List && b.kind == Kind::Number && b.isInteger && expr.text == "*") {
        constexpr std::int64_t kMostItems = 1 << 20;
        const auto size = static_cast<std::int64_t>(a.items.size());
        if (size > 0 && b.integer > kMostItems / size)
            return error(expr.range, "this list gets too long");
        Value repeated = Value::of(Kind::List);
        for (std::int64_t i = 0; i < b.integer; ++i)
            repeated.items.insert(repeated.items.end(), a.items.begin(), a.items.end());
        return repeated;
    }
    if (a.isTensor() || b.isTensor()) {
        static const std::map<std::string, OpCode, std::less<>> kOps{
            {"+", OpCode::Add},     {"-", OpCode::Sub},        {"*", OpCode::Mul},
            {"/", OpCode::Div},     {"**", OpCode::Pow},       {"<", OpCode::Less},
            {">", OpCode::Greater}, {"<=", OpCode::LessEqual}, {">=", OpCode::GreaterEqual},
            {"@", OpCode::MatMul}};
        const auto found = kOps.find(expr.text);
        if (found != kOps.end())
            return binaryOp(found->second, a, b, expr.range);
    }
    return error(expr.range, "\"" + expr.text + "\" cannot be applied to these two");
}

Value ModelBuilder::binaryOp(OpCode op, const Value& a, const Value& b, const script::TextRange& range,
                             const std::string& name)
{
    if (a.isError() || b.isError())
        return Value::error();
    const auto typeOf = [&](const Value& value) {
        return value.isTensor() ? m_model->graph.node(value.node).dtype : DType::Invalid;
    };
    Node node;
    node.op = op;
    node.inputs = {toNode(a, range, typeOf(b)), toNode(b, range, typeOf(a))};
    if (node.inputs[0] == kNoNode || node.inputs[1] == kNoNode)
        return Value::error();
    return addNode(std::move(node), range, name);
}

Value ModelBuilder::evaluateSubscript(const Expr& expr)
{
    // A list that has a name is looked into, not copied: weights['h1'] stands in scripts a thousand times.
    const Expr& whole = *expr.children[0];
    const auto named = whole.kind == script::ExprKind::Name ? m_names.find(whole.text) : m_names.end();
    const Value made = named == m_names.end() ? evaluate(whole) : Value();
    const Value& object = named == m_names.end() ? made : named->second;
    const Value index = evaluate(*expr.children[1]);
    if (object.isError() || index.isError())
        return Value::error();
    if (object.kind == Kind::Opaque || object.kind == Kind::Module)
        return Value::of(Kind::Opaque);
    if (object.kind == Kind::Dict) {
        for (std::size_t i = object.items.size(); i >= 2; i -= 2) { // the last of equal keys counts
            const Value& key = object.items[i - 2];
            if (key.kind == index.kind && key.text == index.text && key.number == index.number)
                return object.items[i - 1];
        }
        return error(expr.range, "this dictionary has no such key", "KeyError");
    }
    const bool isList = object.kind == Kind::List || object.kind == Kind::Partitioned;
    if (isList && index.kind == Kind::Number && index.isInteger) {
        const auto count = static_cast<std::int64_t>(object.items.size());
        const std::int64_t place = index.integer < 0 ? index.integer + count : index.integer;
        if (place >= 0 && place < count)
            return object.items[static_cast<std::size_t>(place)];
        return error(expr.range, "there is no item " + std::to_string(index.integer) + " in a list of " +
                                     std::to_string(count));
    }
    return error(expr.range, "slices of tensors are not understood yet");
}

Value ModelBuilder::evaluateFormatted(const Expr& expr)
{
    std::string text;
    for (const script::FormatPart& part : expr.parts) {
        text += part.literal;
        if (!part.value)
            continue;
        const Value value = evaluate(*part.value);
        if (value.kind == Kind::String)
            text += value.text;
        else if (value.kind == Kind::Number && value.isInteger)
            text += std::to_string(value.integer);
        else if (value.isError())
            return value;
        else
            return error(part.value->range, "only whole numbers and strings can stand in a name");
    }
    return Value::ofString(std::move(text));
}

} // namespace wr::graph
