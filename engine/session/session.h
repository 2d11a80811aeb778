// SPDX-License-Identifier: GPL-3.0-or-later
// The only owner of variable values, and the executor of plans. A plan is made once per set of fetches,
// updates and feed shapes: placement, memory, a flat list of steps; running it allocates nothing and locks
// nothing. Used by one thread at a time (the run worker); kernels have threads of their own inside.
#pragma once

#include "engine/session/placement.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wr::session {

enum class VariableState : std::uint8_t { Uninitialized, Initialized, Restored, Trained };

using SessionOptions = PlacementOptions;

using PlanId = int;

struct Feed {
    graph::NodeId node = graph::kNoNode;
    Tensor value;
};

/// The time that the nodes of one op took.
struct OpTime {
    std::string op;
    int nodes = 0;
    double seconds = 0.0;
};

class Session {
public:
    virtual ~Session() = default;

    /// FailedPrecondition when the model has errors; InvalidArgument when a device cannot be had and soft
    /// placement is off. The runtime must outlive the session.
    static Result<std::unique_ptr<Session>> create(std::shared_ptr<const graph::Model> model,
                                                   runtime::Runtime& runtime, SessionOptions options = {});

    virtual const graph::Model& model() const = 0;
    virtual const Placement& placement() const = 0;

    /// Runs the initial values of all variables, of the named ones (none: nothing happens), or of those that
    /// have no value, in dependency order, each random op once. All or nothing. FailedPrecondition names the
    /// incomplete variables, InvalidArgument a circle; see initialization_order.h for what is drawn in.
    virtual Status initializeAll() = 0;
    virtual Status initialize(std::span<const std::string> names) = 0;
    virtual Status initializeUninitialized() = 0;
    virtual std::vector<std::string> uninitializedVariables() const = 0;
    /// True also for a variable without elements, as in TensorFlow. NotFound.
    virtual Result<bool> isVariableInitialized(const std::string& name) const = 0;
    virtual VariableState variableState(const std::string& name) const = 0;

    /// A copy of a variable's value. NotFound; FailedPrecondition "Attempting to use uninitialized value …".
    virtual Result<Tensor> value(const std::string& name) const = 0;
    /// Copies of all initialised variables, slots included, in model order: what a checkpoint holds.
    virtual Result<std::vector<NamedTensor>> snapshot() const = 0;
    /// Sets variables. Checks every name, dtype and shape first, then sets all: all or nothing.
    virtual Status assign(std::span<const NamedTensor> values, VariableState newState) = 0;

    /// Plans the evaluation of `fetches` and the running of `updates` for feeds of these nodes and shapes.
    virtual Result<PlanId> plan(std::span<const graph::NodeId> fetches,
                                std::span<const graph::NodeId> updates, std::span<const graph::NodeId> feeds,
                                std::span<const Shape> feedShapes) = 0;
    /// Memory of the plan's activations and workspace, in bytes.
    virtual std::size_t planBytes(PlanId plan) const = 0;
    /// Host memory of feed `index`, to be filled before run(); valid until the plan is dropped.
    virtual Tensor& feedBuffer(PlanId plan, std::size_t index) = 0;
    /// Runs the plan once. FailedPrecondition names all uninitialised variables that it reads.
    virtual Status run(PlanId plan) = 0;
    /// run() in two halves: everything that the fetches and the updates' inputs need, then the updates.
    /// Between the two nothing has changed and gradientNorm() can be asked.
    virtual Status runUntilUpdates(PlanId plan) = 0;
    virtual Status runUpdates(PlanId plan) = 0;
    /// Another thread may set the flag to end runUntilUpdates() early with Cancelled, as if it had never been
    /// called. Null: nothing ends it. The flag must outlive its use.
    virtual void setStopFlag(const std::atomic<bool>* flag) = 0;
    /// The L2 norm of all values that the updates are about to take; NaN when one of them is NaN or Inf.
    virtual double gradientNorm(PlanId plan) = 0;
    /// Computes the first half again, step by step, and names the first op whose result holds NaN or Inf,
    /// with the nearest variable that it reads: "MatMul_1, which reads out_weights". Empty when all is
    /// finite. Slow: for reports.
    virtual std::string firstNonFinite(PlanId plan) = 0;
    /// While it is on, the time of each node of the plans is added up.
    virtual void setTimed(bool isTimed) = 0;
    /// By op, the longest first, since the last call; of the copies between devices as "Copy".
    virtual std::vector<OpTime> takeTimes(PlanId plan) = 0;
    /// Bytes that one run copies between devices, in all and value by value.
    virtual std::uint64_t planCopyBytes(PlanId plan) const = 0;
    virtual const std::vector<DeviceCopy>& planCopies(PlanId plan) const = 0;
    /// planBytes() by device of the placement.
    virtual const std::vector<std::size_t>& planDeviceBytes(PlanId plan) const = 0;
    /// Value of fetch `index` after run(); valid until the next run().
    virtual const Tensor& fetched(PlanId plan, std::size_t index) const = 0;
    virtual void dropPlan(PlanId plan) = 0;

    /// plan, feed, run, copy, drop in one call.
    virtual Result<std::vector<Tensor>> evaluate(std::span<const graph::NodeId> fetches,
                                                 std::span<const Feed> feeds) = 0;

    /// Positions of the random streams, so that a resumed session draws what the stopped one would have
    /// drawn.
    virtual std::map<std::string, std::uint64_t> randomStreams() const = 0;
    virtual void setRandomStreams(const std::map<std::string, std::uint64_t>& streams) = 0;
};

} // namespace wr::session
