// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/statistics.h"

#include "engine/tensor/sample_quantiles.h"
#include "engine/tensor/value_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace wr {
namespace {

/// Calls body(value as double, bits of the element) for every element, with the type resolved once.
template <typename Body>
void forElements(DType dtype, std::span<const std::byte> bytes, Body body)
{
    const auto walk = [&]<typename T>(T /*type*/, auto widen) {
        for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
            T element;
            std::memcpy(&element, bytes.data() + at, sizeof(T));
            body(widen(element), static_cast<std::uint64_t>(element));
        }
    };
    const auto plain = [](auto element) { return static_cast<double>(element); };
    switch (dtype) {
    case DType::Float32:
        return walk(std::uint32_t{},
                    [](std::uint32_t bits) { return static_cast<double>(std::bit_cast<float>(bits)); });
    case DType::Float64:
        return walk(std::uint64_t{}, [](std::uint64_t bits) { return std::bit_cast<double>(bits); });
    case DType::Float16:
    case DType::BFloat16:
        return walk(std::uint16_t{}, [dtype](std::uint16_t bits) {
            return elementValue(dtype, reinterpret_cast<const std::byte*>(&bits));
        });
    case DType::Int8:
        return walk(std::int8_t{}, plain);
    case DType::Int16:
        return walk(std::int16_t{}, plain);
    case DType::Int32:
        return walk(std::int32_t{}, plain);
    case DType::Int64:
        return walk(std::int64_t{}, plain);
    case DType::UInt8:
    case DType::Bool:
        return walk(std::uint8_t{}, plain);
    case DType::UInt16:
        return walk(std::uint16_t{}, plain);
    case DType::UInt32:
        return walk(std::uint32_t{}, plain);
    case DType::UInt64:
        return walk(std::uint64_t{}, plain);
    case DType::Invalid:
        return;
    }
}

/// As scanValues(), for any type.
ValueScan scanElements(DType dtype, std::span<const std::byte> bytes)
{
    ValueScan scan;
    forElements(dtype, bytes, [&](double value, std::uint64_t bits) {
        if (std::isnan(value)) {
            ++scan.nan;
        } else if (std::isinf(value)) {
            ++scan.inf;
        } else {
            ++scan.finite;
            scan.low = std::min(scan.low, value);
            scan.high = std::max(scan.high, value);
            scan.sum += value;
            scan.squares += value * value;
            if (value == 0.0) {
                ++scan.zero;
                bits = 0; // −0 counts as +0
            }
        }
        scan.fingerprint += mixedBits(bits);
        scan.fingerprintBf16 += mixedBits(value == 0.0 ? 0 : bf16Bits(value));
    });
    return scan;
}

double meanOf(const ValueScan& scan)
{
    return scan.sum / static_cast<double>(std::max<std::uint64_t>(scan.finite, 1));
}

StatisticsPart::Block scanBlock(DType dtype, std::span<const std::byte> bytes)
{
    StatisticsPart::Block block;
    if (canScan(dtype)) {
        block.scan = scanValues(dtype, bytes);
        // A second pass, since squares − mean² loses what lies far from zero.
        block.deviations = sumOfDeviations(dtype, bytes, meanOf(block.scan));
        return block;
    }
    block.scan = scanElements(dtype, bytes);
    const double mean = meanOf(block.scan);
    forElements(dtype, bytes, [&](double value, std::uint64_t) {
        if (std::isfinite(value))
            block.deviations += (value - mean) * (value - mean);
    });
    return block;
}

/// Adds a block to those before it.
void addBlock(StatisticsPart::Block& all, const StatisticsPart::Block& block)
{
    ValueScan& a = all.scan;
    const ValueScan& b = block.scan;
    if (a.finite > 0 && b.finite > 0) {
        const double apart = meanOf(b) - meanOf(a);
        const auto countA = static_cast<double>(a.finite);
        const auto countB = static_cast<double>(b.finite);
        all.deviations += apart * apart * (countA / (countA + countB) * countB);
    }
    all.deviations += block.deviations;
    a.finite += b.finite;
    a.nan += b.nan;
    a.inf += b.inf;
    a.zero += b.zero;
    a.low = std::min(a.low, b.low);
    a.high = std::max(a.high, b.high);
    a.sum += b.sum;
    a.squares += b.squares;
    a.fingerprint += b.fingerprint;
    a.fingerprintBf16 += b.fingerprintBf16;
}

} // namespace

StatisticsPart scanPart(DType dtype, std::int64_t elements, std::int64_t first,
                        std::span<const std::byte> bytes)
{
    /// Of fewer elements the tables cost more than they save.
    constexpr std::int64_t kCounted = std::int64_t{1} << 16U;
    StatisticsPart part;
    appendSample(part.sample, dtype, elements, first, bytes);
    if (ValueCounts::canCount(dtype) && elements >= kCounted) {
        part.counts.add(bytes);
        return part;
    }
    const std::size_t blockBytes = static_cast<std::size_t>(kStatisticsBlock) * dtypeSize(dtype);
    for (std::size_t at = 0; at < bytes.size(); at += blockBytes)
        part.blocks.push_back(scanBlock(dtype, bytes.subspan(at, std::min(blockBytes, bytes.size() - at))));
    return part;
}

void StatisticsSum::add(StatisticsPart part)
{
    for (const StatisticsPart::Block& block : part.blocks)
        addBlock(m_all, block);
    if (m_counts.isEmpty())
        m_counts = std::move(part.counts);
    else
        m_counts.add(part.counts);
    if (m_sample.empty())
        m_sample = std::move(part.sample);
    else
        m_sample.insert(m_sample.end(), part.sample.begin(), part.sample.end());
}

Statistics StatisticsSum::finish()
{
    if (!m_counts.isEmpty()) {
        const ValueCounts::Evaluation evaluation = m_counts.evaluate(m_dtype);
        m_all = {evaluation.scan, evaluation.deviations};
    }
    const ValueScan& scan = m_all.scan;
    Statistics statistics;
    statistics.nanCount = scan.nan;
    statistics.infCount = scan.inf;
    statistics.zeroCount = scan.zero;
    statistics.fingerprint = scan.fingerprint;
    statistics.fingerprintBf16 = scan.fingerprintBf16;
    if (scan.finite > 0) {
        statistics.min = scan.low;
        statistics.max = scan.high;
        statistics.absMax = std::max(std::abs(scan.low), std::abs(scan.high));
        statistics.mean = meanOf(scan);
        statistics.l2 = std::sqrt(scan.squares);
        statistics.stddev = std::sqrt(m_all.deviations / static_cast<double>(scan.finite));
    }
    const std::array<float, 3> quantiles = sampleQuantiles(m_sample);
    statistics.p01 = quantiles[0];
    statistics.p50 = quantiles[1];
    statistics.p99 = quantiles[2];
    return statistics;
}

Statistics computeStatistics(const Tensor& tensor)
{
    StatisticsSum sum(tensor.dtype());
    sum.add(scanPart(tensor.dtype(), tensor.elementCount(), 0, tensor.bytes()));
    return sum.finish();
}

Histogram computeHistogram(const Tensor& tensor, int bins)
{
    Histogram histogram;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    forElements(tensor.dtype(), tensor.bytes(), [&](double value, std::uint64_t) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    });
    if (low > high || bins < 1)
        return histogram;
    histogram.low = low;
    histogram.high = high;
    histogram.counts.assign(static_cast<std::size_t>(bins), 0);
    const double width = high - low;
    forElements(tensor.dtype(), tensor.bytes(), [&](double value, std::uint64_t) {
        if (!std::isfinite(value))
            return;
        // Halved, so that the width of the largest numbers does not overflow.
        const double place = width > 0.0 ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.0;
        const auto bin = static_cast<std::size_t>(place * bins);
        ++histogram.counts[std::min(bin, static_cast<std::size_t>(bins) - 1)];
    });
    return histogram;
}

} // namespace wr
