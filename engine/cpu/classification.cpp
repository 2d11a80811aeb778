// SPDX-License-Identifier: GPL-3.0-or-later
// Softmax, its logarithm, and both cross-entropies with their gradients, row by row of [..., classes]. The
// row's maximum is taken off first, so that no exponential overflows.
#include "engine/cpu/kernel_list.h"

#include <Eigen/Core>
#include <cmath>
#include <limits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
using Row = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <typename T>
using ConstRow = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

constexpr std::int64_t kRowTile = 16;

/// Classes are the last dimension of the logits, which the output has too or is reduced from.
std::int64_t classesOf(const TensorView& logits)
{
    return logits.dims[logits.rank - 1];
}

/// Of values shaped as the logits.
std::int64_t rowTiles(const KernelArgs& args)
{
    const std::int64_t classes = classesOf(args.outputs[0]);
    return tilesOf(classes == 0 ? 0 : args.outputs[0].elements / classes, kRowTile);
}

/// Of losses, one a row.
std::int64_t lossTiles(const KernelArgs& args)
{
    return tilesOf(args.outputs[0].elements, kRowTile);
}

template <typename T>
T maximum(const ConstRow<T>& x)
{
    T best = x[0];
    for (std::int64_t i = 1; i < x.size(); ++i)
        best = x[i] > best || x[i] != x[i] ? x[i] : best;
    return best;
}

/// log Σ exp(x − max) and the maximum.
template <typename T>
struct LogSum {
    T maximum;
    T logSum;
};

template <typename T>
LogSum<T> logSumOf(const ConstRow<T>& x)
{
    const T top = maximum<T>(x);
    return {top, std::log((x - top).exp().sum())};
}

/// Calls body(row) for those of `rows` that lie in tiles [begin, end).
template <typename Body>
void forRows(std::int64_t rows, std::int64_t begin, std::int64_t end, Body body)
{
    const std::int64_t last = std::min(end * kRowTile, rows);
    for (std::int64_t row = begin * kRowTile; row < last; ++row)
        body(row);
}

template <typename T>
void runSoftmax(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.outputs[0]);
    if (classes == 0)
        return;
    forRows(args.outputs[0].elements / classes, begin, end, [&](std::int64_t row) {
        const ConstRow<T> x(in<T>(args, 0) + row * classes, classes);
        Row<T> y(out<T>(args) + row * classes, classes);
        const T top = maximum<T>(x);
        y = (x - top).exp();
        y /= y.sum();
    });
}

template <typename T>
void runLogSoftmax(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.outputs[0]);
    if (classes == 0)
        return;
    forRows(args.outputs[0].elements / classes, begin, end, [&](std::int64_t row) {
        const ConstRow<T> x(in<T>(args, 0) + row * classes, classes);
        const LogSum<T> sum = logSumOf<T>(x);
        Row<T>(out<T>(args) + row * classes, classes) = x - sum.maximum - sum.logSum;
    });
}

template <typename T>
void runCrossEntropy(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.inputs[0]);
    forRows(args.outputs[0].elements, begin, end, [&](std::int64_t row) {
        if (classes == 0) {
            out<T>(args)[row] = T{0};
            return;
        }
        const ConstRow<T> x(in<T>(args, 0) + row * classes, classes);
        const ConstRow<T> p(in<T>(args, 1) + row * classes, classes);
        const LogSum<T> sum = logSumOf<T>(x);
        out<T>(args)[row] = (p * (sum.logSum - (x - sum.maximum))).sum();
    });
}

template <typename T>
void runCrossEntropyGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.outputs[0]);
    if (classes == 0)
        return;
    forRows(args.outputs[0].elements / classes, begin, end, [&](std::int64_t row) {
        const T dy = in<T>(args, 0)[row];
        const ConstRow<T> x(in<T>(args, 1) + row * classes, classes);
        const ConstRow<T> p(in<T>(args, 2) + row * classes, classes);
        Row<T> y(out<T>(args) + row * classes, classes);
        const T top = maximum<T>(x);
        y = (x - top).exp();
        const T scale = T{1} / y.sum();
        y = (y * scale - p) * dy;
    });
}

/// The label of a row, or −1 when it is no class: such a row gives NaN, as TensorFlow's does on devices that
/// cannot stop.
std::int64_t labelAt(const KernelArgs& args, int input, std::int64_t row, std::int64_t classes)
{
    const std::int64_t label = args.inputs[input].dtype == DType::Int32 ? in<std::int32_t>(args, input)[row]
                                                                        : in<std::int64_t>(args, input)[row];
    return label >= 0 && label < classes ? label : -1;
}

template <typename T>
void runSparseCrossEntropy(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.inputs[0]);
    forRows(args.outputs[0].elements, begin, end, [&](std::int64_t row) {
        const std::int64_t label = labelAt(args, 1, row, classes);
        if (label < 0) {
            out<T>(args)[row] = std::numeric_limits<T>::quiet_NaN();
            return;
        }
        const ConstRow<T> x(in<T>(args, 0) + row * classes, classes);
        const LogSum<T> sum = logSumOf<T>(x);
        out<T>(args)[row] = sum.logSum - (x[label] - sum.maximum);
    });
}

template <typename T>
void runSparseCrossEntropyGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t classes = classesOf(args.outputs[0]);
    if (classes == 0)
        return;
    forRows(args.outputs[0].elements / classes, begin, end, [&](std::int64_t row) {
        const T dy = in<T>(args, 0)[row];
        const std::int64_t label = labelAt(args, 2, row, classes);
        const ConstRow<T> x(in<T>(args, 1) + row * classes, classes);
        Row<T> y(out<T>(args) + row * classes, classes);
        if (label < 0) {
            y.setConstant(std::numeric_limits<T>::quiet_NaN());
            return;
        }
        const T top = maximum<T>(x);
        y = (x - top).exp();
        const T scale = dy / y.sum();
        y *= scale;
        y[label] -= dy;
    });
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::Softmax, dtype, {rowTiles, nullptr, runSoftmax<T>}});
    table.push_back({OpCode::LogSoftmax, dtype, {rowTiles, nullptr, runLogSoftmax<T>}});
    table.push_back({OpCode::SoftmaxCrossEntropyWithLogits, dtype, {lossTiles, nullptr, runCrossEntropy<T>}});
    table.push_back(
        {OpCode::SoftmaxCrossEntropyWithLogitsGrad, dtype, {rowTiles, nullptr, runCrossEntropyGrad<T>}});
    table.push_back(
        {OpCode::SparseSoftmaxCrossEntropyWithLogits, dtype, {lossTiles, nullptr, runSparseCrossEntropy<T>}});
    table.push_back({OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad,
                     dtype,
                     {rowTiles, nullptr, runSparseCrossEntropyGrad<T>}});
}

} // namespace

void addClassification(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
