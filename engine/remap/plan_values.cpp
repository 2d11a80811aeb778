// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the values that a restore plan names.
#include "engine/remap/recipe_source.h"
#include "engine/remap/restore_plan.h"

#include <algorithm>

namespace wr::remap {
namespace {

std::uint64_t bytesOf(const TensorSpec& spec)
{
    return static_cast<std::uint64_t>(spec.shape.elementCount().value_or(0)) * dtypeSize(spec.dtype);
}

/// Why the plan cannot be carried out with this file.
Status checkPlan(const checkpoint::CheckpointReader& reader, const RestorePlan& plan)
{
    for (const PlanTarget& target : plan.targets()) {
        if (target.fate == Fate::Unresolved)
            return failedPrecondition("it is not decided what becomes of \"" + target.spec.name +
                                      "\": " + target.problem);
        for (const RecipeInput& input : target.recipe.inputs) {
            if (target.fate != Fate::Restore)
                continue;
            const TensorSpec& wanted = plan.sources()[input.source];
            const std::ptrdiff_t found = reader.find(wanted.name);
            if (found < 0)
                return notFound(reader.path() + ": there is no tensor \"" + wanted.name + "\"");
            const TensorSpec& spec = reader.tensors()[static_cast<std::size_t>(found)].spec;
            if (spec.dtype != wanted.dtype || spec.shape != wanted.shape)
                return failedPrecondition(reader.path() + ": \"" + wanted.name +
                                          "\" is not what the plan was made for");
        }
    }
    return {};
}

} // namespace

Status streamPlan(const checkpoint::CheckpointReader& reader, const RestorePlan& plan, const ValueSink& sink,
                  const InitialValue& initial, const Progress& progress)
{
    WR_RETURN_IF_ERROR(checkPlan(reader, plan));
    std::uint64_t total = 0;
    for (const PlanTarget& target : plan.targets()) {
        for (const RecipeInput& input : target.recipe.inputs)
            total += target.fate == Fate::Restore ? bytesOf(plan.sources()[input.source]) : 0;
    }
    std::uint64_t before = 0;
    for (const PlanTarget& target : plan.targets()) {
        if (target.fate != Fate::Restore)
            continue;
        const auto read = [&](std::size_t source) -> Result<Tensor> {
            const auto index = static_cast<std::size_t>(reader.find(plan.sources()[source].name));
            Result<Tensor> tensor = reader.read(index, [&](std::uint64_t done, std::uint64_t) {
                return !progress || progress(before + done, total);
            });
            if (!tensor)
                return fail(tensor.error().code() == StatusCode::Cancelled
                                ? tensor.error()
                                : tensor.error().withContext(reader.path()));
            before += tensor->byteSize();
            return tensor;
        };
        OperationContext context;
        Tensor initialValue;
        const bool needsInitial = std::any_of(
            target.recipe.inputs.begin(), target.recipe.inputs.end(), [](const RecipeInput& input) {
                return std::any_of(
                    input.operations.begin(), input.operations.end(), [](const Operation& operation) {
                        return operation.kind == OperationKind::Pad && operation.fill == Fill::Initializer;
                    });
            });
        if (needsInitial && initial) {
            WR_ASSIGN_OR_RETURN(initialValue, initial(target));
            context.initial = &initialValue;
        }
        Result<Tensor> value = makeTensor(target.recipe, read, context);
        if (!value)
            return value.error().code() == StatusCode::Cancelled
                       ? value.error()
                       : value.error().withContext(target.spec.name);
        if (value->dtype() != target.spec.dtype || value->shape() != target.spec.shape)
            return failedPrecondition(reader.path() + ": \"" + target.source +
                                      "\" is not what the plan was made for");
        WR_RETURN_IF_ERROR(sink(target, std::move(*value)));
    }
    return {};
}

Result<std::vector<NamedTensor>> readPlan(const checkpoint::CheckpointReader& reader, const RestorePlan& plan,
                                          const Progress& progress)
{
    std::vector<NamedTensor> values;
    const ValueSink keep = [&values](const PlanTarget& target, Tensor value) -> Status {
        values.push_back({target.spec.name, std::move(value)});
        return {};
    };
    WR_RETURN_IF_ERROR(streamPlan(reader, plan, keep, {}, progress));
    return values;
}

} // namespace wr::remap
