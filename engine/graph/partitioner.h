// SPDX-License-Identifier: GPL-3.0-or-later
// Partitioners: into how many parts a variable is cut along one axis, by TensorFlow's rules, and where the
// parts lie. Pure; any thread. InvalidArgument with TensorFlow's words when the arguments make no sense.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wr::graph {

enum class PartitionerKind : std::uint8_t { FixedSize, VariableAxisSize, MinMax };

struct PartitionerSpec {
    PartitionerKind kind = PartitionerKind::FixedSize;
    std::int64_t count = 1; ///< num_shards, max_shard_bytes or max_partitions
    std::int64_t axis = 0;
    std::int64_t minSliceSize = std::int64_t{256} << 10;
    std::optional<std::int64_t> maxShards;
};

/// Whether the arguments are sound, before a shape is known.
Status checkPartitioner(const PartitionerSpec& spec);

/// The number of parts along each axis, as the partitioner's function returns it.
Result<std::vector<std::int64_t>> partitionsOf(const PartitionerSpec& spec, const Shape& shape, DType dtype);

struct Part {
    std::vector<std::int64_t> offset;
    Shape shape;
};

/// Cuts `shape`: the first full % n parts are one longer. At most one entry of `partitions` is above 1.
/// InvalidArgument for lists that do not fit; Unimplemented for cuts along two axes.
Result<std::vector<Part>> partsOf(const Shape& shape, const std::vector<std::int64_t>& partitions);

} // namespace wr::graph
