// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets from a folder of pictures: a subfolder for each class, whose name is the class's name, in the
// order of names. Pictures are read and resized on threads of its own, which are gone when it returns;
// progress is called on the caller's thread.
#pragma once

#include "engine/train/dataset.h"

#include <string>

namespace wr::train {

/// Features uint8 [count, height, width, 3], or [count, height, width] for 1 channel; labels int64 [count].
/// Names that begin with a dot are passed over. The first damaged file, in the order of classes and names of
/// those that are used, is the error; NotFound without subfolders; ResourceExhausted; Cancelled.
Result<std::shared_ptr<const Dataset>> loadImages(const graph::DataSpec& spec, const std::string& directory,
                                                  Vfs& vfs, const Progress& progress = {});

} // namespace wr::train
