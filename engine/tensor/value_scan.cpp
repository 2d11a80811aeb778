// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/value_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define WR_SEVERAL_SETS 1
#endif

namespace wr {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::int32_t kInfinity = 0x7F800000;

// The compiler's own vectors, which it breaks up for instruction sets that have narrower ones.
using Words __attribute__((vector_size(32))) = std::int32_t;
using UnsignedWords __attribute__((vector_size(32))) = std::uint32_t;
using Floats __attribute__((vector_size(32))) = float;
using Halves __attribute__((vector_size(16))) = std::uint16_t;
using Longs __attribute__((vector_size(64))) = std::uint64_t;
using SignedLongs __attribute__((vector_size(64))) = std::int64_t;
using Doubles __attribute__((vector_size(64))) = double;

struct Lanes {
    SignedLongs nan{}; ///< these three negative: a true comparison is −1
    SignedLongs inf{};
    SignedLongs zero{};
    Longs fingerprint{};
    Longs fingerprintBf16{};
    Doubles sum{};
    Doubles squares{};
    Floats low{};
    Floats high{};
};

[[gnu::always_inline]] inline void addMixed(Longs& sum, const Words& words)
{
    Longs bits = __builtin_convertvector(words, Longs) & 0xFFFFFFFFU;
    bits += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    sum += bits ^ (bits >> 31U);
}

/// Eight elements as they are and as float32.
template <typename T>
[[gnu::always_inline]] inline void loadGroup(const std::byte* at, Words& own, Words& bits)
{
    if constexpr (sizeof(T) == 2) {
        Halves halves;
        std::memcpy(&halves, at, sizeof(halves));
        own = __builtin_convertvector(halves, Words);
        bits = own << 16;
    } else {
        std::memcpy(&own, at, sizeof(own));
        bits = own;
    }
}

/// Whether none of the groups holds a zero, an infinity or a NaN.
template <typename T>
[[gnu::always_inline]] inline bool arePlain(const std::byte* at, std::size_t groups)
{
    UnsignedWords odd{};
    for (std::size_t group = 0; group < groups; ++group) {
        Words own;
        Words bits;
        loadGroup<T>(at + group * kLanes * sizeof(T), own, bits);
        const auto magnitude = reinterpret_cast<UnsignedWords>(bits & 0x7FFFFFFF);
        // One less, so that zero is above all.
        odd |= reinterpret_cast<UnsignedWords>(magnitude - 1U >= static_cast<std::uint32_t>(kInfinity - 1));
    }
    using Quads __attribute__((vector_size(32))) = std::uint64_t;
    const auto quads = reinterpret_cast<Quads>(odd);
    return (quads[0] | quads[1] | quads[2] | quads[3]) == 0;
}

/// IsPlain: no group holds a zero, an infinity or a NaN.
template <typename T, bool IsPlain>
[[gnu::always_inline]] inline void addGroups(Lanes& into, const std::byte* at, std::size_t groups)
{
    Lanes lanes = into;
    for (std::size_t group = 0; group < groups; ++group) {
        Words own;
        Words bits;
        loadGroup<T>(at + group * kLanes * sizeof(T), own, bits);
        Words kept = bits;
        Words least = bits;
        Words most = bits;
        Words isNan{};
        Words isZero{};
        if constexpr (!IsPlain) {
            const Words magnitude = bits & 0x7FFFFFFF;
            const Words isFinite = magnitude < kInfinity;
            isNan = magnitude > kInfinity;
            isZero = magnitude == 0;
            lanes.nan += __builtin_convertvector(isNan, SignedLongs);
            lanes.inf += __builtin_convertvector(magnitude == kInfinity, SignedLongs);
            lanes.zero += __builtin_convertvector(isZero, SignedLongs);
            kept = bits & isFinite;
            least = kept | (kInfinity & ~isFinite);
            most = kept | (static_cast<std::int32_t>(0xFF800000U) & ~isFinite);
        }
        const Doubles wide = __builtin_convertvector(reinterpret_cast<Floats>(kept), Doubles);
        lanes.sum += wide;
        lanes.squares += wide * wide;
        const Floats leastValue = reinterpret_cast<Floats>(least);
        const Floats mostValue = reinterpret_cast<Floats>(most);
        lanes.low = leastValue < lanes.low ? leastValue : lanes.low;
        lanes.high = mostValue > lanes.high ? mostValue : lanes.high;
        addMixed(lanes.fingerprint, own & ~isZero); // −0 counts as +0
        if constexpr (sizeof(T) == 4) {             // bfloat16 is its own rounding, but for NaN
            const auto raw = reinterpret_cast<UnsignedWords>(bits);
            const auto rounded = reinterpret_cast<Words>((raw + 0x7FFFU + ((raw >> 16U) & 1U)) >> 16U);
            addMixed(lanes.fingerprintBf16, (rounded & ~isNan & ~isZero) | (0x7FC0 & isNan));
        }
    }
    into = lanes;
}

template <typename T>
[[gnu::always_inline]] inline void addLanes(Lanes& into, const std::byte* at, std::size_t groups)
{
    constexpr std::size_t kTogether = 32;
    for (std::size_t group = 0; group < groups; group += kTogether) {
        const std::size_t count = std::min(kTogether, groups - group);
        const std::byte* const from = at + group * kLanes * sizeof(T);
        if (arePlain<T>(from, count))
            addGroups<T, true>(into, from, count);
        else
            addGroups<T, false>(into, from, count);
    }
}

template <typename T>
[[gnu::always_inline]] inline void addDeviations(Doubles& into, const std::byte* at, std::size_t groups,
                                                 double mean)
{
    Doubles sums = into;
    for (std::size_t group = 0; group < groups; ++group) {
        Words own;
        Words bits;
        loadGroup<T>(at + group * kLanes * sizeof(T), own, bits);
        const Words isFinite = (bits & 0x7FFFFFFF) < kInfinity;
        const Words kept = bits & isFinite;
        const Doubles away = __builtin_convertvector(reinterpret_cast<Floats>(kept), Doubles) - mean;
        const Doubles square = away * away;
        const SignedLongs counted =
            reinterpret_cast<SignedLongs>(square) & __builtin_convertvector(isFinite, SignedLongs);
        sums += reinterpret_cast<Doubles>(counted);
    }
    into = sums;
}

using AddLanes = void (*)(Lanes&, const std::byte*, std::size_t);
using AddDeviations = void (*)(Doubles&, const std::byte*, std::size_t, double);

struct Passes {
    AddLanes lanes;
    AddDeviations deviations;
};

// The same source for each instruction set; contraction into fused operations is off, so the bits are the
// same.
#define WR_PASSES(NAME, ATTRIBUTE)                                                                           \
    template <typename T>                                                                                    \
    ATTRIBUTE void lanes##NAME(Lanes& lanes, const std::byte* at, std::size_t groups)                        \
    {                                                                                                        \
        addLanes<T>(lanes, at, groups);                                                                      \
    }                                                                                                        \
    template <typename T>                                                                                    \
    ATTRIBUTE void deviations##NAME(Doubles& sums, const std::byte* at, std::size_t groups, double mean)     \
    {                                                                                                        \
        addDeviations<T>(sums, at, groups, mean);                                                            \
    }

WR_PASSES(Plain, )
#ifdef WR_SEVERAL_SETS
WR_PASSES(Avx2, __attribute__((target("avx2"))))
WR_PASSES(Avx512, __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512"))))
#endif

template <typename T>
Passes bestPasses()
{
#ifdef WR_SEVERAL_SETS
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return {lanesAvx512<T>, deviationsAvx512<T>};
    if (__builtin_cpu_supports("avx2"))
        return {lanesAvx2<T>, deviationsAvx2<T>};
#endif
    return {lanesPlain<T>, deviationsPlain<T>};
}

template <typename T>
const Passes& passes()
{
    static const Passes kPasses = bestPasses<T>();
    return kPasses;
}

/// What the fingerprint of bfloat16 values changes by when all NaN are one.
std::uint64_t canonicalNans(std::span<const std::byte> bytes, std::uint64_t count)
{
    std::uint64_t change = 0;
    for (std::size_t at = 0; count > 0 && at < bytes.size(); at += sizeof(std::uint16_t)) {
        std::uint16_t element = 0;
        std::memcpy(&element, bytes.data() + at, sizeof(element));
        if ((element & 0x7FFFU) > 0x7F80U) {
            change += mixedBits(0x7FC0U) - mixedBits(element);
            --count;
        }
    }
    return change;
}

template <typename T>
ValueScan scan(std::span<const std::byte> bytes)
{
    Lanes lanes;
    lanes.low += std::numeric_limits<float>::infinity();
    lanes.high -= std::numeric_limits<float>::infinity();
    constexpr std::size_t kGroup = kLanes * sizeof(T);
    const std::size_t whole = bytes.size() / kGroup;
    passes<T>().lanes(lanes, bytes.data(), whole);
    const std::size_t count = bytes.size() / sizeof(T);
    for (std::size_t i = whole * kLanes; i < count; ++i) {
        // One element in the first lane, infinities in the others, taken out again below.
        T elements[kLanes];
        std::fill_n(elements, kLanes, static_cast<T>(sizeof(T) == 2 ? 0x7F80U : 0x7F800000U));
        std::memcpy(elements, bytes.data() + i * sizeof(T), sizeof(T));
        addLanes<T>(lanes, reinterpret_cast<const std::byte*>(elements), 1);
    }
    const std::uint64_t extra = (count - whole * kLanes) * (kLanes - 1);
    ValueScan all;
    for (std::size_t i = 0; i < kLanes; ++i) {
        all.nan -= static_cast<std::uint64_t>(lanes.nan[i]);
        all.inf -= static_cast<std::uint64_t>(lanes.inf[i]);
        all.zero -= static_cast<std::uint64_t>(lanes.zero[i]);
        all.sum += lanes.sum[i];
        all.squares += lanes.squares[i];
        all.low = std::min(all.low, static_cast<double>(lanes.low[i]));
        all.high = std::max(all.high, static_cast<double>(lanes.high[i]));
        all.fingerprint += lanes.fingerprint[i];
        all.fingerprintBf16 += lanes.fingerprintBf16[i];
    }
    all.inf -= extra;
    all.fingerprint -= extra * mixedBits(sizeof(T) == 2 ? 0x7F80U : 0x7F800000U);
    if constexpr (sizeof(T) == 4)
        all.fingerprintBf16 -= extra * mixedBits(0x7F80U);
    else
        all.fingerprintBf16 = all.fingerprint + canonicalNans(bytes, all.nan);
    all.finite = count - all.nan - all.inf;
    return all;
}

template <typename T>
double deviationsOf(std::span<const std::byte> bytes, double mean)
{
    Doubles sums{};
    constexpr std::size_t kGroup = kLanes * sizeof(T);
    const std::size_t whole = bytes.size() / kGroup;
    passes<T>().deviations(sums, bytes.data(), whole, mean);
    for (std::size_t i = whole * kLanes; i < bytes.size() / sizeof(T); ++i) {
        T elements[kLanes];
        std::fill_n(elements, kLanes, static_cast<T>(sizeof(T) == 2 ? 0x7F80U : 0x7F800000U));
        std::memcpy(elements, bytes.data() + i * sizeof(T), sizeof(T));
        addDeviations<T>(sums, reinterpret_cast<const std::byte*>(elements), 1, mean);
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < kLanes; ++i)
        sum += sums[i];
    return sum;
}

} // namespace

bool canScan(DType dtype)
{
    return dtype == DType::Float32 || dtype == DType::BFloat16;
}

ValueScan scanValues(DType dtype, std::span<const std::byte> bytes)
{
    return dtype == DType::Float32 ? scan<std::uint32_t>(bytes) : scan<std::uint16_t>(bytes);
}

double sumOfDeviations(DType dtype, std::span<const std::byte> bytes, double mean)
{
    return dtype == DType::Float32 ? deviationsOf<std::uint32_t>(bytes, mean)
                                   : deviationsOf<std::uint16_t>(bytes, mean);
}

} // namespace wr
