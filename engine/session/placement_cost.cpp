// SPDX-License-Identifier: GPL-3.0-or-later
// What a placement costs, from the outline of a training step.
#include "engine/session/placement.h"
#include "engine/session/plan_outline.h"

#include <set>

namespace wr::session {
namespace {

using graph::NodeId;

/// The recipe's step, as the trainer plans it; empty where a feed's size is known only from the data.
std::optional<PlanRequest> requestOf(const graph::Model& model)
{
    const graph::TrainingRecipe& recipe = *model.recipe;
    const graph::TrainOp& op = model.trainOps[recipe.trainOp];
    PlanRequest request;
    request.fetches.push_back(op.loss);
    for (const graph::Metric& metric : recipe.metrics)
        request.fetches.push_back(metric.node);
    request.updates = op.updates;
    for (const NodeId id : {recipe.inputs, recipe.labels}) {
        if (id == graph::kNoNode)
            continue;
        std::vector<std::int64_t> dims = model.graph.node(id).shape.dims();
        if (!dims.empty() && dims.front() == Shape::kUnknown)
            dims.front() = recipe.batchSize;
        Shape shape(std::move(dims));
        if (!shape.isFullyDefined())
            return std::nullopt;
        request.feeds.push_back(id);
        request.feedShapes.push_back(std::move(shape));
    }
    return request;
}

std::vector<std::size_t> scratchOf(const graph::Model& model, const Placement& placement,
                                   const PlanOutline& outline, const runtime::Runtime& runtime)
{
    std::vector<std::size_t> scratch(outline.steps.size(), 0);
    for (std::size_t i = 0; i < outline.steps.size(); ++i) {
        const OutlineStep& step = outline.steps[i];
        if (step.isCopy)
            continue;
        const graph::Node& own = model.graph.node(step.node);
        const int device = placement.devices[static_cast<std::size_t>(step.device)].runtimeDevice;
        const backend::Kernel* const kernel = runtime.kernel(device, own.op, kernelType(model.graph, own));
        if (kernel != nullptr)
            scratch[i] = scratchBytes(outline, step, own.attributes, *kernel);
    }
    return scratch;
}

void addStep(const graph::Model& model, const Placement& placement, const runtime::Runtime* runtime,
             PlacementCost& cost)
{
    const std::optional<PlanRequest> request = requestOf(model);
    if (!request)
        return;
    PlanSource source;
    source.model = &model;
    std::vector<int> devices;
    devices.reserve(placement.entries.size());
    for (const PlacementEntry& entry : placement.entries)
        devices.push_back(entry.device);
    source.devices = &devices;
    for (std::size_t i = 0; i < model.variables.size(); ++i)
        source.variableOf[model.variables[i].node] = i;
    Result<PlanOutline> outline = outlinePlan(source, *request);
    if (!outline)
        return;
    std::vector<std::size_t> scratch;
    if (runtime != nullptr)
        scratch = scratchOf(model, placement, *outline, *runtime);
    const PlanMemory memory = layOutPlan(*outline, scratch, placement.devices.size());
    const graph::TrainOp& op = model.trainOps[model.recipe->trainOp];
    const std::set<NodeId> gradients(op.gradients.begin(), op.gradients.end());
    for (std::size_t i = 0; i < outline->values.size(); ++i) {
        const OutlineValue& value = outline->values[i];
        if (memory.values[i] != PlanMemory::kNowhere && gradients.count(value.node) != 0)
            cost.memory[static_cast<std::size_t>(value.device)].gradients += value.bytes();
    }
    for (std::size_t device = 0; device < memory.deviceBytes.size(); ++device) {
        // Gradients and their copies live in the arena, but not all at one time.
        DeviceMemory& own = cost.memory[device];
        own.gradients = std::min<std::uint64_t>(own.gradients, memory.deviceBytes[device]);
        own.workspace = memory.deviceBytes[device] - own.gradients;
    }
    cost.copies = std::move(outline->copies);
}

} // namespace

PlacementCost placementCost(const graph::Model& model, const Placement& placement,
                            const runtime::Runtime* runtime)
{
    PlacementCost cost;
    cost.memory.resize(placement.devices.size());
    for (const graph::Variable& variable : model.variables) {
        const auto device =
            static_cast<std::size_t>(placement.entries[static_cast<std::size_t>(variable.node)].device);
        const auto bytes =
            static_cast<std::uint64_t>(variable.shape.elementCount().value_or(0)) * dtypeSize(variable.dtype);
        if (!variable.isIncomplete)
            (variable.slotOf.empty() ? cost.memory[device].values : cost.memory[device].optimizerSlots) +=
                bytes;
    }
    if (model.recipe && model.recipe->trainOp < model.trainOps.size())
        addStep(model, placement, runtime, cost);
    return cost;
}

} // namespace wr::session
