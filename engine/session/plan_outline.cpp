// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/plan_outline.h"

#include "engine/backend/update_form.h"
#include "engine/graph/op_rules.h"
#include "engine/session/arena.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace wr::session {
namespace {

using backend::OpCode;
using graph::Node;
using graph::NodeId;
using Home = OutlineValue::Home;

Status resolveReshape(Node& exact, const Shape& input)
{
    std::vector<std::int64_t> dims = exact.shape.dims();
    std::int64_t known = 1;
    std::int64_t* open = nullptr;
    for (std::int64_t& dim : dims) {
        if (dim >= 0)
            known *= dim;
        else if (open != nullptr)
            return invalidArgument(exact.name + ": two dimensions of " + exact.shape.toString() +
                                   " are open");
        else
            open = &dim;
    }
    if (open != nullptr)
        *open = known == 0 ? 0 : input.elementCount().value_or(0) / known;
    exact.shape = Shape(std::move(dims));
    return {};
}

class Outliner {
public:
    Outliner(const PlanSource& source, const PlanRequest& request)
        : m_source(source), m_request(request), m_graph(source.model->graph)
    {
    }

    Result<PlanOutline> run()
    {
        for (std::size_t i = 0; i < m_request.feeds.size(); ++i)
            WR_RETURN_IF_ERROR(addFeed(i));
        collectNeeded();
        for (const NodeId id : m_order)
            WR_RETURN_IF_ERROR(specialise(id));
        addFetches();
        for (std::size_t i = 0; i < m_order.size(); ++i)
            addStep(m_order[i], i >= m_firstLate);
        orderSteps();
        m_outline.reads.assign(m_reads.begin(), m_reads.end());
        m_outline.written.assign(m_written.begin(), m_written.end());
        return std::move(m_outline);
    }

private:
    const Node& node(NodeId id) const { return m_graph.node(id); }
    int deviceOf(NodeId id) const { return (*m_source.devices)[static_cast<std::size_t>(id)]; }
    bool isFed(NodeId id) const
    {
        return std::find(m_request.feeds.begin(), m_request.feeds.end(), id) != m_request.feeds.end();
    }
    OutlineValue& value(NodeId id) { return m_outline.values[m_valueOf.at(id)]; }

    void addValue(NodeId id, Home home, std::size_t index, const Shape& shape)
    {
        m_valueOf[id] = m_outline.values.size();
        m_outline.values.push_back({id, home, index, node(id).dtype, shape, deviceOf(id)});
    }

    Status addFeed(std::size_t index)
    {
        const NodeId id = m_request.feeds[index];
        const Shape& shape = m_request.feedShapes[index];
        if (!node(id).shape.isCompatibleWith(shape))
            return invalidArgument("Cannot feed value of shape " + shape.toString() + " for \"" +
                                   node(id).name + "\", which has shape " + node(id).shape.toString());
        addValue(id, Home::Feed, index, shape);
        return {};
    }

    /// Ancestors of fetches and updates in creation order; updates and what depends on them come last.
    void collectNeeded()
    {
        std::vector<NodeId> open = m_request.fetches;
        open.insert(open.end(), m_request.updates.begin(), m_request.updates.end());
        std::set<NodeId> needed;
        while (!open.empty()) {
            const NodeId id = open.back();
            open.pop_back();
            if (!needed.insert(id).second || isFed(id))
                continue;
            open.insert(open.end(), node(id).inputs.begin(), node(id).inputs.end());
            open.insert(open.end(), node(id).controlInputs.begin(), node(id).controlInputs.end());
        }
        std::vector<NodeId> late;
        for (const NodeId id : needed) {
            const auto isLate = [&](NodeId in) { return m_late.count(in) != 0; };
            const auto& inputs = node(id).inputs;
            const auto& controls = node(id).controlInputs;
            const bool depends = !isFed(id) && (std::any_of(inputs.begin(), inputs.end(), isLate) ||
                                                std::any_of(controls.begin(), controls.end(), isLate));
            if (isUpdate(node(id).op) || depends) {
                m_late.insert(id);
                late.push_back(id);
            } else {
                m_order.push_back(id);
            }
        }
        m_firstLate = m_order.size();
        m_order.insert(m_order.end(), late.begin(), late.end());
    }

    /// Exact shapes for these feeds.
    Status specialise(NodeId id)
    {
        if (isFed(id))
            return {};
        const Node& own = node(id);
        if (own.op == OpCode::Placeholder)
            return invalidArgument("You must feed a value for placeholder \"" + own.name + "\"");
        if (own.op == OpCode::Const) {
            addValue(id, Home::Constant, 0, own.shape);
            return {};
        }
        if (own.op == OpCode::Variable) {
            addValue(id, Home::Variable, m_source.variableOf.at(id), own.shape);
            return {};
        }
        std::vector<graph::OutputSpec> inputs;
        for (const NodeId input : own.inputs) {
            const OutlineValue& from = value(input);
            inputs.push_back({from.dtype, from.shape});
            if (node(input).op == OpCode::Variable && !(isUpdate(own.op) && input == own.inputs.front()))
                m_reads.insert(m_source.variableOf.at(input));
        }
        if (isUpdate(own.op))
            noteUpdate(own);
        Node exact = own;
        if (own.op == OpCode::Reshape)
            WR_RETURN_IF_ERROR(resolveReshape(exact, inputs.front().shape));
        Result<graph::OutputSpec> output = graph::inferOutput(exact, inputs);
        if (!output)
            return output.error().withContext(own.name);
        if (!output->shape.isFullyDefined())
            return invalidArgument(own.name + ": its shape " + output->shape.toString() +
                                   " is not known from the feeds");
        // Bytes are summed later on, so a size that cannot be counted must not get that far.
        constexpr std::int64_t kMostElements = std::int64_t{1} << 48;
        if (output->shape.elementCount().value_or(kMostElements + 1) > kMostElements)
            return resourceExhausted(own.name + ": its shape " + output->shape.toString() +
                                     " takes more memory than this machine has");
        if (isUpdate(own.op))
            m_valueOf[id] = m_valueOf.at(own.inputs.front()); // the same memory
        else
            addValue(id, Home::Arena, 0, output->shape);
        return {};
    }

    void noteUpdate(const Node& own)
    {
        const std::size_t changed = std::min(changedInputs(own.op), own.inputs.size());
        for (std::size_t i = 0; i < changed; ++i) {
            const auto target = m_source.variableOf.find(own.inputs[i]);
            if (target == m_source.variableOf.end())
                continue;
            m_written.insert(target->second);
            if (own.op != OpCode::Assign)
                m_reads.insert(target->second);
        }
    }

    void addFetches()
    {
        for (std::size_t i = 0; i < m_request.fetches.size(); ++i) {
            const NodeId id = m_request.fetches[i];
            const std::size_t index = m_valueOf.at(id);
            OutlineValue& from = m_outline.values[index];
            if (from.home == Home::Variable && !isUpdate(node(id).op))
                m_reads.insert(from.index);
            if (from.home == Home::Arena) {
                from.home = Home::Fetch;
                from.index = i;
            }
            m_outline.fetches.push_back(index);
            m_outline.lateFetches.push_back(m_late.count(id) != 0);
        }
    }

    void addStep(NodeId id, bool isLate)
    {
        const Node& own = node(id);
        if (isFed(id) || !hasKernel(own.op))
            return;
        OutlineStep step;
        step.node = id;
        step.isLate = isLate;
        step.device = deviceOf(id);
        const std::size_t changed = isUpdate(own.op) ? changedInputs(own.op) : 0;
        for (std::size_t i = 0; i < own.inputs.size(); ++i)
            step.inputs.push_back(onDevice(own.inputs[i], step.device, isLate, i < changed));
        step.output = m_valueOf.at(id);
        m_outline.steps.push_back(std::move(step));
        for (std::size_t i = 0; i < std::min(changed, own.inputs.size()); ++i)
            ++m_versions[m_valueOf.at(own.inputs[i])];
    }

    /// The value of `id` where `device` can read it: itself, or a copy that is made once a run, and again for
    /// whoever reads a variable after an update. Constants and feeds come from the host to wherever they are
    /// read.
    std::size_t onDevice(NodeId id, int device, bool isLate, bool isTarget)
    {
        const std::size_t home = m_valueOf.at(id);
        const OutlineValue& from = m_outline.values[home];
        if (from.device == device || isTarget || from.home == Home::Constant || from.home == Home::Feed)
            return home;
        const auto [found, isNew] =
            m_copies.try_emplace({id, device, m_versions[home]}, m_outline.values.size());
        if (!isNew)
            return found->second;
        OutlineStep step;
        step.node = id;
        step.isCopy = true;
        step.isLate = isLate;
        step.device = device;
        step.inputs = {home};
        step.output = found->second;
        m_outline.copies.push_back({id, from.device, device, from.bytes()});
        m_outline.values.push_back({id, Home::Arena, 0, from.dtype, Shape(from.shape), device});
        m_outline.steps.push_back(std::move(step));
        return found->second;
    }

    void orderSteps()
    {
        std::vector<OutlineStep>& steps = m_outline.steps;
        if (!m_request.isParallel) {
            for (std::size_t i = 0; i < steps.size(); ++i)
                steps[i].time = i;
            return;
        }
        std::vector<std::size_t> levels(m_outline.values.size(), 0); // of the steps that may read a value
        for (OutlineStep& step : steps) {
            for (const std::size_t input : step.inputs)
                step.time = std::max(step.time, levels[input]);
            levels[step.output] = step.time + 1;
        }
        std::stable_sort(steps.begin(), steps.end(),
                         [](const OutlineStep& a, const OutlineStep& b) { return a.time < b.time; });
    }

    const PlanSource& m_source;
    const PlanRequest& m_request;
    const graph::Graph& m_graph;
    PlanOutline m_outline;
    std::unordered_map<NodeId, std::size_t> m_valueOf;
    std::vector<NodeId> m_order;
    std::set<NodeId> m_late;
    std::size_t m_firstLate = 0;
    std::set<std::size_t> m_reads;
    std::set<std::size_t> m_written;
    std::map<std::tuple<NodeId, int, std::size_t>, std::size_t> m_copies; ///< by node, device and version
    std::unordered_map<std::size_t, std::size_t> m_versions; ///< of values that updates changed: how often
};

} // namespace

std::size_t OutlineValue::bytes() const
{
    return static_cast<std::size_t>(shape.elementCount().value_or(0)) * dtypeSize(dtype);
}

Result<PlanOutline> outlinePlan(const PlanSource& source, const PlanRequest& request)
{
    return Outliner(source, request).run();
}

PlanMemory layOutPlan(const PlanOutline& outline, std::span<const std::size_t> scratch, std::size_t devices)
{
    PlanMemory memory;
    memory.values.assign(outline.values.size(), PlanMemory::kNowhere);
    memory.scratch.assign(outline.steps.size(), PlanMemory::kNowhere);
    memory.deviceBytes.assign(devices, 0);
    std::vector<std::vector<ArenaBlock>> blocks(devices);
    std::vector<std::vector<std::size_t*>> offsets(devices); // where each block's offset belongs
    std::vector<std::size_t> blockOf(outline.values.size(), PlanMemory::kNowhere);
    for (std::size_t i = 0; i < outline.steps.size(); ++i) {
        const OutlineStep& step = outline.steps[i];
        const auto touch = [&](std::size_t index) {
            const OutlineValue& value = outline.values[index];
            if (value.home != Home::Arena)
                return;
            const auto device = static_cast<std::size_t>(value.device);
            if (blockOf[index] == PlanMemory::kNowhere) {
                blockOf[index] = blocks[device].size();
                blocks[device].push_back({value.bytes(), step.time, step.time, 0});
                offsets[device].push_back(&memory.values[index]);
            }
            ArenaBlock& block = blocks[device][blockOf[index]];
            block.lastStep = std::max(block.lastStep, step.time);
        };
        for (const std::size_t input : step.inputs)
            touch(input);
        touch(step.output);
        if (!scratch.empty() && scratch[i] > 0) {
            const auto device = static_cast<std::size_t>(step.device);
            blocks[device].push_back({scratch[i], step.time, step.time, 0});
            offsets[device].push_back(&memory.scratch[i]);
        }
    }
    for (std::size_t device = 0; device < devices; ++device) {
        memory.deviceBytes[device] = layOut(blocks[device]);
        for (std::size_t i = 0; i < blocks[device].size(); ++i)
            *offsets[device][i] = memory.total + blocks[device][i].offset;
        memory.total += memory.deviceBytes[device];
    }
    return memory;
}

std::size_t scratchBytes(const PlanOutline& outline, const OutlineStep& step,
                         const backend::OpAttributes& attributes, const backend::Kernel& kernel)
{
    if (kernel.workspaceBytes == nullptr)
        return 0;
    const auto view = [&](std::size_t index) {
        const OutlineValue& value = outline.values[index];
        backend::TensorView made;
        made.dims = value.shape.dims().data();
        made.rank = value.shape.rank();
        made.dtype = value.dtype;
        made.elements = value.shape.elementCount().value_or(0);
        return made;
    };
    std::vector<backend::TensorView> inputs;
    for (const std::size_t input : step.inputs)
        inputs.push_back(view(input));
    const backend::TensorView output = view(step.output);
    backend::KernelArgs args;
    args.inputs = inputs.data();
    args.inputCount = static_cast<std::int32_t>(inputs.size());
    args.outputs = &output;
    args.outputCount = 1;
    args.attributes = &attributes;
    return kernel.workspaceBytes(args);
}

bool isUpdate(OpCode op)
{
    return backend::changesVariable(op);
}

std::size_t changedInputs(OpCode op)
{
    const std::optional<backend::UpdateForm> form = backend::updateForm(op);
    return form ? 1 + form->slotCount : 1;
}

bool isRandom(OpCode op)
{
    return op == OpCode::RandomUniform || op == OpCode::RandomNormal || op == OpCode::TruncatedNormal ||
           op == OpCode::RandomUniformInt || op == OpCode::RandomShuffle;
}

DType kernelType(const graph::Graph& graph, const Node& node)
{
    const bool byInput = (node.op >= OpCode::Equal && node.op <= OpCode::LogicalNot) ||
                         node.op == OpCode::ArgMax || node.op == OpCode::ArgMin ||
                         node.op == OpCode::TopKIndices || node.op == OpCode::InTopK ||
                         node.op == OpCode::Cast;
    return byInput && !node.inputs.empty() ? graph.node(node.inputs.front()).dtype : node.dtype;
}

bool hasKernel(OpCode op)
{
    return op != OpCode::Const && op != OpCode::Placeholder && op != OpCode::Variable && op != OpCode::NoOp;
}

} // namespace wr::session
