// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/crc32c.h"

#include <array>

namespace wr {
namespace {

constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1U) != 0 ? (value >> 1U) ^ 0x82F63B78U : value >> 1U;
        table[byte] = value;
    }
    return table;
}();

} // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes)
{
    return crc32cExtended(0, bytes);
}

std::uint32_t crc32cExtended(std::uint32_t before, std::span<const std::byte> bytes)
{
    std::uint32_t crc = before ^ 0xFFFFFFFFU;
    for (const std::byte byte : bytes)
        crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
    return crc ^ 0xFFFFFFFFU;
}

} // namespace wr
