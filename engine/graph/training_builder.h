// SPDX-License-Identifier: GPL-3.0-or-later
// The meaning of what scripts say about training: optimizers, gradients and their limits, learning rates that
// follow the step, moving averages, what runs together. The whole builder of a model is one of these. Used
// once, on one thread, by buildModel().
#pragma once

#include "engine/graph/op_builder.h"
#include "engine/graph/optimizer_settings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wr::graph {

class NodeWriter;

class TrainingBuilder final : public OpBuilder {
public:
    using OpBuilder::OpBuilder;
    /// The rows of the table of known names.
    static void addFunctions(std::vector<Known>& table);

private:
    using Part = Value (TrainingBuilder::*)(CallArguments& arguments);
    /// A row's function; every builder of a model is a TrainingBuilder.
    static Function row(Part part) { return static_cast<Function>(part); }
    static void addOptimizerFunctions(std::vector<Known>& table); // model_optimizers.cpp
    static void addGradientFunctions(std::vector<Known>& table);  // model_gradients.cpp
    static void addClippingFunctions(std::vector<Known>& table);  // model_clipping.cpp
    static void addScheduleFunctions(std::vector<Known>& table);  // model_schedules.cpp
    static void addAverageFunctions(std::vector<Known>& table);   // model_averages.cpp
    static void addControlFunctions(std::vector<Known>& table);   // model_controls.cpp
    static void addSequenceFunctions(std::vector<Known>& table);  // model_sequences.cpp

    std::optional<Value> evaluateTrainingMethod(const Value& object, const Expr& call) override;

    // Optimizers (model_optimizers.cpp, optimizer_methods.cpp, optimizer_updates.h)
    Value callOptimizer(CallArguments& arguments);
    Value callRateFactors(CallArguments& arguments);
    /// minimize, compute_gradients, apply_gradients, get_slot, …; none for other methods.
    std::optional<Value> evaluateOptimizerMethod(const Value& optimizer, const Expr& call);
    Value callMinimize(CallArguments& arguments, const Value& optimizer);
    Value callComputeGradients(CallArguments& arguments, const Value& optimizer);
    Value callApplyGradients(CallArguments& arguments, const Value& optimizer);
    Value callGetSlot(CallArguments& arguments, const Value& optimizer);
    struct GradientPair {
        NodeId gradient = kNoNode;
        std::size_t variable = 0;
    };
    Value applyGradients(CallArguments& arguments, std::size_t optimizer,
                         const std::vector<GradientPair>& pairs, NodeId loss);

    // Gradients (model_gradients.cpp)
    Value callGradients(CallArguments& arguments);
    std::optional<std::vector<GradientPair>> gradientsOf(CallArguments& arguments, NodeId loss);
    /// Each differentiation looks at the whole graph; false, with one error, when a loop asks for too many.
    bool mayDifferentiate(const script::TextRange& range);

    // Clipping (model_clipping.cpp)
    Value callClipByValue(CallArguments& arguments);
    Value callClipByNorm(CallArguments& arguments);
    Value callGlobalNorm(CallArguments& arguments);
    Value callClipByGlobalNorm(CallArguments& arguments);
    std::optional<std::vector<NodeId>> tensorList(CallArguments& arguments);
    static NodeId addGlobalNorm(NodeWriter& write, const std::vector<NodeId>& nodes);

    // Schedules (model_schedules.cpp)
    Value callGlobalStep(CallArguments& arguments);
    Value callDecay(CallArguments& arguments);
    Value callPiecewise(CallArguments& arguments);
    Value callPolynomial(CallArguments& arguments);
    Value callCosine(CallArguments& arguments);
    Value callCosineRestarts(CallArguments& arguments);
    Value callWarmup(CallArguments& arguments);
    struct Schedule;
    std::optional<Schedule> scheduleOf(CallArguments& arguments, const char* step, const char* scope);
    Value findGlobalStep(const script::TextRange& range);

    // Moving averages (model_averages.cpp)
    struct MovingAverage {
        std::string name;
        double decay = 0.0;
        NodeId updates = kNoNode;                   ///< num_updates
        std::map<std::size_t, std::size_t> shadows; ///< variable -> its average, in Model::variables
        script::TextRange range;
    };
    Value callAverage(CallArguments& arguments);
    std::optional<Value> evaluateAverageMethod(const Value& average, const Expr& call);
    Value applyAverage(CallArguments& arguments, std::size_t average);
    std::optional<std::size_t> addShadow(MovingAverage& average, const Value& variable,
                                         const script::TextRange& range);
    Value variablesToRestore(CallArguments& arguments, std::size_t average);

    // What runs together (model_controls.cpp)
    Value callGroup(CallArguments& arguments);
    Value callNoOp(CallArguments& arguments);
    Value callControlDependencies(CallArguments& arguments);
    /// The nodes that `value` stands for when something waits for it.
    bool addControls(const Value& value, const script::TextRange& range, std::vector<NodeId>& nodes);

    // Lists (model_sequences.cpp)
    Value callZip(CallArguments& arguments);
    Value callSequence(CallArguments& arguments);
    Value callSum(CallArguments& arguments);

    std::vector<OptimizerSettings> m_optimizers;
    std::size_t m_gradientWork = 0;     ///< nodes that were looked at
    NodeId m_lossOfGradients = kNoNode; ///< what tf.gradients was asked for last, where that is one scalar
    std::vector<MovingAverage> m_averages;
};

} // namespace wr::graph
