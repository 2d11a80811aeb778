// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/model_builder.h"
#include "engine/graph/suggestion.h"

#include <cmath>

namespace wr::graph {

using backend::OpCode;
using script::ExprKind;
using Kind = Value::Kind;

namespace {

/// Bytes that a value takes, about.
std::size_t weightOf(const Value& value)
{
    std::size_t bytes = sizeof(Value) + value.text.size();
    for (const Value& item : value.items)
        bytes += weightOf(item);
    return bytes;
}

} // namespace

/// Lists and texts can double with every line of a script, so what they take in all is limited.
Value ModelBuilder::weighed(Value value, const script::TextRange& range)
{
    constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
    if (value.kind != Kind::List && value.kind != Kind::Dict && value.kind != Kind::String)
        return value;
    const bool wasFull = m_bytes > kMostBytes;
    m_bytes += weightOf(value);
    if (m_bytes <= kMostBytes)
        return value;
    return wasFull ? Value::error()
                   : error(range, "the lists and texts of this script take more than 256 MiB in all");
}

Value ModelBuilder::evaluate(const Expr& expr)
{
    constexpr int kMaxDepth = 400;
    if (++m_depth > kMaxDepth && expr.height > 1) {
        --m_depth;
        return error(expr.range, "this expression is nested too deeply");
    }
    Value value;
    switch (expr.kind) {
    case ExprKind::Name:
        value = evaluateName(expr);
        break;
    case ExprKind::Attribute:
        value = evaluateAttribute(expr);
        break;
    case ExprKind::Call:
        value = evaluateCall(expr);
        break;
    case ExprKind::Number:
        value = expr.isInteger ? Value::ofInteger(expr.integer) : Value::ofNumber(expr.number);
        break;
    case ExprKind::String:
        value = Value::ofString(expr.text);
        break;
    case ExprKind::FormattedString:
        value = evaluateFormatted(expr);
        break;
    case ExprKind::List:
    case ExprKind::Tuple:
    case ExprKind::Dict:
        value = Value::of(expr.kind == ExprKind::Dict ? Kind::Dict : Kind::List);
        for (const script::ExprPtr& child : expr.children)
            value.items.push_back(evaluate(*child));
        break;
    case ExprKind::Unary:
        value = evaluateUnary(expr);
        break;
    case ExprKind::Binary:
        value = evaluateBinary(expr);
        break;
    case ExprKind::Subscript:
        value = evaluateSubscript(expr);
        break;
    case ExprKind::Ellipsis:
        value = Value::of(Kind::Hole);
        break;
    case ExprKind::Bool:
        value = Value::ofBool(expr.integer != 0);
        break;
    case ExprKind::None:
        value = Value::of(Kind::None);
        break;
    case ExprKind::Lambda:
        // tf.Variable(lambda: …) is the 1.x way to delay an initial value.
        value = expr.text.empty() ? evaluate(*expr.children.front())
                                  : error(expr.range, "only a lambda without parameters is understood here");
        break;
    case ExprKind::Error:
        break;
    }
    --m_depth;
    return weighed(std::move(value), expr.range);
}

Value ModelBuilder::evaluateName(const Expr& expr)
{
    const auto found = m_names.find(expr.text);
    if (found != m_names.end())
        return found->second;
    if (expr.text == "tf" || expr.text == "wr")
        return error(expr.range, "\"" + expr.text + "\" alone is no value");
    return unknownName(expr, expr.text);
}

Value ModelBuilder::unknownName(const Expr& expr, const std::string& name)
{
    std::vector<std::string_view> candidates;
    if (name.rfind("tf.", 0) == 0 || name.rfind("wr.", 0) == 0) {
        for (const Known& known : functions())
            candidates.push_back(known.name);
        candidates.insert(candidates.end(),
                          {"tf.float32", "tf.float64", "tf.int32", "tf.int64", "tf.uint8", "tf.bool"});
    } else {
        for (const auto& [bound, value] : m_names)
            candidates.push_back(bound);
    }
    const std::string nearest = nearestName(name, candidates);
    script::Diagnostic diagnostic;
    diagnostic.range = expr.range;
    diagnostic.message = name.rfind("tf.", 0) == 0 || name.rfind("wr.", 0) == 0
                             ? name + " is not known to Weightroom"
                             : "\"" + name + "\" is not defined above this line";
    if (!nearest.empty()) {
        diagnostic.message += "; did you mean " + nearest + "?";
        diagnostic.fixLabel = "Change to " + nearest;
        diagnostic.fix.push_back({expr.range, nearest});
    }
    m_model->diagnostics.push_back(std::move(diagnostic));
    return Value::error();
}

Value ModelBuilder::evaluateAttribute(const Expr& expr)
{
    const std::string name = script::dottedName(expr);
    if (name.rfind("tf.", 0) == 0 && m_names.count("tf") == 0) {
        if (const std::optional<DType> dtype = dtypeFromName(std::string_view(name).substr(3))) {
            Value value = Value::of(Kind::Type);
            value.dtype = *dtype;
            return value;
        }
        for (const Known& known : functions()) {
            if (known.name == name)
                return Value::of(Kind::Opaque);
        }
        return unknownName(expr, name);
    }
    const Value object = evaluate(*expr.children.front());
    if (object.isError())
        return object;
    if (object.kind == Kind::Variable && expr.text == "initializer")
        return initializerOf(object, expr.range);
    if (object.kind == Kind::Session && expr.text == "graph")
        return Value::of(Kind::Opaque);
    if (object.kind == Kind::Variable && expr.text == "initial_value") {
        const NodeId value = m_model->variables[object.index].initialValue;
        return value == kNoNode ? Value::error() : Value::ofNode(value); // a hole has its diagnostic already
    }
    if (object.kind == Kind::Variable && expr.text == "name")
        return Value::ofString(m_model->variables[object.index].name + ":0");
    return error(expr.range, "\"" + expr.text + "\" is not known here");
}

Value ModelBuilder::evaluateCall(const Expr& call)
{
    const Expr& callee = *call.children.front();
    const std::string name = script::dottedName(callee);
    const std::string root = name.substr(0, name.find('.'));
    if (m_names.count(root) == 0) {
        for (const Known& known : functions()) {
            if (known.name != name)
                continue;
            CallArguments arguments(*this, call, known.parameters, known.name, known.op);
            return arguments.isValid() ? (this->*known.function)(arguments) : Value::error();
        }
        if (!name.empty())
            return unknownName(callee, name);
    }
    if (callee.kind != ExprKind::Attribute)
        return callee.kind == ExprKind::Error ? Value::error() : error(callee.range, "this cannot be called");
    const Value object = evaluate(*callee.children.front());
    return object.isError() ? object : evaluateMethod(object, call);
}

Value ModelBuilder::evaluateMethod(const Value& object, const Expr& call)
{
    const Expr& callee = *call.children.front();
    const std::string& method = callee.text;
    const auto arguments = [&](std::vector<std::string_view> parameters) {
        return CallArguments(*this, call, parameters, method, OpCode::NoOp);
    };
    if (object.kind == Kind::Variable) {
        if (method == "initialized_value" || method == "read_value" || method == "value")
            return Value::ofNode(object.node);
        const OpCode op = method == "assign"       ? OpCode::Assign
                          : method == "assign_add" ? OpCode::AssignAdd
                          : method == "assign_sub" ? OpCode::AssignSub
                                                   : OpCode::NoOp;
        if (op != OpCode::NoOp) {
            CallArguments taken = arguments({"value", "use_locking", "name"});
            return taken.isValid() ? callAssign(taken, object, op) : Value::error();
        }
    }
    if (object.kind == Kind::Optimizer && method == "minimize") {
        CallArguments taken = arguments({"loss", "global_step", "var_list", "gate_gradients",
                                         "aggregation_method", "colocate_gradients_with_ops", "name"});
        return taken.isValid() ? callMinimize(taken, object) : Value::error();
    }
    if (std::optional<Value> done = evaluateRecipeMethod(object, call))
        return std::move(*done);
    if (object.kind == Kind::Opaque) // tf.Graph().as_default(), …
        return Value::of(Kind::Opaque);
    return error({callee.children.front()->range.end, callee.range.end},
                 "\"" + method + "\" is not known here");
}

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
        node.inputs = {operand.node};
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

} // namespace

Value ModelBuilder::evaluateBinary(const Expr& expr)
{
    const Value a = evaluate(*expr.children[0]);
    const Value b = evaluate(*expr.children[1]);
    if (a.kind == Kind::String && expr.text == "%")
        return a; // the text of a print; its values need not be known
    if (a.isError() || b.isError())
        return Value::error();
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
    const Value object = evaluate(*expr.children[0]);
    const Value index = evaluate(*expr.children[1]);
    if (object.isError() || index.isError())
        return Value::error();
    if (object.kind == Kind::List && index.kind == Kind::Number && index.isInteger) {
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
