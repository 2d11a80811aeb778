// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/value_counts.h"

#include "engine/tensor/tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace wr {
namespace {

constexpr std::size_t kPatterns = 65536;

} // namespace

bool ValueCounts::canCount(DType dtype)
{
    return dtype == DType::Float16 || dtype == DType::BFloat16;
}

void ValueCounts::makeRoomFor(std::uint64_t elements)
{
    m_counts.resize(kPatterns);
    if (m_counted + elements > UINT32_MAX) {
        m_before.resize(kPatterns);
        for (std::size_t i = 0; i < kPatterns; ++i)
            m_before[i] += std::exchange(m_counts[i], 0U);
        m_counted = 0;
    }
    m_counted += elements;
}

void ValueCounts::add(std::span<const std::byte> bytes)
{
    constexpr std::size_t kStep = std::size_t{1} << 31U;
    for (std::size_t from = 0; from < bytes.size(); from += kStep) {
        const std::span<const std::byte> step = bytes.subspan(from, std::min(kStep, bytes.size() - from));
        makeRoomFor(step.size() / sizeof(std::uint16_t));
        std::uint32_t* const counts = m_counts.data();
        const std::size_t words = step.size() / sizeof(std::uint64_t);
        for (std::size_t i = 0; i < words; ++i) {
            std::uint64_t four = 0;
            std::memcpy(&four, step.data() + i * sizeof(four), sizeof(four));
            ++counts[four & 0xFFFFU];
            ++counts[four >> 16U & 0xFFFFU];
            ++counts[four >> 32U & 0xFFFFU];
            ++counts[four >> 48U];
        }
        for (std::size_t at = words * sizeof(std::uint64_t); at + 1 < step.size(); at += 2) {
            std::uint16_t pattern = 0;
            std::memcpy(&pattern, step.data() + at, sizeof(pattern));
            ++counts[pattern];
        }
    }
}

void ValueCounts::add(const ValueCounts& other)
{
    makeRoomFor(other.m_counted);
    for (std::size_t i = 0; i < other.m_counts.size(); ++i)
        m_counts[i] += other.m_counts[i];
    if (!other.m_before.empty())
        m_before.resize(kPatterns);
    for (std::size_t i = 0; i < other.m_before.size(); ++i)
        m_before[i] += other.m_before[i];
}

ValueCounts::Evaluation ValueCounts::evaluate(DType dtype) const
{
    struct Counted {
        double value;
        double count;
    };
    std::vector<Counted> finite;
    Evaluation evaluation;
    ValueScan& scan = evaluation.scan;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        const std::uint64_t count = m_counts[i] + (m_before.empty() ? 0 : m_before[i]);
        if (count == 0)
            continue;
        std::array<std::byte, sizeof(std::uint16_t)> bytes{};
        const auto pattern = static_cast<std::uint16_t>(i);
        std::memcpy(bytes.data(), &pattern, sizeof(pattern));
        const double value = elementValue(dtype, bytes.data());
        const bool isZero = value == 0.0;
        scan.fingerprint += count * mixedBits(isZero ? 0 : i); // −0 counts as +0
        scan.fingerprintBf16 += count * mixedBits(isZero ? 0 : bf16Bits(value));
        if (std::isnan(value)) {
            scan.nan += count;
        } else if (std::isinf(value)) {
            scan.inf += count;
        } else {
            const auto times = static_cast<double>(count);
            scan.finite += count;
            scan.zero += isZero ? count : 0;
            scan.low = std::min(scan.low, value);
            scan.high = std::max(scan.high, value);
            scan.sum += times * value;
            scan.squares += times * value * value;
            finite.push_back({value, times});
        }
    }
    const double mean = scan.sum / static_cast<double>(std::max<std::uint64_t>(scan.finite, 1));
    for (const Counted& counted : finite)
        evaluation.deviations += counted.count * (counted.value - mean) * (counted.value - mean);
    return evaluation;
}

} // namespace wr
