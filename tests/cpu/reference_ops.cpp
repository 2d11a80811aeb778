// SPDX-License-Identifier: GPL-3.0-or-later
// The plainest way to calculate each op, in double precision, one element after another.
#include "tests/cpu/kernel_case.h"

#include <algorithm>
#include <cmath>

namespace wr::cpu {
namespace {

using backend::OpCode;

double unitRoundoff(DType dtype)
{
    if (!isFloating(dtype))
        return 0.0;
    return dtype == DType::Float32 ? 6e-8 : 1.2e-16;
}

/// Index into `shape` of element `index` of `out`, by the rules of broadcasting.
std::int64_t broadcastIndex(const Shape& out, const Shape& shape, std::int64_t index)
{
    std::int64_t result = 0;
    std::int64_t stride = 1;
    for (int axis = shape.rank() - 1, outAxis = out.rank() - 1; outAxis >= 0; --axis, --outAxis) {
        const std::int64_t place = index % out.dim(outAxis);
        index /= out.dim(outAxis);
        if (axis < 0)
            continue;
        if (shape.dim(axis) != 1)
            result += place * stride;
        stride *= shape.dim(axis);
    }
    return result;
}

/// What an op may be off by beside its own size: where results are differences of larger numbers.
double absoluteReach(OpCode op)
{
    switch (op) {
    case OpCode::Log:
    case OpCode::Tanh:
        return 1e-1;
    case OpCode::Sin:
    case OpCode::Cos:
    case OpCode::Elu:
    case OpCode::Selu:
        return 1.0;
    default:
        return 0.0;
    }
}

/// The nearest number with `bits` of fraction, at a half the even one; by way of float32, as the kernels go.
double nearest(double x, int bits, int leastExponent)
{
    const double value = static_cast<double>(static_cast<float>(x));
    if (value == 0.0)
        return value;
    const int exponent = std::max(std::ilogb(value), leastExponent);
    const double quantum = std::ldexp(1.0, exponent - bits);
    return std::nearbyint(value / quantum) * quantum;
}

double cast(double x, DType to)
{
    if (to == DType::Float16)
        return nearest(x, 10, -14);
    if (to == DType::BFloat16)
        return nearest(x, 7, -126);
    if (to == DType::Bool)
        return x != 0 ? 1 : 0;
    return isInteger(to) ? std::trunc(x) : x;
}

void matMul(const KernelCase& c, double eps, Expectation& out)
{
    const Tensor& a = c.inputs[0];
    const Tensor& b = c.inputs[1];
    const std::int64_t m = c.outShape.dim(0);
    const std::int64_t n = c.outShape.dim(1);
    const std::int64_t k = a.shape().dim(c.attributes.transposeA ? 0 : 1);
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            double sum = 0;
            double size = 0;
            for (std::int64_t p = 0; p < k; ++p) {
                const double product = a.valueAt(c.attributes.transposeA ? p * m + i : i * k + p) *
                                       b.valueAt(c.attributes.transposeB ? j * k + p : p * n + j);
                sum += product;
                size += std::abs(product);
            }
            out.add(sum, eps * (4 + static_cast<double>(k)) * size);
        }
    }
}

void reduce(const KernelCase& c, double eps, Expectation& out)
{
    const Shape& in = c.inputs[0].shape();
    std::vector<bool> isReduced(static_cast<std::size_t>(in.rank()));
    for (int i = 0; i < c.attributes.axisCount; ++i)
        isReduced[static_cast<std::size_t>(c.attributes.axes[i])] = true;
    const auto results = static_cast<std::size_t>(*c.outShape.elementCount());
    std::vector<double> sum(results, 0.0);
    std::vector<double> size(results, 0.0);
    std::vector<double> best(results, c.op == OpCode::Min || c.op == OpCode::ArgMin ? INFINITY : -INFINITY);
    std::vector<double> product(results, 1.0);
    std::vector<bool> all(results, true);
    std::vector<bool> any(results, false);
    std::vector<double> where(results, 0.0);
    std::vector<double> count(results, 0.0);
    for (std::int64_t i = 0; i < *in.elementCount(); ++i) {
        std::int64_t rest = i;
        std::int64_t to = 0;
        std::int64_t stride = 1;
        std::int64_t place = 0;
        for (int axis = in.rank() - 1; axis >= 0; --axis) {
            const std::int64_t at = rest % in.dim(axis);
            rest /= in.dim(axis);
            if (isReduced[static_cast<std::size_t>(axis)]) {
                place = at;
                continue;
            }
            to += at * stride;
            stride *= in.dim(axis);
        }
        const auto r = static_cast<std::size_t>(to);
        const double x = c.inputs[0].valueAt(i);
        sum[r] += x;
        size[r] += std::abs(x);
        count[r] += 1;
        const bool isLeast = c.op == OpCode::Min || c.op == OpCode::ArgMin;
        product[r] *= x;
        all[r] = all[r] && x != 0;
        any[r] = any[r] || x != 0;
        if (isLeast ? x < best[r] : x > best[r]) {
            best[r] = x;
            where[r] = static_cast<double>(place);
        }
    }
    for (std::size_t r = 0; r < results; ++r) {
        if (c.op == OpCode::Max || c.op == OpCode::Min)
            out.add(best[r]);
        else if (c.op == OpCode::Prod)
            out.add(product[r], 16 * eps * (1 + count[r]) * std::abs(product[r]));
        else if (c.op == OpCode::All || c.op == OpCode::Any)
            out.add((c.op == OpCode::All ? all[r] : any[r]) ? 1.0 : 0.0);
        else if (c.op == OpCode::ArgMax || c.op == OpCode::ArgMin)
            out.add(where[r]);
        else if (c.op == OpCode::Mean)
            out.add(sum[r] / count[r], eps * (4 + count[r]) * size[r] / count[r]);
        else
            out.add(sum[r], eps * (4 + count[r]) * size[r]);
    }
}

void classify(const KernelCase& c, double eps, Expectation& out)
{
    const bool isGrad = c.op == OpCode::SoftmaxCrossEntropyWithLogitsGrad ||
                        c.op == OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad;
    const bool isSparse = c.op == OpCode::SparseSoftmaxCrossEntropyWithLogits ||
                          c.op == OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad;
    const Tensor& logits = c.inputs[isGrad ? 1 : 0];
    const std::int64_t classes = logits.shape().dim(logits.shape().rank() - 1);
    const std::int64_t rows = logits.elementCount() / classes;
    for (std::int64_t row = 0; row < rows; ++row) {
        std::vector<double> x;
        for (std::int64_t j = 0; j < classes; ++j)
            x.push_back(logits.valueAt(row * classes + j));
        const double top = *std::max_element(x.begin(), x.end());
        double sum = 0;
        for (const double value : x)
            sum += std::exp(value - top);
        const double logSum = top + std::log(sum);
        double loss = 0;
        double slack = 0;
        for (std::int64_t j = 0; j < classes; ++j) {
            const double logit = x[static_cast<std::size_t>(j)];
            const double share = std::exp(logit - logSum);
            const double size = 1 + std::abs(logit) + std::abs(logSum);
            if (c.op == OpCode::Softmax)
                out.add(share, 20 * eps * size);
            if (c.op == OpCode::LogSoftmax)
                out.add(logit - logSum, 20 * eps * size);
            if (c.inputs.size() == 1)
                continue;
            const Tensor& labels = c.inputs.back();
            const double label = isSparse ? (labels.valueAt(row) == static_cast<double>(j) ? 1.0 : 0.0)
                                          : labels.valueAt(row * classes + j);
            loss += label * (logSum - logit);
            slack += label * 20 * eps * size;
            if (isGrad) {
                // Labels need not sum to one: d(Σ label·(logsum − logit)) is what TensorFlow's op gives only
                // if they do; it gives softmax − labels in any case.
                const double dy = c.inputs[0].valueAt(row);
                out.add(dy * (share - label), std::abs(dy) * 20 * eps * size);
            }
        }
        if (c.op == OpCode::SoftmaxCrossEntropyWithLogits ||
            c.op == OpCode::SparseSoftmaxCrossEntropyWithLogits)
            out.add(loss, slack + eps);
    }
}

} // namespace

Expectation expectationOf(const KernelCase& c)
{
    Expectation out;
    const double eps = unitRoundoff(c.outType);
    const std::int64_t count = *c.outShape.elementCount();
    if (expectSetup(c, eps, out) || expectTrain(c, eps, out) || expectUpdate(c, eps, out))
        return out;
    switch (c.op) {
    case OpCode::RandomUniform:
    case OpCode::RandomNormal:
    case OpCode::TruncatedNormal:
        return out;
    case OpCode::Fill:
    case OpCode::BroadcastTo:
        for (std::int64_t i = 0; i < count; ++i)
            out.add(c.inputs[0].valueAt(broadcastIndex(c.outShape, c.inputs[0].shape(), i)));
        return out;
    case OpCode::Range:
        for (std::int64_t i = 0; i < count; ++i) {
            const double value = c.attributes.scalars[0] + static_cast<double>(i) * c.attributes.scalars[1];
            out.add(value, 4 * eps * std::abs(value));
        }
        return out;
    case OpCode::LinSpace:
        for (std::int64_t i = 0; i < count; ++i) {
            const double step = count > 1 ? (c.attributes.scalars[1] - c.attributes.scalars[0]) /
                                                static_cast<double>(count - 1)
                                          : 0;
            const double value = c.attributes.scalars[0] + static_cast<double>(i) * step;
            const bool isForced = c.attributes.scalars[2] != 0 && count > 1 && i == count - 1;
            out.add(isForced ? c.attributes.scalars[1] : value,
                    isForced ? 0.0 : 16 * eps * (1 + std::abs(value)));
        }
        return out;
    case OpCode::MatMul:
        matMul(c, eps, out);
        return out;
    case OpCode::Sum:
    case OpCode::Mean:
    case OpCode::Max:
    case OpCode::Min:
    case OpCode::Prod:
    case OpCode::All:
    case OpCode::Any:
    case OpCode::ArgMin:
    case OpCode::ArgMax:
        reduce(c, eps, out);
        return out;
    case OpCode::Cast:
        for (std::int64_t i = 0; i < count; ++i) {
            const double value = cast(c.inputs[0].valueAt(i), c.outType);
            out.add(value, eps * std::abs(value));
        }
        return out;
    default:
        break;
    }
    if (c.op >= OpCode::Softmax && c.op <= OpCode::SparseSoftmaxCrossEntropyWithLogitsGrad) {
        classify(c, eps, out);
    } else if (c.inputs.size() == 2) {
        for (std::int64_t i = 0; i < count; ++i) {
            const double a = c.inputs[0].valueAt(broadcastIndex(c.outShape, c.inputs[0].shape(), i));
            const double b = c.inputs[1].valueAt(broadcastIndex(c.outShape, c.inputs[1].shape(), i));
            const bool isWholeByZero = isInteger(c.dtype) && b == 0;
            const bool divides = c.op == OpCode::FloorDiv || c.op == OpCode::FloorMod;
            const double value = isWholeByZero && divides ? 0.0 : referenceOf(c.op, a, b);
            const double slack = c.op == OpCode::Pow ? 64.0 : 8.0;
            out.add(value, slack * eps *
                               (std::abs(value) + (c.op == OpCode::EluGrad || c.op == OpCode::SeluGrad
                                                       ? std::abs(a) * (2 + std::abs(b))
                                                   : c.op == OpCode::TanhGrad ? std::abs(a) * (1 + b * b)
                                                   : c.op == OpCode::SigmoidGrad
                                                       ? std::abs(a * b) * (1 + std::abs(b))
                                                       : 0.0)));
        }
    } else {
        for (std::int64_t i = 0; i < count; ++i) {
            const double x = c.inputs[0].valueAt(i);
            const double value = referenceOf(c.op, x);
            const bool isExact = c.op == OpCode::Identity || c.op == OpCode::Reshape || c.op == OpCode::Neg ||
                                 c.op == OpCode::Abs || c.op == OpCode::Sign || c.op == OpCode::Relu ||
                                 c.op == OpCode::Relu6 || c.op == OpCode::Floor || c.op == OpCode::Ceil ||
                                 c.op == OpCode::Rint || c.op == OpCode::StopGradient;
            const double reach = c.op == OpCode::Exp || c.op == OpCode::Expm1 ? 1 + std::abs(x) : 1.0;
            const double least = c.outType == DType::Float32 ? 1e-37 : 1e-300; // below it, flushed to zero
            out.add(value,
                    isExact ? 0.0 : 16 * eps * reach * (std::abs(value) + absoluteReach(c.op)) + least);
        }
    }
    return out;
}

} // namespace wr::cpu
