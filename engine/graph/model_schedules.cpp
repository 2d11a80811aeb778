// SPDX-License-Identifier: GPL-3.0-or-later
// The global step, and learning rates that follow it: tf.train.exponential_decay and its kin, as nodes that
// each step computes anew.
#include "engine/graph/node_writer.h"
#include "engine/graph/training_builder.h"

#include <algorithm>
#include <array>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addScheduleFunctions(std::vector<Known>& table)
{
    using B = TrainingBuilder;
    static const std::vector<std::string_view> kDecay{"learning_rate", "global_step", "decay_steps",
                                                      "decay_rate",    "staircase",   "name"};
    static const std::vector<std::string_view> kPieces{"x", "boundaries", "values", "name"};
    table.insert(
        table.end(),
        {{"tf.train.create_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.train.get_or_create_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.train.get_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.contrib.framework.create_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.contrib.framework.get_or_create_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.contrib.framework.get_global_step", row(&B::callGlobalStep), {"graph"}},
         {"tf.train.exponential_decay", row(&B::callDecay), kDecay},
         {"tf.train.natural_exp_decay", row(&B::callDecay), kDecay},
         {"tf.train.inverse_time_decay", row(&B::callDecay), kDecay},
         {"tf.train.piecewise_constant", row(&B::callPiecewise), kPieces},
         {"tf.train.piecewise_constant_decay", row(&B::callPiecewise), kPieces},
         {"tf.train.polynomial_decay",
          row(&B::callPolynomial),
          {"learning_rate", "global_step", "decay_steps", "end_learning_rate", "power", "cycle", "name"}},
         {"tf.train.cosine_decay",
          row(&B::callCosine),
          {"learning_rate", "global_step", "decay_steps", "alpha", "name"}},
         {"tf.train.cosine_decay_restarts",
          row(&B::callCosineRestarts),
          {"learning_rate", "global_step", "first_decay_steps", "t_mul", "m_mul", "alpha", "name"}},
         {"wr.warmup", row(&B::callWarmup), {"learning_rate", "warmup_steps", "global_step", "name"}}});
}

/// The variable in the collection "global_step", or the one of that name; None when there is none.
Value TrainingBuilder::findGlobalStep(const script::TextRange& range)
{
    Value found = Value::of(Kind::None);
    const std::vector<Value>& list = m_collections["global_step"];
    if (list.size() > 1)
        return error(range, "there are several variables in the collection \"global_step\"");
    if (list.size() == 1)
        found = list.front();
    const auto named = m_model->variableIndex.find("global_step");
    if (list.empty() && named != m_model->variableIndex.end())
        found = Value::ofIndex(Kind::Variable, named->second, m_model->variables[named->second].node);
    if (found.kind == Kind::None)
        return found;
    const Node& node = m_model->graph.node(found.node);
    if (!isInteger(node.dtype))
        return error(range,
                     "Existing \"global_step\" does not have integer type: " +
                         std::string(dtypeName(node.dtype)),
                     "TypeError");
    if (node.shape.rank() != 0)
        return error(range, "Existing \"global_step\" is not scalar: " + node.shape.toString(), "TypeError");
    return found;
}

Value TrainingBuilder::callGlobalStep(CallArguments& arguments)
{
    const std::string whole(arguments.function());
    const std::string function = whole.substr(whole.rfind('.') + 1);
    const Value found = findGlobalStep(arguments.range());
    if (found.kind != Kind::None || function == "get_global_step") {
        return found.kind == Kind::Variable && function == "create_global_step"
                   ? error(arguments.range(), "\"global_step\" already exists.", "ValueError")
                   : found;
    }
    const std::vector<std::vector<NodeId>> controls = std::exchange(m_controls, {});
    VariableRequest request = requestOf(arguments, variableScoped("global_step"));
    request.initial = zerosOrOnes(false, Shape{}, DType::Int64, arguments.range(), "global_step/Initializer");
    m_controls = controls;
    request.dtype = DType::Int64;
    request.given = "global_step";
    request.variable.trainable = false;
    request.variable.collections = {"variables", "global_step"};
    request.variable.initializer = "zeros";
    request.variable.source.editable = false;
    return makeVariable(std::move(request));
}

/// What all schedules are made of.
struct TrainingBuilder::Schedule {
    NodeWriter write;
    std::string scope;
    NodeId rate = kNoNode;
    NodeId step = kNoNode; ///< in the rate's type
    /// An argument in the rate's type.
    NodeId argument(TrainingBuilder& builder, CallArguments& arguments, const char* name)
    {
        const NodeId node = builder.toNode(arguments.required(name), arguments.rangeOf(name), write.dtype());
        if (node == kNoNode)
            return kNoNode;
        if (builder.m_model->graph.node(node).shape.rank() == 0)
            return write.inType(node);
        builder.error(arguments.rangeOf(name), std::string(name) + " must be a scalar");
        return kNoNode;
    }
};

std::optional<TrainingBuilder::Schedule> TrainingBuilder::scheduleOf(CallArguments& arguments,
                                                                     const char* step, const char* scope)
{
    const std::string function(arguments.function());
    const Value given = arguments.required("learning_rate");
    const Value count = arguments.required(step);
    if (given.isError() || count.isError())
        return std::nullopt;
    if (count.kind == Kind::None) {
        error(arguments.rangeOf(step),
              "global_step is required for " + function.substr(function.rfind('.') + 1) + ".", "ValueError");
        return std::nullopt;
    }
    const NodeId rate =
        toNode(given, arguments.rangeOf("learning_rate"), given.isTensor() ? DType::Invalid : DType::Float32);
    const NodeId node = toNode(count, arguments.rangeOf(step));
    if (rate == kNoNode || node == kNoNode)
        return std::nullopt;
    const Graph& graph = m_model->graph;
    if (graph.node(rate).shape.rank() != 0 || !isFloating(graph.node(rate).dtype)) {
        error(arguments.rangeOf("learning_rate"), "a learning rate is a floating-point scalar");
        return std::nullopt;
    }
    if (graph.node(node).shape.rank() != 0) {
        error(arguments.rangeOf(step), "global_step must be a scalar");
        return std::nullopt;
    }
    std::string name = arguments.text("name");
    if (name.empty())
        name = scope;
    NodeWriter write(*this, arguments.range(), name, graph.node(rate).dtype);
    const NodeId typed = write.inType(node);
    if (write.failed())
        return std::nullopt;
    return Schedule{write, name, rate, typed};
}

Value TrainingBuilder::callDecay(CallArguments& arguments)
{
    const std::string function(arguments.function());
    const bool isPower = function == "tf.train.exponential_decay";
    const bool isNatural = function == "tf.train.natural_exp_decay";
    const std::optional<bool> staircase = arguments.boolean("staircase", false);
    std::optional<Schedule> s = scheduleOf(arguments, "global_step",
                                           isPower     ? "ExponentialDecay"
                                           : isNatural ? "NaturalExpDecay"
                                                       : "InverseTimeDecay");
    if (!s || !staircase)
        return Value::error();
    const NodeId steps = s->argument(*this, arguments, "decay_steps");
    const NodeId decay = s->argument(*this, arguments, "decay_rate");
    if (steps == kNoNode || decay == kNoNode)
        return Value::error();
    NodeWriter& write = s->write;
    NodeId turns = write.over(s->step, steps);
    if (*staircase)
        turns = write.whole(turns);
    if (isPower)
        return write.result(
            write.add(OpCode::Mul, {s->rate, write.add(OpCode::Pow, {decay, turns})}, s->scope));
    const NodeId fallen = write.times(decay, turns);
    if (isNatural)
        return write.result(write.add(
            OpCode::Mul, {s->rate, write.add(OpCode::Exp, {write.add(OpCode::Neg, {fallen})})}, s->scope));
    return write.result(write.add(OpCode::Div, {s->rate, write.plus(write.number(1.0), fallen)}, s->scope));
}

/// values[0] up to and with boundaries[0], values[1] up to and with boundaries[1], …: the sum of all, each
/// times 1 or 0.
Value TrainingBuilder::callPiecewise(CallArguments& arguments)
{
    const NodeId x = toNode(arguments.required("x"), arguments.rangeOf("x"));
    const Value boundaries = arguments.required("boundaries");
    const Value values = arguments.required("values");
    if (x == kNoNode || boundaries.isError() || values.isError())
        return Value::error();
    if (boundaries.kind != Kind::List || values.kind != Kind::List ||
        boundaries.items.size() + 1 != values.items.size())
        return error(arguments.rangeOf("boundaries"),
                     "The length of boundaries should be 1 less than the length of values", "ValueError");
    if (m_model->graph.node(x).shape.rank() != 0)
        return error(arguments.rangeOf("x"), "x must be a scalar");
    const DType stepType = m_model->graph.node(x).dtype;
    std::string scope = arguments.text("name");
    if (scope.empty())
        scope = "PiecewiseConstant";
    DType dtype = DType::Float32;
    for (const Value& value : values.items) {
        if (value.isTensor())
            dtype = m_model->graph.node(value.node).dtype;
    }
    NodeWriter write(*this, arguments.range(), scope, dtype);
    NodeId total = kNoNode;
    NodeId before = write.number(1.0); // whether x lies above the boundary before
    for (std::size_t i = 0; i < values.items.size(); ++i) {
        const NodeId value = toNode(values.items[i], arguments.rangeOf("values"), dtype);
        if (value == kNoNode)
            return Value::error();
        NodeId here = before;
        if (i < boundaries.items.size()) {
            const NodeId boundary = toNode(boundaries.items[i], arguments.rangeOf("boundaries"), stepType);
            if (boundary == kNoNode)
                return Value::error();
            const NodeId above = write.mask(OpCode::Greater, x, boundary);
            here = write.minus(before, above);
            before = above;
        }
        const NodeId part = write.times(value, here);
        total = total == kNoNode ? part : write.plus(total, part);
    }
    return write.result(write.add(OpCode::Identity, {total}, scope));
}

Value TrainingBuilder::callPolynomial(CallArguments& arguments)
{
    const std::optional<double> end = arguments.number("end_learning_rate", 0.0001);
    const std::optional<double> power = arguments.number("power", 1.0);
    const std::optional<bool> cycles = arguments.boolean("cycle", false);
    std::optional<Schedule> s = scheduleOf(arguments, "global_step", "PolynomialDecay");
    if (!s || !end || !power || !cycles)
        return Value::error();
    NodeId steps = s->argument(*this, arguments, "decay_steps");
    if (steps == kNoNode)
        return Value::error();
    NodeWriter& write = s->write;
    NodeId at = s->step;
    if (*cycles) {
        // As many times decay_steps as reach beyond the step; once at step 0.
        const NodeId turns = write.over(at, steps);
        const NodeId whole = write.whole(turns);
        const NodeId ceiling = write.plus(whole, write.mask(OpCode::Greater, turns, whole));
        steps = write.times(steps, write.add(OpCode::Maximum, {ceiling, write.number(1.0)}));
    } else {
        at = write.add(OpCode::Minimum, {at, steps});
    }
    const NodeId left = write.minus(write.number(1.0), write.over(at, steps));
    const NodeId last = write.number(*end);
    const NodeId range = write.minus(s->rate, last);
    const NodeId fallen = write.times(range, write.add(OpCode::Pow, {left, write.number(*power)}));
    return write.result(write.add(OpCode::Add, {fallen, last}, s->scope));
}

namespace {

/// cos(π·p) for p from 0 to 1, as −sin(π·(p − ½)) by its power series, which is exact to a double's last
/// digits on this half turn. Computed in float64, so that it is the same on every instruction set.
NodeId cosineOfHalfTurn(NodeWriter& write, NodeId p)
{
    constexpr double kPi = 3.14159265358979323846;
    const NodeId x = write.times(write.minus(p, write.number(0.5)), write.number(kPi));
    const NodeId square = write.times(x, x);
    std::array<double, 12> coefficients{}; // of x, x³, x⁵, …
    double factorial = 1.0;
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        coefficients[i] = (i % 2 == 0 ? 1.0 : -1.0) / factorial;
        factorial *= static_cast<double>((2 * i + 2) * (2 * i + 3));
    }
    NodeId sum = write.number(coefficients.back());
    for (std::size_t i = coefficients.size() - 1; i > 0; --i)
        sum = write.plus(write.times(sum, square), write.number(coefficients[i - 1]));
    return write.add(OpCode::Neg, {write.times(sum, x)});
}

} // namespace

Value TrainingBuilder::callCosine(CallArguments& arguments)
{
    const std::optional<double> alpha = arguments.number("alpha", 0.0);
    std::optional<Schedule> s = scheduleOf(arguments, "global_step", "CosineDecay");
    if (!s || !alpha)
        return Value::error();
    const NodeId steps = s->argument(*this, arguments, "decay_steps");
    if (steps == kNoNode)
        return Value::error();
    NodeWriter& write = s->write;
    const NodeId share = write.over(write.add(OpCode::Minimum, {s->step, steps}), steps);
    NodeWriter precise(*this, arguments.range(), s->scope, DType::Float64);
    const NodeId cosine = write.failed() ? kNoNode : cosineOfHalfTurn(precise, precise.inType(share));
    if (precise.failed() || write.failed())
        return Value::error();
    const NodeId half = write.times(write.number(0.5), write.plus(write.number(1.0), write.inType(cosine)));
    const NodeId kept = write.plus(write.times(write.number(1.0 - *alpha), half), write.number(*alpha));
    return write.result(write.add(OpCode::Mul, {s->rate, kept}, s->scope));
}

/// Cosine decays one after another, each t_mul times as long as the one before, from m_mul times its rate.
/// In float64, so that a restart falls on its step.
Value TrainingBuilder::callCosineRestarts(CallArguments& arguments)
{
    const std::optional<double> stretch = arguments.number("t_mul", 2.0);
    const std::optional<double> shrink = arguments.number("m_mul", 1.0);
    const std::optional<double> alpha = arguments.number("alpha", 0.0);
    std::optional<Schedule> s = scheduleOf(arguments, "global_step", "SGDRDecay");
    if (!s || !stretch || !shrink || !alpha)
        return Value::error();
    if (!(*stretch >= 1.0))
        return error(arguments.rangeOf("t_mul"), "t_mul must be a number from 1 up");
    const NodeId steps = s->argument(*this, arguments, "first_decay_steps");
    if (steps == kNoNode)
        return Value::error();
    NodeWriter write(*this, arguments.range(), s->scope, DType::Float64);
    const NodeId one = write.number(1.0);
    NodeId share = write.over(write.inType(s->step), write.inType(steps));
    NodeId turn = kNoNode; // how many decays are over
    if (*stretch == 1.0) {
        turn = write.whole(share);
        share = write.minus(share, turn);
    } else {
        const NodeId factor = write.number(*stretch);
        const NodeId grown = write.plus(one, write.times(share, write.number(*stretch - 1.0)));
        turn = write.whole(write.over(write.add(OpCode::Log, {grown}), write.add(OpCode::Log, {factor})));
        const NodeId length = write.add(OpCode::Pow, {factor, turn}); // of this one, in first ones
        const NodeId before = write.over(write.minus(length, one), write.number(*stretch - 1.0));
        share = write.over(write.minus(share, before), length);
    }
    if (write.failed())
        return Value::error();
    const NodeId wave = write.plus(one, cosineOfHalfTurn(write, share));
    const NodeId scale = write.add(OpCode::Pow, {write.number(*shrink), turn});
    const NodeId decayed = write.times(write.number(0.5), write.times(scale, wave));
    const NodeId kept = write.plus(write.times(write.number(1.0 - *alpha), decayed), write.number(*alpha));
    return s->write.result(
        write.failed() ? kNoNode : s->write.add(OpCode::Mul, {s->rate, s->write.inType(kept)}, s->scope));
}

/// The rate times (step + 1) / warmup_steps until that is 1. The rate may be a schedule itself.
Value TrainingBuilder::callWarmup(CallArguments& arguments)
{
    std::optional<Schedule> s = scheduleOf(arguments, "global_step", "warmup");
    if (!s)
        return Value::error();
    const NodeId steps = s->argument(*this, arguments, "warmup_steps");
    if (steps == kNoNode)
        return Value::error();
    NodeWriter& write = s->write;
    const NodeId one = write.number(1.0);
    // Warming up for no step at all is warmed up.
    const NodeId share = write.over(write.plus(s->step, one), write.add(OpCode::Maximum, {steps, one}));
    return write.result(
        write.add(OpCode::Mul, {s->rate, write.add(OpCode::Minimum, {share, one})}, s->scope));
}

} // namespace wr::graph
