// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/filter_choice.h"

#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/subtraction.h"

#include <algorithm>
#include <vector>

namespace wr::checkpoint {
namespace {

constexpr double kWorthFiltering = 0.98;
constexpr double kWorthDifference = 0.92;
constexpr double kManyZeros = 0.02;

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

/// What the coders make of a sample that was cut into planes, in bytes.
std::size_t codedBytes(std::span<const std::byte> sample, std::size_t elementSize, Filter filter,
                       bool repeats)
{
    FrameEncoder encoder;
    std::size_t bytes = 0;
    const auto add = [&](std::span<const std::byte> content) {
        for (std::size_t at = 0; at < content.size(); at += kMaxFrameContent) {
            const auto piece = content.subspan(at, std::min(kMaxFrameContent, content.size() - at));
            const Result<Frame> frame = encoder.encode(piece, chooseCoder(piece, repeats));
            bytes += frame ? frame->bytes.size() : piece.size();
        }
    };
    if (filter == Filter::None) {
        add(sample);
        return bytes;
    }
    std::vector<std::byte> plane(sample.size() / elementSize);
    for (std::size_t i = 0; i < elementSize; ++i) {
        splitPlane(sample, elementSize, filter, i, plane.data());
        add(plane);
    }
    return bytes;
}

} // namespace

SamplePlaces samplePlaces(std::uint64_t bytes, std::size_t elementSize, std::size_t pieceBytes)
{
    constexpr std::size_t kPieces = 4;
    SamplePlaces places;
    places.pieceBytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, pieceBytes));
    if (bytes <= kPieces * std::uint64_t{pieceBytes}) {
        places.pieceBytes = static_cast<std::size_t>(bytes);
        return places;
    }
    places.pieces = kPieces;
    places.step = (bytes - pieceBytes) / (kPieces - 1);
    places.step -= places.step % elementSize;
    return places;
}

FilterChoice chooseFilter(DType dtype, std::span<const std::byte> sample, bool mayFilter)
{
    const std::size_t elementSize = dtypeSize(dtype);
    FilterChoice choice;
    if (sample.empty())
        return choice;
    choice.bitsPerByte = byteEntropy(sample);
    choice.repeats = hasManyZeros(sample, elementSize);
    if (!mayFilter || !hasPlanes(dtype))
        return choice;
    for (const Filter filter : {Filter::Planes, Filter::RotatedPlanes}) {
        if (filter == Filter::RotatedPlanes && dtype != DType::BFloat16)
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

bool differencePays(DType dtype, std::span<const std::byte> sample, std::span<const std::byte> base,
                    const FilterChoice& choice)
{
    const std::size_t elementSize = dtypeSize(dtype);
    std::vector<std::byte> distances(sample.size());
    subtractBase(dtype, sample, base, distances.data());
    const std::size_t alone =
        codedBytes(sample, elementSize, choice.filter, choice.repeats || choice.filter == Filter::None);
    const std::size_t difference = codedBytes(distances, elementSize, Filter::Difference, true);
    return static_cast<double>(difference) <= kWorthDifference * static_cast<double>(alone);
}

} // namespace wr::checkpoint
