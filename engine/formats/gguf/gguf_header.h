// SPDX-License-Identifier: GPL-3.0-or-later
// The front of a GGUF file: metadata and the list of tensors. Every count is compared with the bytes that are
// left before memory is taken; nothing recurses. Values; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

struct GgufTensor {
    std::string name;
    Shape shape; ///< outermost first
    std::uint64_t type = 0;
    std::uint64_t offset = 0; ///< from where the values begin
};

struct GgufHeader {
    checkpoint::Metadata metadata; ///< long lists by their beginning
    std::vector<GgufTensor> tensors;
    std::uint64_t valuesAt = 0; ///< in the file
};

Result<GgufHeader> readGgufHeader(File& file, std::uint64_t fileBytes);

} // namespace wr::formats
