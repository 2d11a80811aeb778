// SPDX-License-Identifier: GPL-3.0-or-later
// Decides on which device each node runs, and says what the script asked for in vain. Pure; any thread, also
// without a session, so that a placement can be looked at before anything is allocated.
//
// The devices of a placement are those of this machine and one for each task of a job that the script names:
// without a cluster, "/job:ps/task:7" lives in this process, computes on one of the machine's devices and has
// memory and copies counted as its own. "/job:localhost/replica:0/task:0", and every part of it that is left
// open, is this process itself. A job without a task means its first task that the script names, or task 0.
//
// What must sit together is placed together: a variable, its slots, and the ops that change it. Where two of
// them ask for different devices the variable's request holds, and the other is listed as ignored. Otherwise
// a node runs on the first device that its request allows and that has a kernel for it, GPUs before CPUs. A
// node without inputs and without a request (a constant, a random draw) follows the only node that reads it.
// The graph has no op that reads only shapes, which would follow its input.
#pragma once

#include "engine/graph/model.h"
#include "engine/runtime/runtime.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace wr::session {

struct PlacementOptions {
    bool allowSoftPlacement =
        true; ///< what cannot be met falls back to the CPU of the same task and is listed
};

/// A device of the placement. The machine's own come first, in the order of Runtime::devices().
struct PlacedDevice {
    std::string name;      ///< "/cpu:0", "/job:ps/task:7/cpu:0"
    int runtimeDevice = 0; ///< the one of Runtime::devices() that computes for it
    bool isTask = false;   ///< a task of a job, living in this process
};

/// Where a node runs, or why its request could not be met.
struct PlacementEntry {
    graph::NodeId node = graph::kNoNode;
    int device = 0;   ///< index into Placement::devices
    std::string note; ///< empty, or the reason for a departure from the request
};

struct Placement {
    std::vector<PlacedDevice> devices;
    std::vector<PlacementEntry> entries;          ///< one a node
    std::vector<graph::IgnoredDirective> ignored; ///< the model's and those found while placing
};

/// Whether a device of the machine (index into Runtime::devices()) can run an op for a type; Variable stands
/// for keeping a variable of that type there. Not asked about Const, Placeholder and NoOp, which run
/// anywhere.
using KernelTest = std::function<bool(int device, backend::OpCode op, DType dtype)>;
/// What a runtime can do. It must outlive the answer.
KernelTest kernelsOf(const runtime::Runtime& runtime);

/// InvalidArgument names every request that cannot be met when soft placement is off, with what exists;
/// FailedPrecondition "No devices are registered" when `devices` is empty. Without `hasKernel` CPUs run
/// everything, and other devices everything but variables that are neither floating-point nor int64, as in
/// TensorFlow.
Result<Placement> placeNodes(const graph::Model& model, const std::vector<runtime::Device>& devices,
                             const PlacementOptions& options = {}, const KernelTest& hasKernel = {});

/// Memory that a run needs on one device, in bytes, before anything is allocated.
struct DeviceMemory {
    std::uint64_t values = 0;         ///< variables, without slots
    std::uint64_t gradients = 0;      ///< of the recipe's training op, where they are computed and copied to
    std::uint64_t optimizerSlots = 0; ///< what the optimizer keeps
    std::uint64_t workspace = 0; ///< activations of one step at the recipe's batch size, kernels' scratch
    std::uint64_t total() const { return values + gradients + optimizerSlots + workspace; }
};

/// A value that one step of the recipe copies between devices.
struct DeviceCopy {
    graph::NodeId node = graph::kNoNode;
    int from = 0;
    int to = 0;
    std::uint64_t bytes = 0;
};

struct PlacementCost {
    std::vector<DeviceMemory> memory; ///< one a device of the placement
    std::vector<DeviceCopy> copies;   ///< of one training step; empty without a recipe
};

/// What a placement costs: gradients and workspace together are to the byte what the plan of a training step
/// takes, copies are the ones that it makes. Without a runtime the kernels' scratch memory is left out. A
/// step that cannot be planned (an input whose size only the data knows) has no workspace and no copies.
/// Shapes only; nothing is computed and no value allocated.
PlacementCost placementCost(const graph::Model& model, const Placement& placement,
                            const runtime::Runtime* runtime = nullptr);

} // namespace wr::session
