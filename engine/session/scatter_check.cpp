// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/scatter_check.h"

#include <algorithm>

namespace wr::session {
namespace {

/// "[1,2]" for element `at` of the tensor, nothing for a scalar.
std::string placeOf(const Shape& shape, std::int64_t at)
{
    std::string text;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        text = std::to_string(at % shape.dim(axis)) + (text.empty() ? "" : ",") + text;
        at /= shape.dim(axis);
    }
    return text.empty() ? text : "[" + text + "]";
}

template <typename Index>
Status checkIndices(const Storage& indices, std::int64_t rows)
{
    const auto* const first = reinterpret_cast<const Index*>(indices.data);
    const Index* const last = first + indices.shape.elementCount().value_or(0);
    const Index* const bad = std::find_if(first, last, [rows](Index index) {
        return static_cast<std::int64_t>(index) < 0 || static_cast<std::int64_t>(index) >= rows;
    });
    if (bad == last)
        return {};
    return invalidArgument("indices" + placeOf(indices.shape, bad - first) + " = " + std::to_string(*bad) +
                           " is not in [0, " + std::to_string(rows) + ")");
}

template <typename T>
Status checkDivisors(const Storage& updates)
{
    const auto* const first = reinterpret_cast<const T*>(updates.data);
    const T* const last = first + updates.shape.elementCount().value_or(0);
    const T* const bad = std::find(first, last, T{0});
    if (bad == last)
        return {};
    return invalidArgument("updates" + placeOf(updates.shape, bad - first) +
                           " is 0: Integer division by zero");
}

} // namespace

Status checkScatter(const PlanStep& step)
{
    const Storage& indices = *step.scatter.indices;
    const std::int64_t rows = step.scatter.rows;
    if (indices.dtype == DType::Int32)
        WR_RETURN_IF_ERROR(checkIndices<std::int32_t>(indices, rows));
    else
        WR_RETURN_IF_ERROR(checkIndices<std::int64_t>(indices, rows));
    if (!step.scatter.dividesWhole)
        return {};
    switch (step.scatter.updates->dtype) {
    case DType::Int32:
        return checkDivisors<std::int32_t>(*step.scatter.updates);
    case DType::Int64:
        return checkDivisors<std::int64_t>(*step.scatter.updates);
    case DType::UInt8:
        return checkDivisors<std::uint8_t>(*step.scatter.updates);
    default:
        return {};
    }
}

} // namespace wr::session
