// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/planes.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/plane_vectors.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wr::checkpoint {
namespace {

template <std::size_t Size>
void split(std::span<const std::byte> block, std::size_t plane, std::byte* into, std::size_t from)
{
    const std::size_t count = block.size() / Size;
    for (std::size_t i = from; i < count; ++i)
        into[i] = block[i * Size + plane];
}

template <std::size_t Size>
void join(std::span<const std::byte> planes, std::byte* into, std::size_t first)
{
    const std::size_t count = planes.size() / Size;
    for (std::size_t plane = 0; plane < Size; ++plane) {
        const std::byte* const from = planes.data() + plane * count;
        for (std::size_t i = first; i < count; ++i)
            into[i * Size + plane] = from[i];
    }
}

std::uint16_t rotatedLeft(std::uint16_t bits)
{
    return static_cast<std::uint16_t>(bits << 1U | bits >> 15U);
}

std::uint16_t rotatedRight(std::uint16_t bits)
{
    return static_cast<std::uint16_t>(bits >> 1U | bits << 15U);
}

// Sixteen elements at a time; each returns how many elements it did.
#if defined(__SSE2__)
constexpr std::size_t kAtOnce = 16;

__m128i load(const std::byte* at)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

void store(std::byte* at, __m128i value)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value);
}

std::size_t splitFour(std::span<const std::byte> block, std::size_t plane, std::byte* into)
{
    const std::size_t count = block.size() / 4 / kAtOnce * kAtOnce;
    const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(8 * plane));
    const __m128i low = _mm_set1_epi32(0xFF);
    const auto bytes = [&](const std::byte* at) {
        return _mm_and_si128(_mm_srl_epi32(load(at), shift), low);
    };
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        const std::byte* const from = block.data() + i * 4;
        const __m128i first = _mm_packs_epi32(bytes(from), bytes(from + 16));
        const __m128i second = _mm_packs_epi32(bytes(from + 32), bytes(from + 48));
        store(into + i, _mm_packus_epi16(first, second));
    }
    return count;
}

std::size_t splitTwo(std::span<const std::byte> block, std::size_t plane, bool rotates, std::byte* into)
{
    const std::size_t count = block.size() / 2 / kAtOnce * kAtOnce;
    const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(8 * plane));
    const __m128i low = _mm_set1_epi16(0xFF);
    const auto bytes = [&](const std::byte* at) {
        __m128i words = load(at);
        if (rotates)
            words = _mm_or_si128(_mm_slli_epi16(words, 1), _mm_srli_epi16(words, 15));
        return _mm_and_si128(_mm_srl_epi16(words, shift), low);
    };
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        const std::byte* const from = block.data() + i * 2;
        store(into + i, _mm_packus_epi16(bytes(from), bytes(from + 16)));
    }
    return count;
}

std::size_t joinFour(std::span<const std::byte> planes, std::byte* into)
{
    const std::size_t all = planes.size() / 4;
    const std::size_t count = all / kAtOnce * kAtOnce;
    const std::byte* const from = planes.data();
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        const __m128i a = load(from + i);
        const __m128i b = load(from + all + i);
        const __m128i c = load(from + 2 * all + i);
        const __m128i d = load(from + 3 * all + i);
        const __m128i lowFirst = _mm_unpacklo_epi8(a, b);
        const __m128i highFirst = _mm_unpackhi_epi8(a, b);
        const __m128i lowSecond = _mm_unpacklo_epi8(c, d);
        const __m128i highSecond = _mm_unpackhi_epi8(c, d);
        store(into + i * 4, _mm_unpacklo_epi16(lowFirst, lowSecond));
        store(into + i * 4 + 16, _mm_unpackhi_epi16(lowFirst, lowSecond));
        store(into + i * 4 + 32, _mm_unpacklo_epi16(highFirst, highSecond));
        store(into + i * 4 + 48, _mm_unpackhi_epi16(highFirst, highSecond));
    }
    return count;
}

std::size_t joinTwo(std::span<const std::byte> planes, bool rotates, std::byte* into)
{
    const std::size_t all = planes.size() / 2;
    const std::size_t count = all / kAtOnce * kAtOnce;
    const auto back = [rotates](__m128i words) {
        return rotates ? _mm_or_si128(_mm_srli_epi16(words, 1), _mm_slli_epi16(words, 15)) : words;
    };
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        const __m128i a = load(planes.data() + i);
        const __m128i b = load(planes.data() + all + i);
        store(into + i * 2, back(_mm_unpacklo_epi8(a, b)));
        store(into + i * 2 + 16, back(_mm_unpackhi_epi8(a, b)));
    }
    return count;
}
#else
std::size_t splitFour(std::span<const std::byte>, std::size_t, std::byte*)
{
    return 0;
}
std::size_t splitTwo(std::span<const std::byte>, std::size_t, bool, std::byte*)
{
    return 0;
}
std::size_t joinFour(std::span<const std::byte>, std::byte*)
{
    return 0;
}
std::size_t joinTwo(std::span<const std::byte>, bool, std::byte*)
{
    return 0;
}
#endif

} // namespace

std::string_view filterName(Filter filter)
{
    switch (filter) {
    case Filter::None:
        break;
    case Filter::Planes:
        return "bp";
    case Filter::RotatedPlanes:
        return "rbp";
    case Filter::Difference:
        return "isub";
    case Filter::Same:
        return "same";
    }
    return "";
}

std::optional<Filter> filterFromName(std::string_view name)
{
    if (name == "bp")
        return Filter::Planes;
    if (name == "rbp")
        return Filter::RotatedPlanes;
    if (name == "isub")
        return Filter::Difference;
    if (name == "same")
        return Filter::Same;
    return std::nullopt;
}

bool hasPlanes(DType dtype)
{
    return dtypeSize(dtype) > 1;
}

void splitPlane(std::span<const std::byte> block, std::size_t elementSize, Filter filter, std::size_t plane,
                std::byte* into)
{
    if (elementSize == 2) {
        const bool rotates = filter == Filter::RotatedPlanes;
        const std::size_t done = splitTwo(block, plane, rotates, into);
        if (!rotates)
            return split<2>(block, plane, into, done);
        for (std::size_t i = done; i * 2 < block.size(); ++i)
            into[i] = static_cast<std::byte>(rotatedLeft(loadLittle<std::uint16_t>(block.data() + i * 2)) >>
                                             (8U * plane));
    } else if (elementSize == 4) {
        split<4>(block, plane, into, splitFour(block, plane, into));
    } else {
        split<8>(block, plane, into, 0);
    }
}

void splitPlanes(std::span<const std::byte> block, std::size_t elementSize, Filter filter,
                 std::span<std::byte* const> into)
{
    const std::size_t count = block.size() / elementSize;
    std::size_t done = 0;
    if (elementSize == 4)
        done = splitFourWide(block.data(), count, into.data());
    else if (elementSize == 2)
        done = splitTwoWide(block.data(), count, filter == Filter::RotatedPlanes, into.data());
    const std::span<const std::byte> rest = block.subspan(done * elementSize);
    for (std::size_t plane = 0; plane < into.size() && !rest.empty(); ++plane)
        splitPlane(rest, elementSize, filter, plane, into[plane] + done);
}

void joinPlanes(std::span<const std::byte> planes, std::size_t elementSize, Filter filter, std::byte* into)
{
    if (elementSize == 2) {
        const bool rotates = filter == Filter::RotatedPlanes;
        const std::size_t wide = joinTwoWide(planes.data(), planes.size() / 2, rotates, into);
        const std::size_t done = wide > 0 ? wide : joinTwo(planes, rotates, into);
        join<2>(planes, into, done);
        for (std::size_t i = rotates ? 2 * done : planes.size(); i < planes.size(); i += 2)
            storeLittle(into + i, rotatedRight(loadLittle<std::uint16_t>(into + i)));
    } else if (elementSize == 4) {
        const std::size_t wide = joinFourWide(planes.data(), planes.size() / 4, into);
        join<4>(planes, into, wide > 0 ? wide : joinFour(planes, into));
    } else {
        join<8>(planes, into, 0);
    }
}

} // namespace wr::checkpoint
