// SPDX-License-Identifier: GPL-3.0-or-later
// A plan before it has memory: which values there are with their exact shapes and devices, the steps in their
// order, the copies between devices, and how the values would share memory. Made from shapes alone, so that
// the cost of a placement can be told before anything is allocated; a plan is made from the same outline.
// Pure; any thread.
#pragma once

#include "engine/graph/model.h"
#include "engine/session/placement.h"

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

namespace wr::session {

struct PlanRequest {
    std::vector<graph::NodeId> fetches;
    std::vector<graph::NodeId> updates;
    std::vector<graph::NodeId> feeds;
    std::vector<Shape> feedShapes;
    /// Steps that do not depend on one another may run at one time; their memory is kept apart. Not together
    /// with updates.
    bool isParallel = false;
    /// Where fetches go; empty: into tensors of the plan. The memory must outlive the plan.
    std::vector<std::byte*> fetchTargets;
};

/// What an outline is made against.
struct PlanSource {
    const graph::Model* model = nullptr;
    const std::vector<int>* devices = nullptr; ///< of each node, index into Placement::devices
    std::unordered_map<graph::NodeId, std::size_t> variableOf; ///< variable nodes, index into the model's
};

struct OutlineValue {
    enum class Home : std::uint8_t { Arena, Constant, Variable, Feed, Fetch };
    graph::NodeId node = graph::kNoNode;
    Home home = Home::Arena;
    std::size_t index = 0; ///< of the variable, feed or fetch
    DType dtype = DType::Invalid;
    Shape shape;
    int device = 0;
    std::size_t bytes() const;
};

struct OutlineStep {
    graph::NodeId node = graph::kNoNode; ///< of a copy: the node whose value it copies
    bool isCopy = false;
    bool isLate = false; ///< an update, or after one
    int device = 0;
    std::size_t time = 0; ///< its place in the order; of a parallel plan: its level
    std::vector<std::size_t> inputs;
    std::size_t output = 0;
};

struct PlanOutline {
    std::vector<OutlineValue> values;
    std::vector<OutlineStep> steps;   ///< those before the updates first
    std::vector<std::size_t> fetches; ///< values
    std::vector<bool> lateFetches;    ///< whether a fetch is known only after the updates
    std::vector<std::size_t> reads;   ///< variables whose values are read
    std::vector<std::size_t> written; ///< variables that the updates change
    std::vector<DeviceCopy> copies;
};

/// InvalidArgument when a placeholder is not fed or shapes do not fit.
Result<PlanOutline> outlinePlan(const PlanSource& source, const PlanRequest& request);

/// Where the values of an outline lie in one block of memory: a part for each device.
struct PlanMemory {
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    std::vector<std::size_t> values;  ///< offset of each value; kNowhere for those outside of the arena
    std::vector<std::size_t> scratch; ///< offset of each step's scratch memory; kNowhere: none
    std::vector<std::size_t> deviceBytes;
    std::size_t total = 0;
};

/// `scratch`: bytes that the kernel of each step asks for; empty: none do.
PlanMemory layOutPlan(const PlanOutline& outline, std::span<const std::size_t> scratch, std::size_t devices);

/// The bytes that `kernel` asks for, from shapes alone.
std::size_t scratchBytes(const PlanOutline& outline, const OutlineStep& step,
                         const backend::OpAttributes& attributes, const backend::Kernel& kernel);

/// Assign, its kin and the optimizers' updates: input 0 is changed in place.
bool isUpdate(backend::OpCode op);
/// The inputs that an update changes in place, from the first: the variable and its slots.
std::size_t changedInputs(backend::OpCode op);
/// Ops that draw from a random stream.
bool isRandom(backend::OpCode op);
/// The type that a node's kernel is looked up by; see backend::KernelEntry.
DType kernelType(const graph::Graph& graph, const graph::Node& node);
/// Const, Placeholder, Variable and NoOp have no kernel.
bool hasKernel(backend::OpCode op);

} // namespace wr::session
