// SPDX-License-Identifier: GPL-3.0-or-later
// The session of this process: variables in host memory, plans on the runtime's thread team. See session.h.
#pragma once

#include "engine/session/plan.h"
#include "engine/session/session.h"

#include <map>
#include <string_view>
#include <unordered_map>

namespace wr::session {

class LocalSession final : public Session {
public:
    LocalSession(std::shared_ptr<const graph::Model> model, runtime::Runtime& runtime, Placement placement);

    /// Allocates the variables; ResourceExhausted when they do not fit.
    Status allocate();

    const graph::Model& model() const override { return *m_model; }
    const Placement& placement() const override { return m_placement; }
    Status initializeAll() override;
    Status initialize(std::span<const std::string> names) override;
    Status initializeUninitialized() override;
    std::vector<std::string> uninitializedVariables() const override;
    Result<bool> isVariableInitialized(const std::string& name) const override;
    VariableState variableState(const std::string& name) const override;
    Result<Tensor> value(const std::string& name) const override;
    Result<std::vector<NamedTensor>> snapshot() const override;
    Status assign(std::span<const NamedTensor> values, VariableState newState) override;
    Result<PlanId> plan(std::span<const graph::NodeId> fetches, std::span<const graph::NodeId> updates,
                        std::span<const graph::NodeId> feeds, std::span<const Shape> feedShapes) override;
    std::size_t planBytes(PlanId plan) const override;
    Tensor& feedBuffer(PlanId plan, std::size_t index) override;
    Status run(PlanId plan) override;
    Status runUntilUpdates(PlanId plan) override;
    Status runUpdates(PlanId plan) override;
    void setStopFlag(const std::atomic<bool>* flag) override { m_stopFlag = flag; }
    double gradientNorm(PlanId plan) override;
    void setTimed(bool isTimed) override { m_isTimed = isTimed; }
    std::vector<OpTime> takeTimes(PlanId plan) override;
    std::string firstNonFinite(PlanId plan) override;
    std::uint64_t planCopyBytes(PlanId plan) const override;
    const std::vector<DeviceCopy>& planCopies(PlanId plan) const override;
    const std::vector<std::size_t>& planDeviceBytes(PlanId plan) const override;
    const Tensor& fetched(PlanId plan, std::size_t index) const override;
    void dropPlan(PlanId plan) override;
    Result<std::vector<Tensor>> evaluate(std::span<const graph::NodeId> fetches,
                                         std::span<const Feed> feeds) override;
    std::map<std::string, std::uint64_t> randomStreams() const override;
    void setRandomStreams(const std::map<std::string, std::uint64_t>& streams) override;

private:
    // Initial values (initialization.cpp)
    Status initializeSet(std::span<const std::size_t> wanted);
    Status checkFetchShapes(const Plan& plan, std::span<const std::size_t> wave) const;
    void runWave(const Plan& plan, std::map<std::string, std::uint64_t>& drawn);

    std::ptrdiff_t indexOf(std::string_view name) const;
    Plan& planAt(PlanId id) { return *m_plans.at(id); }
    const Plan& planAt(PlanId id) const { return *m_plans.at(id); }
    Status checkReads(const Plan& plan) const;
    void execute(PlanStep& step);
    void execute(const std::vector<std::unique_ptr<PlanStep>>& steps, const StepGroup& group);
    /// Takes the next piece of a random op's stream; returns where it begins.
    std::uint64_t reserveDraw(const PlanStep& step);
    bool isInitialized(std::size_t variable) const;

    std::shared_ptr<const graph::Model> m_model;
    runtime::Runtime& m_runtime;
    Placement m_placement;
    std::vector<int> m_devices;                                 ///< of each node
    std::unordered_map<std::string_view, std::size_t> m_byName; ///< names are the model's
    std::vector<Tensor> m_values; ///< parallel to the model's variables; the memory never moves
    std::vector<VariableState> m_states;
    PlanContext m_context;
    std::map<PlanId, std::unique_ptr<Plan>> m_plans;
    PlanId m_nextPlan = 0;
    const std::atomic<bool>* m_stopFlag = nullptr;
    bool m_isTimed = false;
    std::map<std::string, std::uint64_t> m_streams; ///< blocks drawn, by name of the random op
};

} // namespace wr::session
