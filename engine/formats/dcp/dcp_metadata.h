// SPDX-License-Identifier: GPL-3.0-or-later
// What the file ".metadata" of PyTorch's distributed checkpoints (DCP) says: its pickle is read and never
// executed. Pure; any thread.
#pragma once

#include "engine/formats/pytorch/pickle.h"
#include "engine/tensor/tensor.h"

#include <map>

namespace wr::formats {

/// Where the bytes of a part lie.
struct DcpPlace {
    std::string file; ///< in the folder
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct DcpChunk {
    std::vector<std::int64_t> offsets;
    std::vector<std::int64_t> sizes;
    DcpPlace place;
};

struct DcpTensor {
    TensorSpec spec;
    std::vector<DcpChunk> chunks;
};

struct DcpMetadata {
    std::vector<DcpTensor> tensors;         ///< sorted by name
    std::map<std::string, DcpPlace> values; ///< what is no tensor
    std::vector<std::string> warnings;
};

/// InvalidArgument when the pickle is none of DCP's.
Result<DcpMetadata> parseDcpMetadata(const Pickle& pickle);

} // namespace wr::formats
