// SPDX-License-Identifier: GPL-3.0-or-later
// The plainest way to calculate what networks are trained with, in double precision, one element after
// another.
#include "tests/cpu/kernel_case.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wr::cpu {
namespace {

using backend::OpCode;

std::vector<std::int64_t> placeIn(const Shape& shape, std::int64_t at)
{
    std::vector<std::int64_t> place(static_cast<std::size_t>(shape.rank()));
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        place[static_cast<std::size_t>(axis)] = at % shape.dim(axis);
        at /= shape.dim(axis);
    }
    return place;
}

/// The element at `place`, counted from the last axis; an axis of length 1 serves any place.
std::int64_t elementIn(const Shape& shape, const std::vector<std::int64_t>& place)
{
    std::int64_t at = 0;
    const std::size_t skipped = place.size() - static_cast<std::size_t>(shape.rank());
    for (int axis = 0; axis < shape.rank(); ++axis)
        at = at * shape.dim(axis) +
             (shape.dim(axis) == 1 ? 0 : place[skipped + static_cast<std::size_t>(axis)]);
    return at;
}

void batchMatMul(const KernelCase& c, double eps, Expectation& out)
{
    const Shape& a = c.inputs[0].shape();
    const bool ta = c.attributes.transposeA;
    const bool tb = c.attributes.transposeB;
    const std::int64_t m = c.outShape.dim(c.outShape.rank() - 2);
    const std::int64_t n = c.outShape.dim(c.outShape.rank() - 1);
    const std::int64_t k = a.dim(a.rank() - (ta ? 2 : 1));
    for (std::int64_t i = 0; i < *c.outShape.elementCount(); ++i) {
        const std::int64_t item = i / (m * n);
        const std::int64_t row = i / n % m;
        const std::int64_t column = i % n;
        double sum = 0;
        double size = 0;
        for (std::int64_t p = 0; p < k; ++p) {
            const double product = c.inputs[0].valueAt(item * m * k + (ta ? p * m + row : row * k + p)) *
                                   c.inputs[1].valueAt(item * k * n + (tb ? column * k + p : p * n + column));
            sum += product;
            size += std::abs(product);
        }
        out.add(sum, eps * (4 + static_cast<double>(k)) * size);
    }
}

void transpose(const KernelCase& c, Expectation& out)
{
    const Shape& from = c.inputs[0].shape();
    for (std::int64_t i = 0; i < *c.outShape.elementCount(); ++i) {
        const std::vector<std::int64_t> place = placeIn(c.outShape, i);
        std::vector<std::int64_t> source(place.size());
        for (std::size_t axis = 0; axis < place.size(); ++axis) {
            const std::size_t at = c.attributes.axisCount > 0
                                       ? static_cast<std::size_t>(c.attributes.axes[axis])
                                       : place.size() - 1 - axis;
            source[at] = place[axis];
        }
        std::int64_t element = 0;
        for (int axis = 0; axis < from.rank(); ++axis)
            element = element * from.dim(axis) + source[static_cast<std::size_t>(axis)];
        out.add(c.inputs[0].valueAt(element));
    }
}

void pad(const KernelCase& c, Expectation& out)
{
    const Shape& from = c.inputs[0].shape();
    for (std::int64_t i = 0; i < *c.outShape.elementCount(); ++i) {
        const std::vector<std::int64_t> place = placeIn(c.outShape, i);
        std::int64_t element = 0;
        bool isInside = true;
        for (int axis = 0; axis < from.rank(); ++axis) {
            const std::int64_t at = place[static_cast<std::size_t>(axis)] - c.attributes.axes[axis];
            isInside = isInside && at >= 0 && at < from.dim(axis);
            element = element * from.dim(axis) + at;
        }
        out.add(isInside ? c.inputs[0].valueAt(element) : c.attributes.scalars[0]);
    }
}

void gather(const KernelCase& c, double eps, Expectation& out)
{
    const Shape& params = c.inputs[0].shape();
    const std::int64_t length = params.dim(0) == 0 ? 0 : *params.elementCount() / params.dim(0);
    const std::int64_t count = c.inputs[1].elementCount();
    const auto rowAt = [&](std::int64_t i) { return static_cast<std::int64_t>(c.inputs[1].valueAt(i)); };
    if (c.op == OpCode::Gather) {
        for (std::int64_t i = 0; i < count * length; ++i) {
            const std::int64_t row = rowAt(i / length);
            out.add(row < 0 || row >= params.dim(0) ? 0.0 : c.inputs[0].valueAt(row * length + i % length));
        }
        return;
    }
    std::vector<double> sums(static_cast<std::size_t>(*params.elementCount()), 0.0);
    std::vector<double> reach(sums.size(), 0.0);
    for (std::int64_t i = 0; i < count * length; ++i) {
        const auto at = static_cast<std::size_t>(rowAt(i / length) * length + i % length);
        sums[at] += c.inputs[2].valueAt(i);
        reach[at] += std::abs(c.inputs[2].valueAt(i));
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        out.add(sums[i], 64 * eps * reach[i]);
}

void topK(const KernelCase& c, Expectation& out)
{
    const Shape& x = c.inputs[0].shape();
    const std::int64_t length = x.dim(x.rank() - 1);
    const std::int64_t rows = length == 0 ? 0 : *x.elementCount() / length;
    for (std::int64_t row = 0; row < rows; ++row) {
        std::vector<std::int64_t> order(static_cast<std::size_t>(length));
        std::iota(order.begin(), order.end(), std::int64_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
            return c.inputs[0].valueAt(row * length + a) > c.inputs[0].valueAt(row * length + b);
        });
        for (std::int64_t i = 0; i < c.attributes.axes[0]; ++i) {
            const std::int64_t place = order[static_cast<std::size_t>(i)];
            out.add(c.op == OpCode::TopK ? c.inputs[0].valueAt(row * length + place)
                                         : static_cast<double>(place));
        }
    }
}

void inTopK(const KernelCase& c, Expectation& out)
{
    const std::int64_t classes = c.inputs[0].shape().dim(1);
    for (std::int64_t row = 0; row < c.inputs[0].shape().dim(0); ++row) {
        const auto target = static_cast<std::int64_t>(c.inputs[1].valueAt(row));
        std::int64_t above = 0;
        for (std::int64_t i = 0; i < classes && target < classes; ++i)
            above +=
                c.inputs[0].valueAt(row * classes + i) > c.inputs[0].valueAt(row * classes + target) ? 1 : 0;
        out.add(target < classes && above < c.attributes.axes[0] ? 1.0 : 0.0);
    }
}

/// Calls body(result, image place, filter place or place of the window) for every product of a convolution.
template <typename Body>
void forWindows(const KernelCase& c, const Shape& images, const Shape& results, const Body& body)
{
    const auto at = [&](backend::WindowAxis axis) { return std::int64_t{c.attributes.axes[axis]}; };
    for (std::int64_t i = 0; i < *results.elementCount() / results.dim(3); ++i) {
        const std::int64_t x = i % results.dim(2);
        const std::int64_t y = i / results.dim(2) % results.dim(1);
        const std::int64_t n = i / results.dim(2) / results.dim(1);
        for (std::int64_t ky = 0; ky < at(backend::WindowY); ++ky) {
            for (std::int64_t kx = 0; kx < at(backend::WindowX); ++kx) {
                const std::int64_t row =
                    y * at(backend::StrideY) + ky * at(backend::DilationY) - at(backend::PadTop);
                const std::int64_t column =
                    x * at(backend::StrideX) + kx * at(backend::DilationX) - at(backend::PadLeft);
                if (row >= 0 && row < images.dim(1) && column >= 0 && column < images.dim(2))
                    body(i, (n * images.dim(1) + row) * images.dim(2) + column,
                         ky * at(backend::WindowX) + kx);
            }
        }
    }
}

void convolution(const KernelCase& c, double eps, Expectation& out)
{
    const bool isForward = c.op == OpCode::Conv2D || c.op == OpCode::DepthwiseConv2dNative;
    const bool isInput =
        c.op == OpCode::Conv2DBackpropInput || c.op == OpCode::DepthwiseConv2dNativeBackpropInput;
    const bool isDepthwise = c.op >= OpCode::DepthwiseConv2dNative;
    const Shape& images = c.inputs[0].shape();
    const Shape& filter = c.inputs[1].shape();
    const Shape& results = isForward ? c.outShape : c.inputs[2].shape();
    const std::int64_t channels = images.dim(3);
    const std::int64_t outputs = filter.dim(3);
    std::vector<double> sums(static_cast<std::size_t>(*c.outShape.elementCount()), 0.0);
    std::vector<double> reach(sums.size(), 0.0);
    std::vector<double> count(sums.size(), 0.0);
    forWindows(c, images, results, [&](std::int64_t result, std::int64_t image, std::int64_t place) {
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            for (std::int64_t output = 0; output < outputs; ++output) {
                const std::int64_t y =
                    result * results.dim(3) + (isDepthwise ? channel * outputs + output : output);
                const std::int64_t x = image * channels + channel;
                const std::int64_t w = (place * channels + channel) * outputs + output;
                const auto to = static_cast<std::size_t>(isForward ? y : isInput ? x : w);
                const double product = isForward ? c.inputs[0].valueAt(x) * c.inputs[1].valueAt(w)
                                       : isInput ? c.inputs[2].valueAt(y) * c.inputs[1].valueAt(w)
                                                 : c.inputs[2].valueAt(y) * c.inputs[0].valueAt(x);
                sums[to] += product;
                reach[to] += std::abs(product);
                count[to] += 1;
            }
        }
    });
    for (std::size_t i = 0; i < sums.size(); ++i)
        out.add(sums[i], eps * (4 + count[i]) * reach[i]);
}

void pool(const KernelCase& c, double eps, Expectation& out)
{
    const bool isGrad = c.op == OpCode::MaxPoolGrad || c.op == OpCode::AvgPoolGrad;
    const bool isMax = c.op == OpCode::MaxPool || c.op == OpCode::MaxPoolGrad;
    const Shape& images = c.inputs[0].shape();
    const Shape& results = isGrad ? c.inputs[1].shape() : c.outShape;
    const std::int64_t channels = images.dim(3);
    std::vector<double> made(static_cast<std::size_t>(*c.outShape.elementCount()),
                             isMax && !isGrad ? -INFINITY : 0.0);
    std::vector<double> counts(static_cast<std::size_t>(*results.elementCount()), 0.0);
    const auto each = [&](const auto& body) {
        forWindows(c, images, results, [&](std::int64_t result, std::int64_t image, std::int64_t /*place*/) {
            for (std::int64_t channel = 0; channel < channels; ++channel)
                body(static_cast<std::size_t>(result * channels + channel),
                     static_cast<std::size_t>(image * channels + channel));
        });
    };
    each([&](std::size_t result, std::size_t) { counts[result] += 1; });
    std::vector<bool> given(counts.size(), false);
    each([&](std::size_t result, std::size_t image) {
        const double x = c.inputs[0].valueAt(static_cast<std::int64_t>(image));
        const auto y = static_cast<std::int64_t>(result);
        switch (c.op) {
        case OpCode::MaxPool:
            made[result] = std::max(made[result], x);
            break;
        case OpCode::AvgPool:
            made[result] += x / counts[result];
            break;
        case OpCode::AvgPoolGrad:
            made[image] += c.inputs[1].valueAt(y) / counts[result];
            break;
        default:
            if (!given[result] && x == c.inputs[1].valueAt(y)) {
                made[image] += c.inputs[2].valueAt(y);
                given[result] = true;
            }
        }
    });
    for (const double value : made)
        out.add(value, c.op == OpCode::MaxPool ? 0.0 : 64 * eps * (1 + std::abs(value)));
}

double slope(OpCode op, double x, double scalar)
{
    const double root = std::sqrt(2 / std::acos(-1.0));
    const double inner = root * (x + 0.044715 * x * x * x);
    const double cdf = 0.5 * std::erfc(-x / std::sqrt(2.0));
    switch (op) {
    case OpCode::LeakyRelu:
        return x > 0 ? x : scalar * x;
    case OpCode::LeakyReluGrad:
        return x > 0 ? 1 : scalar;
    case OpCode::Gelu:
        return scalar != 0 ? 0.5 * x * (1 + std::tanh(inner)) : x * cdf;
    default:
        if (scalar == 0)
            return cdf + x * std::exp(-0.5 * x * x) * root / 2;
        return 0.5 * (1 + std::tanh(inner)) +
               0.5 * x * (1 - std::tanh(inner) * std::tanh(inner)) * root * (1 + 3 * 0.044715 * x * x);
    }
}

} // namespace

bool expectTrain(const KernelCase& c, double eps, Expectation& out)
{
    const std::int64_t count = *c.outShape.elementCount();
    switch (c.op) {
    case OpCode::BatchMatMul:
        batchMatMul(c, eps, out);
        return true;
    case OpCode::Transpose:
        transpose(c, out);
        return true;
    case OpCode::Pad:
        pad(c, out);
        return true;
    case OpCode::Gather:
    case OpCode::GatherGrad:
        gather(c, eps, out);
        return true;
    case OpCode::OneHot:
        for (std::int64_t i = 0; i < count; ++i)
            out.add(c.attributes.scalars[c.inputs[0].valueAt(i / c.attributes.axes[0]) ==
                                                 static_cast<double>(i % c.attributes.axes[0])
                                             ? 0
                                             : 1]);
        return true;
    case OpCode::TopK:
    case OpCode::TopKIndices:
        topK(c, out);
        return true;
    case OpCode::InTopK:
        inTopK(c, out);
        return true;
    case OpCode::Select:
        for (std::int64_t i = 0; i < count; ++i) {
            const std::vector<std::int64_t> place = placeIn(c.outShape, i);
            const std::size_t chosen =
                c.inputs[0].valueAt(elementIn(c.inputs[0].shape(), place)) != 0 ? 1 : 2;
            out.add(c.inputs[chosen].valueAt(elementIn(c.inputs[chosen].shape(), place)));
        }
        return true;
    case OpCode::LeakyRelu:
    case OpCode::Gelu:
        for (std::int64_t i = 0; i < count; ++i) {
            const double x = c.inputs[0].valueAt(i);
            out.add(slope(c.op, x, c.attributes.scalars[0]), 32 * eps * (1 + std::abs(x)));
        }
        return true;
    case OpCode::LeakyReluGrad:
    case OpCode::GeluGrad:
        for (std::int64_t i = 0; i < count; ++i) {
            const double dy = c.inputs[0].valueAt(i);
            out.add(dy * slope(c.op, c.inputs[1].valueAt(i), c.attributes.scalars[0]),
                    64 * eps * (1 + std::abs(dy)));
        }
        return true;
    case OpCode::Conv2D:
    case OpCode::Conv2DBackpropInput:
    case OpCode::Conv2DBackpropFilter:
    case OpCode::DepthwiseConv2dNative:
    case OpCode::DepthwiseConv2dNativeBackpropInput:
    case OpCode::DepthwiseConv2dNativeBackpropFilter:
        convolution(c, eps, out);
        return true;
    case OpCode::MaxPool:
    case OpCode::MaxPoolGrad:
    case OpCode::AvgPool:
    case OpCode::AvgPoolGrad:
        pool(c, eps, out);
        return true;
    default:
        return false;
    }
}

} // namespace wr::cpu
