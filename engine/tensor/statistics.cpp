// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/statistics.h"

#include "engine/tensor/value_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace wr {
namespace {

std::uint16_t toBf16(double value)
{
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U)
        return 0x7FC0;
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

/// Calls body(value as double, bits of the element) for every element, with the type resolved once.
template <typename Body>
void forElements(const Tensor& tensor, Body body)
{
    const std::byte* const bytes = tensor.bytes().data();
    const std::int64_t count = tensor.elementCount();
    const auto walk = [&]<typename T>(T /*type*/, auto widen) {
        for (std::int64_t i = 0; i < count; ++i) {
            T element;
            std::memcpy(&element, bytes + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
            body(widen(element, i), static_cast<std::uint64_t>(element));
        }
    };
    const auto plain = [](auto element, std::int64_t) { return static_cast<double>(element); };
    switch (tensor.dtype()) {
    case DType::Float32:
        return walk(std::uint32_t{}, [](std::uint32_t bits, std::int64_t) {
            return static_cast<double>(std::bit_cast<float>(bits));
        });
    case DType::Float64:
        return walk(std::uint64_t{},
                    [](std::uint64_t bits, std::int64_t) { return std::bit_cast<double>(bits); });
    case DType::Float16:
    case DType::BFloat16:
        return walk(std::uint16_t{}, [&](std::uint16_t, std::int64_t i) { return tensor.valueAt(i); });
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

void fillQuantiles(const Tensor& tensor, Statistics& statistics)
{
    constexpr std::int64_t kSample = 16384;
    const std::int64_t count = tensor.elementCount();
    const std::int64_t stride = std::max<std::int64_t>(1, count / kSample);
    std::vector<float> sample;
    sample.reserve(static_cast<std::size_t>(std::min(count, kSample + 1)));
    for (std::int64_t i = 0; i < count; i += stride) {
        const double value = tensor.valueAt(i);
        if (std::isfinite(value))
            sample.push_back(static_cast<float>(value));
    }
    if (sample.empty())
        return;
    const auto at = [&](double quantile) {
        const auto place = sample.begin() + static_cast<std::ptrdiff_t>(
                                                quantile * static_cast<double>(sample.size() - 1) + 0.5);
        std::nth_element(sample.begin(), place, sample.end());
        return *place;
    };
    statistics.p01 = at(0.01);
    statistics.p50 = at(0.50);
    statistics.p99 = at(0.99);
}

/// As scanValues(), for any type.
ValueScan scanElements(const Tensor& tensor)
{
    ValueScan scan;
    forElements(tensor, [&](double value, std::uint64_t bits) {
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
        scan.fingerprintBf16 += mixedBits(value == 0.0 ? 0 : toBf16(value));
    });
    return scan;
}

} // namespace

Statistics computeStatistics(const Tensor& tensor)
{
    Statistics statistics;
    const ValueScan scan =
        canScan(tensor.dtype()) ? scanValues(tensor.dtype(), tensor.bytes()) : scanElements(tensor);
    statistics.nanCount = scan.nan;
    statistics.infCount = scan.inf;
    statistics.zeroCount = scan.zero;
    statistics.fingerprint = scan.fingerprint;
    statistics.fingerprintBf16 = scan.fingerprintBf16;
    if (scan.finite > 0) {
        const auto count = static_cast<double>(scan.finite);
        statistics.min = scan.low;
        statistics.max = scan.high;
        statistics.absMax = std::max(std::abs(scan.low), std::abs(scan.high));
        statistics.mean = scan.sum / count;
        statistics.l2 = std::sqrt(scan.squares);
        // A second pass, since squares − mean² loses what lies far from zero.
        double deviations = 0.0;
        if (canScan(tensor.dtype())) {
            deviations = sumOfDeviations(tensor.dtype(), tensor.bytes(), statistics.mean);
        } else {
            forElements(tensor, [&](double value, std::uint64_t) {
                if (std::isfinite(value))
                    deviations += (value - statistics.mean) * (value - statistics.mean);
            });
        }
        statistics.stddev = std::sqrt(deviations / count);
    }
    fillQuantiles(tensor, statistics);
    return statistics;
}

Histogram computeHistogram(const Tensor& tensor, int bins)
{
    Histogram histogram;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    forElements(tensor, [&](double value, std::uint64_t) {
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
    forElements(tensor, [&](double value, std::uint64_t) {
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
