// SPDX-License-Identifier: GPL-3.0-or-later
// Names of files that are being written, by which one knows what processes that died have left. Any thread.
#pragma once

#include "engine/base/vfs.h"

namespace wr {

/// A free name beside `path`: ".NAME.wrtmp-PID-RANDOM".
std::string temporaryPath(const std::string& path);

/// Removes temporary files that processes which no longer run have left in the directory of `path`.
void sweepTemporaries(Vfs& vfs, const std::string& path);

} // namespace wr
