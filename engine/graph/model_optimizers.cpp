// SPDX-License-Identifier: GPL-3.0-or-later
// Optimizers of tf.train: what their constructors take; and all that scripts may call about training.
#include "engine/graph/training_builder.h"

#include <cmath>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addFunctions(std::vector<Known>& table)
{
    addOptimizerFunctions(table);
    addGradientFunctions(table);
    addClippingFunctions(table);
    addScheduleFunctions(table);
    addAverageFunctions(table);
    addControlFunctions(table);
    addSequenceFunctions(table);
}

std::optional<Value> TrainingBuilder::evaluateTrainingMethod(const Value& object, const Expr& call)
{
    return object.kind == Kind::Optimizer ? evaluateOptimizerMethod(object, call)
           : object.kind == Kind::Average ? evaluateAverageMethod(object, call)
                                          : std::nullopt;
}

void TrainingBuilder::addOptimizerFunctions(std::vector<Known>& table)
{
    using B = TrainingBuilder;
    for (const OptimizerForm& form : optimizerForms())
        table.push_back({form.function, row(&B::callOptimizer), form.parameters, form.op});
    table.push_back({"wr.rate_factors", row(&B::callRateFactors), {"optimizer", "factors"}});
}

Value TrainingBuilder::callOptimizer(CallArguments& arguments)
{
    const OptimizerForm* form = optimizerForm(arguments.function());
    const std::optional<bool> centered = arguments.boolean("centered", false);
    const std::optional<bool> nesterov = arguments.boolean("use_nesterov", false);
    const char* const shrinkage = "l2_shrinkage_regularization_strength";
    const std::optional<double> shrinks = arguments.number(shrinkage, 0.0);
    const bool isAdagrad = form->op == OpCode::ApplyAdagrad;
    const bool isFtrl = form->op == OpCode::ApplyFtrl;
    const char* const accumulator = "initial_accumulator_value";
    const std::optional<double> start = arguments.number(accumulator, 0.1);
    if (!centered || !nesterov || !shrinks || !start)
        return Value::error();
    if (*centered)
        form = &centeredForm();
    if (*shrinks != 0.0)
        form = &shrinkingForm();
    OptimizerSettings settings;
    settings.form = form;
    settings.range = arguments.range();
    settings.usesNesterov = *nesterov;
    settings.name = arguments.text("name");
    if (settings.name.empty())
        settings.name = std::string(form->name);
    settings.learningRate = arguments.has("learning_rate") || form->learningRate < 0.0
                                ? arguments.required("learning_rate")
                                : Value::ofNumber(form->learningRate);
    Value& rate = settings.learningRate;
    const script::TextRange rateRange = arguments.rangeOf("learning_rate");
    if (rate.isError())
        return rate;
    if (rate.isTensor()) {
        rate = Value::ofNode(toNode(rate, rateRange));
        if (rate.node == kNoNode)
            return Value::error();
        const Node& node = m_model->graph.node(rate.node);
        if (node.shape.rank() != 0 || !isFloating(node.dtype))
            return error(rateRange, "a learning rate is a floating-point scalar, but this is " +
                                        std::string(dtypeName(node.dtype)) + " of shape " +
                                        node.shape.toString());
    } else if (const std::optional<double> number = toNumber(rate, rateRange); !number) {
        return Value::error();
    } else if (!(*number >= 0.0)) {
        return error(rateRange, "the learning rate cannot be negative");
    }
    for (const HyperParameter& hyper : form->hyper) {
        if (hyper.isRequired && !arguments.has(hyper.name))
            return arguments.required(hyper.name);
        const std::optional<double> number = arguments.number(hyper.name, hyper.fallback);
        if (!number)
            return Value::error();
        const std::string name(hyper.name);
        if (hyper.most > 0.0 && !(*number >= hyper.least && *number < hyper.most))
            return error(arguments.rangeOf(name), name + " must lie in [0, 1)");
        if (name == "learning_rate_power" && !(*number <= 0.0))
            return error(arguments.rangeOf(name), "learning_rate_power needs to be negative or zero",
                         "ValueError");
        if (!(*number >= hyper.least) || !std::isfinite(*number))
            return error(arguments.rangeOf(name), name + " needs to be positive or zero",
                         isFtrl ? "ValueError" : "");
        settings.hyper.push_back(*number);
    }
    if (isAdagrad && !(*start > 0.0))
        return error(arguments.rangeOf(accumulator), "initial_accumulator_value must be positive",
                     "ValueError");
    if (isFtrl && !(*start >= 0.0))
        return error(arguments.rangeOf(accumulator), "initial_accumulator_value needs to be positive or zero",
                     "ValueError");
    for (const std::string& slot : form->slotKinds) {
        const std::string given = isFtrl ? arguments.text(slot + "_name") : std::string();
        settings.slotNames.push_back(given.empty() ? settings.name : given);
        settings.slotStarts.push_back(slot == "rms" ? 1.0 // as TensorFlow begins it
                                      : isAdagrad || (isFtrl && slot == "accum") ? *start
                                                                                 : 0.0);
    }
    m_optimizers.push_back(std::move(settings));
    return Value::ofIndex(Kind::Optimizer, m_optimizers.size() - 1);
}

/// wr.rate_factors(optimizer, {"conv*/kernel": 0.1}): the same optimizer, slower or faster for some
/// variables.
Value TrainingBuilder::callRateFactors(CallArguments& arguments)
{
    const Value optimizer = arguments.required("optimizer");
    const Value factors = arguments.required("factors");
    if (optimizer.isError() || factors.isError())
        return Value::error();
    if (optimizer.kind != Kind::Optimizer)
        return error(arguments.rangeOf("optimizer"), "an optimizer is expected here");
    if (factors.kind != Kind::Dict)
        return error(arguments.rangeOf("factors"), "factors is {\"pattern of names\": number, …}");
    OptimizerSettings settings = m_optimizers[optimizer.index];
    settings.slotVariables.clear();
    settings.powers.clear();
    for (std::size_t i = 0; i + 1 < factors.items.size(); i += 2) {
        const std::optional<std::string> pattern = toText(factors.items[i], arguments.rangeOf("factors"));
        const std::optional<double> factor = toNumber(factors.items[i + 1], arguments.rangeOf("factors"));
        if (!pattern || !factor)
            return Value::error();
        if (!(*factor >= 0.0) || !std::isfinite(*factor))
            return error(arguments.rangeOf("factors"),
                         "the factor for \"" + *pattern + "\" must be a number from 0 up");
        settings.factors.push_back({*pattern, *factor, arguments.rangeOf("factors")});
    }
    m_optimizers.push_back(std::move(settings));
    return Value::ofIndex(Kind::Optimizer, m_optimizers.size() - 1);
}

} // namespace wr::graph
