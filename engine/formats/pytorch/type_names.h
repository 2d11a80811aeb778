// SPDX-License-Identifier: GPL-3.0-or-later
// The names by which PyTorch's pickles call element types: those of storages and those of types. Pure.
#pragma once

#include "engine/tensor/dtype.h"

#include <string_view>

namespace wr::formats {

struct PytorchType {
    std::string_view name; ///< "torch FloatStorage", "torch float32"
    DType dtype;           ///< Invalid: not read here, or, of an untyped storage, told elsewhere
    std::size_t size;      ///< bytes of an element, in a storage of this name
};

/// nullptr for any other name.
const PytorchType* pytorchType(std::string_view name);
bool isUntyped(const PytorchType& type);

} // namespace wr::formats
