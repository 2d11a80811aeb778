// SPDX-License-Identifier: GPL-3.0-or-later
// Everything in an HDF5 file that is a tensor, found by hard links only: what leads to other files (external
// storage, virtual datasets, external links) is named and never followed. One thread.
#pragma once

#include "engine/tensor/dtype.h"

#include <hdf5.h>
#include <string>
#include <vector>

namespace wr::formats::hdf5 {

struct Dataset {
    std::string name; ///< path without the first slash
    DType dtype = DType::Invalid;
    std::vector<hsize_t> dims;
    std::uint64_t storedBytes = 0;
    hid_t id = -1;         ///< open
    hid_t memoryType = -1; ///< little-endian
};

struct Walked {
    std::vector<Dataset> datasets;
    std::vector<std::pair<std::string, std::string>> attributes; ///< texts of the root
    std::vector<std::string> warnings;
    std::vector<std::string> losses;
};

Walked walk(hid_t file);

/// Bytes [at, at + size) of the values; false when libhdf5 cannot read them.
bool readBytes(const Dataset& dataset, std::uint64_t at, std::uint64_t size, std::vector<char>& into);

} // namespace wr::formats::hdf5
