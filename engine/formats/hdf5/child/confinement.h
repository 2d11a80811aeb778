// SPDX-License-Identifier: GPL-3.0-or-later
// Takes from the process everything that reading a file that is already open does not need. Linux; cannot be
// undone.
#pragma once

namespace wr::formats::hdf5 {

/// No files, no processes, no network, little memory and time. False when the system refuses.
bool confine();

} // namespace wr::formats::hdf5
