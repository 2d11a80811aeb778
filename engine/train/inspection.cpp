// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/inspection.h"

#include "engine/train/batches.h"

#include <algorithm>

namespace wr::train {
namespace {

using backend::OpCode;
using graph::kNoNode;
using graph::NodeId;

/// For each node, whether its value depends on `source`.
std::vector<bool> dependents(const graph::Graph& graph, NodeId source)
{
    std::vector<bool> depends(graph.nodes().size(), false);
    depends[static_cast<std::size_t>(source)] = true;
    for (std::size_t id = 0; id < depends.size(); ++id) {
        for (const NodeId input : graph.nodes()[id].inputs)
            depends[id] = depends[id] || depends[static_cast<std::size_t>(input)];
    }
    return depends;
}

/// The features as the model's placeholder wants them, with what is fed while testing.
Result<std::vector<session::Feed>> feedsFor(const graph::Model& model, const Tensor& features)
{
    const graph::TrainingRecipe& recipe = *model.recipe;
    const graph::Node& placeholder = model.graph.node(recipe.inputs);
    std::vector<std::int64_t> dims = placeholder.shape.dims();
    const std::int64_t count = features.shape().dim(0);
    if (dims.empty() || (dims.front() >= 0 && dims.front() != count))
        return fail(StatusCode::InvalidArgument,
                    placeholder.name + " takes no batch of " + std::to_string(count) + " examples");
    dims.front() = count;
    const Shape shape(dims);
    if (shape.elementCount() != features.elementCount())
        return fail(StatusCode::InvalidArgument,
                    placeholder.name + " of shape " + placeholder.shape.toString() +
                        " does not fit features of shape " + features.shape().toString());
    WR_ASSIGN_OR_RETURN(Tensor fed, Tensor::create(DType::Float32, shape));
    std::copy_n(features.data<float>(), features.elementCount(), fed.data<float>());
    std::vector<session::Feed> feeds;
    feeds.push_back({recipe.inputs, std::move(fed)});
    for (const auto& [node, value] : recipe.testFeeds) {
        if (model.graph.node(node).dtype != DType::Float32)
            return fail(StatusCode::InvalidArgument, model.graph.node(node).name + " is no float32");
        WR_ASSIGN_OR_RETURN(Tensor scalar, Tensor::create(DType::Float32, Shape{}));
        *scalar.data<float>() = static_cast<float>(value);
        feeds.push_back({node, std::move(scalar)});
    }
    return feeds;
}

Result<std::vector<Tensor>> evaluated(session::Session& session, const std::vector<NodeId>& nodes,
                                      const Tensor& features)
{
    WR_ASSIGN_OR_RETURN(const std::vector<session::Feed> feeds, feedsFor(session.model(), features));
    const std::map<std::string, std::uint64_t> streams = session.randomStreams();
    Result<std::vector<Tensor>> values = session.evaluate(nodes, feeds);
    session.setRandomStreams(streams);
    return values;
}

} // namespace

NodeId outputNode(const graph::Model& model)
{
    if (!model.recipe || model.recipe->labels == kNoNode)
        return kNoNode;
    const std::vector<bool> ofLabels = dependents(model.graph, model.recipe->labels);
    const std::vector<bool> ofInputs = dependents(model.graph, model.recipe->inputs);
    for (const graph::Node& node : model.graph.nodes()) {
        const auto comes = [&](const std::vector<bool>& from, bool wanted) {
            return std::find_if(node.inputs.begin(), node.inputs.end(), [&](NodeId input) {
                const auto at = static_cast<std::size_t>(input);
                return from[at] == wanted && (wanted || ofInputs[at]);
            });
        };
        const auto label = comes(ofLabels, true);
        const auto output = comes(ofLabels, false);
        if (label != node.inputs.end() && output != node.inputs.end())
            return *output;
    }
    return kNoNode;
}

Result<Tensor> predict(session::Session& session, const Tensor& features)
{
    const NodeId output = outputNode(session.model());
    if (output == kNoNode)
        return fail(StatusCode::FailedPrecondition, "this model compares nothing with labels");
    WR_ASSIGN_OR_RETURN(std::vector<Tensor> values, evaluated(session, {output}, features));
    return std::move(values.front());
}

Result<std::vector<UnitActivity>> unitActivity(session::Session& session, const Examples& examples,
                                               std::int64_t count)
{
    const graph::Model& model = session.model();
    std::vector<NodeId> nodes;
    std::vector<UnitActivity> found;
    if (!model.recipe)
        return found;
    const std::vector<bool> ofInputs = dependents(model.graph, model.recipe->inputs);
    const std::vector<bool> ofLabels = model.recipe->labels == kNoNode
                                           ? std::vector<bool>(ofInputs.size(), false)
                                           : dependents(model.graph, model.recipe->labels);
    for (std::size_t id = 0; id < ofInputs.size(); ++id) {
        const graph::Node& node = model.graph.nodes()[id];
        const bool isRelu = node.op == OpCode::Relu || node.op == OpCode::Relu6;
        if (isRelu && ofInputs[id] && !ofLabels[id] && node.dtype == DType::Float32 && node.shape.rank() >= 2)
            nodes.push_back(static_cast<NodeId>(id));
    }
    const std::int64_t rows = std::min(count, examples.count());
    if (nodes.empty() || rows == 0)
        return found;
    WR_ASSIGN_OR_RETURN(const Tensor features, firstFeatures(examples, rows));
    WR_ASSIGN_OR_RETURN(const std::vector<Tensor> values, evaluated(session, nodes, features));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const std::int64_t units = values[i].shape().dims().back();
        const std::span<const float> all = values[i].values<float>();
        std::vector<bool> answers(static_cast<std::size_t>(units), false);
        for (std::size_t k = 0; k < all.size(); ++k) {
            if (all[k] != 0.0F)
                answers[k % answers.size()] = true;
        }
        found.push_back(
            {model.graph.node(nodes[i]).name, units, std::count(answers.begin(), answers.end(), false)});
    }
    return found;
}

} // namespace wr::train
