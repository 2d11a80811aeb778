// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of an ONNX model: the initializers of its graph, and where their values lie. Values are walked
// over, not read. Pure but for reading the file; any thread. Format: https://github.com/onnx/onnx,
// onnx.proto.
#pragma once

#include "engine/base/vfs.h"
#include "engine/tensor/tensor.h"

#include <map>
#include <optional>

namespace wr::formats {

struct OnnxTensor {
    enum class Place : std::uint8_t {
        Raw,      ///< little-endian bytes, as they are
        List,     ///< numbers of one of the fields of the message, decoded one by one
        External, ///< little-endian bytes of another file
    };
    TensorSpec spec;
    int packedBits = 0; ///< 4: two elements a byte, the first one in the low half
    bool isSigned = false;
    Place place = Place::Raw;
    std::uint64_t begin = 0; ///< of the bytes, or of the whole message of a List
    std::uint64_t size = 0;
    std::uint64_t field = 0; ///< of a List: its number
    std::string location;    ///< of the other file, beneath the model's folder

    /// Bytes of the values as they are stored.
    std::uint64_t storedBytes() const;
};

struct OnnxModel {
    std::vector<OnnxTensor> tensors; ///< sorted by name, no name twice
    std::map<std::string, std::string> metadata;
    std::vector<std::string> warnings;
};

/// Nothing when the file is no ONNX model; DataLoss when it is one that is cut off, with how much is there.
Result<std::optional<OnnxModel>> readOnnxModel(File& file, std::uint64_t fileBytes);

} // namespace wr::formats
