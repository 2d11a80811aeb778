// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/local_session.h"

#include "engine/base/philox.h"
#include "engine/session/placement.h"
#include "engine/session/plan_threads.h"
#include "engine/session/scatter_check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace wr::session {
namespace {

void runTiles(void* context, std::int64_t begin, std::int64_t end)
{
    const auto* const step = static_cast<const PlanStep*>(context);
    step->kernel->run(step->args, begin, end);
}

} // namespace

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const graph::Model> model,
                                                 runtime::Runtime& runtime, SessionOptions options)
{
    if (model->hasErrors())
        return fail(StatusCode::FailedPrecondition, "the script has errors, so there is no model to run");
    WR_ASSIGN_OR_RETURN(Placement placement,
                        placeNodes(*model, runtime.devices(), options, kernelsOf(runtime)));
    auto session = std::make_unique<LocalSession>(std::move(model), runtime, std::move(placement));
    WR_RETURN_IF_ERROR(session->allocate());
    return std::unique_ptr<Session>(std::move(session));
}

LocalSession::LocalSession(std::shared_ptr<const graph::Model> model, runtime::Runtime& runtime,
                           Placement placement)
    : m_model(std::move(model)), m_runtime(runtime), m_placement(std::move(placement)),
      m_states(m_model->variables.size(), VariableState::Uninitialized)
{
    for (const PlacementEntry& entry : m_placement.entries)
        m_devices.push_back(entry.device);
    m_context.source.model = m_model.get();
    m_context.source.devices = &m_devices;
    m_context.placed = &m_placement.devices;
    m_context.runtime = &m_runtime;
    m_context.values = &m_values;
    for (std::size_t i = 0; i < m_model->variables.size(); ++i) {
        m_context.source.variableOf[m_model->variables[i].node] = i;
        m_byName.emplace(m_model->variables[i].name, i);
    }
}

Status LocalSession::allocate()
{
    for (const graph::Variable& variable : m_model->variables) {
        // An incomplete variable holds nothing, whatever is known of its shape.
        Result<Tensor> tensor =
            Tensor::zeros(variable.dtype, variable.isIncomplete ? Shape{0} : variable.shape);
        if (!tensor)
            return tensor.error().withContext(variable.name);
        m_values.push_back(std::move(*tensor));
    }
    return {};
}

std::ptrdiff_t LocalSession::indexOf(std::string_view name) const
{
    const auto found = m_byName.find(name);
    return found == m_byName.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
}

bool LocalSession::isInitialized(std::size_t variable) const
{
    // A tensor without elements always counts as initialised, as in TensorFlow; a hole never does.
    if (m_model->variables[variable].isIncomplete)
        return false;
    return m_states[variable] != VariableState::Uninitialized || m_values[variable].elementCount() == 0;
}

std::vector<std::string> LocalSession::uninitializedVariables() const
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        if (!isInitialized(i))
            names.push_back(m_model->variables[i].name);
    }
    return names;
}

Result<bool> LocalSession::isVariableInitialized(const std::string& name) const
{
    const std::ptrdiff_t index = indexOf(name);
    if (index < 0)
        return fail(StatusCode::NotFound, "there is no variable \"" + name + "\"");
    return isInitialized(static_cast<std::size_t>(index));
}

VariableState LocalSession::variableState(const std::string& name) const
{
    const std::ptrdiff_t index = indexOf(name);
    return index < 0 ? VariableState::Uninitialized : m_states[static_cast<std::size_t>(index)];
}

Result<Tensor> LocalSession::value(const std::string& name) const
{
    const std::ptrdiff_t index = indexOf(name);
    if (index < 0)
        return fail(StatusCode::NotFound, "there is no variable \"" + name + "\"");
    if (!isInitialized(static_cast<std::size_t>(index)))
        return fail(StatusCode::FailedPrecondition, "Attempting to use uninitialized value " + name);
    return m_values[static_cast<std::size_t>(index)].clone();
}

Result<std::vector<NamedTensor>> LocalSession::snapshot() const
{
    std::vector<NamedTensor> tensors;
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        if (!isInitialized(i))
            continue;
        WR_ASSIGN_OR_RETURN(Tensor copy, m_values[i].clone());
        tensors.push_back({m_model->variables[i].name, std::move(copy)});
    }
    return tensors;
}

Status LocalSession::assign(std::span<const NamedTensor> values, VariableState newState)
{
    std::vector<std::size_t> targets;
    std::string problems;
    for (const NamedTensor& value : values) {
        const std::ptrdiff_t index = indexOf(value.name);
        std::string problem;
        if (index < 0) {
            problem = "there is no variable \"" + value.name + "\"";
        } else {
            const graph::Variable& variable = m_model->variables[static_cast<std::size_t>(index)];
            if (variable.isIncomplete)
                problem = value.name + ": the variable is incomplete and cannot hold a value yet";
            else if (variable.dtype != value.tensor.dtype())
                problem = value.name + ": " + std::string(dtypeName(value.tensor.dtype())) +
                          " does not fit " + std::string(dtypeName(variable.dtype));
            else if (variable.shape != value.tensor.shape())
                problem = value.name + ": " + value.tensor.shape().toString() + " cannot fill " +
                          variable.shape.toString();
        }
        if (!problem.empty())
            problems += (problems.empty() ? "" : "; ") + problem;
        targets.push_back(static_cast<std::size_t>(std::max<std::ptrdiff_t>(index, 0)));
    }
    if (!problems.empty())
        return invalidArgument(problems);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        std::memcpy(m_values[targets[i]].mutableBytes().data(), values[i].tensor.bytes().data(),
                    values[i].tensor.byteSize());
        m_states[targets[i]] = newState;
    }
    return {};
}

Result<PlanId> LocalSession::plan(std::span<const graph::NodeId> fetches,
                                  std::span<const graph::NodeId> updates,
                                  std::span<const graph::NodeId> feeds, std::span<const Shape> feedShapes)
{
    PlanRequest request;
    request.fetches.assign(fetches.begin(), fetches.end());
    request.updates.assign(updates.begin(), updates.end());
    request.feeds.assign(feeds.begin(), feeds.end());
    request.feedShapes.assign(feedShapes.begin(), feedShapes.end());
    WR_ASSIGN_OR_RETURN(std::unique_ptr<Plan> made, makePlan(m_context, request));
    m_plans.emplace(m_nextPlan, std::move(made));
    return m_nextPlan++;
}

std::size_t LocalSession::planBytes(PlanId plan) const
{
    return planAt(plan).arenaBytes;
}

Tensor& LocalSession::feedBuffer(PlanId plan, std::size_t index)
{
    return planAt(plan).feeds[index];
}

Status LocalSession::checkReads(const Plan& plan) const
{
    std::string names;
    for (const std::size_t variable : plan.reads) {
        if (!isInitialized(variable))
            names += (names.empty() ? "" : ", ") + m_model->variables[variable].name;
    }
    return names.empty() ? Status() : failedPrecondition("Attempting to use uninitialized value " + names);
}

void LocalSession::execute(PlanStep& step)
{
    if (step.isRandom)
        step.attributes.streamBlock = reserveDraw(step);
    if (!m_isTimed) {
        m_runtime.team().run(step.tiles, runTiles, &step);
        return;
    }
    const auto begin = std::chrono::steady_clock::now();
    m_runtime.team().run(step.tiles, runTiles, &step);
    step.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::uint64_t LocalSession::reserveDraw(const PlanStep& step)
{
    std::uint64_t& position = m_streams[m_model->graph.node(step.node).name];
    const std::uint64_t begin = position;
    const auto elements = static_cast<std::uint64_t>(step.output.elements);
    if (step.isShuffle)
        position += philoxBlocksShuffled(
            step.output.rank > 0 ? static_cast<std::uint64_t>(step.output.dims[0]) : 1, elements);
    else
        position += philoxBlocksReserved(elements);
    return begin;
}

void LocalSession::execute(const std::vector<std::unique_ptr<PlanStep>>& steps, const StepGroup& group)
{
    if ((group.count > 1 || group.isSmall) && !m_isTimed) {
        group.run(m_runtime.team());
        return;
    }
    for (std::size_t i = 0; i < group.count; ++i)
        execute(*steps[group.first + i]);
}

Status LocalSession::runUntilUpdates(PlanId id)
{
    Plan& plan = planAt(id);
    WR_RETURN_IF_ERROR(checkReads(plan));
    const PlanThreads threads(m_runtime.team(), plan);
    plan.seconds = 0.0;
    for (const StepGroup& group : plan.computeGroups) {
        const PlanStep& step = *plan.compute[group.first]; // what is looked at stands alone
        Status status;
        if (m_stopFlag != nullptr && m_stopFlag->load(std::memory_order_relaxed))
            status = Status(StatusCode::Cancelled, "the step was stopped");
        else if (step.scatter.indices != nullptr)
            status = checkScatter(step).withContext(m_model->graph.node(step.node).name);
        if (!status.isOk()) {
            // What was drawn counts as not drawn.
            for (std::size_t i = group.first; i-- > 0;) {
                if (const PlanStep& drawn = *plan.compute[i]; drawn.isRandom)
                    m_streams[m_model->graph.node(drawn.node).name] = drawn.attributes.streamBlock;
            }
            return status;
        }
        execute(plan.compute, group);
    }
    for (const Plan::FetchCopy& copy : plan.fetchCopies) {
        if (!copy.isLate)
            std::memcpy(copy.to, copy.from, copy.bytes);
    }
    return {};
}

Status LocalSession::runUpdates(PlanId id)
{
    Plan& plan = planAt(id);
    std::optional<PlanThreads> threads(std::in_place, m_runtime.team(), plan);
    // All that can be known is checked before the first variable changes.
    for (const std::unique_ptr<PlanStep>& step : plan.updates) {
        if (step->scatter.indices != nullptr && !step->scatter.isLate)
            WR_RETURN_IF_ERROR(checkScatter(*step).withContext(m_model->graph.node(step->node).name));
    }
    for (const StepGroup& group : plan.updateGroups) {
        const PlanStep& step = *plan.updates[group.first];
        if (step.scatter.indices != nullptr)
            WR_RETURN_IF_ERROR(checkScatter(step).withContext(m_model->graph.node(step.node).name));
        execute(plan.updates, group);
    }
    for (const std::size_t variable : plan.written)
        m_states[variable] = VariableState::Trained;
    for (const Plan::FetchCopy& copy : plan.fetchCopies) {
        if (copy.isLate)
            std::memcpy(copy.to, copy.from, copy.bytes);
    }
    threads.reset();
    if (!m_isTimed)
        plan.threads.note(plan.seconds);
    return {};
}

Status LocalSession::run(PlanId plan)
{
    WR_RETURN_IF_ERROR(runUntilUpdates(plan));
    return runUpdates(plan);
}

std::uint64_t LocalSession::planCopyBytes(PlanId plan) const
{
    std::uint64_t bytes = 0;
    for (const DeviceCopy& copy : planAt(plan).copies)
        bytes += copy.bytes;
    return bytes;
}

const std::vector<DeviceCopy>& LocalSession::planCopies(PlanId plan) const
{
    return planAt(plan).copies;
}

const std::vector<std::size_t>& LocalSession::planDeviceBytes(PlanId plan) const
{
    return planAt(plan).deviceBytes;
}

const Tensor& LocalSession::fetched(PlanId plan, std::size_t index) const
{
    return planAt(plan).fetches[index];
}

void LocalSession::dropPlan(PlanId plan)
{
    m_plans.erase(plan);
}

Result<std::vector<Tensor>> LocalSession::evaluate(std::span<const graph::NodeId> fetches,
                                                   std::span<const Feed> feeds)
{
    std::vector<graph::NodeId> nodes;
    std::vector<Shape> shapes;
    for (const Feed& feed : feeds) {
        nodes.push_back(feed.node);
        shapes.push_back(feed.value.shape());
        if (feed.value.dtype() != m_model->graph.node(feed.node).dtype)
            return fail(StatusCode::InvalidArgument,
                        m_model->graph.node(feed.node).name + " is fed a value of another type");
    }
    WR_ASSIGN_OR_RETURN(const PlanId id, plan(fetches, {}, nodes, shapes));
    for (std::size_t i = 0; i < feeds.size(); ++i)
        std::memcpy(feedBuffer(id, i).mutableBytes().data(), feeds[i].value.bytes().data(),
                    feeds[i].value.byteSize());
    const Status status = run(id);
    std::vector<Tensor> values = planAt(id).fetches;
    dropPlan(id);
    if (!status.isOk())
        return fail(status);
    return values;
}

std::map<std::string, std::uint64_t> LocalSession::randomStreams() const
{
    return m_streams;
}

void LocalSession::setRandomStreams(const std::map<std::string, std::uint64_t>& streams)
{
    m_streams = streams;
}

} // namespace wr::session
