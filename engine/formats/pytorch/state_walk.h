// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the tensors in the graph of a PyTorch pickle: by the few functions that rebuild them, which are
// recognised by name and never called. Pure; any thread.
#pragma once

#include "engine/formats/pytorch/pickle.h"
#include "engine/tensor/tensor.h"

#include <map>

namespace wr::formats {

struct FoundTensor {
    TensorSpec spec;
    std::string storage;                ///< its key
    std::uint64_t offset = 0;           ///< of the first element, in elements
    std::uint64_t extent = 0;           ///< elements from there to behind the last one
    std::uint64_t elements = 0;         ///< that the storage declares
    std::vector<std::uint64_t> strides; ///< in elements
    bool isContiguous = true;
};

struct FoundState {
    std::vector<FoundTensor> tensors;          ///< sorted by name, no name twice
    std::map<std::string, std::string> values; ///< numbers and short texts beside them
    std::vector<std::string> warnings;
};

FoundState findState(const Pickle& pickle);

} // namespace wr::formats
