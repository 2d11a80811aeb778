// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/gguf/block_types.h"

#include "engine/base/little_endian.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace wr::formats {
namespace {

unsigned at(const std::byte* block, std::size_t index)
{
    return static_cast<unsigned>(block[index]);
}

float half(const std::byte* from)
{
    const auto bits = loadLittle<std::uint16_t>(from);
    const int exponent = bits >> 10U & 0x1F;
    const auto fraction = static_cast<float>(bits & 0x3FFU);
    float value = 0.0F;
    if (exponent == 0)
        value = std::ldexp(fraction, -24);
    else if (exponent == 31)
        value = fraction == 0.0F ? INFINITY : NAN;
    else
        value = std::ldexp(fraction + 1024.0F, exponent - 25);
    return (bits & 0x8000U) != 0 ? -value : value;
}

/// Four or five bits a number: the low halves of sixteen bytes, then the high ones; a fifth bit from `fifth`.
void restoreNibbles(const std::byte* nibbles, std::uint32_t fifth, float scale, float shift, float* to)
{
    for (std::size_t i = 0; i < 16; ++i) {
        const unsigned low = (at(nibbles, i) & 15U) | (fifth >> i & 1U) << 4U;
        const unsigned high = at(nibbles, i) >> 4U | (fifth >> (i + 16) & 1U) << 4U;
        to[i] = static_cast<float>(low) * scale + shift;
        to[i + 16] = static_cast<float>(high) * scale + shift;
    }
}

void restoreQ40(const std::byte* block, float* to)
{
    const float scale = half(block);
    for (std::size_t i = 0; i < 16; ++i) {
        to[i] = static_cast<float>(static_cast<int>(at(block, 2 + i) & 15U) - 8) * scale;
        to[i + 16] = static_cast<float>(static_cast<int>(at(block, 2 + i) >> 4U) - 8) * scale;
    }
}

void restoreQ41(const std::byte* block, float* to)
{
    restoreNibbles(block + 4, 0, half(block), half(block + 2), to);
}

void restoreQ50(const std::byte* block, float* to)
{
    const float scale = half(block);
    const auto fifth = loadLittle<std::uint32_t>(block + 2);
    restoreNibbles(block + 6, fifth, 1.0F, -16.0F, to);
    std::for_each(to, to + 32, [&](float& value) { value *= scale; });
}

void restoreQ51(const std::byte* block, float* to)
{
    restoreNibbles(block + 8, loadLittle<std::uint32_t>(block + 4), half(block), half(block + 2), to);
}

void restoreQ80(const std::byte* block, float* to)
{
    const float scale = half(block);
    for (std::size_t i = 0; i < 32; ++i)
        to[i] = static_cast<float>(static_cast<std::int8_t>(block[2 + i])) * scale;
}

/// 256 numbers of two bits, sixteen groups with a scale and a minimum of four bits each.
void restoreQ2K(const std::byte* block, float* to)
{
    const float scale = half(block + 80);
    const float minimum = half(block + 82);
    for (std::size_t i = 0; i < 256; ++i) {
        const std::size_t group = i / 16;
        const unsigned bits = at(block, 16 + i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U;
        to[i] = scale * static_cast<float>(at(block, group) & 15U) * static_cast<float>(bits) -
                minimum * static_cast<float>(at(block, group) >> 4U);
    }
}

/// 256 numbers of three bits, sixteen groups with a signed scale of six bits each.
void restoreQ3K(const std::byte* block, float* to)
{
    const float scale = half(block + 108);
    for (std::size_t i = 0; i < 256; ++i) {
        const std::size_t group = i / 16;
        const unsigned low = at(block, 96 + group % 8) >> (group / 8 * 4) & 15U;
        const unsigned high = at(block, 104 + group % 4) >> (group / 4 * 2) & 3U;
        const int groupScale = static_cast<int>(low | high << 4U) - 32;
        const int bits = static_cast<int>(at(block, 32 + i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U);
        const int third = (at(block, i % 32) >> (i / 32) & 1U) != 0 ? 0 : 4;
        to[i] = scale * static_cast<float>(groupScale) * static_cast<float>(bits - third);
    }
}

struct SixBits {
    float scale = 0.0F;
    float minimum = 0.0F;
};

/// Scale and minimum of one of eight groups, six bits each in twelve bytes.
SixBits sixBits(const std::byte* packed, std::size_t group)
{
    if (group < 4)
        return {static_cast<float>(at(packed, group) & 63U), static_cast<float>(at(packed, group + 4) & 63U)};
    return {static_cast<float>((at(packed, group + 4) & 15U) | at(packed, group - 4) >> 6U << 4U),
            static_cast<float>(at(packed, group + 4) >> 4U | at(packed, group) >> 6U << 4U)};
}

void restoreQ4K(const std::byte* block, float* to)
{
    const float scale = half(block);
    const float minimum = half(block + 2);
    for (std::size_t i = 0; i < 256; ++i) {
        const SixBits group = sixBits(block + 4, i / 32);
        const unsigned bits = at(block, 16 + i / 64 * 32 + i % 32) >> (i % 64 / 32 * 4) & 15U;
        to[i] = scale * group.scale * static_cast<float>(bits) - minimum * group.minimum;
    }
}

void restoreQ5K(const std::byte* block, float* to)
{
    const float scale = half(block);
    const float minimum = half(block + 2);
    for (std::size_t i = 0; i < 256; ++i) {
        const SixBits group = sixBits(block + 4, i / 32);
        const unsigned low = at(block, 48 + i / 64 * 32 + i % 32) >> (i % 64 / 32 * 4) & 15U;
        const unsigned bits = low | (at(block, 16 + i % 32) >> (i / 32) & 1U) << 4U;
        to[i] = scale * group.scale * static_cast<float>(bits) - minimum * group.minimum;
    }
}

/// 256 numbers of six bits, sixteen groups with a signed scale of a byte each.
void restoreQ6K(const std::byte* block, float* to)
{
    const float scale = half(block + 208);
    for (std::size_t i = 0; i < 256; ++i) {
        const unsigned low = at(block, i / 128 * 64 + i % 64) >> (i % 128 / 64 * 4) & 15U;
        const unsigned high = at(block, 128 + i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U;
        const auto groupScale = static_cast<float>(static_cast<std::int8_t>(block[192 + i / 16]));
        to[i] = scale * groupScale * static_cast<float>(static_cast<int>(low | high << 4U) - 32);
    }
}

constexpr std::array<BlockType, 19> kTypes{{{0, "F32", 1, 4, DType::Float32},
                                            {1, "F16", 1, 2, DType::Float16},
                                            {2, "Q4_0", 32, 18, DType::Float32, restoreQ40},
                                            {3, "Q4_1", 32, 20, DType::Float32, restoreQ41},
                                            {6, "Q5_0", 32, 22, DType::Float32, restoreQ50},
                                            {7, "Q5_1", 32, 24, DType::Float32, restoreQ51},
                                            {8, "Q8_0", 32, 34, DType::Float32, restoreQ80},
                                            {10, "Q2_K", 256, 84, DType::Float32, restoreQ2K},
                                            {11, "Q3_K", 256, 110, DType::Float32, restoreQ3K},
                                            {12, "Q4_K", 256, 144, DType::Float32, restoreQ4K},
                                            {13, "Q5_K", 256, 176, DType::Float32, restoreQ5K},
                                            {14, "Q6_K", 256, 210, DType::Float32, restoreQ6K},
                                            {24, "I8", 1, 1, DType::Int8},
                                            {25, "I16", 1, 2, DType::Int16},
                                            {26, "I32", 1, 4, DType::Int32},
                                            {27, "I64", 1, 8, DType::Int64},
                                            {28, "F64", 1, 8, DType::Float64},
                                            {30, "BF16", 1, 2, DType::BFloat16},
                                            {20, "IQ4_NL", 32, 18, DType::Invalid}}};

} // namespace

const BlockType* blockType(std::uint64_t number)
{
    const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                    [&](const BlockType& type) { return type.number == number; });
    return found == kTypes.end() ? nullptr : found;
}

} // namespace wr::formats
