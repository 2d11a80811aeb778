// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/plan.h"

#include "engine/session/step_groups.h"

#include "engine/backend/update_form.h"
#include "engine/base/machine_memory.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace wr::session {
namespace {

using backend::OpCode;
using graph::Node;
using Home = OutlineValue::Home;

constexpr std::int64_t kCopyTile = 65536; // bytes

bool isScatter(OpCode op)
{
    return op >= OpCode::ScatterUpdate && op <= OpCode::ScatterDiv;
}

std::int64_t bytesOf(const backend::TensorView& view)
{
    return view.elements * static_cast<std::int64_t>(dtypeSize(view.dtype));
}

std::int64_t copyTiles(const backend::KernelArgs& args)
{
    return std::max<std::int64_t>(1, (bytesOf(args.inputs[0]) + kCopyTile - 1) / kCopyTile);
}

void runCopy(const backend::KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t first = begin * kCopyTile;
    const std::int64_t last = std::min(end * kCopyTile, bytesOf(args.inputs[0]));
    if (last > first)
        std::memcpy(static_cast<std::byte*>(args.outputs[0].data) + first,
                    static_cast<const std::byte*>(args.inputs[0].data) + first,
                    static_cast<std::size_t>(last - first));
}

/// Between devices of one process, whose memory is the host's, for every type.
constexpr backend::Kernel kCopy{copyTiles, nullptr, runCopy};

class PlanMaker {
public:
    PlanMaker(const PlanContext& context, const PlanRequest& request)
        : m_context(context), m_request(request), m_graph(context.source.model->graph),
          m_plan(std::make_unique<Plan>())
    {
    }

    Result<std::unique_ptr<Plan>> run()
    {
        WR_ASSIGN_OR_RETURN(m_outline, outlinePlan(m_context.source, m_request));
        m_plan->storages.resize(m_outline.values.size());
        WR_RETURN_IF_ERROR(checkSizes());
        WR_RETURN_IF_ERROR(makeFeeds());
        WR_RETURN_IF_ERROR(makeFetches());
        WR_RETURN_IF_ERROR(findKernels());
        WR_RETURN_IF_ERROR(makeArena());
        makeSteps();
        collectGradients();
        m_plan->computeGroups = groupSteps(m_graph, m_plan->compute);
        m_plan->updateGroups = groupSteps(m_graph, m_plan->updates);
        const auto isShared = [](const StepGroup& group) { return group.tiles > 1; };
        if (std::any_of(m_plan->computeGroups.begin(), m_plan->computeGroups.end(), isShared) ||
            std::any_of(m_plan->updateGroups.begin(), m_plan->updateGroups.end(), isShared))
            m_plan->threads = ThreadChoice(m_context.runtime->team().threads());
        m_plan->reads = m_outline.reads;
        m_plan->written = m_outline.written;
        m_plan->copies = m_outline.copies;
        m_plan->fetchValues = m_outline.fetches;
        return std::move(m_plan);
    }

private:
    /// Kernels read the dimensions, so a size that cannot be had must not get as far as they.
    Status checkSizes() const
    {
        for (const OutlineValue& value : m_outline.values) {
            if (value.home == Home::Arena && value.bytes() > physicalMemoryBytes())
                return resourceExhausted(m_graph.node(value.node).name + ": its shape " +
                                         value.shape.toString() + " takes more memory than this machine has");
        }
        return {};
    }

    Status makeFeeds()
    {
        for (std::size_t i = 0; i < m_request.feeds.size(); ++i) {
            WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::zeros(m_graph.node(m_request.feeds[i]).dtype,
                                                             m_request.feedShapes[i]));
            m_plan->feeds.push_back(std::move(tensor));
        }
        return {};
    }

    Status makeFetches()
    {
        m_targets = m_request.fetchTargets;
        for (std::size_t i = m_targets.size(); i < m_request.fetches.size(); ++i) {
            const OutlineValue& from = m_outline.values[m_outline.fetches[i]];
            WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::zeros(from.dtype, from.shape));
            m_targets.push_back(tensor.mutableBytes().data());
            m_plan->fetches.push_back(std::move(tensor));
        }
        return {};
    }

    Status findKernels()
    {
        std::vector<std::size_t>& scratch = m_scratch;
        for (const OutlineStep& step : m_outline.steps) {
            const backend::Kernel* kernel = &kCopy;
            if (!step.isCopy) {
                const Node& own = m_graph.node(step.node);
                const PlacedDevice& placed = (*m_context.placed)[static_cast<std::size_t>(step.device)];
                const DType key = kernelType(m_graph, own);
                kernel = m_context.runtime->kernel(placed.runtimeDevice, own.op, key);
                if (kernel == nullptr)
                    return unimplemented(own.name + ": there is no kernel for " +
                                         std::string(backend::opName(own.op)) + " of " +
                                         std::string(dtypeName(key)) + " on " + placed.name);
                scratch.push_back(scratchBytes(m_outline, step, own.attributes, *kernel));
            } else {
                scratch.push_back(0);
            }
            m_kernels.push_back(kernel);
        }
        return {};
    }

    Status makeArena()
    {
        m_memory = layOutPlan(m_outline, m_scratch, m_context.placed->size());
        m_plan->arenaBytes = m_memory.total;
        m_plan->deviceBytes = m_memory.deviceBytes;
        WR_ASSIGN_OR_RETURN(m_plan->arena,
                            Tensor::zeros(DType::UInt8, Shape{static_cast<std::int64_t>(m_memory.total)}));
        std::byte* const base = m_plan->arena.mutableBytes().data();
        for (std::size_t i = 0; i < m_outline.values.size(); ++i) {
            const OutlineValue& value = m_outline.values[i];
            Storage& storage = m_plan->storages[i];
            storage.shape = value.shape;
            storage.dtype = value.dtype;
            switch (value.home) {
            case Home::Arena:
                if (m_memory.values[i] != PlanMemory::kNowhere)
                    storage.data = base + m_memory.values[i];
                break;
            case Home::Constant: // kernels only read it
                storage.data = const_cast<std::byte*>(m_graph.node(value.node).constant.bytes().data());
                break;
            case Home::Variable: // the session's, which lets its plans write
                storage.data = const_cast<std::byte*>((*m_context.values)[value.index].bytes().data());
                break;
            case Home::Feed:
                storage.data = m_plan->feeds[value.index].mutableBytes().data();
                break;
            case Home::Fetch:
                storage.data = m_targets[value.index];
                break;
            }
        }
        for (std::size_t i = 0; i < m_outline.fetches.size(); ++i) {
            const OutlineValue& value = m_outline.values[m_outline.fetches[i]];
            if (value.home != Home::Fetch || value.index != i)
                m_plan->fetchCopies.push_back({m_targets[i], m_plan->storages[m_outline.fetches[i]].data,
                                               value.bytes(), m_outline.lateFetches[i]});
        }
        return {};
    }

    void makeSteps()
    {
        std::byte* const base = m_plan->arena.mutableBytes().data();
        for (std::size_t i = 0; i < m_outline.steps.size(); ++i) {
            const OutlineStep& from = m_outline.steps[i];
            const Node& own = m_graph.node(from.node);
            auto step = std::make_unique<PlanStep>();
            step->node = from.node;
            step->kernel = m_kernels[i];
            step->isCopy = from.isCopy;
            if (!from.isCopy) {
                step->attributes = own.attributes;
                step->isRandom = isRandom(own.op);
                step->isShuffle = own.op == OpCode::RandomShuffle;
                if (isScatter(own.op))
                    addScatterCheck(*step, from);
                if (own.op == OpCode::Gather) {
                    step->scatter.indices = &m_plan->storages[from.inputs[1]];
                    step->scatter.rows = m_plan->storages[from.inputs[0]].shape.dim(0);
                }
            }
            if (from.isLate)
                m_lateValues.insert(from.output);
            for (const std::size_t input : from.inputs)
                step->inputs.push_back(m_plan->storages[input].view());
            step->output = m_plan->storages[from.output].view();
            step->args.inputs = step->inputs.data();
            step->args.inputCount = static_cast<std::int32_t>(step->inputs.size());
            step->args.outputs = &step->output;
            step->args.outputCount = 1;
            step->args.attributes = &step->attributes;
            if (m_memory.scratch[i] != PlanMemory::kNowhere)
                step->args.workspace = base + m_memory.scratch[i];
            step->tiles = step->kernel->tileCount(step->args);
            if (m_request.isParallel && i > 0 && from.time != m_outline.steps[i - 1].time)
                m_plan->levelEnds.push_back(i);
            if (from.isLate && !from.isCopy && isUpdate(own.op))
                m_updateSteps.emplace_back(step.get(), &from);
            (from.isLate ? m_plan->updates : m_plan->compute).push_back(std::move(step));
        }
        if (m_request.isParallel)
            m_plan->levelEnds.push_back(m_plan->compute.size());
    }

    void addScatterCheck(PlanStep& step, const OutlineStep& from) const
    {
        const Node& own = m_graph.node(from.node);
        step.scatter.indices = &m_plan->storages[from.inputs[1]];
        step.scatter.updates = &m_plan->storages[from.inputs[2]];
        step.scatter.rows = m_plan->storages[from.output].shape.dim(0);
        step.scatter.dividesWhole = own.op == OpCode::ScatterDiv && !isFloating(own.dtype);
        step.scatter.isLate =
            m_lateValues.count(from.inputs[1]) != 0 || m_lateValues.count(from.inputs[2]) != 0;
    }

    void collectGradients()
    {
        for (const auto& [step, from] : m_updateSteps) {
            if (step->inputs.size() < 2)
                continue;
            const std::optional<backend::UpdateForm> form = backend::updateForm(m_graph.node(step->node).op);
            const std::size_t index = form ? form->gradient : step->inputs.size() - 1;
            // What other updates have a part in is not known before they ran.
            if (isFloating(step->inputs[index].dtype) && m_lateValues.count(from->inputs[index]) == 0)
                addGradient(step->inputs[index]);
        }
    }

    /// In parts that several threads look at.
    void addGradient(backend::TensorView gradient)
    {
        constexpr std::int64_t kPart = 65536;
        const std::int64_t elements = gradient.elements;
        auto* const data = static_cast<std::byte*>(gradient.data);
        for (std::int64_t first = 0; first < elements; first += kPart) {
            gradient.data = data + static_cast<std::size_t>(first) * dtypeSize(gradient.dtype);
            gradient.elements = std::min(kPart, elements - first);
            m_plan->gradients.push_back(gradient);
        }
        m_plan->gradientSquares.resize(m_plan->gradients.size());
    }

    const PlanContext& m_context;
    const PlanRequest& m_request;
    const graph::Graph& m_graph;
    std::unique_ptr<Plan> m_plan;
    PlanOutline m_outline;
    PlanMemory m_memory;
    std::vector<std::byte*> m_targets;
    std::vector<const backend::Kernel*> m_kernels;
    std::vector<std::size_t> m_scratch;
    std::vector<std::pair<const PlanStep*, const OutlineStep*>> m_updateSteps;
    std::unordered_set<std::size_t> m_lateValues; ///< made by updates or after them
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
