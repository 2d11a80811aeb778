// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays in NumPy's NPY format, versions 1 to 3: a header in the spelling of a Python dictionary, which is
// read by a grammar of its own and never evaluated, then the elements. Hostile input: sizes are checked
// before memory is taken. Any thread. Source: numpy.lib.format in NumPy's documentation.
#pragma once

#include "engine/base/progress.h"
#include "engine/tensor/npy_header.h"
#include "engine/tensor/tensor.h"
#include "engine/train/byte_stream.h"

#include <string>

namespace wr::train {

/// Reads the header that `stream` begins with, and compares the declared size with the stream's; `begin` is
/// where the elements begin. Errors as readNpy().
Result<NpyHeader> readNpyHeader(ByteStream& stream, const std::string& name, std::uint64_t& begin);

/// Reads an array of any size and of the types that DType has, row-major and in this machine's byte order.
/// InvalidArgument when it is no NPY file, DataLoss when it is short, long or damaged; both begin with
/// `name`.
Result<Tensor> readNpy(ByteStream& stream, const std::string& name, const Progress& progress = {});

} // namespace wr::train
