// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/model_builder.h"
#include "engine/graph/suggestion.h"

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
        value = evaluateItems(expr);
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
    case ExprKind::Comprehension:
        value = evaluateComprehension(expr);
        break;
    case ExprKind::Error:
        break;
    }
    --m_depth;
    return weighed(std::move(value), expr.range);
}

/// Lists, tuples, dictionaries. Variables in them that have no name are told apart: "weights/h1".
Value ModelBuilder::evaluateItems(const Expr& expr)
{
    const bool isDict = expr.kind == ExprKind::Dict;
    Value value = Value::of(isDict ? Kind::Dict : Kind::List);
    const std::string outer = m_target;
    const bool isRow = !isDict && expr.children.size() > 1;
    for (std::size_t i = 0; i < expr.children.size(); ++i) {
        const bool isKeyed = isDict && i % 2 == 1 && value.items.back().kind == Kind::String &&
                             !value.items.back().text.empty();
        if (!outer.empty() && isKeyed)
            m_target = outer + "/" + value.items.back().text;
        else if (!outer.empty() && isRow)
            m_target = outer + "/" + std::to_string(i);
        value.items.push_back(evaluate(*expr.children[i]));
        m_target = outer;
    }
    return value;
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
    constexpr int kMostSuggestions = 100; // each looks at every name
    std::vector<std::string_view> candidates;
    if (++m_suggestions > kMostSuggestions) {
        // Whoever has so many has other worries.
    } else if (name.rfind("tf.", 0) == 0 || name.rfind("wr.", 0) == 0) {
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
    return report(std::move(diagnostic));
}

const ModelBuilder::Known* ModelBuilder::findFunction(std::string_view name)
{
    static const std::unordered_map<std::string_view, const Known*> kByName = [] {
        std::unordered_map<std::string_view, const Known*> all;
        for (const Known& known : functions())
            all.emplace(known.name, &known);
        return all;
    }();
    const auto found = kByName.find(name);
    return found == kByName.end() ? nullptr : found->second;
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
        constexpr std::string_view kKeys = "tf.GraphKeys.";
        if (name.rfind(kKeys, 0) == 0) {
            if (const std::optional<std::string> key = collectionKey(name.substr(kKeys.size())))
                return Value::ofString(*key);
        }
        Value object = Value::of(Kind::Opaque);
        if (name == "tf.AUTO_REUSE") {
            object.text = "AUTO_REUSE";
            return object;
        }
        if (findInitializer(name) != nullptr)
            return makeInitializer(name); // 0.x: the function itself is the initializer
        return findFunction(name) != nullptr ? object : unknownName(expr, name);
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
        return isIncomplete(object, expr.range) ? Value::error() : Value::ofNode(value);
    }
    if (const std::optional<Value> member = memberOf(object, expr.text, expr.range))
        return *member;
    return error(expr.range, "\"" + expr.text + "\" is not known here");
}

Value ModelBuilder::evaluateCall(const Expr& call)
{
    const Expr& callee = *call.children.front();
    const std::string written = script::dottedName(callee);
    const std::string name = written.empty() ? written : resolved(written);
    if (!name.empty()) {
        if (const Known* const known = findFunction(name)) {
            CallArguments arguments(*this, call, known->parameters, known->name, known->op);
            Value value = arguments.isValid() ? (this->*known->function)(arguments) : Value::error();
            countCall(known->name);
            return value;
        }
        return m_names.count(written.substr(0, written.find('.'))) == 0 ? unknownName(callee, name)
                                                                        : Value::of(Kind::Opaque);
    }
    if (callee.kind != ExprKind::Attribute) {
        const Value called = evaluate(callee);
        if (called.kind == Kind::Initializer)
            return applyInitializer(called, call);
        if (called.isError() || called.kind == Kind::Opaque)
            return called;
        return error(callee.range, "this cannot be called");
    }
    if (std::optional<Value> grown = growList(call))
        return std::move(*grown);
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
    if (const std::optional<Value> made = methodOf(object, call))
        return *made;
    if (object.kind == Kind::Variable) {
        const OpCode op = method == "assign"       ? OpCode::Assign
                          : method == "assign_add" ? OpCode::AssignAdd
                          : method == "assign_sub" ? OpCode::AssignSub
                                                   : OpCode::NoOp;
        if (op != OpCode::NoOp) {
            CallArguments taken = arguments({"value", "use_locking", "name", "validate_shape"});
            return taken.isValid() ? callAssign(taken, object, op) : Value::error();
        }
    }
    if (std::optional<Value> made = evaluateTrainingMethod(object, call))
        return std::move(*made);
    if (std::optional<Value> done = evaluateRecipeMethod(object, call))
        return std::move(*done);
    if (object.kind == Kind::Opaque) // tf.Graph().as_default(), …
        return Value::of(Kind::Opaque);
    return error({callee.children.front()->range.end, callee.range.end},
                 "\"" + method + "\" is not known here");
}

} // namespace wr::graph
