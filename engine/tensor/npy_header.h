// SPDX-License-Identifier: GPL-3.0-or-later
// The header of an array in NumPy's NPY format: a Python dictionary, read by a grammar of its own and never
// evaluated. Pure; any thread. Source: numpy.lib.format in NumPy's documentation.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <string_view>

namespace wr {

inline constexpr std::size_t kMostNpyDimensions = 32;

struct NpyHeader {
    DType dtype = DType::Invalid;
    bool isSwapped = false; ///< big-endian
    bool isFortran = false; ///< the first dimension runs fastest
    Shape shape;
};

/// The header's text: "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }". InvalidArgument says
/// what is wrong with it, or which elements are not read.
Result<NpyHeader> parseNpyHeader(std::string_view text);

} // namespace wr
