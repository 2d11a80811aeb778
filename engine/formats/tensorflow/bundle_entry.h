// SPDX-License-Identifier: GPL-3.0-or-later
// The messages in a TensorFlow checkpoint's index: where a tensor lies, its type and shape, the slices of a
// partitioned variable and the keys under which those lie. Read with every count checked. Pure; any thread.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wr::formats {

inline constexpr std::uint64_t kTensorFlowString = 7;

/// Of one dimension; without a length all of it.
struct SliceExtent {
    std::int64_t start = 0;
    std::optional<std::int64_t> length;
};
using TensorSlice = std::vector<SliceExtent>;

struct BundleHeader {
    std::uint64_t shards = 0;
    bool isBigEndian = false;
    std::uint64_t minConsumer = 0;
};

struct BundleEntry {
    std::uint64_t type = 0; ///< TensorFlow's number
    Shape shape;
    std::uint64_t shard = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t checksum = 0; ///< masked
    std::vector<TensorSlice> slices;
};

/// None for the types that a Tensor has not; quantised integers are plain ones.
DType dtypeFromTensorFlow(std::uint64_t number);
/// 0 for none.
std::uint64_t tensorFlowNumber(DType dtype);
/// "complex64"; "type 77" for an unknown one.
std::string tensorFlowTypeName(std::uint64_t number);

Result<BundleHeader> parseBundleHeader(std::span<const std::byte> bytes);
Result<BundleEntry> parseBundleEntry(std::span<const std::byte> bytes);
/// As TensorFlow writes them, byte for byte; an entry without slices.
std::string encodeBundleHeader();
std::string encodeBundleEntry(const BundleEntry& entry);

Result<Shape> parseShape(std::span<const std::byte> bytes);
Result<TensorSlice> parseSlice(std::span<const std::byte> bytes);
/// The key of a slice: ordered as name, rank, extents.
std::string sliceKey(const std::string& name, const TensorSlice& slice);

} // namespace wr::formats
