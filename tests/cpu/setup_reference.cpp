// SPDX-License-Identifier: GPL-3.0-or-later
// The plainest way to make initial values, to join, to cut and to scatter, one element after another.
#include "engine/base/philox.h"
#include "tests/cpu/kernel_case.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wr::cpu {
namespace {

using backend::OpCode;

std::int64_t count(const Shape& shape)
{
    return *shape.elementCount();
}

/// Index of each dimension for element `at`.
std::vector<std::int64_t> placeOf(const Shape& shape, std::int64_t at)
{
    std::vector<std::int64_t> place(static_cast<std::size_t>(shape.rank()));
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        place[static_cast<std::size_t>(axis)] = at % shape.dim(axis);
        at /= shape.dim(axis);
    }
    return place;
}

std::int64_t elementAt(const Shape& shape, const std::vector<std::int64_t>& place)
{
    std::int64_t at = 0;
    for (int axis = 0; axis < shape.rank(); ++axis)
        at = at * shape.dim(axis) + place[static_cast<std::size_t>(axis)];
    return at;
}

/// Word number `index` of the case's stream.
std::uint64_t word(const KernelCase& c, std::uint64_t index)
{
    const Philox stream(c.attributes.seed, c.attributes.seed2);
    return stream.at(c.attributes.streamBlock + index / 4)[index % 4];
}

void uniformInt(const KernelCase& c, Expectation& out)
{
    const auto low = static_cast<std::int64_t>(c.attributes.scalars[0]);
    const auto range = static_cast<std::uint64_t>(static_cast<std::int64_t>(c.attributes.scalars[1]) - low);
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count(c.outShape)); ++i) {
        const std::uint64_t bits =
            c.outType == DType::Int32 ? word(c, i) : word(c, 2 * i) + (word(c, 2 * i + 1) << 32U);
        out.add(static_cast<double>(low + static_cast<std::int64_t>(bits % range)));
    }
}

void shuffled(const KernelCase& c, Expectation& out)
{
    const std::int64_t rows = c.outShape.rank() > 0 ? c.outShape.dim(0) : 1;
    std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
        std::swap(order[i], order[i + word(c, i) % (order.size() - i)]);
    const std::int64_t width = rows > 0 ? count(c.outShape) / rows : 0;
    for (const std::int64_t row : order) {
        for (std::int64_t k = 0; k < width; ++k)
            out.add(c.inputs[0].valueAt(row * width + k));
    }
}

/// Gram–Schmidt, each column made orthogonal twice, in long double.
void orthogonal(const KernelCase& c, double eps, Expectation& out)
{
    const std::int64_t rows = c.outShape.dim(0);
    const std::int64_t columns = c.outShape.dim(1);
    const bool isWide = rows < columns;
    const auto length = static_cast<std::size_t>(std::max(rows, columns));
    std::vector<std::vector<long double>> q;
    for (std::int64_t j = 0; j < std::min(rows, columns); ++j) {
        std::vector<long double> column(length);
        for (std::size_t i = 0; i < length; ++i) {
            const auto at = static_cast<std::int64_t>(i);
            column[i] =
                static_cast<long double>(c.inputs[0].valueAt(isWide ? j * columns + at : at * columns + j));
        }
        for (int pass = 0; pass < 2; ++pass) {
            for (const std::vector<long double>& earlier : q) {
                const long double along =
                    std::inner_product(earlier.begin(), earlier.end(), column.begin(), 0.0L);
                for (std::size_t i = 0; i < length; ++i)
                    column[i] -= along * earlier[i];
            }
        }
        const long double norm =
            std::sqrt(std::inner_product(column.begin(), column.end(), column.begin(), 0.0L));
        for (long double& value : column)
            value /= norm;
        q.push_back(std::move(column));
    }
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; ++j) {
            const auto column = static_cast<std::size_t>(isWide ? i : j);
            const auto element = static_cast<std::size_t>(isWide ? j : i);
            const double value = static_cast<double>(q[column][element]) * c.attributes.scalars[0];
            out.add(value, 2 * eps * std::abs(value) + 1e-11);
        }
    }
}

void joined(const KernelCase& c, Expectation& out)
{
    const auto axis = static_cast<std::size_t>(c.attributes.axes[0]);
    for (std::int64_t i = 0; i < count(c.outShape); ++i) {
        std::vector<std::int64_t> place = placeOf(c.outShape, i);
        for (const Tensor& input : c.inputs) {
            const std::int64_t length = input.shape().dim(static_cast<int>(axis));
            if (place[axis] < length) {
                out.add(input.valueAt(elementAt(input.shape(), place)));
                break;
            }
            place[axis] -= length;
        }
    }
}

void cut(const KernelCase& c, Expectation& out)
{
    for (std::int64_t i = 0; i < count(c.outShape); ++i) {
        std::vector<std::int64_t> place = placeOf(c.outShape, i);
        for (std::size_t axis = 0; axis < place.size(); ++axis)
            place[axis] += c.attributes.axes[axis];
        out.add(c.inputs[0].valueAt(elementAt(c.inputs[0].shape(), place)));
    }
}

/// Whole numbers go round at the end of their type.
double wrapped(double value, DType dtype)
{
    const double size = dtype == DType::UInt8 ? 0x1p8 : dtype == DType::Int32 ? 0x1p32 : 0.0;
    if (size == 0.0)
        return value;
    value -= size * std::floor(value / size);
    return dtype == DType::Int32 && value >= 0x1p31 ? value - size : value;
}

void scattered(const KernelCase& c, double eps, Expectation& out)
{
    const Tensor& variable = c.inputs[0];
    const std::int64_t rows = variable.shape().dim(0);
    const std::int64_t width = rows > 0 ? variable.elementCount() / rows : 0;
    for (std::int64_t i = 0; i < variable.elementCount(); ++i)
        out.add(variable.valueAt(i));
    for (std::int64_t i = 0; i < c.inputs[1].elementCount(); ++i) {
        const auto row = static_cast<std::int64_t>(c.inputs[1].valueAt(i));
        for (std::int64_t k = 0; k < width; ++k) {
            const auto at = static_cast<std::size_t>(row * width + k);
            const double by = c.inputs[2].valueAt(i * width + k);
            double& value = out.values[at];
            double& slack = out.tolerances[at];
            switch (c.op) {
            case OpCode::ScatterAdd:
                value += by;
                break;
            case OpCode::ScatterSub:
                value -= by;
                break;
            case OpCode::ScatterMul:
                value *= by;
                slack *= std::abs(by);
                break;
            case OpCode::ScatterDiv:
                value = isFloating(c.dtype) ? value / by : std::trunc(value / by);
                slack /= std::abs(by);
                break;
            default:
                value = by;
                slack = 0.0;
            }
            value = wrapped(value, c.dtype);
            if (c.op != OpCode::ScatterUpdate)
                slack += 2 * eps * std::abs(value);
        }
    }
}

} // namespace

bool expectSetup(const KernelCase& c, double eps, Expectation& out)
{
    switch (c.op) {
    case OpCode::RandomUniformInt:
        uniformInt(c, out);
        return true;
    case OpCode::RandomShuffle:
        shuffled(c, out);
        return true;
    case OpCode::Orthogonal:
        orthogonal(c, eps, out);
        return true;
    case OpCode::Eye:
        for (std::int64_t i = 0; i < count(c.outShape); ++i) {
            const double value = c.outType == DType::Bool ? 1.0 : c.attributes.scalars[0];
            out.add(i / c.outShape.dim(1) == i % c.outShape.dim(1) ? value : 0.0);
        }
        return true;
    case OpCode::Concat:
        joined(c, out);
        return true;
    case OpCode::Slice:
        cut(c, out);
        return true;
    case OpCode::ScatterUpdate:
    case OpCode::ScatterAdd:
    case OpCode::ScatterSub:
    case OpCode::ScatterMul:
    case OpCode::ScatterDiv:
        scattered(c, eps, out);
        return true;
    default:
        return false;
    }
}

} // namespace wr::cpu
