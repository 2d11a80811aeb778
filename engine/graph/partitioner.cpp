// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/partitioner.h"

#include <algorithm>
#include <cmath>

namespace wr::graph {
namespace {

std::string listed(const std::vector<std::int64_t>& numbers)
{
    return Shape(numbers).toString();
}

} // namespace

Status checkPartitioner(const PartitionerSpec& spec)
{
    switch (spec.kind) {
    case PartitionerKind::FixedSize:
        if (spec.count < 1)
            return invalidArgument("num_shards must be positive: a variable has at least one part");
        break;
    case PartitionerKind::VariableAxisSize:
        if (spec.count < 1)
            return invalidArgument("Both max_shard_bytes and bytes_per_string_element must be positive.");
        if (spec.maxShards && *spec.maxShards < 1)
            return invalidArgument("max_shards must be positive.");
        break;
    case PartitionerKind::MinMax:
        if (spec.count < 1)
            return invalidArgument("max_partitions must be positive.");
        if (spec.minSliceSize < 1)
            return invalidArgument("min_slice_size must be positive.");
        break;
    }
    if (spec.axis < 0)
        return invalidArgument("axis must be positive: it counts from 0");
    return {};
}

Result<std::vector<std::int64_t>> partitionsOf(const PartitionerSpec& spec, const Shape& shape, DType dtype)
{
    WR_RETURN_IF_ERROR(checkPartitioner(spec));
    if (spec.axis >= shape.rank())
        return fail(StatusCode::InvalidArgument, "Can not partition along axis " + std::to_string(spec.axis) +
                                                     " when shape is only " + shape.toString());
    const std::optional<std::int64_t> elements = shape.elementCount();
    const std::int64_t length = shape.dim(static_cast<int>(spec.axis));
    if (!elements || length < 1)
        return fail(StatusCode::InvalidArgument, "a variable of shape " + shape.toString() +
                                                     " cannot be cut along axis " +
                                                     std::to_string(spec.axis));
    const double bytes = static_cast<double>(*elements) * static_cast<double>(dtypeSize(dtype));
    std::int64_t parts = 1;
    switch (spec.kind) {
    case PartitionerKind::FixedSize:
        parts = std::min(spec.count, length);
        break;
    case PartitionerKind::VariableAxisSize: {
        const double bytesPerSlice = bytes / static_cast<double>(length);
        const double slices = bytesPerSlice > 0.0
                                  ? std::floor(static_cast<double>(spec.count) / bytesPerSlice)
                                  : static_cast<double>(length);
        const double perShard = std::clamp(slices, 1.0, static_cast<double>(length));
        parts = static_cast<std::int64_t>(std::ceil(static_cast<double>(length) / perShard));
        if (spec.maxShards)
            parts = std::min(parts, *spec.maxShards);
        break;
    }
    case PartitionerKind::MinMax: {
        const double wanted = std::ceil(bytes / static_cast<double>(spec.minSliceSize));
        const double most = static_cast<double>(std::min(length, spec.count));
        parts = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(wanted, most)));
        break;
    }
    }
    std::vector<std::int64_t> partitions(static_cast<std::size_t>(shape.rank()), 1);
    partitions[static_cast<std::size_t>(spec.axis)] = parts;
    return partitions;
}

Result<std::vector<Part>> partsOf(const Shape& shape, const std::vector<std::int64_t>& partitions)
{
    constexpr std::int64_t kMostParts = 100000;
    if (partitions.size() != static_cast<std::size_t>(shape.rank()))
        return fail(StatusCode::InvalidArgument,
                    "Partitioner returned a partition list that does not match the Variable's rank: " +
                        listed(partitions) + " vs. " + shape.toString());
    std::size_t axis = 0;
    int cuts = 0;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (partitions[i] < 1)
            return fail(StatusCode::InvalidArgument,
                        "Partitioner returned zero partitions for some axes: " + listed(partitions));
        if (partitions[i] > 1) {
            axis = i;
            ++cuts;
        }
    }
    if (cuts > 1)
        return fail(StatusCode::Unimplemented, "Cannot slice a variable along more than one dimension: " +
                                                   listed(partitions) + " for shape " + shape.toString());
    const std::int64_t count = partitions.empty() ? 1 : partitions[axis];
    const std::int64_t length = partitions.empty() ? 1 : shape.dims()[axis];
    if (count > length || count > kMostParts)
        return fail(StatusCode::InvalidArgument, std::to_string(count) + " parts cannot be cut from " +
                                                     shape.toString() + " along axis " +
                                                     std::to_string(axis));
    std::vector<Part> parts;
    std::int64_t begin = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        Part part;
        part.offset.assign(partitions.size(), 0);
        std::vector<std::int64_t> dims = shape.dims();
        if (!partitions.empty()) {
            dims[axis] = length / count + (i < length % count ? 1 : 0);
            part.offset[axis] = begin;
            begin += dims[axis];
        }
        part.shape = Shape(std::move(dims));
        parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace wr::graph
