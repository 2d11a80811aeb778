// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of scripts that make ops from arguments which need some thought: arrays, selections, losses,
// windows. A part of the builder of a model; used once, on one thread, by buildModel().
#pragma once

#include "engine/graph/model_builder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wr::graph {

class OpBuilder : public ModelBuilder {
public:
    using ModelBuilder::ModelBuilder;
    /// The rows of the table of known names.
    static void addFunctions(std::vector<Known>& table);

private:
    using Part = Value (OpBuilder::*)(CallArguments& arguments);
    /// A row's function; every builder of a model is an OpBuilder.
    static Function row(Part part) { return static_cast<Function>(part); }
    static void addArrayFunctions(std::vector<Known>& table);     // model_arrays.cpp
    static void addSelectionFunctions(std::vector<Known>& table); // model_selection.cpp
    static void addLossFunctions(std::vector<Known>& table);      // model_losses.cpp
    static void addWindowFunctions(std::vector<Known>& table);    // model_windows.cpp

    Value reshaped(NodeId input, std::vector<std::int64_t> dims, const script::TextRange& range,
                   const std::string& name);
    Value sliced(NodeId input, int axis, std::int64_t begin, std::int64_t size,
                 const script::TextRange& range, const std::string& name);
    Value joined(std::vector<NodeId> parts, int axis, const script::TextRange& range,
                 const std::string& name);
    std::vector<NodeId> tensorsOf(CallArguments& arguments, std::string_view parameter);
    Value callExpandDims(CallArguments& arguments);
    Value callSqueeze(CallArguments& arguments);
    Value callStack(CallArguments& arguments);
    Value callUnstack(CallArguments& arguments);
    Value callConcat(CallArguments& arguments);
    Value callSplit(CallArguments& arguments);
    Value callSlice(CallArguments& arguments);
    Value callPad(CallArguments& arguments);
    Value callTile(CallArguments& arguments);
    Value callGather(CallArguments& arguments);
    Value callOneHot(CallArguments& arguments);
    Value callShape(CallArguments& arguments);
    Value callSelect(CallArguments& arguments);
    Value callTopK(CallArguments& arguments);
    Value callAddN(CallArguments& arguments);
    Value scalarLike(double value, NodeId like, const script::TextRange& range);
    Value overAllAxes(backend::OpCode op, NodeId input, const script::TextRange& range,
                      const std::string& name = {});
    Value sigmoidCrossEntropy(NodeId x, NodeId z, std::optional<NodeId> weight,
                              const script::TextRange& range, const std::string& name = {});
    Value callActivation(CallArguments& arguments);
    Value callSigmoidCrossEntropy(CallArguments& arguments);
    Value callL2Loss(CallArguments& arguments);
    Value callInTopK(CallArguments& arguments);
    Value callLoss(CallArguments& arguments);
    std::optional<std::pair<std::int64_t, std::int64_t>> innerPair(CallArguments& arguments,
                                                                   std::string_view parameter);
    std::optional<Shape> placeWindow(CallArguments& arguments, NodeId images, std::int64_t channels,
                                     backend::OpAttributes& attributes);
    Value callConvolution(CallArguments& arguments);
    Value callPool(CallArguments& arguments);
    Value callDropout(CallArguments& arguments);
    Value callMoments(CallArguments& arguments);
    Value callBatchNormalization(CallArguments& arguments);
    Value callL2Normalize(CallArguments& arguments);
    Value callFlatten(CallArguments& arguments);
};

} // namespace wr::graph
