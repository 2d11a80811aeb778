// SPDX-License-Identifier: GPL-3.0-or-later
// Sum, Mean, Prod, Max, Min, All and Any over axes, and the places of extremes. Sums are carried in double,
// in an order that the shape alone decides.
#include "engine/cpu/kernel_list.h"

#include <limits>
#include <type_traits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// The input's dimensions joined into runs that are all kept or all reduced.
struct Runs {
    int count = 0;
    std::int64_t dims[backend::kMaxRank] = {};
    bool reduced[backend::kMaxRank] = {};
};

Runs runsOf(const KernelArgs& args)
{
    const TensorView& input = args.inputs[0];
    bool reduce[backend::kMaxRank] = {};
    for (int i = 0; i < args.attributes->axisCount; ++i)
        reduce[args.attributes->axes[i]] = true;
    Runs runs;
    for (int axis = 0; axis < input.rank; ++axis) {
        if (runs.count > 0 && runs.reduced[runs.count - 1] == reduce[axis]) {
            runs.dims[runs.count - 1] *= input.dims[axis];
        } else {
            runs.dims[runs.count] = input.dims[axis];
            runs.reduced[runs.count++] = reduce[axis];
        }
    }
    return runs;
}

template <typename T>
using Carrier = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;

struct SumOf {
    template <typename T>
    static constexpr Carrier<T> kStart = 0;
    template <typename A>
    static A join(A total, A value)
    {
        return total + value;
    }
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t /*count*/)
    {
        return static_cast<T>(total);
    }
};
struct MeanOf : SumOf {
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t count)
    {
        return static_cast<T>(total / static_cast<Carrier<T>>(count));
    }
};
struct MaxOf {
    template <typename T>
    static constexpr Carrier<T> kStart = std::is_floating_point_v<T>
                                             ? -std::numeric_limits<Carrier<T>>::infinity()
                                             : std::numeric_limits<Carrier<T>>::lowest();
    template <typename A>
    static A join(A total, A value)
    {
        return value > total || value != value ? value : total;
    }
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t /*count*/)
    {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(std::max<Carrier<T>>(total, std::numeric_limits<T>::lowest()));
        return static_cast<T>(total);
    }
};

struct MinOf {
    template <typename T>
    static constexpr Carrier<T> kStart = std::is_floating_point_v<T>
                                             ? std::numeric_limits<Carrier<T>>::infinity()
                                             : std::numeric_limits<Carrier<T>>::max();
    template <typename A>
    static A join(A total, A value)
    {
        return value < total || value != value ? value : total;
    }
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t /*count*/)
    {
        if constexpr (std::is_integral_v<T>)
            return static_cast<T>(std::min<Carrier<T>>(total, std::numeric_limits<T>::max()));
        return static_cast<T>(total);
    }
};
/// Whole numbers wrap around instead of overflowing.
struct ProdOf {
    template <typename T>
    static constexpr Carrier<T> kStart = 1;
    template <typename A>
    static A join(A total, A value)
    {
        if constexpr (std::is_integral_v<A>)
            return static_cast<A>(static_cast<std::uint64_t>(total) * static_cast<std::uint64_t>(value));
        else
            return total * value;
    }
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t /*count*/)
    {
        return static_cast<T>(total);
    }
};
struct AllOf {
    template <typename T>
    static constexpr Carrier<T> kStart = 1;
    template <typename A>
    static A join(A total, A value)
    {
        return total & (value != 0 ? 1 : 0);
    }
    template <typename T>
    static T finish(Carrier<T> total, std::int64_t /*count*/)
    {
        return static_cast<T>(total);
    }
};
struct AnyOf : AllOf {
    template <typename T>
    static constexpr Carrier<T> kStart = 0;
    template <typename A>
    static A join(A total, A value)
    {
        return total | (value != 0 ? 1 : 0);
    }
};

constexpr std::int64_t kOutputTile = 64;
constexpr std::int64_t kWide = 96; // sums that are carried side by side

std::int64_t reduceTiles(const KernelArgs& args)
{
    return tilesOf(args.outputs[0].elements, kOutputTile);
}

/// Reduces everything into up to kOutputTile neighbouring outputs, which lie `first` onwards.
template <typename Op, typename T>
class Reducer {
public:
    Reducer(const KernelArgs& args, std::int64_t first, std::int64_t last)
        : m_runs(runsOf(args)), m_x(in<T>(args, 0)), m_first(first), m_last(last)
    {
        std::fill(m_totals, m_totals + kOutputTile, Op::template kStart<T>);
        std::int64_t inputStride = 1;
        std::int64_t outputStride = 1;
        for (int run = m_runs.count - 1; run >= 0; --run) {
            m_inputStrides[run] = inputStride;
            inputStride *= m_runs.dims[run];
            m_outputStrides[run] = m_runs.reduced[run] ? 0 : outputStride;
            outputStride *= m_runs.reduced[run] ? 1 : m_runs.dims[run];
        }
    }

    void walk() { walk(0, 0, 0); }
    const Carrier<T>* totals() const { return m_totals; }

private:
    void walk(int run, std::int64_t input, std::int64_t output)
    {
        if (run == m_runs.count) {
            add(input, output);
            return;
        }
        const std::int64_t dim = m_runs.dims[run];
        if (run + 2 == m_runs.count && m_runs.reduced[run] && output == m_first &&
            m_runs.dims[run + 1] == m_last - m_first && m_last - m_first <= kWide / 2) {
            addNarrowRows(m_x + input, dim, m_runs.dims[run + 1]);
            return;
        }
        if (m_runs.reduced[run]) {
            if (run + 1 == m_runs.count) {
                Carrier<T> total = m_totals[output - m_first];
                for (std::int64_t i = 0; i < dim; ++i)
                    total = Op::join(total, static_cast<Carrier<T>>(m_x[input + i]));
                m_totals[output - m_first] = total;
                return;
            }
            for (std::int64_t i = 0; i < dim; ++i)
                walk(run + 1, input + i * m_inputStrides[run], output);
            return;
        }
        // Only the part of this run whose outputs lie in [m_first, m_last).
        const std::int64_t stride = m_outputStrides[run];
        const std::int64_t from = std::max<std::int64_t>(0, (m_first - output) / stride);
        const std::int64_t to = std::min(dim, (m_last - output + stride - 1) / stride);
        if (run + 1 == m_runs.count) {
            for (std::int64_t i = from; i < to; ++i)
                add(input + i, output + i);
            return;
        }
        for (std::int64_t i = from; i < to; ++i)
            walk(run + 1, input + i * m_inputStrides[run], output + i * stride);
    }

    /// Rows of a few columns, as many of them at a time as make a long loop.
    void addNarrowRows(const T* x, std::int64_t rows, std::int64_t columns)
    {
        const std::int64_t together = kWide / columns;
        const std::int64_t block = together * columns;
        Carrier<T> wide[kWide];
        std::fill(wide, wide + block, Op::template kStart<T>);
        for (std::int64_t row = 0; row < rows; row += together) {
            const std::int64_t count = std::min(block, (rows - row) * columns);
            for (std::int64_t j = 0; j < count; ++j)
                wide[j] = Op::join(wide[j], static_cast<Carrier<T>>(x[j]));
            x += count;
        }
        for (std::int64_t j = 0; j < block; ++j)
            m_totals[j % columns] = Op::join(m_totals[j % columns], wide[j]);
    }

    void add(std::int64_t input, std::int64_t output)
    {
        if (output >= m_first && output < m_last)
            m_totals[output - m_first] =
                Op::join(m_totals[output - m_first], static_cast<Carrier<T>>(m_x[input]));
    }

    Runs m_runs;
    const T* m_x;
    std::int64_t m_first;
    std::int64_t m_last;
    std::int64_t m_inputStrides[backend::kMaxRank] = {};
    std::int64_t m_outputStrides[backend::kMaxRank] = {};
    Carrier<T> m_totals[kOutputTile];
};

template <typename Op, typename T>
void runReduce(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t outputs = args.outputs[0].elements;
    const std::int64_t each = outputs == 0 ? 0 : args.inputs[0].elements / outputs;
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const std::int64_t first = tile * kOutputTile;
        const std::int64_t last = std::min(first + kOutputTile, outputs);
        if (first >= last)
            return;
        Reducer<Op, T> reducer(args, first, last);
        if (each > 0)
            reducer.walk();
        for (std::int64_t i = first; i < last; ++i)
            out<T>(args)[i] = Op::template finish<T>(reducer.totals()[i - first], each);
    }
}

template <typename T, bool IsLargest>
void runArg(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const TensorView& input = args.inputs[0];
    const int axis = args.attributes->axes[0];
    std::int64_t inner = 1;
    for (int i = axis + 1; i < input.rank; ++i)
        inner *= input.dims[i];
    const std::int64_t dim = input.dims[axis];
    const std::int64_t last = std::min(end * kOutputTile, args.outputs[0].elements);
    for (std::int64_t i = begin * kOutputTile; i < last; ++i) {
        const T* const x = in<T>(args, 0) + i / inner * dim * inner + i % inner;
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < dim; ++k) {
            if (IsLargest ? x[k * inner] > x[best * inner] : x[k * inner] < x[best * inner])
                best = k;
        }
        out<std::int64_t>(args)[i] = best;
    }
}

template <typename Op>
void addReduction(std::vector<KernelEntry>& table, OpCode op, bool integers)
{
    table.push_back({op, DType::Float32, {reduceTiles, nullptr, runReduce<Op, float>}});
    table.push_back({op, DType::Float64, {reduceTiles, nullptr, runReduce<Op, double>}});
    if (integers) {
        table.push_back({op, DType::Int32, {reduceTiles, nullptr, runReduce<Op, std::int32_t>}});
        table.push_back({op, DType::Int64, {reduceTiles, nullptr, runReduce<Op, std::int64_t>}});
    }
}

template <bool IsLargest>
void addArg(std::vector<KernelEntry>& table, OpCode op)
{
    table.push_back({op, DType::Float32, {reduceTiles, nullptr, runArg<float, IsLargest>}});
    table.push_back({op, DType::Float64, {reduceTiles, nullptr, runArg<double, IsLargest>}});
    table.push_back({op, DType::Int32, {reduceTiles, nullptr, runArg<std::int32_t, IsLargest>}});
    table.push_back({op, DType::Int64, {reduceTiles, nullptr, runArg<std::int64_t, IsLargest>}});
}

} // namespace

void addReductions(std::vector<KernelEntry>& table)
{
    addReduction<SumOf>(table, OpCode::Sum, true);
    addReduction<MeanOf>(table, OpCode::Mean, false);
    addReduction<MaxOf>(table, OpCode::Max, true);
    addReduction<MinOf>(table, OpCode::Min, true);
    addReduction<ProdOf>(table, OpCode::Prod, true);
    table.push_back({OpCode::All, DType::Bool, {reduceTiles, nullptr, runReduce<AllOf, std::uint8_t>}});
    table.push_back({OpCode::Any, DType::Bool, {reduceTiles, nullptr, runReduce<AnyOf, std::uint8_t>}});
    addArg<true>(table, OpCode::ArgMax);
    addArg<false>(table, OpCode::ArgMin);
}

} // namespace wr::cpu::WR_CPU_VARIANT
