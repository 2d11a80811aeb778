// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/pair_numbers.h"

#include "engine/remap/element_cast.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace wr::remap {
namespace {

std::uint64_t bitsAt(std::span<const std::byte> bytes, std::size_t size, std::size_t index)
{
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + index * size, size);
    return bits;
}

/// The place of a floating-point number among all of its type, negative ones counted from zero downwards.
std::int64_t rankOf(std::uint64_t bits, std::size_t size)
{
    const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
    const auto magnitude = static_cast<std::int64_t>(bits & (sign - 1));
    return (bits & sign) != 0 ? -magnitude : magnitude;
}

/// The exact difference of two 64-bit integers as a double.
double wideDifference(DType dtype, std::uint64_t x, std::uint64_t y)
{
    const bool isMore =
        dtype == DType::UInt64 ? y >= x : static_cast<std::int64_t>(y) >= static_cast<std::int64_t>(x);
    const auto gap = static_cast<double>(isMore ? y - x : x - y);
    return isMore ? gap : -gap;
}

} // namespace

void PairSums::addSide(double value, Side& side, std::int64_t& zeros, std::int64_t& nans, std::int64_t& infs)
{
    if (std::isnan(value)) {
        ++nans;
    } else if (std::isinf(value)) {
        ++infs;
    } else {
        side.sum += value;
        side.squares += value * value;
        ++side.finite;
        zeros += value == 0.0 ? 1 : 0;
    }
}

void PairSums::addElement(double x, double y, std::uint64_t bitsX, std::uint64_t bitsY)
{
    const std::int64_t index = m_numbers.elements++;
    addSide(x, m_a, m_numbers.zerosA, m_numbers.nanA, m_numbers.infA);
    addSide(y, m_b, m_numbers.zerosB, m_numbers.nanB, m_numbers.infB);
    const bool isOneType = m_typeA == m_typeB;
    const bool isChanged = isOneType ? bitsX != bitsY : x != y && !(std::isnan(x) && std::isnan(y));
    m_numbers.changed += isChanged ? 1 : 0;
    if (!std::isfinite(x) || !std::isfinite(y)) {
        m_numbers.beyond += isChanged ? 1 : 0;
        return;
    }
    ++m_both;
    const bool isWide = isOneType && (m_typeA == DType::Int64 || m_typeA == DType::UInt64);
    const double delta = isWide ? wideDifference(m_typeA, bitsX, bitsY) : y - x;
    m_deltas += delta;
    m_squares += delta * delta;
    m_normA += x * x;
    m_normB += y * y;
    m_product += x * y;
    if (std::fabs(delta) > m_numbers.maxAbs) {
        m_numbers.maxAbs = std::fabs(delta);
        m_numbers.maxIndex = index;
    }
    m_numbers.beyond += std::fabs(delta) > m_absolute + m_relative * std::fabs(x) ? 1 : 0;
    m_numbers.signFlips += (x < 0.0 && y > 0.0) || (x > 0.0 && y < 0.0) ? 1 : 0;
    if (isOneType && isFloating(m_typeA)) {
        const std::int64_t a = rankOf(bitsX, dtypeSize(m_typeA));
        const std::int64_t b = rankOf(bitsY, dtypeSize(m_typeA));
        const std::uint64_t distance =
            static_cast<std::uint64_t>(a > b ? a : b) - static_cast<std::uint64_t>(a > b ? b : a);
        m_numbers.maxUlps = std::max(m_numbers.maxUlps, distance);
    }
}

void PairSums::add(std::span<const std::byte> a, std::span<const std::byte> b)
{
    const std::size_t count = a.size() / dtypeSize(m_typeA);
    std::vector<double> x(count);
    std::vector<double> y(count);
    castElements(m_typeA, a, DType::Float64, std::as_writable_bytes(std::span(x)));
    castElements(m_typeB, b, DType::Float64, std::as_writable_bytes(std::span(y)));
    for (std::size_t i = 0; i < count; ++i)
        addElement(x[i], y[i], bitsAt(a, dtypeSize(m_typeA), i), bitsAt(b, dtypeSize(m_typeB), i));
}

PairNumbers PairSums::numbers() const
{
    PairNumbers made = m_numbers;
    const auto moments = [](const Side& side, double& mean, double& stddev) {
        if (side.finite == 0)
            return;
        mean = side.sum / static_cast<double>(side.finite);
        stddev = std::sqrt(std::max(0.0, side.squares / static_cast<double>(side.finite) - mean * mean));
    };
    moments(m_a, made.meanA, made.stddevA);
    moments(m_b, made.meanB, made.stddevB);
    if (m_both > 0) {
        made.mean = m_deltas / static_cast<double>(m_both);
        made.rms = std::sqrt(m_squares / static_cast<double>(m_both));
    }
    if (m_squares > 0.0)
        made.relativeL2 = m_normA > 0.0 ? std::sqrt(m_squares) / std::sqrt(m_normA)
                                        : std::numeric_limits<double>::infinity();
    if (m_normA > 0.0 && m_normB > 0.0)
        made.cosine = m_product / (std::sqrt(m_normA) * std::sqrt(m_normB));
    else
        made.cosine = m_normA == m_normB ? 1.0 : 0.0;
    return made;
}

} // namespace wr::remap
