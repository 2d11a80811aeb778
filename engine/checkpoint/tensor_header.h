// SPDX-License-Identifier: GPL-3.0-or-later
// The header of a safetensors file: names, types, shapes and places of the tensors in the byte buffer that
// follows. Written by us with a fixed spelling; read from anybody, so everything is checked. Values; any
// thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::checkpoint {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the limit of safetensors itself
inline constexpr std::size_t kMaxNameBytes = std::size_t{64} << 10U;
inline constexpr int kMaxRank = 64;

struct HeaderTensor {
    TensorSpec spec;
    std::uint64_t begin = 0; ///< into the byte buffer
    std::uint64_t end = 0;
};

struct TensorHeader {
    std::vector<HeaderTensor> tensors; ///< in order of their places
    Metadata metadata;
};

/// Eight bytes of length, the JSON, and spaces up to a multiple of `alignment`.
std::vector<std::byte> encodeHeader(const TensorHeader& header, std::size_t alignment);

/// Reads the JSON behind the length. `bufferBytes` is the size of the byte buffer, which the tensors must
/// fill without gap or overlap. DataLoss says what is wrong with which tensor; Unimplemented for a type that
/// is not known here.
/// kAnyBuffer: whatever the tensors need.
inline constexpr std::uint64_t kAnyBuffer = UINT64_MAX;
Result<TensorHeader> parseHeader(std::span<const std::byte> json, std::uint64_t bufferBytes);

/// The metadata alone, where it stands first in the JSON, as it does in headers that are written here.
Result<Metadata> headerMetadata(std::span<const std::byte> json);

/// Why a tensor of this name and type cannot be written; Ok when it can.
Status checkWritable(const TensorSpec& spec);

} // namespace wr::checkpoint
