// SPDX-License-Identifier: GPL-3.0-or-later
// A step of the model, compiled: a flat list of kernels with ready arguments on fixed memory. Running it
// walks the list; it allocates nothing. Owned by the session, whose variables its steps point into.
#pragma once

#include "engine/runtime/runtime.h"
#include "engine/session/plan_outline.h"
#include "engine/session/thread_choice.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace wr::session {

/// Memory and shape of one value of a plan; must not move once a TensorView points at it.
struct Storage {
    Shape shape;
    DType dtype = DType::Invalid;
    std::byte* data = nullptr;
    backend::TensorView view() const;
};

/// What is looked at before rows are gathered or a scattered update changes anything: whether each index
/// names one of `rows`.
struct ScatterCheck {
    const Storage* indices = nullptr; ///< null: the step scatters nothing
    const Storage* updates = nullptr;
    bool dividesWhole = false; ///< ScatterDiv of whole numbers: no update may be 0
    bool isLate = false; ///< they are made by another update, so they are known when the step's turn comes
    std::int64_t rows = 0;
};

struct PlanStep {
    graph::NodeId node = graph::kNoNode;
    const backend::Kernel* kernel = nullptr;
    backend::OpAttributes attributes;
    std::vector<backend::TensorView> inputs;
    backend::TensorView output;
    backend::KernelArgs args; ///< points into this step
    std::int64_t tiles = 1;
    bool isCopy = false; ///< of the node's value, to another device
    bool isRandom = false;
    bool isShuffle = false;
    double seconds = 0.0; ///< while runs are timed
    ScatterCheck scatter;
};

/// Neighbours among a plan's steps that run as one call to the threads; see step_groups.h.
struct StepGroup {
    std::size_t first = 0; ///< in the plan's list
    std::size_t count = 1;
    bool isChain = false;           ///< all steps of a tile, then the next tile
    bool isSmall = false;           ///< one after the other, on the thread that asks
    std::vector<std::int64_t> ends; ///< side by side: where the tiles of each step end
    std::vector<const PlanStep*> steps;
    std::int64_t tiles = 1;

    void run(ThreadTeam& team) const;
};

struct Plan {
    std::vector<std::unique_ptr<PlanStep>> compute; ///< everything before the updates
    std::vector<std::unique_ptr<PlanStep>> updates;
    std::vector<StepGroup> computeGroups; ///< of `compute`
    std::vector<StepGroup> updateGroups;  ///< of `updates`
    std::vector<std::size_t>
        levelEnds; ///< of a parallel plan: ends of the groups in `compute` that run as one
    std::vector<Storage> storages;
    std::vector<std::size_t> reads;   ///< variables (indices into the model's) whose values are read
    std::vector<std::size_t> written; ///< variables that the updates change
    std::vector<backend::TensorView>
        gradients; ///< parts of the values that the updates take; only their elements count
    std::vector<double> gradientSquares; ///< parallel to `gradients`: room for their sums
    std::vector<Tensor> feeds;
    std::vector<Tensor> fetches;
    std::vector<std::size_t> fetchValues; ///< index into `storages`, one a fetch
    struct FetchCopy {
        std::byte* to = nullptr;
        const std::byte* from = nullptr;
        std::size_t bytes = 0;
        bool isLate = false; ///< after the updates
    };
    std::vector<FetchCopy> fetchCopies; ///< fetches of what has memory of its own
    Tensor arena;
    std::size_t arenaBytes = 0;
    std::vector<std::size_t> deviceBytes; ///< of the arena, one a device of the placement
    std::vector<DeviceCopy> copies;
    ThreadChoice threads;
    double seconds = 0.0; ///< of the run under way, without what its owner does in between
};

/// What a plan is made against.
struct PlanContext {
    PlanSource source;
    const std::vector<PlacedDevice>* placed = nullptr;
    runtime::Runtime* runtime = nullptr;
    const std::vector<Tensor>* values = nullptr; ///< parallel to the model's variables
};

/// InvalidArgument when a placeholder is not fed or shapes do not fit; Unimplemented when a device has no
/// kernel for an op and type; ResourceExhausted when the memory cannot be had.
Result<std::unique_ptr<Plan>> makePlan(const PlanContext& context, const PlanRequest& request);

} // namespace wr::session
