// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/plan.h"

#include "engine/graph/op_rules.h"
#include "engine/session/arena.h"

#include <algorithm>
#include <set>

namespace wr::session {
namespace {

using backend::OpCode;
using graph::kNoNode;
using graph::Node;
using graph::NodeId;

bool isUpdate(OpCode op)
{
    return op >= OpCode::Assign && op <= OpCode::ApplyAdam;
}

bool isRandom(OpCode op)
{
    return op == OpCode::RandomUniform || op == OpCode::RandomNormal || op == OpCode::TruncatedNormal ||
           op == OpCode::RandomUniformInt || op == OpCode::RandomShuffle;
}

bool isScatter(OpCode op)
{
    return op >= OpCode::ScatterUpdate && op <= OpCode::ScatterDiv;
}

/// The type that a kernel is looked up by; see KernelEntry.
DType keyType(const Node& node, const std::vector<std::unique_ptr<Storage>>& storages)
{
    const bool byInput = (node.op >= OpCode::Equal && node.op <= OpCode::GreaterEqual) ||
                         node.op == OpCode::ArgMax || node.op == OpCode::Cast;
    return byInput ? storages[static_cast<std::size_t>(node.inputs.front())]->dtype : node.dtype;
}

class PlanMaker {
public:
    PlanMaker(const PlanContext& context, const PlanRequest& request)
        : m_context(context), m_request(request), m_graph(context.model->graph),
          m_plan(std::make_unique<Plan>())
    {
    }

    Result<std::unique_ptr<Plan>> run()
    {
        collectNeeded();
        m_plan->storages.resize(m_graph.nodes().size());
        WR_RETURN_IF_ERROR(makeFeeds());
        for (const NodeId id : m_order)
            WR_RETURN_IF_ERROR(specialise(id));
        WR_RETURN_IF_ERROR(makeFetches());
        for (const NodeId id : m_order)
            WR_RETURN_IF_ERROR(addStep(id));
        WR_RETURN_IF_ERROR(layOutArena());
        for (const auto& steps : {&m_plan->compute, &m_plan->updates}) {
            for (const auto& step : *steps)
                finish(*step);
        }
        collectGradients();
        m_plan->reads.assign(m_reads.begin(), m_reads.end());
        m_plan->written.assign(m_written.begin(), m_written.end());
        return std::move(m_plan);
    }

private:
    const Node& node(NodeId id) const { return m_graph.node(id); }
    Storage& storage(NodeId id) { return *m_plan->storages[static_cast<std::size_t>(id)]; }
    bool isFed(NodeId id) const
    {
        return std::find(m_request.feeds.begin(), m_request.feeds.end(), id) != m_request.feeds.end();
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
        }
        std::vector<NodeId> late;
        std::set<NodeId> isLate;
        for (const NodeId id : needed) {
            const auto& inputs = node(id).inputs;
            const bool depends = !isFed(id) && std::any_of(inputs.begin(), inputs.end(),
                                                           [&](NodeId in) { return isLate.count(in) != 0; });
            if (isUpdate(node(id).op) || depends) {
                isLate.insert(id);
                late.push_back(id);
            } else {
                m_order.push_back(id);
            }
        }
        m_firstLate = m_order.size();
        m_order.insert(m_order.end(), late.begin(), late.end());
    }

    Status makeFeeds()
    {
        for (std::size_t i = 0; i < m_request.feeds.size(); ++i) {
            const NodeId id = m_request.feeds[i];
            const Shape& shape = m_request.feedShapes[i];
            if (!node(id).shape.isCompatibleWith(shape))
                return invalidArgument("Cannot feed value of shape " + shape.toString() + " for \"" +
                                       node(id).name + "\", which has shape " + node(id).shape.toString());
            WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::zeros(node(id).dtype, shape));
            m_plan->feeds.push_back(std::move(tensor));
            set(id, shape, m_plan->feeds.back().mutableBytes().data());
        }
        return {};
    }

    void set(NodeId id, const Shape& shape, std::byte* data)
    {
        auto& slot = m_plan->storages[static_cast<std::size_t>(id)];
        slot = std::make_unique<Storage>();
        slot->shape = shape;
        slot->dtype = node(id).dtype;
        slot->data = data;
    }

    /// Exact shapes for these feeds, and the memory of what has memory of its own.
    Status specialise(NodeId id)
    {
        if (isFed(id))
            return {};
        const Node& own = node(id);
        if (own.op == OpCode::Placeholder)
            return invalidArgument("You must feed a value for placeholder \"" + own.name + "\"");
        if (own.op == OpCode::Const) {
            // Kernels only read it.
            set(id, own.shape, const_cast<std::byte*>(own.constant.bytes().data()));
            return {};
        }
        if (own.op == OpCode::Variable) {
            const std::size_t index = m_context.variableOf.at(id);
            set(id, own.shape, (*m_context.values)[index].mutableBytes().data());
            return {};
        }
        std::vector<graph::OutputSpec> inputs;
        for (const NodeId input : own.inputs) {
            const Storage& from = storage(input);
            inputs.push_back({from.dtype, from.shape});
            if (node(input).op == OpCode::Variable && !(isUpdate(own.op) && input == own.inputs.front()))
                m_reads.insert(m_context.variableOf.at(input));
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
        set(id, output->shape, nullptr);
        if (isUpdate(own.op))
            storage(id).data = storage(own.inputs.front()).data;
        return {};
    }

    void noteUpdate(const Node& own)
    {
        const auto target = m_context.variableOf.find(own.inputs.front());
        if (target == m_context.variableOf.end())
            return;
        m_written.insert(target->second);
        if (own.op != OpCode::Assign)
            m_reads.insert(target->second);
        const std::size_t slots = own.op == OpCode::ApplyAdam ? 2 : own.op == OpCode::ApplyMomentum ? 1 : 0;
        for (std::size_t i = 1; i <= slots; ++i)
            m_written.insert(m_context.variableOf.at(own.inputs[i]));
    }

    static Status resolveReshape(Node& exact, const Shape& input)
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

    Status makeFetches()
    {
        for (std::size_t i = 0; i < m_request.fetches.size(); ++i) {
            const NodeId id = m_request.fetches[i];
            Storage& from = storage(id);
            WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::zeros(from.dtype, from.shape));
            if (from.data != nullptr)
                m_plan->fetchCopies.push_back({i, from.data});
            else
                from.data = tensor.mutableBytes().data();
            m_plan->fetches.push_back(std::move(tensor));
        }
        return {};
    }

    Status addStep(NodeId id)
    {
        const Node& own = node(id);
        if (isFed(id) || own.op == OpCode::Const || own.op == OpCode::Variable ||
            own.op == OpCode::Placeholder || own.op == OpCode::NoOp)
            return {};
        const int device = deviceOf(id);
        const bool late = isLate(id);
        auto step = std::make_unique<PlanStep>();
        step->node = id;
        step->attributes = own.attributes;
        step->isRandom = isRandom(own.op);
        step->isShuffle = own.op == OpCode::RandomShuffle;
        const DType key = keyType(own, m_plan->storages);
        step->kernel = m_context.runtime->kernel(device, own.op, key);
        if (step->kernel == nullptr)
            return unimplemented(own.name + ": there is no kernel for " +
                                 std::string(backend::opName(own.op)) + " of " + std::string(dtypeName(key)) +
                                 " on " +
                                 m_context.runtime->devices()[static_cast<std::size_t>(device)].name);
        std::vector<Storage*> inputs;
        for (std::size_t i = 0; i < own.inputs.size(); ++i)
            inputs.push_back(onDevice(own.inputs[i], device, late, isUpdate(own.op) && i == 0));
        const std::size_t index = stepCount();
        for (Storage* const input : inputs)
            touch(input, index);
        if (isScatter(own.op))
            addScatterCheck(*step, own, index);
        Storage* const output = &storage(id);
        touch(output, index);
        m_views.push_back({step.get(), std::move(inputs), output});
        (late ? m_plan->updates : m_plan->compute).push_back(std::move(step));
        return {};
    }

    /// The check reads the values where they were made, so they stay until the step.
    void addScatterCheck(PlanStep& step, const Node& own, std::size_t index)
    {
        step.scatter.indices = &storage(own.inputs[1]);
        step.scatter.updates = &storage(own.inputs[2]);
        step.scatter.dividesWhole = own.op == OpCode::ScatterDiv && !isFloating(own.dtype);
        step.scatter.isLate = isLate(own.inputs[1]) || isLate(own.inputs[2]);
        touch(&storage(own.inputs[1]), index);
        touch(&storage(own.inputs[2]), index);
    }

    /// Whether the node is an update or depends on one.
    bool isLate(NodeId id) const
    {
        return std::find(m_order.begin() + static_cast<std::ptrdiff_t>(m_firstLate), m_order.end(), id) !=
               m_order.end();
    }
    int deviceOf(NodeId id) const { return (*m_context.devices)[static_cast<std::size_t>(id)]; }
    std::size_t stepCount() const { return m_plan->compute.size() + m_plan->updates.size(); }

    /// The value of `id` where `device` can read it: itself, or a copy that is made once a run.
    Storage* onDevice(NodeId id, int device, bool late, bool isTarget)
    {
        Storage* const home = &storage(id);
        if (deviceOf(id) == device || isTarget || node(id).op == OpCode::Const || isFed(id))
            return home;
        Storage*& copy = m_copies[{id, device}];
        if (copy != nullptr)
            return copy;
        const backend::Kernel* const kernel =
            m_context.runtime->kernel(device, OpCode::Identity, home->dtype);
        if (kernel == nullptr)
            return home;
        auto made = std::make_unique<Storage>();
        made->shape = home->shape;
        made->dtype = home->dtype;
        copy = made.get();
        m_plan->storages.push_back(std::move(made));
        auto step = std::make_unique<PlanStep>();
        step->node = id;
        step->kernel = kernel;
        const std::size_t index = stepCount();
        touch(home, index);
        touch(copy, index);
        m_plan->copyBytes +=
            static_cast<std::uint64_t>(home->shape.elementCount().value_or(0)) * dtypeSize(home->dtype);
        m_views.push_back({step.get(), {home}, copy});
        (late ? m_plan->updates : m_plan->compute).push_back(std::move(step));
        return copy;
    }

    /// Notes that a block of the arena is used by a step.
    void touch(Storage* storage, std::size_t step)
    {
        if (storage->data != nullptr)
            return;
        const auto [found, isNew] = m_blockOf.try_emplace(storage, m_blocks.size());
        if (isNew) {
            const auto count = static_cast<std::size_t>(storage->shape.elementCount().value_or(0));
            m_blocks.push_back({count * dtypeSize(storage->dtype), step, step, 0});
        }
        m_blocks[found->second].lastStep = step;
    }

    Status layOutArena()
    {
        m_plan->arenaBytes = layOut(m_blocks);
        std::size_t workspace = 0;
        for (const StepViews& views : m_views) {
            bind(views);
            if (views.step->kernel->workspaceBytes != nullptr)
                workspace = std::max(workspace, views.step->kernel->workspaceBytes(views.step->args));
        }
        const auto bytes = static_cast<std::int64_t>(m_plan->arenaBytes + workspace);
        WR_ASSIGN_OR_RETURN(m_plan->arena, Tensor::zeros(DType::UInt8, Shape{bytes}));
        std::byte* const base = m_plan->arena.mutableBytes().data();
        for (const auto& [storage, block] : m_blockOf)
            storage->data = base + m_blocks[block].offset;
        for (const StepViews& views : m_views) {
            bind(views);
            views.step->args.workspace = base + m_plan->arenaBytes;
        }
        m_plan->arenaBytes += workspace;
        return {};
    }

    struct StepViews {
        PlanStep* step;
        std::vector<Storage*> inputs;
        Storage* output;
    };

    static void bind(const StepViews& views)
    {
        PlanStep& step = *views.step;
        step.inputs.clear();
        for (const Storage* const input : views.inputs)
            step.inputs.push_back(input->view());
        step.output = views.output->view();
        step.args.inputs = step.inputs.data();
        step.args.inputCount = static_cast<std::int32_t>(step.inputs.size());
        step.args.outputs = &step.output;
        step.args.outputCount = 1;
        step.args.attributes = &step.attributes;
    }

    static void finish(PlanStep& step) { step.tiles = step.kernel->tileCount(step.args); }

    void collectGradients()
    {
        for (const auto& step : m_plan->updates) {
            if (!isUpdate(node(step->node).op) || step->inputs.size() < 2)
                continue;
            const std::size_t index =
                node(step->node).op == OpCode::ApplyMomentum ? 3 : step->inputs.size() - 1;
            if (isFloating(step->inputs[index].dtype))
                m_plan->gradients.push_back(step->inputs[index]);
        }
    }

    const PlanContext& m_context;
    const PlanRequest& m_request;
    const graph::Graph& m_graph;
    std::unique_ptr<Plan> m_plan;
    std::vector<NodeId> m_order;
    std::size_t m_firstLate = 0;
    std::set<std::size_t> m_reads;
    std::set<std::size_t> m_written;
    std::map<std::pair<NodeId, int>, Storage*> m_copies;
    std::vector<ArenaBlock> m_blocks;
    std::map<Storage*, std::size_t> m_blockOf;
    std::vector<StepViews> m_views;
};

} // namespace

backend::TensorView Storage::view() const
{
    backend::TensorView view;
    view.data = data;
    view.dims = shape.dims().data();
    view.rank = shape.rank();
    view.dtype = dtype;
    view.elements = shape.elementCount().value_or(0);
    return view;
}

Result<std::unique_ptr<Plan>> makePlan(const PlanContext& context, const PlanRequest& request)
{
    return PlanMaker(context, request).run();
}

} // namespace wr::session
