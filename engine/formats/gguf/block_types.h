// SPDX-License-Identifier: GPL-3.0-or-later
// The element types of GGUF: how many elements a block has and how many bytes, and how its numbers are
// restored to float32. Pure; any thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wr::formats {

struct BlockType {
    std::uint64_t number = 0; ///< in the file
    std::string_view name;    ///< "Q4_0"
    std::size_t elements = 0; ///< of a block
    std::size_t bytes = 0;
    DType dtype = DType::Invalid; ///< as it is read; Invalid: listed only
    /// Restores one block of `elements` numbers; nullptr where the bytes are the values.
    void (*restore)(const std::byte* block, float* to) = nullptr;
};

/// nullptr for an unknown one.
const BlockType* blockType(std::uint64_t number);

} // namespace wr::formats
