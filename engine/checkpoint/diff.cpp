// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/diff.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace wr::checkpoint {
namespace {

std::uint64_t bitsAt(const Tensor& tensor, std::size_t size, std::size_t index)
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, tensor.bytes().data() + index * size, size);
    return bits;
}

/// The exact difference of two integers as a double; subtracting doubles would lose what lies past 2^53.
double integerDifference(const Tensor& a, const Tensor& b, std::size_t index)
{
    if (a.dtype() == DType::UInt64) {
        const std::uint64_t x = bitsAt(a, 8, index);
        const std::uint64_t y = bitsAt(b, 8, index);
        return y >= x ? static_cast<double>(y - x) : -static_cast<double>(x - y);
    }
    if (a.dtype() == DType::Int64) {
        const auto x = static_cast<std::int64_t>(bitsAt(a, 8, index));
        const auto y = static_cast<std::int64_t>(bitsAt(b, 8, index));
        const auto gap = static_cast<double>(static_cast<std::uint64_t>(std::max(x, y)) -
                                             static_cast<std::uint64_t>(std::min(x, y)));
        return y >= x ? gap : -gap;
    }
    return b.valueAt(static_cast<std::int64_t>(index)) - a.valueAt(static_cast<std::int64_t>(index));
}

int severity(DiffKind kind)
{
    return static_cast<int>(kind);
}

TensorDiff oneSided(const TensorEntry& entry, DiffKind kind)
{
    TensorDiff diff;
    diff.kind = kind;
    diff.name = entry.spec.name;
    (kind == DiffKind::Removed ? diff.a : diff.b) = entry.spec;
    return diff;
}

TensorDiff pairHeader(const TensorEntry& a, const TensorEntry& b)
{
    TensorDiff diff;
    diff.name = a.spec.name;
    diff.a = a.spec;
    diff.b = b.spec;
    return diff;
}

Result<TensorDiff> diffPair(const CheckpointReader& a, std::size_t ia, const CheckpointReader& b,
                            std::size_t ib, const Progress& progress)
{
    const TensorEntry& entryA = a.tensors()[ia];
    const TensorEntry& entryB = b.tensors()[ib];
    TensorDiff diff = pairHeader(entryA, entryB);
    if (entryA.spec.dtype != entryB.spec.dtype || entryA.spec.shape != entryB.spec.shape) {
        diff.kind = DiffKind::Reshaped;
        return diff;
    }
    if (entryA.digest && entryA.digest == entryB.digest) {
        diff.kind = DiffKind::Equal;
        diff.byDigest = true;
        if (entryA.statistics) {
            diff.nonFiniteA =
                static_cast<std::int64_t>(entryA.statistics->nanCount + entryA.statistics->infCount);
            diff.nonFiniteB = diff.nonFiniteA;
        }
        return diff;
    }
    const Result<Tensor> valuesA = a.read(ia, progress);
    const Result<Tensor> valuesB = valuesA ? b.read(ib, progress) : Result<Tensor>(Tensor());
    for (const auto* values : {&valuesA, &valuesB}) {
        if (*values)
            continue;
        if (values->error().code() != StatusCode::DataLoss)
            return fail(values->error());
        diff.kind = DiffKind::Damaged;
        diff.problem = (values == &valuesA ? "A: " : "B: ") + values->error().message();
        return diff;
    }
    return diffTensors(diff.name, *valuesA, *valuesB);
}

} // namespace

std::size_t CheckpointDiff::count(DiffKind kind) const
{
    return static_cast<std::size_t>(std::count_if(
        tensors.begin(), tensors.end(), [kind](const TensorDiff& diff) { return diff.kind == kind; }));
}

bool CheckpointDiff::isEqual() const
{
    return count(DiffKind::Equal) == tensors.size();
}

TensorDiff diffTensors(const std::string& name, const Tensor& a, const Tensor& b)
{
    TensorDiff diff;
    diff.name = name;
    diff.a = {name, a.dtype(), a.shape()};
    diff.b = {name, b.dtype(), b.shape()};
    const std::size_t size = dtypeSize(a.dtype());
    const bool isFloat = isFloating(a.dtype());
    double squares = 0.0;
    double norm = 0.0;
    for (std::int64_t i = 0; i < a.elementCount(); ++i) {
        const auto index = static_cast<std::size_t>(i);
        const double x = a.valueAt(i);
        const double y = b.valueAt(i);
        if (bitsAt(a, size, index) != bitsAt(b, size, index))
            ++diff.changed;
        const bool isFiniteA = !isFloat || std::isfinite(x);
        const bool isFiniteB = !isFloat || std::isfinite(y);
        diff.nonFiniteA += isFiniteA ? 0 : 1;
        diff.nonFiniteB += isFiniteB ? 0 : 1;
        if (!isFiniteA || !isFiniteB)
            continue;
        const double delta = isFloat ? y - x : integerDifference(a, b, index);
        squares += delta * delta;
        norm += x * x;
        if (std::fabs(delta) > diff.maxAbs) {
            diff.maxAbs = std::fabs(delta);
            diff.maxIndex = i;
        }
    }
    if (squares > 0.0)
        diff.relativeL2 =
            norm > 0.0 ? std::sqrt(squares) / std::sqrt(norm) : std::numeric_limits<double>::infinity();
    if (diff.changed == 0)
        diff.kind = DiffKind::Equal;
    else
        diff.kind = diff.nonFiniteB > diff.nonFiniteA ? DiffKind::NonFinite : DiffKind::Changed;
    return diff;
}

Result<CheckpointDiff> diffCheckpoints(const CheckpointReader& a, const CheckpointReader& b,
                                       const Progress& progress)
{
    CheckpointDiff diff;
    std::uint64_t total = 0;
    for (const CheckpointReader* reader : {&a, &b}) {
        for (const TensorEntry& entry : reader->tensors())
            total += entry.logicalBytes;
    }
    std::uint64_t done = 0;
    const auto alive = [&](std::uint64_t, std::uint64_t) { return !progress || progress(done, total); };
    std::size_t ia = 0;
    std::size_t ib = 0;
    while (ia < a.tensors().size() || ib < b.tensors().size()) {
        const int order = ia == a.tensors().size() ? 1
                          : ib == b.tensors().size()
                              ? -1
                              : a.tensors()[ia].spec.name.compare(b.tensors()[ib].spec.name);
        if (order < 0) {
            diff.tensors.push_back(oneSided(a.tensors()[ia], DiffKind::Removed));
        } else if (order > 0) {
            diff.tensors.push_back(oneSided(b.tensors()[ib], DiffKind::Added));
        } else {
            WR_ASSIGN_OR_RETURN(TensorDiff pair, diffPair(a, ia, b, ib, alive));
            diff.tensors.push_back(std::move(pair));
        }
        if (order <= 0)
            done += a.tensors()[ia++].logicalBytes;
        if (order >= 0)
            done += b.tensors()[ib++].logicalBytes;
        if (!alive(0, 0))
            return fail(cancelled("comparing was cancelled"));
    }
    std::stable_sort(diff.tensors.begin(), diff.tensors.end(), [](const TensorDiff& x, const TensorDiff& y) {
        if (x.kind != y.kind)
            return severity(x.kind) < severity(y.kind);
        return x.kind == DiffKind::Changed && x.relativeL2 > y.relativeL2;
    });
    return diff;
}

} // namespace wr::checkpoint
