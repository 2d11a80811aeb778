// SPDX-License-Identifier: GPL-3.0-or-later
// Running initial values: wave after wave, each wave's independent steps at one time, all or nothing.
// Whatever can fail (the order, plans, memory, values that are missing) fails before the first step runs, so
// that nothing has to be taken back.
#include "engine/session/initialization_order.h"
#include "engine/session/local_session.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace wr::session {
namespace {

/// Several steps as one run of the thread team: their tiles, one after another.
struct Level {
    const std::unique_ptr<PlanStep>* steps = nullptr;
    std::vector<std::int64_t> ends; ///< of each step's tiles
};

void runLevel(void* context, std::int64_t begin, std::int64_t end)
{
    const auto* const level = static_cast<const Level*>(context);
    auto index = static_cast<std::size_t>(std::upper_bound(level->ends.begin(), level->ends.end(), begin) -
                                          level->ends.begin());
    while (begin < end) {
        const PlanStep& step = *level->steps[index];
        const std::int64_t first = level->ends[index] - step.tiles;
        const std::int64_t stop = std::min(end, level->ends[index]);
        step.kernel->run(step.args, begin - first, stop - first);
        begin = stop;
        ++index;
    }
}

} // namespace

Status LocalSession::initializeAll()
{
    std::vector<std::size_t> wanted(m_model->variables.size());
    std::iota(wanted.begin(), wanted.end(), std::size_t{0});
    return initializeSet(wanted);
}

Status LocalSession::initializeUninitialized()
{
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        if (!isInitialized(i))
            wanted.push_back(i);
    }
    return initializeSet(wanted);
}

Status LocalSession::initialize(std::span<const std::string> names)
{
    std::vector<std::size_t> wanted;
    std::string unknown;
    for (const std::string& name : names) {
        const std::ptrdiff_t index = indexOf(name);
        if (index < 0)
            unknown += (unknown.empty() ? "" : ", ") + name;
        else
            wanted.push_back(static_cast<std::size_t>(index));
    }
    if (!unknown.empty())
        return notFound("the model has no variable named " + unknown);
    return initializeSet(wanted);
}

Status LocalSession::initializeSet(std::span<const std::size_t> wanted)
{
    WR_ASSIGN_OR_RETURN(
        const InitializationOrder order,
        initializationOrder(*m_model, wanted, [this](std::size_t i) { return isInitialized(i); }));

    // The same memory as the session's, but for variables that stay uninitialised: theirs is somewhere else.
    std::vector<Tensor> values = m_values;
    std::vector<bool> isBorrowed(m_values.size(), false);
    for (const std::size_t variable : order.borrowed) {
        const graph::Variable& own = m_model->variables[variable];
        WR_ASSIGN_OR_RETURN(values[variable], Tensor::create(own.dtype, own.shape));
        isBorrowed[variable] = true;
    }
    PlanContext context = m_context;
    context.values = &values;

    std::vector<std::unique_ptr<Plan>> plans;
    std::vector<bool> isKnown(m_values.size(), false);
    std::vector<bool> isNamed(m_values.size(), false);
    std::string missing;
    for (const std::vector<std::size_t>& wave : order.waves) {
        PlanRequest request;
        request.isParallel = true;
        for (const std::size_t variable : wave) {
            request.fetches.push_back(m_model->variables[variable].initialValue);
            request.fetchTargets.push_back(values[variable].mutableBytes().data());
        }
        Result<std::unique_ptr<Plan>> plan = makePlan(context, request);
        if (!plan)
            return plan.error().withContext("initial values of " + m_model->variables[wave.front()].name +
                                            (wave.size() > 1 ? " and others" : ""));
        WR_RETURN_IF_ERROR(checkFetchShapes(**plan, wave));
        for (const std::size_t variable : (*plan)->reads) {
            if (isKnown[variable] || isInitialized(variable) || isNamed[variable])
                continue;
            isNamed[variable] = true;
            missing += (missing.empty() ? "" : ", ") + m_model->variables[variable].name;
        }
        for (const std::size_t variable : wave)
            isKnown[variable] = true;
        plans.push_back(std::move(*plan));
    }
    if (!missing.empty())
        return failedPrecondition("Attempting to use uninitialized value " + missing);

    std::map<std::string, std::uint64_t> drawn;
    for (const std::unique_ptr<Plan>& plan : plans)
        runWave(*plan, drawn);
    for (std::size_t i = 0; i < isKnown.size(); ++i) {
        if (isKnown[i] && !isBorrowed[i])
            m_states[i] = VariableState::Initialized;
    }
    return {};
}

/// An initial value fills its variable to the byte, or nothing is written.
Status LocalSession::checkFetchShapes(const Plan& plan, std::span<const std::size_t> wave) const
{
    for (std::size_t i = 0; i < wave.size(); ++i) {
        const graph::Variable& own = m_model->variables[wave[i]];
        const Storage& value = plan.storages[plan.fetchValues[i]];
        if (value.dtype != own.dtype || value.shape != own.shape)
            return invalidArgument("the initial value of " + own.name + " is " +
                                   std::string(dtypeName(value.dtype)) + " " + value.shape.toString() +
                                   ", the variable " + std::string(dtypeName(own.dtype)) + " " +
                                   own.shape.toString());
    }
    return {};
}

/// `drawn` holds where each random op began in this run: one that several waves need draws the same again.
void LocalSession::runWave(const Plan& plan, std::map<std::string, std::uint64_t>& drawn)
{
    for (const std::unique_ptr<PlanStep>& step : plan.compute) {
        if (!step->isRandom)
            continue;
        const auto [found, isNew] = drawn.try_emplace(m_model->graph.node(step->node).name, 0);
        if (isNew)
            found->second = reserveDraw(*step);
        step->attributes.streamBlock = found->second;
    }
    std::size_t begin = 0;
    for (const std::size_t end : plan.levelEnds) {
        Level level;
        level.steps = plan.compute.data() + begin;
        std::int64_t tiles = 0;
        for (std::size_t i = begin; i < end; ++i) {
            tiles += plan.compute[i]->tiles;
            level.ends.push_back(tiles);
        }
        m_runtime.team().run(tiles, runLevel, &level);
        begin = end;
    }
    for (const Plan::FetchCopy& copy : plan.fetchCopies)
        std::memcpy(copy.to, copy.from, copy.bytes);
}

} // namespace wr::session
