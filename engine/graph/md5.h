// SPDX-License-Identifier: GPL-3.0-or-later
// The MD5 digest (RFC 1321) of a short text, for placements that TensorFlow derives from it; it protects
// nothing. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wr::graph {

/// The 16 bytes in the order in which the hexadecimal text shows them.
std::array<std::uint8_t, 16> md5(std::string_view text);

} // namespace wr::graph
