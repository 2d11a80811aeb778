// SPDX-License-Identifier: GPL-3.0-or-later
// Writes NumPy's files: an archive of arrays (.npz, not packed, as np.savez makes it), or a folder with one
// file (.npy) a tensor. Run on the thread that calls them.
#pragma once

#include "engine/checkpoint/checkpoint.h"

namespace wr::formats {

/// Metadata of an archive stands in its comment, or, where that is too short, in this entry; that of a folder
/// in a file of this name.
inline constexpr std::string_view kNumpyMetadataName = "metadata.json";

/// What stands before the values of an array, by NumPy's NPY format, version 1.0. `dtype` is none that NumPy
/// lacks.
std::string npyHead(DType dtype, const Shape& shape);
/// Whether NumPy has a type for it: all but bfloat16.
bool isNumpyType(DType dtype);
/// The name of a tensor's file in a folder: what a file name cannot hold is spelled %2F. Back again.
std::string npyFileName(const std::string& tensor);
std::string tensorOfNpyFile(std::string_view fileName);

/// Written whole or not at all; AlreadyExists when the name is taken and `replace` is false. InvalidArgument
/// names a tensor whose type or name cannot be written.
Result<checkpoint::SaveReport> writeNumpyArchive(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                                 const std::string& path, bool replace,
                                                 const Progress& progress = {});
/// `path` becomes a new folder; a folder is never replaced.
Result<checkpoint::SaveReport> writeNumpyFolder(Vfs& vfs, const checkpoint::CheckpointReader& from,
                                                const std::string& path, const Progress& progress = {});

} // namespace wr::formats
