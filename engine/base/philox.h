// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers with the same bits on every machine: Philox-4x32-10 in TensorFlow's key and counter layout,
// and its distributions. Logarithm, sine and cosine are our own, of + − × ÷ and square root only, so that no
// library and no instruction set can change a bit; files that include this are compiled with
// -ffp-contract=off. Normals are within 2 ulp of those made with libm (float32: as a rule the same bits).
// Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Values; any thread.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace wr {

using PhiloxBlock = std::array<std::uint32_t, 4>;

class Philox {
public:
    /// The stream of TensorFlow's (seed, seed2), at 128-bit block `block`.
    Philox(std::uint64_t seed, std::uint64_t seed2, std::uint64_t block = 0)
        : m_key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)},
          m_high{static_cast<std::uint32_t>(seed2), static_cast<std::uint32_t>(seed2 >> 32U)}, m_block(block)
    {
    }

    PhiloxBlock next() { return at(m_block++); }

    /// Block number `block` of the stream.
    PhiloxBlock at(std::uint64_t block) const
    {
        constexpr std::uint64_t kMultiplierA = 0xD2511F53U;
        constexpr std::uint64_t kMultiplierB = 0xCD9E8D57U;
        constexpr std::uint32_t kWeylA = 0x9E3779B9U;
        constexpr std::uint32_t kWeylB = 0xBB67AE85U;
        std::uint32_t c0 = static_cast<std::uint32_t>(block);
        std::uint32_t c1 = static_cast<std::uint32_t>(block >> 32U);
        std::uint32_t c2 = m_high[0];
        std::uint32_t c3 = m_high[1];
        std::uint32_t k0 = m_key[0];
        std::uint32_t k1 = m_key[1];
#pragma GCC unroll 10
        for (int round = 0; round < 10; ++round) {
            const std::uint64_t a = kMultiplierA * c0;
            const std::uint64_t b = kMultiplierB * c2;
            const std::uint32_t n0 = static_cast<std::uint32_t>(b >> 32U) ^ c1 ^ k0;
            const std::uint32_t n2 = static_cast<std::uint32_t>(a >> 32U) ^ c3 ^ k1;
            c1 = static_cast<std::uint32_t>(b);
            c3 = static_cast<std::uint32_t>(a);
            c0 = n0;
            c2 = n2;
            k0 += kWeylA;
            k1 += kWeylB;
        }
        return {c0, c1, c2, c3};
    }

private:
    std::array<std::uint32_t, 2> m_key;
    std::array<std::uint32_t, 2> m_high;
    std::uint64_t m_block;
};

/// [0, 1) with 23 random bits, as TensorFlow's float32 uniform.
inline float uniformFloat(std::uint32_t word)
{
    return std::bit_cast<float>(0x3F800000U | (word & 0x7FFFFFU)) - 1.0F;
}

/// [0, 1) with 52 random bits, as TensorFlow's float64 uniform.
inline double uniformDouble(std::uint32_t high, std::uint32_t low)
{
    const std::uint64_t mantissa = (static_cast<std::uint64_t>(high & 0xFFFFFU) << 32U) | low;
    return std::bit_cast<double>(0x3FF0000000000000U | mantissa) - 1.0;
}

/// The upper 26 bits of a number's digits: the square of such a number is exact.
inline double upperHalf(double x)
{
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & ~std::uint64_t{0x7FFFFFF});
}

/// Natural logarithm of a normal x > 0; within 0.6 units in the last place. Without a branch, as are the
/// others, so that a loop over many becomes vector instructions.
inline double exactLog(double x)
{
    constexpr std::uint64_t kRootOfTwo = std::bit_cast<std::uint64_t>(1.4142135623730951);
    constexpr double kWholeNumbers = 4503599627370496.0; // 2^52: its digits are those of a whole number
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const std::uint64_t digits = (bits & 0xFFFFFFFFFFFFFU) | 0x3FF0000000000000U; // of a number in [1, 2)
    const std::uint64_t halved = (kRootOfTwo - digits) >> 63U;                    // 1 above √2
    const std::uint64_t exponent = (bits >> 52U) + halved;
    const double e = std::bit_cast<double>(exponent | std::bit_cast<std::uint64_t>(kWholeNumbers)) -
                     (kWholeNumbers + 1023.0);
    const double m = std::bit_cast<double>(digits - (halved << 52U)); // [√½, √2]
    // log(1 + f) = 2 artanh(s), s = f / (2 + f), |s| ≤ 0.1716. Its first term 2s is f − f²/2 + s f²/2, where
    // f and the upper part of f²/2 are exact, so that the roundings fall on what is small beside them.
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double series = 1.0 / 21.0;
    series = series * z + 1.0 / 19.0;
    series = series * z + 1.0 / 17.0;
    series = series * z + 1.0 / 15.0;
    series = series * z + 1.0 / 13.0;
    series = series * z + 1.0 / 11.0;
    series = series * z + 1.0 / 9.0;
    series = series * z + 1.0 / 7.0;
    series = series * z + 1.0 / 5.0;
    series = series * z + 1.0 / 3.0;
    const double fUpper = upperHalf(f);
    const double half = 0.5 * fUpper * fUpper;
    const double halfLow = 0.5 * (f - fUpper) * (f + fUpper);
    constexpr double kLn2High = 6.93147180369123816490e-01;
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    const double whole = e * kLn2High; // exact
    const double first = whole + f;
    const double second = first - half;
    const double lost = (f - (first - whole)) + ((first - second) - half);
    return second + (lost + (s * ((half + halfLow) + 2.0 * z * series) + (e * kLn2Low - halfLow)));
}

struct SineCosine {
    double sine;
    double cosine;
};

/// Sine and cosine of an angle in [0, 2π]; within 0.8 units in the last place.
inline SineCosine exactSineCosine(double angle)
{
    constexpr double kTwoOverPi = 0.63661977236758134308;
    // π/2 in three parts; the first two have 33 bits, so that their small multiples are exact.
    constexpr double kHalfPiHigh = 1.57079632673412561417;
    constexpr double kHalfPiMiddle = 6.0771005063039659766e-11;
    constexpr double kHalfPiLow = 2.0222662487959506e-21;
    const auto quarter = static_cast<std::int32_t>(angle * kTwoOverPi + 0.5);
    const auto nearest = static_cast<double>(quarter);
    const double high = angle - nearest * kHalfPiHigh;
    const double middle = nearest * kHalfPiMiddle;
    const double t = high - middle; // [−π/4, π/4], and what its rounding left over:
    const double rest = ((high - t) - middle) - nearest * kHalfPiLow;
    const double z = t * t;
    double cosine = 1.0 / 20922789888000.0;
    cosine = cosine * z + -1.0 / 87178291200.0;
    cosine = cosine * z + 1.0 / 479001600.0;
    cosine = cosine * z + -1.0 / 3628800.0;
    cosine = cosine * z + 1.0 / 40320.0;
    cosine = cosine * z + -1.0 / 720.0;
    cosine = cosine * z + 1.0 / 24.0;
    // 1 − t²/2 from the exact square of t's upper half; what that loses comes with the smaller terms.
    const double tUpper = upperHalf(t);
    const double half = 0.5 * tUpper * tUpper;
    const double halfLow = 0.5 * (t - tUpper) * (t + tUpper);
    const double most = 1.0 - half;
    cosine = most + (((1.0 - most) - half) + (z * z * cosine - (halfLow + t * rest)));
    double sine = 1.0 / 355687428096000.0;
    sine = sine * z + -1.0 / 1307674368000.0;
    sine = sine * z + 1.0 / 6227020800.0;
    sine = sine * z + -1.0 / 39916800.0;
    sine = sine * z + 1.0 / 362880.0;
    sine = sine * z + -1.0 / 5040.0;
    sine = sine * z + 1.0 / 120.0;
    sine = sine * z + -1.0 / 6.0;
    sine = t + (t * z * sine + rest * most);
    // Quarter turns exchange the two and change signs.
    const bool isOdd = (quarter & 1) != 0;
    const std::uint64_t sineSign = static_cast<std::uint64_t>(quarter & 2) << 62U;
    const std::uint64_t cosineSign = static_cast<std::uint64_t>((quarter + 1) & 2) << 62U;
    return {std::bit_cast<double>(std::bit_cast<std::uint64_t>(isOdd ? cosine : sine) ^ sineSign),
            std::bit_cast<double>(std::bit_cast<std::uint64_t>(isOdd ? sine : cosine) ^ cosineSign)};
}

/// Box–Muller with TensorFlow's roundings: the radius of one word, and the angle of another.
inline float normalRadius(std::uint32_t word)
{
    // Zero, the one value below 1e-7, becomes that.
    constexpr auto kSmallest = std::bit_cast<std::uint32_t>(1.0e-7F);
    const std::uint32_t isZero = 0U - (((word & 0x7FFFFFU) - 1U) >> 31U);
    const auto u =
        std::bit_cast<float>(std::bit_cast<std::uint32_t>(uniformFloat(word)) | (kSmallest & isZero));
    return std::sqrt(-2.0F * static_cast<float>(exactLog(static_cast<double>(u))));
}

inline SineCosine normalTurn(std::uint32_t word)
{
    constexpr double kTwoPi = 6.28318530717958647692;
    const auto angle = static_cast<float>(kTwoPi * static_cast<double>(uniformFloat(word)));
    return exactSineCosine(static_cast<double>(angle));
}

inline double normalRadius(std::uint32_t high, std::uint32_t low)
{
    constexpr auto kSmallest = std::bit_cast<std::uint64_t>(1.0e-7);
    const auto bits = std::bit_cast<std::uint64_t>(uniformDouble(high, low));
    // Positive numbers stand in the order of their bits.
    const std::uint64_t isLess = 0U - ((bits - kSmallest) >> 63U);
    return std::sqrt(-2.0 * exactLog(std::bit_cast<double>((kSmallest & isLess) | (bits & ~isLess))));
}

inline SineCosine normalTurn(std::uint32_t high, std::uint32_t low)
{
    constexpr double kTwoPi = 6.28318530717958647692;
    return exactSineCosine(kTwoPi * uniformDouble(high, low));
}

/// The four float32 normals of one block, sine first.
inline std::array<float, 4> normalFloats(const PhiloxBlock& words)
{
    std::array<float, 4> normals{};
    for (std::size_t i = 0; i < 4; i += 2) {
        const float radius = normalRadius(words[i]);
        const SineCosine turn = normalTurn(words[i + 1]);
        normals[i] = static_cast<float>(turn.sine) * radius;
        normals[i + 1] = static_cast<float>(turn.cosine) * radius;
    }
    return normals;
}

/// The two float64 normals of one block.
inline std::array<double, 2> normalDoubles(const PhiloxBlock& words)
{
    const double radius = normalRadius(words[0], words[1]);
    const SineCosine turn = normalTurn(words[2], words[3]);
    return {turn.sine * radius, turn.cosine * radius};
}

/// Blocks that shuffling takes: a word for each row but the last, rounded up to whole blocks; none where
/// there is nothing to shuffle.
inline std::uint64_t philoxBlocksShuffled(std::uint64_t rows, std::uint64_t elements)
{
    return rows <= 1 || elements <= 1 ? 0 : (rows - 1 + 3) / 4;
}

/// Blocks that one run of a random op consumes, as TensorFlow reserves them: 256 per element.
inline std::uint64_t philoxBlocksReserved(std::uint64_t elements)
{
    return elements * 256;
}

} // namespace wr
