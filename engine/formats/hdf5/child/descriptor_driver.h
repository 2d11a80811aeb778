// SPDX-License-Identifier: GPL-3.0-or-later
// Lets libhdf5 read a file that is open already, by its descriptor and no path. One thread.
#pragma once

#include <cstdint>
#include <hdf5.h>

namespace wr::formats::hdf5 {

/// Opens the HDF5 file that lies at [begin, begin + size) of a descriptor; negative when libhdf5 refuses it.
hid_t openDescriptor(int descriptor, std::uint64_t begin, std::uint64_t size);

} // namespace wr::formats::hdf5
