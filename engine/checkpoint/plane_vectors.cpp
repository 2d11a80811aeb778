// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/plane_vectors.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define WR_AVX2 __attribute__((target("avx2")))
#endif

namespace wr::checkpoint {

#ifdef WR_AVX2
namespace {

constexpr std::size_t kAtOnce = 32; // elements

bool isWide()
{
    static const bool kIsWide = __builtin_cpu_supports("avx2") != 0;
    return kIsWide;
}

WR_AVX2 __m256i load(const std::byte* at)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

WR_AVX2 void store(std::byte* at, __m256i value)
{
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}

/// Eight elements of four bytes as eight bytes of each plane.
WR_AVX2 __m256i gatherFour(const std::byte* at)
{
    const __m256i inHalves = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8,
                                              12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m256i across = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(load(at), inHalves), across);
}

WR_AVX2 std::size_t splitFour(const std::byte* from, std::size_t count, std::byte* const* into)
{
    const std::size_t whole = count / kAtOnce * kAtOnce;
    for (std::size_t i = 0; i < whole; i += kAtOnce) {
        const std::byte* const at = from + i * 4;
        const __m256i a = gatherFour(at);
        const __m256i b = gatherFour(at + 32);
        const __m256i c = gatherFour(at + 64);
        const __m256i d = gatherFour(at + 96);
        const __m256i evenFirst = _mm256_unpacklo_epi64(a, b); // planes 0 and 2
        const __m256i evenSecond = _mm256_unpacklo_epi64(c, d);
        const __m256i oddFirst = _mm256_unpackhi_epi64(a, b); // planes 1 and 3
        const __m256i oddSecond = _mm256_unpackhi_epi64(c, d);
        store(into[0] + i, _mm256_permute2x128_si256(evenFirst, evenSecond, 0x20));
        store(into[1] + i, _mm256_permute2x128_si256(oddFirst, oddSecond, 0x20));
        store(into[2] + i, _mm256_permute2x128_si256(evenFirst, evenSecond, 0x31));
        store(into[3] + i, _mm256_permute2x128_si256(oddFirst, oddSecond, 0x31));
    }
    return whole;
}

/// Sixteen elements of two bytes as sixteen low bytes and sixteen high ones.
template <bool Rotates>
WR_AVX2 __m256i gatherTwo(const std::byte* at)
{
    __m256i words = load(at);
    if constexpr (Rotates)
        words = _mm256_or_si256(_mm256_slli_epi16(words, 1), _mm256_srli_epi16(words, 15));
    const __m256i inHalves = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4,
                                              6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    return _mm256_permute4x64_epi64(_mm256_shuffle_epi8(words, inHalves), 0xD8);
}

template <bool Rotates>
WR_AVX2 std::size_t splitTwo(const std::byte* from, std::size_t count, std::byte* const* into)
{
    const std::size_t whole = count / kAtOnce * kAtOnce;
    for (std::size_t i = 0; i < whole; i += kAtOnce) {
        const __m256i a = gatherTwo<Rotates>(from + i * 2);
        const __m256i b = gatherTwo<Rotates>(from + i * 2 + 32);
        store(into[0] + i, _mm256_permute2x128_si256(a, b, 0x20));
        store(into[1] + i, _mm256_permute2x128_si256(a, b, 0x31));
    }
    return whole;
}

WR_AVX2 std::size_t joinFour(const std::byte* from, std::size_t count, std::byte* into)
{
    const std::size_t whole = count / kAtOnce * kAtOnce;
    for (std::size_t i = 0; i < whole; i += kAtOnce) {
        const __m256i a = load(from + i);
        const __m256i b = load(from + count + i);
        const __m256i c = load(from + 2 * count + i);
        const __m256i d = load(from + 3 * count + i);
        const __m256i lowFirst = _mm256_unpacklo_epi8(a, b);
        const __m256i highFirst = _mm256_unpackhi_epi8(a, b);
        const __m256i lowSecond = _mm256_unpacklo_epi8(c, d);
        const __m256i highSecond = _mm256_unpackhi_epi8(c, d);
        // Each holds four elements of the first half and four of the second.
        const __m256i first = _mm256_unpacklo_epi16(lowFirst, lowSecond);
        const __m256i second = _mm256_unpackhi_epi16(lowFirst, lowSecond);
        const __m256i third = _mm256_unpacklo_epi16(highFirst, highSecond);
        const __m256i fourth = _mm256_unpackhi_epi16(highFirst, highSecond);
        std::byte* const at = into + i * 4;
        store(at, _mm256_permute2x128_si256(first, second, 0x20));
        store(at + 32, _mm256_permute2x128_si256(third, fourth, 0x20));
        store(at + 64, _mm256_permute2x128_si256(first, second, 0x31));
        store(at + 96, _mm256_permute2x128_si256(third, fourth, 0x31));
    }
    return whole;
}

template <bool Rotates>
WR_AVX2 __m256i rotatedBack(__m256i words)
{
    if constexpr (Rotates)
        return _mm256_or_si256(_mm256_srli_epi16(words, 1), _mm256_slli_epi16(words, 15));
    return words;
}

template <bool Rotates>
WR_AVX2 std::size_t joinTwo(const std::byte* from, std::size_t count, std::byte* into)
{
    const std::size_t whole = count / kAtOnce * kAtOnce;
    for (std::size_t i = 0; i < whole; i += kAtOnce) {
        const __m256i a = load(from + i);
        const __m256i b = load(from + count + i);
        const __m256i low = rotatedBack<Rotates>(_mm256_unpacklo_epi8(a, b));
        const __m256i high = rotatedBack<Rotates>(_mm256_unpackhi_epi8(a, b));
        store(into + i * 2, _mm256_permute2x128_si256(low, high, 0x20));
        store(into + i * 2 + 32, _mm256_permute2x128_si256(low, high, 0x31));
    }
    return whole;
}

} // namespace

std::size_t splitFourWide(const std::byte* from, std::size_t count, std::byte* const* into)
{
    return isWide() ? splitFour(from, count, into) : 0;
}

std::size_t splitTwoWide(const std::byte* from, std::size_t count, bool rotates, std::byte* const* into)
{
    if (!isWide())
        return 0;
    return rotates ? splitTwo<true>(from, count, into) : splitTwo<false>(from, count, into);
}

std::size_t joinFourWide(const std::byte* from, std::size_t count, std::byte* into)
{
    return isWide() ? joinFour(from, count, into) : 0;
}

std::size_t joinTwoWide(const std::byte* from, std::size_t count, bool rotates, std::byte* into)
{
    if (!isWide())
        return 0;
    return rotates ? joinTwo<true>(from, count, into) : joinTwo<false>(from, count, into);
}
#else
std::size_t splitFourWide(const std::byte*, std::size_t, std::byte* const*)
{
    return 0;
}

std::size_t splitTwoWide(const std::byte*, std::size_t, bool, std::byte* const*)
{
    return 0;
}

std::size_t joinFourWide(const std::byte*, std::size_t, std::byte*)
{
    return 0;
}

std::size_t joinTwoWide(const std::byte*, std::size_t, bool, std::byte*)
{
    return 0;
}
#endif

} // namespace wr::checkpoint
