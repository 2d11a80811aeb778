// SPDX-License-Identifier: GPL-3.0-or-later
// What the confined reader of HDF5 and its parent say to each other, over a socket, in the machine's own byte
// order. First the child lists what is in the file, record by record; then it answers requests for values.
#pragma once

#include <cstdint>

namespace wr::formats::hdf5 {

inline constexpr int kFileDescriptor = 3;   ///< of the child: the file
inline constexpr int kSocketDescriptor = 0; ///< of the child

enum class Record : std::uint8_t {
    Tensor = 'T',    ///< u8 DType, u8 rank, u64 dims…, u64 stored bytes, text name
    Attribute = 'A', ///< text name, text value
    Warning = 'W',   ///< text; a text is a u32 length and that many bytes
    Loss = 'L',      ///< text: a warning about what the file should hold
    Failure = 'F',   ///< text: the file cannot be read; the last record
    End = 'E',       ///< the last record
};

inline constexpr std::uint32_t kLongestText = 65'536;
inline constexpr std::uint64_t kMostTensors = 200'000;
inline constexpr std::uint64_t kMostRequested = std::uint64_t{8} << 20U;
/// Deflate makes at most about a thousand bytes of one.
inline constexpr std::uint64_t kBestPacking = 1100;

/// Answered by a u8: 1 and the bytes, or 0 and a text.
struct Request {
    std::uint64_t tensor;
    std::uint64_t at;
    std::uint64_t size; ///< at most kMostRequested
};

} // namespace wr::formats::hdf5
