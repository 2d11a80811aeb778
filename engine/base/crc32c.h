// SPDX-License-Identifier: GPL-3.0-or-later
// CRC-32C (Castagnoli), as RFC 3720 appendix B.4 defines it. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wr {

/// Of `bytes`; 0xE3069283 for "123456789".
std::uint32_t crc32c(std::span<const std::byte> bytes);
/// Of the bytes that gave `before`, followed by `bytes`.
std::uint32_t crc32cExtended(std::uint32_t before, std::span<const std::byte> bytes);

} // namespace wr
