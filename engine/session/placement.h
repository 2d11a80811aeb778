// SPDX-License-Identifier: GPL-3.0-or-later
// Decides on which device each node runs, and says what the script asked for in vain. Pure; any thread, also
// without a session, so that a placement can be looked at before anything is allocated.
//
// The devices of a placement are those of this machine and one for each task of a job that the script names:
// without a cluster, "/job:ps/task:7" lives in this process, computes on one of the machine's devices and has
// memory and copies counted as its own.
#pragma once

#include "engine/graph/model.h"
#include "engine/runtime/runtime.h"

#include <cstdint>
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

/// InvalidArgument names every request that cannot be met when soft placement is off, with what exists;
/// FailedPrecondition "No devices are registered" when `devices` is empty.
Result<Placement> placeNodes(const graph::Model& model, const std::vector<runtime::Device>& devices,
                             const PlacementOptions& options = {});

/// Memory that a run needs on one device, in bytes, before anything is allocated.
struct DeviceMemory {
    std::uint64_t values = 0;         ///< variables, without slots
    std::uint64_t gradients = 0;      ///< of the recipe's training op
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

/// What a placement costs. Shapes only; nothing is computed and nothing allocated.
PlacementCost placementCost(const graph::Model& model, const Placement& placement);

} // namespace wr::session
