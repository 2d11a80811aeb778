// SPDX-License-Identifier: GPL-3.0-or-later
// What a session tells of a step that has run: where its time went, the norm of its gradients, and where the
// first NaN or Inf came from.
#include "engine/session/finite.h"
#include "engine/session/local_session.h"
#include "engine/session/plan_threads.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace wr::session {

std::vector<OpTime> LocalSession::takeTimes(PlanId id)
{
    Plan& plan = planAt(id);
    std::map<std::string, OpTime> times;
    for (const std::vector<std::unique_ptr<PlanStep>>* part : {&plan.compute, &plan.updates}) {
        for (const std::unique_ptr<PlanStep>& step : *part) {
            std::string op(step->isCopy ? std::string_view("Copy")
                                        : backend::opName(m_model->graph.node(step->node).op));
            OpTime& own = times[op];
            own.op = std::move(op);
            ++own.nodes;
            own.seconds += std::exchange(step->seconds, 0.0);
        }
    }
    std::vector<OpTime> sorted;
    for (auto& [name, time] : times)
        sorted.push_back(std::move(time));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const OpTime& a, const OpTime& b) { return a.seconds > b.seconds; });
    return sorted;
}

double LocalSession::gradientNorm(PlanId plan)
{
    Plan& own = planAt(plan);
    const PlanThreads threads(m_runtime.team(), own);
    const auto addUp = [](void* context, std::int64_t begin, std::int64_t end) {
        Plan& part = *static_cast<Plan*>(context);
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
            part.gradientSquares[i] = sumOfSquares(part.gradients[i]);
    };
    const auto addUpAll = [](void* context, std::int64_t /*begin*/, std::int64_t /*end*/) {
        Plan& whole = *static_cast<Plan*>(context);
        for (std::size_t i = 0; i < whole.gradients.size(); ++i)
            whole.gradientSquares[i] = sumOfSquares(whole.gradients[i]);
    };
    constexpr std::int64_t kFewElements = 32768; // that are not worth a second thread
    std::int64_t elements = 0;
    for (const backend::TensorView& part : own.gradients)
        elements += part.elements;
    if (elements <= kFewElements)
        m_runtime.team().run(1, addUpAll, &own);
    else
        m_runtime.team().run(static_cast<std::int64_t>(own.gradients.size()), addUp, &own);
    return std::sqrt(std::accumulate(own.gradientSquares.begin(), own.gradientSquares.end(), 0.0));
}

std::string LocalSession::firstNonFinite(PlanId id)
{
    Plan& plan = planAt(id);
    for (const std::size_t variable : plan.reads) {
        const Tensor& value = m_values[variable];
        if (!isFinite({const_cast<std::byte*>(value.bytes().data()), nullptr, 0, value.dtype(),
                       value.elementCount()}))
            return "the variable " + m_model->variables[variable].name;
    }
    for (const std::unique_ptr<PlanStep>& step : plan.compute) {
        if (step->isRandom)
            continue; // drawing again would advance the stream
        execute(*step);
        if (isFinite(step->output))
            continue;
        const graph::Node& node = m_model->graph.node(step->node);
        std::string reads;
        std::vector<graph::NodeId> open = node.inputs;
        std::set<graph::NodeId> seen;
        // The nearest variable, breadth first.
        for (std::size_t i = 0; i < open.size() && reads.empty(); ++i) {
            const graph::Node& ancestor = m_model->graph.node(open[i]);
            if (ancestor.op == backend::OpCode::Variable)
                reads = ancestor.name;
            for (const graph::NodeId input : ancestor.inputs) {
                if (seen.insert(input).second)
                    open.push_back(input);
            }
        }
        return node.name + (reads.empty() ? std::string() : ", which reads " + reads);
    }
    return {};
}

} // namespace wr::session
