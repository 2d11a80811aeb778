// SPDX-License-Identifier: GPL-3.0-or-later
// Small files to begin fuzzing with. Made anew with every identity the same, so that a difference in the
// corpus finds the base that is made at the start. Values; one thread.
#pragma once

#include "tests/torture/model_disk.h"

namespace wr::torture {

struct DeltaSeed {
    std::shared_ptr<const Bytes> base;
    std::shared_ptr<const Bytes> delta; ///< to this base
};
DeltaSeed deltaSeed();

/// Writes inputs for each target into a folder of its name below `folder`.
int writeSeeds(const std::string& folder);

} // namespace wr::torture
