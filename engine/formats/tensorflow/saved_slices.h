// SPDX-License-Identifier: GPL-3.0-or-later
// The messages in a checkpoint of TensorFlow's first format: the list of tensors, and the values of a slice,
// which are numbers of a protocol buffer. Pure; any thread.
#pragma once

#include "engine/formats/tensorflow/bundle_entry.h"

namespace wr::formats {

struct SavedTensor {
    std::string name;
    Shape shape;
    std::uint64_t type = 0; ///< TensorFlow's number
    std::vector<TensorSlice> slices;
};

/// The value under the empty key.
Result<std::vector<SavedTensor>> parseSavedTensors(std::span<const std::byte> bytes);

/// The elements in the value of a slice, in this machine's byte order, into all of `into`; DataLoss when they
/// are more or fewer.
Status parseSavedValues(std::span<const std::byte> bytes, DType dtype, std::span<std::byte> into);

} // namespace wr::formats
