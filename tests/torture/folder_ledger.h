// SPDX-License-Identifier: GPL-3.0-or-later
// What a folder of checkpoints has been promised to hold, kept outside of the program under test: each file
// with all the contents that it was given, and when each was begun and acknowledged, in calls of the disk.
// Judges the states in which a power cut may leave the folder. One thread.
#pragma once

#include "engine/tensor/tensor.h"
#include "tests/torture/model_disk.h"

namespace wr::torture {

class FolderLedger {
public:
    static constexpr std::size_t kNever = SIZE_MAX;

    struct Version {
        std::shared_ptr<const Bytes> image;
        std::size_t begun = 0;
        std::size_t acknowledged = kNever;
        std::vector<NamedTensor> tensors = {}; ///< of a checkpoint, where they are known
        std::string uuid = {};                 ///< of a checkpoint
        std::string baseUuid = {};             ///< of a difference
    };
    struct Entry {
        std::vector<Version> versions;
        std::vector<std::size_t> removals = {}; ///< when they were begun
    };

    std::map<std::string, Entry> files; ///< by path

    /// Forgets the past: what is in `state` now is what there is.
    void beginWith(const Disk& state);
    /// Why the folder must not look like this after the first `calls` calls; empty when it may.
    std::string complaint(const Disk& state, std::size_t calls) const;
};

/// Whether a file of this path is one that a save was writing.
bool isTemporary(const std::string& path);

} // namespace wr::torture
