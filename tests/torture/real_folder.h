// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of the machine's own file system that is filled with prepared files, and looked at afterwards. One
// thread; what cannot be written ends the process, since then nothing can be proved.
#pragma once

#include "tests/torture/model_disk.h"

namespace wr::torture {

/// Makes the folder, or empties it, and writes these files, whose paths lie in it.
void fillFolder(const std::string& folder, const Disk& files);
/// Everything in it, hidden files too.
Disk readFolder(const std::string& folder);

} // namespace wr::torture
