// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/md5.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <string>

namespace wr::graph {
namespace {

constexpr std::size_t kBlock = 64;

/// The integer part of 2^32 · |sin(i + 1)|, as the RFC gives it.
const std::array<std::uint32_t, 64>& sines()
{
    static const std::array<std::uint32_t, 64> kTable = [] {
        std::array<std::uint32_t, 64> table{};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<std::uint32_t>(
                std::floor(std::abs(std::sin(static_cast<double>(i) + 1.0)) * 4294967296.0));
        return table;
    }();
    return kTable;
}

void mix(std::array<std::uint32_t, 4>& state, std::string_view block)
{
    constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    std::array<std::uint32_t, 16> words{};
    for (std::size_t i = 0; i < kBlock; ++i)
        words[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(block[i])) << (8 * (i % 4));
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const std::size_t round = i / 16;
        std::uint32_t f = 0;
        std::size_t word = 0;
        switch (round) {
        case 0:
            f = (b & c) | (~b & d);
            word = i;
            break;
        case 1:
            f = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
            break;
        case 2:
            f = b ^ c ^ d;
            word = (3 * i + 5) % 16;
            break;
        default:
            f = c ^ (b | ~d);
            word = (7 * i) % 16;
            break;
        }
        const std::uint32_t sum = a + f + sines()[i] + words[word];
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, kShifts[round][i % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

} // namespace

std::array<std::uint8_t, 16> md5(std::string_view text)
{
    std::array<std::uint32_t, 4> state{0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U};
    std::string padded(text);
    padded.push_back(static_cast<char>(0x80));
    while (padded.size() % kBlock != kBlock - 8)
        padded.push_back('\0');
    const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
    for (unsigned i = 0; i < 8; ++i)
        padded.push_back(static_cast<char>((bits >> (8 * i)) & 0xFFU));
    for (std::size_t begin = 0; begin < padded.size(); begin += kBlock)
        mix(state, std::string_view(padded).substr(begin, kBlock));
    std::array<std::uint8_t, 16> digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>((state[i / 4] >> (8 * (i % 4))) & 0xFFU);
    return digest;
}

} // namespace wr::graph
