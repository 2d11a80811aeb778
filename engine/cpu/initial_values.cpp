// SPDX-License-Identifier: GPL-3.0-or-later
// Fill, Eye, Range, LinSpace and the random ops. No Eigen and no contraction: the same bits in every build.
#include "engine/cpu/random_batch.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
void runFill(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    std::fill(out<T>(args) + span.first, out<T>(args) + span.last, *in<T>(args, 0));
}

template <typename T>
void runEye(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t rows = args.outputs[0].dims[0];
    const std::int64_t columns = args.outputs[0].dims[1];
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    if (span.last <= span.first)
        return;
    T* const y = out<T>(args);
    std::fill(y + span.first, y + span.last, T{});
    auto one = static_cast<T>(args.attributes->scalars[0]);
    if (args.outputs[0].dtype == DType::Bool)
        one = static_cast<T>(args.attributes->scalars[0] != 0.0);
    const std::int64_t step = columns + 1;
    for (std::int64_t row = (span.first + columns) / step; row < std::min(rows, columns); ++row) {
        if (row * step >= span.last)
            break;
        y[row * step] = one;
    }
}

template <typename T>
void runRange(const KernelArgs& args, std::int64_t, std::int64_t)
{
    // TensorFlow adds the step again and again, rounding each time; hence one tile.
    auto value = static_cast<T>(args.attributes->scalars[0]);
    const auto step = static_cast<T>(args.attributes->scalars[1]);
    T* const y = out<T>(args);
    for (std::int64_t i = 0; i < args.outputs[0].elements; ++i) {
        y[i] = value;
        value = static_cast<T>(value + step);
    }
}

template <typename T>
void runLinSpace(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const std::int64_t count = args.outputs[0].elements;
    const auto start = static_cast<T>(args.attributes->scalars[0]);
    const auto stop = static_cast<T>(args.attributes->scalars[1]);
    const T step = count > 1 ? (stop - start) / static_cast<T>(count - 1) : T{0};
    // TensorFlow 1.x ends at stop exactly; 0.x lets the rounding of the steps stand.
    const std::int64_t forced = args.attributes->scalars[2] != 0.0 && count > 1 ? count - 1 : -1;
    const Span span = elementSpan(begin, end, count);
    for (std::int64_t i = span.first; i < span.last; ++i)
        out<T>(args)[i] = i == forced ? stop : start + step * static_cast<T>(i);
}

std::int64_t oneTile(const KernelArgs& /*args*/)
{
    return 1;
}

Philox streamOf(const KernelArgs& args)
{
    return {args.attributes->seed, args.attributes->seed2, args.attributes->streamBlock};
}

/// Writes the elements of tiles from consecutive blocks. draw(WordBatch, ValueBatch<T>) makes values of
/// words.
template <typename T, typename Draw>
void drawTiles(const KernelArgs& args, std::int64_t begin, std::int64_t end, Draw draw)
{
    constexpr std::int64_t kPerBlock = ValueBatch<T>::kPerBlock;
    constexpr std::int64_t kAtOnce = kBatchBlocks * kPerBlock;
    static_assert(kElementTile % kAtOnce == 0);
    const Philox stream = streamOf(args);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    T* const y = out<T>(args);
    std::uint64_t blocks[kBatchBlocks];
    WordBatch words;
    ValueBatch<T> drawn;
    T values[static_cast<std::size_t>(kAtOnce)];
    for (std::int64_t i = span.first; i < span.last; i += kAtOnce) {
        const std::uint64_t first = args.attributes->streamBlock + static_cast<std::uint64_t>(i / kPerBlock);
        for (std::int64_t k = 0; k < kBatchBlocks; ++k)
            blocks[k] = first + static_cast<std::uint64_t>(k);
        drawBlocks(stream, blocks, words);
        draw(words, drawn);
        T* const to = span.last - i >= kAtOnce ? y + i : values;
        for (std::int64_t k = 0; k < kBatchBlocks; ++k) {
            for (std::int64_t j = 0; j < kPerBlock; ++j)
                to[k * kPerBlock + j] = drawn.values[j][k];
        }
        if (to == values)
            std::copy_n(values, span.last - i, y + i);
    }
}

template <typename T>
void scale(ValueBatch<T>& drawn, T factor, T offset)
{
    for (auto& row : drawn.values) {
        for (T& value : row)
            value = value * factor + offset;
    }
}

template <typename T>
void runUniform(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const auto low = static_cast<T>(args.attributes->scalars[0]);
    const T range = static_cast<T>(args.attributes->scalars[1]) - low;
    drawTiles<T>(args, begin, end, [=](const WordBatch& words, ValueBatch<T>& drawn) {
        drawUniforms(words, drawn);
        scale(drawn, range, low);
    });
}

template <typename T>
void runNormal(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const auto mean = static_cast<T>(args.attributes->scalars[0]);
    const auto stddev = static_cast<T>(args.attributes->scalars[1]);
    drawTiles<T>(args, begin, end, [=](const WordBatch& words, ValueBatch<T>& drawn) {
        drawNormals(words, drawn);
        scale(drawn, stddev, mean);
    });
}

template <typename T>
void runTruncated(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    using Groups = TruncatedGroups<T>;
    constexpr std::int64_t kAtOnce = Groups::kGroups * Groups::kSize;
    static_assert(kElementTile % kAtOnce == 0);
    const auto mean = static_cast<T>(args.attributes->scalars[0]);
    const auto stddev = static_cast<T>(args.attributes->scalars[1]);
    const Span span = elementSpan(begin, end, args.outputs[0].elements);
    T* const y = out<T>(args);
    const Philox stream = streamOf(args);
    Groups groups;
    T values[static_cast<std::size_t>(kAtOnce)];
    for (std::int64_t i = span.first; i < span.last; i += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, span.last - i);
        groups.draw(stream,
                    args.attributes->streamBlock +
                        static_cast<std::uint64_t>(i / Groups::kSize) * Groups::kBlocksOfGroup,
                    (count + Groups::kSize - 1) / Groups::kSize, values);
        for (std::int64_t k = 0; k < count; ++k)
            y[i + k] = values[k] * stddev + mean;
    }
}

/// TensorFlow's whole numbers: the remainder of a word, or of two, low word first.
void runUniformInt32(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const auto low = static_cast<std::int64_t>(args.attributes->scalars[0]);
    const auto range = static_cast<std::uint64_t>(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(args.attributes->scalars[1]) - low));
    drawTiles<std::int32_t>(args, begin, end, [=](const WordBatch& batch, ValueBatch<std::int32_t>& drawn) {
        for (std::int64_t k = 0; k < 4; ++k) {
            for (std::int64_t i = 0; i < kBatchBlocks; ++i)
                drawn.values[k][i] =
                    static_cast<std::int32_t>(low + static_cast<std::int64_t>(batch.words[k][i] % range));
        }
    });
}

void runUniformInt64(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const auto low = static_cast<std::int64_t>(args.attributes->scalars[0]);
    const auto range = static_cast<std::uint64_t>(
        std::max<std::int64_t>(1, static_cast<std::int64_t>(args.attributes->scalars[1]) - low));
    drawTiles<std::int64_t>(args, begin, end, [=](const WordBatch& batch, ValueBatch<std::int64_t>& drawn) {
        for (std::int64_t k = 0; k < 2; ++k) {
            for (std::int64_t i = 0; i < kBatchBlocks; ++i) {
                const std::uint64_t bits =
                    batch.words[2 * k][i] | (std::uint64_t{batch.words[2 * k + 1][i]} << 32U);
                drawn.values[k][i] = low + static_cast<std::int64_t>(bits % range);
            }
        }
    });
}

/// Fisher–Yates from the front, one word of the stream for each row but the last. Read off TensorFlow's
/// random_shuffle_op.cc, the stretch that is reserved too, and checked against orders that TensorFlow printed
/// for a row of six and for three rows of two. No second run in one session was found in print.
template <typename T>
void runShuffle(const KernelArgs& args, std::int64_t, std::int64_t)
{
    const TensorView& y = args.outputs[0];
    T* const values = out<T>(args);
    if (y.elements > 0)
        std::copy_n(in<T>(args, 0), y.elements, values);
    const std::int64_t rows = y.rank > 0 ? y.dims[0] : 1;
    if (rows <= 1 || y.elements <= 1)
        return;
    const std::int64_t width = y.elements / rows;
    Philox stream = streamOf(args);
    PhiloxBlock words{};
    for (std::int64_t i = 0; i + 1 < rows; ++i) {
        if (i % 4 == 0)
            words = stream.next();
        const std::uint64_t word = words[static_cast<std::size_t>(i % 4)];
        const std::int64_t other = i + static_cast<std::int64_t>(word % static_cast<std::uint64_t>(rows - i));
        if (other != i)
            std::swap_ranges(values + i * width, values + (i + 1) * width, values + other * width);
    }
}

template <typename T>
void addFill(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::Fill, dtype, {elementTiles, nullptr, runFill<T>}});
    table.push_back({OpCode::Eye, dtype, {elementTiles, nullptr, runEye<T>}});
    table.push_back({OpCode::RandomShuffle, dtype, {oneTile, nullptr, runShuffle<T>}});
}

} // namespace

void addInitialValues(std::vector<KernelEntry>& table)
{
    addFill<float>(table, DType::Float32);
    addFill<double>(table, DType::Float64);
    addFill<std::int32_t>(table, DType::Int32);
    addFill<std::int64_t>(table, DType::Int64);
    addFill<std::uint8_t>(table, DType::UInt8);
    addFill<std::uint8_t>(table, DType::Bool);
    table.push_back({OpCode::Range, DType::Float32, {oneTile, nullptr, runRange<float>}});
    table.push_back({OpCode::Range, DType::Float64, {oneTile, nullptr, runRange<double>}});
    table.push_back({OpCode::Range, DType::Int32, {oneTile, nullptr, runRange<std::int32_t>}});
    table.push_back({OpCode::Range, DType::Int64, {oneTile, nullptr, runRange<std::int64_t>}});
    table.push_back({OpCode::LinSpace, DType::Float32, {elementTiles, nullptr, runLinSpace<float>}});
    table.push_back({OpCode::LinSpace, DType::Float64, {elementTiles, nullptr, runLinSpace<double>}});
    table.push_back({OpCode::RandomUniform, DType::Float32, {elementTiles, nullptr, runUniform<float>}});
    table.push_back({OpCode::RandomUniform, DType::Float64, {elementTiles, nullptr, runUniform<double>}});
    table.push_back({OpCode::RandomUniformInt, DType::Int32, {elementTiles, nullptr, runUniformInt32}});
    table.push_back({OpCode::RandomUniformInt, DType::Int64, {elementTiles, nullptr, runUniformInt64}});
    table.push_back({OpCode::RandomNormal, DType::Float32, {elementTiles, nullptr, runNormal<float>}});
    table.push_back({OpCode::RandomNormal, DType::Float64, {elementTiles, nullptr, runNormal<double>}});
    table.push_back({OpCode::TruncatedNormal, DType::Float32, {elementTiles, nullptr, runTruncated<float>}});
    table.push_back({OpCode::TruncatedNormal, DType::Float64, {elementTiles, nullptr, runTruncated<double>}});
}

} // namespace wr::cpu::WR_CPU_VARIANT
