// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/sample_quantiles.h"

#include "engine/tensor/tensor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace wr {

namespace {

constexpr std::size_t kSample = 16384;

template <typename Widen>
void appendEvery(std::vector<float>& sample, std::size_t step, std::span<const std::byte> bytes,
                 std::size_t at, Widen widen)
{
    for (; at < bytes.size(); at += step) {
        const auto value = widen(bytes.data() + at);
        if (std::isfinite(value))
            sample.push_back(static_cast<float>(value));
    }
}

/// Bits in the order of the values.
std::uint32_t orderedBits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return (bits >> 31U) != 0 ? ~bits : bits | 0x80000000U;
}

} // namespace

void appendSample(std::vector<float>& sample, DType dtype, std::int64_t elements, std::int64_t first,
                  std::span<const std::byte> bytes)
{
    const auto stride = std::max<std::size_t>(1, static_cast<std::size_t>(elements) / kSample);
    const std::size_t size = dtypeSize(dtype);
    const auto from = static_cast<std::size_t>(first);
    const std::size_t at = ((from + stride - 1) / stride * stride - from) * size;
    sample.reserve(sample.size() + bytes.size() / size / stride + 1);
    if (dtype == DType::Float32)
        return appendEvery(sample, stride * size, bytes, at, [](const std::byte* place) {
            float value = 0.0F;
            std::memcpy(&value, place, sizeof(value));
            return value;
        });
    if (dtype == DType::BFloat16)
        return appendEvery(sample, stride * size, bytes, at, [](const std::byte* place) {
            std::uint16_t bits = 0;
            std::memcpy(&bits, place, sizeof(bits));
            return std::bit_cast<float>(std::uint32_t{bits} << 16U);
        });
    appendEvery(sample, stride * size, bytes, at,
                [dtype](const std::byte* place) { return elementValue(dtype, place); });
}

std::array<float, 3> sampleQuantiles(std::span<const float> sample)
{
    constexpr std::size_t kBins = 4096;
    constexpr unsigned kShift = 32 - 12;
    std::array<float, 3> found{};
    if (sample.empty())
        return found;
    // Bins by the front bits, and only those that hold a quantile are sorted out.
    std::vector<std::uint32_t> bins(kBins);
    for (const float value : sample)
        ++bins[orderedBits(value) >> kShift];
    constexpr std::array<double, 3> kQuantiles{0.01, 0.50, 0.99};
    std::vector<float> inBin;
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto rank = static_cast<std::size_t>(kQuantiles[i] * static_cast<double>(sample.size() - 1) + 0.5);
        std::uint32_t bin = 0;
        for (; rank >= bins[bin]; ++bin)
            rank -= bins[bin];
        inBin.clear();
        for (const float value : sample) {
            if (orderedBits(value) >> kShift == bin)
                inBin.push_back(value);
        }
        const auto place = inBin.begin() + static_cast<std::ptrdiff_t>(rank);
        std::nth_element(inBin.begin(), place, inBin.end());
        found[i] = *place;
    }
    return found;
}

} // namespace wr
