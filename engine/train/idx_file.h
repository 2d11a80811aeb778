// SPDX-License-Identifier: GPL-3.0-or-later
// IDX files, plain or gzip, as MNIST's are: a magic number, dimensions in big-endian, bytes. Hostile input:
// sizes are checked before memory is taken, and no more is unpacked than the header declares. Any thread.
// Source: the format's description on the MNIST page, http://yann.lecun.com/exdb/mnist/.
#pragma once

#include "engine/base/progress.h"
#include "engine/base/vfs.h"
#include "engine/tensor/tensor.h"

#include <string>

namespace wr::train {

/// Reads an IDX file of unsigned bytes and of `rank` dimensions as a uint8 tensor. InvalidArgument when it is
/// no such file (says what it seems to be), DataLoss when it is short, long or damaged.
Result<Tensor> readIdx(Vfs& vfs, const std::string& path, int rank, const Progress& progress = {});

/// The number of dimensions of an IDX file of bytes, or 0 when it is none. For recognising files.
int idxRank(Vfs& vfs, const std::string& path);

} // namespace wr::train
