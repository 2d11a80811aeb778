// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/step_groups.h"

#include "engine/backend/update_form.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace wr::session {
namespace {

using backend::OpCode;
using backend::TensorView;

/// Element i of the result needs element i, or one of a broadcast, of each operand.
bool isPointwise(OpCode op)
{
    return (op >= OpCode::Add && op <= OpCode::GeluGrad) || op == OpCode::Reshape;
}

std::size_t bytesOf(const TensorView& view)
{
    return static_cast<std::size_t>(view.elements) * dtypeSize(view.dtype);
}

bool overlap(const TensorView& a, const TensorView& b)
{
    const auto* const x = static_cast<const std::byte*>(a.data);
    const auto* const y = static_cast<const std::byte*>(b.data);
    return x < y + bytesOf(b) && y < x + bytesOf(a);
}

/// The same memory, tile by tile.
bool coincide(const TensorView& a, const TensorView& b)
{
    return a.data == b.data && a.elements == b.elements && dtypeSize(a.dtype) == dtypeSize(b.dtype);
}

bool isAlone(const PlanStep& step)
{
    return step.isRandom || step.isCopy || step.scatter.indices != nullptr || step.output.elements == 0;
}

/// Whether a tile of `next` may run right behind the same tile of `before`, whatever other tiles do.
bool mayFollow(const PlanStep& before, const PlanStep& next)
{
    const auto isFine = [](const TensorView& a, const TensorView& b) {
        return !overlap(a, b) || coincide(a, b);
    };
    if (!isFine(before.output, next.output))
        return false;
    for (const TensorView& input : next.inputs) {
        if (!isFine(before.output, input))
            return false;
    }
    return std::all_of(before.inputs.begin(), before.inputs.end(),
                       [&](const TensorView& input) { return isFine(input, next.output); });
}

/// Whether `step` reads or writes what `other` writes: its result, and the slots that an optimizer's update
/// changes in place.
bool needs(const PlanStep& step, const PlanStep& other, OpCode otherOp)
{
    const auto touches = [&](const TensorView& written) {
        return overlap(step.output, written) ||
               std::any_of(step.inputs.begin(), step.inputs.end(),
                           [&](const TensorView& input) { return overlap(input, written); });
    };
    const std::optional<backend::UpdateForm> form = backend::updateForm(otherOp);
    for (std::size_t slot = 1; form && slot <= form->slotCount; ++slot) {
        if (touches(other.inputs[slot]))
            return true;
    }
    return touches(other.output);
}

/// Too little to be worth a second thread, whose waking takes a microsecond or two.
bool isSmall(const PlanStep& step, OpCode op)
{
    constexpr double kFewElements = 16384; // of element-wise work
    double elements = static_cast<double>(step.output.elements);
    for (const TensorView& input : step.inputs)
        elements += static_cast<double>(input.elements);
    if (op == OpCode::MatMul) {
        // [m, k] times [k, n] takes m·k·n products, eight of them as long as one element of other work.
        constexpr double kProducts = 8.0;
        elements += std::sqrt(static_cast<double>(step.inputs[0].elements) *
                              static_cast<double>(step.inputs[1].elements) *
                              static_cast<double>(step.output.elements)) /
                    kProducts;
    } else if (op == OpCode::BatchMatMul ||
               (op >= OpCode::Conv2D && op <= OpCode::DepthwiseConv2dNativeBackpropFilter)) {
        constexpr double kWork = 64.0; // of an element, at least
        elements *= kWork;
    }
    return elements <= kFewElements;
}

class Grouping {
public:
    Grouping(const graph::Graph& graph, std::span<const std::unique_ptr<PlanStep>> steps)
        : m_graph(graph), m_steps(steps)
    {
    }

    std::size_t smallEnd(std::size_t first) const
    {
        std::size_t end = first;
        while (end < m_steps.size() && !isAlone(*m_steps[end]) &&
               isSmall(*m_steps[end], m_graph.node(m_steps[end]->node).op))
            ++end;
        return end;
    }

    std::size_t chainEnd(std::size_t first) const
    {
        std::size_t end = first + 1;
        while (end < m_steps.size() && isLink(first, end))
            ++end;
        return end;
    }

    std::size_t sideBySideEnd(std::size_t first) const
    {
        constexpr std::size_t kMost = 16;
        std::size_t end = first + 1;
        while (end < m_steps.size() && end - first < kMost && !isAlone(*m_steps[end]) &&
               std::all_of(m_steps.begin() + static_cast<std::ptrdiff_t>(first),
                           m_steps.begin() + static_cast<std::ptrdiff_t>(end),
                           [&](const auto& step) { return areIndependent(*step, *m_steps[end]); }))
            ++end;
        return end;
    }

private:
    bool areIndependent(const PlanStep& a, const PlanStep& b) const
    {
        // Scratch memory may lie anywhere.
        return a.args.workspace == nullptr && b.args.workspace == nullptr &&
               !needs(a, b, m_graph.node(b.node).op) && !needs(b, a, m_graph.node(a.node).op);
    }

    bool isLink(std::size_t first, std::size_t next) const
    {
        const PlanStep& a = *m_steps[first];
        const PlanStep& b = *m_steps[next];
        if (isAlone(a) || isAlone(b) || !isPointwise(m_graph.node(a.node).op) ||
            !isPointwise(m_graph.node(b.node).op) || a.output.elements != b.output.elements ||
            a.tiles != b.tiles)
            return false;
        for (std::size_t i = first; i < next; ++i) {
            if (!mayFollow(*m_steps[i], b))
                return false;
        }
        return true;
    }

    const graph::Graph& m_graph;
    std::span<const std::unique_ptr<PlanStep>> m_steps;
};

void runInOrder(void* context, std::int64_t /*begin*/, std::int64_t /*end*/)
{
    for (const PlanStep* step : static_cast<const StepGroup*>(context)->steps)
        step->kernel->run(step->args, 0, step->tiles);
}

void runChain(void* context, std::int64_t begin, std::int64_t end)
{
    const auto& group = *static_cast<const StepGroup*>(context);
    for (std::int64_t tile = begin; tile < end; ++tile) {
        for (const PlanStep* step : group.steps)
            step->kernel->run(step->args, tile, tile + 1);
    }
}

void runSideBySide(void* context, std::int64_t begin, std::int64_t end)
{
    const auto& group = *static_cast<const StepGroup*>(context);
    std::int64_t first = 0;
    for (std::size_t i = 0; i < group.steps.size() && first < end; ++i) {
        const std::int64_t from = std::max(begin, first);
        const std::int64_t to = std::min(end, group.ends[i]);
        if (from < to)
            group.steps[i]->kernel->run(group.steps[i]->args, from - first, to - first);
        first = group.ends[i];
    }
}

} // namespace

void StepGroup::run(ThreadTeam& team) const
{
    team.run(tiles, isSmall ? runInOrder : isChain ? runChain : runSideBySide, const_cast<StepGroup*>(this));
}

std::vector<StepGroup> groupSteps(const graph::Graph& graph, std::span<const std::unique_ptr<PlanStep>> steps)
{
    const Grouping grouping(graph, steps);
    std::vector<StepGroup> groups;
    for (std::size_t first = 0; first < steps.size();) {
        StepGroup group;
        group.first = first;
        std::size_t end = grouping.smallEnd(first);
        group.isSmall = end > first;
        if (!group.isSmall) {
            end = first + 1;
            if (!isAlone(*steps[first])) {
                const std::size_t chain = grouping.chainEnd(first);
                group.isChain = chain > end;
                end = group.isChain ? chain : grouping.sideBySideEnd(first);
            }
        }
        group.count = end - first;
        group.tiles = group.isSmall ? 1 : group.isChain ? steps[first]->tiles : 0;
        for (std::size_t i = first; i < end; ++i) {
            group.steps.push_back(steps[i].get());
            if (!group.isSmall && !group.isChain)
                group.ends.push_back(group.tiles += steps[i]->tiles);
        }
        groups.push_back(std::move(group));
        first = end;
    }
    return groups;
}

} // namespace wr::session
