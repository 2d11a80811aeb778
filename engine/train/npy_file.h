// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays in NumPy's NPY format, versions 1 to 3: a header in the spelling of a Python dictionary, which is
// read by a grammar of its own and never evaluated, then the elements. Hostile input: sizes are checked
// before memory is taken. Any thread. Source: numpy.lib.format in NumPy's documentation.
#pragma once

#include "engine/base/progress.h"
#include "engine/tensor/tensor.h"
#include "engine/train/byte_stream.h"

#include <string>
#include <string_view>

namespace wr::train {

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

/// Reads the header that `stream` begins with, and compares the declared size with the stream's; `begin` is
/// where the elements begin. Errors as readNpy().
Result<NpyHeader> readNpyHeader(ByteStream& stream, const std::string& name, std::uint64_t& begin);

/// Reads an array of any size and of the types that DType has, row-major and in this machine's byte order.
/// InvalidArgument when it is no NPY file, DataLoss when it is short, long or damaged; both begin with
/// `name`.
Result<Tensor> readNpy(ByteStream& stream, const std::string& name, const Progress& progress = {});

} // namespace wr::train
