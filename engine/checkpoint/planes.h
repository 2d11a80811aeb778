// SPDX-License-Identifier: GPL-3.0-or-later
// The byte planes of a block of elements: all least significant bytes, then all second ones, and so on.
// Weights differ little in their exponents, so the planes of those pack well and the others need not be
// tried. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/tensor/dtype.h"

namespace wr::checkpoint {

/// Elements of one block.
inline constexpr std::size_t kBlockElements = std::size_t{1} << 18U;

enum class Filter : std::uint8_t {
    None,
    Planes,        ///< "bp"
    RotatedPlanes, ///< "rbp": each element rotated left by one bit first, so that the sign leaves the
                   ///< exponent; bfloat16
    Difference,    ///< "isub": the planes of the distance to the base's element (subtraction.h)
    Same,          ///< "same": the base's values, nothing stored
};

inline bool isOfDelta(Filter filter)
{
    return filter == Filter::Difference || filter == Filter::Same;
}

std::string_view filterName(Filter filter);
std::optional<Filter> filterFromName(std::string_view name);
/// Whether elements of this type may be cut into planes.
bool hasPlanes(DType dtype);

/// Writes plane `plane` (0: least significant) of the elements in `block`, one byte each, to `into`.
void splitPlane(std::span<const std::byte> block, std::size_t elementSize, Filter filter, std::size_t plane,
                std::byte* into);
/// All planes at once: plane i to into[i].
void splitPlanes(std::span<const std::byte> block, std::size_t elementSize, Filter filter,
                 std::span<std::byte* const> into);
/// The inverse for a whole block whose planes follow each other in `planes`.
void joinPlanes(std::span<const std::byte> planes, std::size_t elementSize, Filter filter, std::byte* into);

} // namespace wr::checkpoint
