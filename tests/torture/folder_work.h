// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of checkpoints in use: saves new and over old ones, differences, removal by rule, recovery of a
// damaged file; all with the engine's own functions, all written down in a ledger. One thread.
#pragma once

#include "tests/torture/experiment.h"
#include "tests/torture/folder_ledger.h"

namespace wr::torture {

inline constexpr const char* kFolder = "/run";

class FolderWork {
public:
    /// `vfs` is what the engine sees of `disk`, which may be less than the truth.
    FolderWork(Vfs& vfs, ModelDisk& disk, FolderLedger& ledger, Random& random)
        : m_vfs(vfs), m_disk(disk), m_ledger(ledger), m_random(random)
    {
    }

    /// Does something. Says what went wrong that must not on a disk without faults.
    std::string act();

    /// Beside a whole checkpoint of the folder a copy with some damage, for recovery.
    static void addDamaged(Disk& disk, FolderLedger& ledger, Random& random);

private:
    std::string save(bool isReplacing, bool isDelta);
    std::string tidy();
    std::string salvage();
    std::vector<std::string> checkpoints() const;
    std::string acknowledge(const std::string& path, std::size_t begun, bool isDone,
                            std::vector<NamedTensor> tensors);

    Vfs& m_vfs;
    ModelDisk& m_disk;
    FolderLedger& m_ledger;
    Random& m_random;
};

} // namespace wr::torture
