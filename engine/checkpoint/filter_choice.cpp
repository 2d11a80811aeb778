// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/filter_choice.h"

#include "engine/checkpoint/frame.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kPieces = 4;
constexpr std::size_t kPiece = std::size_t{16} << 10U;
constexpr double kWorthFiltering = 0.98;
constexpr double kManyZeros = 0.02;

std::vector<std::byte> sampleOf(std::span<const std::byte> bytes, std::size_t elementSize)
{
    if (bytes.size() <= kPieces * kPiece)
        return {bytes.begin(), bytes.end()};
    std::vector<std::byte> sample;
    for (std::size_t i = 0; i < kPieces; ++i) {
        std::size_t at = (bytes.size() - kPiece) / (kPieces - 1) * i;
        at -= at % elementSize;
        const std::span<const std::byte> piece = bytes.subspan(at, kPiece);
        sample.insert(sample.end(), piece.begin(), piece.end());
    }
    return sample;
}

double planeEntropy(std::span<const std::byte> sample, std::size_t elementSize, Filter filter)
{
    std::vector<std::byte> plane(sample.size() / elementSize);
    double sum = 0.0;
    for (std::size_t i = 0; i < elementSize; ++i) {
        splitPlane(sample, elementSize, filter, i, plane.data());
        sum += byteEntropy(plane);
    }
    return sum / static_cast<double>(elementSize);
}

bool hasManyZeros(std::span<const std::byte> sample, std::size_t elementSize)
{
    std::size_t zeros = 0;
    const std::size_t count = sample.size() / elementSize;
    for (std::size_t i = 0; i < count; ++i) {
        const std::span<const std::byte> element = sample.subspan(i * elementSize, elementSize);
        zeros += std::all_of(element.begin(), element.end(), [](std::byte b) { return b == std::byte{0}; })
                     ? 1U
                     : 0U;
    }
    return static_cast<double>(zeros) > kManyZeros * static_cast<double>(count);
}

} // namespace

FilterChoice chooseFilter(const Tensor& tensor, bool mayFilter)
{
    const std::size_t elementSize = dtypeSize(tensor.dtype());
    const std::vector<std::byte> sample = sampleOf(tensor.bytes(), elementSize);
    FilterChoice choice;
    if (sample.empty())
        return choice;
    choice.bitsPerByte = byteEntropy(sample);
    choice.repeats = hasManyZeros(sample, elementSize);
    if (!mayFilter || !hasPlanes(tensor.dtype()))
        return choice;
    for (const Filter filter : {Filter::Planes, Filter::RotatedPlanes}) {
        if (filter == Filter::RotatedPlanes && tensor.dtype() != DType::BFloat16)
            continue;
        const double bits = planeEntropy(sample, elementSize, filter);
        const bool pays = choice.filter == Filter::None ? bits < kWorthFiltering * choice.bitsPerByte
                                                        : bits < choice.bitsPerByte;
        if (pays) {
            choice.filter = filter;
            choice.bitsPerByte = bits;
        }
    }
    return choice;
}

} // namespace wr::checkpoint
