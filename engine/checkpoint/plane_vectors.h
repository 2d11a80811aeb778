// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting elements into byte planes and joining them with 32-byte vectors, where the processor has them. Each
// function does as many whole groups of elements as there are and returns how many elements that were, 0
// where it cannot. Pure; any thread.
#pragma once

#include <cstddef>

namespace wr::checkpoint {

/// Elements of four bytes at `from` into four planes.
std::size_t splitFourWide(const std::byte* from, std::size_t count, std::byte* const* into);
/// Elements of two bytes, each rotated left by one bit first if wanted.
std::size_t splitTwoWide(const std::byte* from, std::size_t count, bool rotates, std::byte* const* into);
/// The inverses; plane i begins at from + i · count.
std::size_t joinFourWide(const std::byte* from, std::size_t count, std::byte* into);
std::size_t joinTwoWide(const std::byte* from, std::size_t count, bool rotates, std::byte* into);

} // namespace wr::checkpoint
