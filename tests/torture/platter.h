// SPDX-License-Identifier: GPL-3.0-or-later
// What a disk may hold after a power cut: all that was synced, and of what was not any part in any order.
// Follows the rules that POSIX gives, not the kinder ones of one file system: the data of a file are sure
// after its sync, its name after a sync of the folder, and neither makes the other sure. A rename happens
// or not; it may leave the old name behind. One thread.
#pragma once

#include "tests/torture/experiment.h"
#include "tests/torture/model_disk.h"

namespace wr::torture {

class Platter {
public:
    explicit Platter(const Disk& start);
    /// The next call of a ModelDisk that began with the same contents.
    void follow(const DiskCall& call);
    /// One of the states in which the disk may be found if the power fails now.
    Disk crash(Random& random) const;
    /// Whether there is anything left to chance.
    bool isSure() const;

private:
    struct Inode {
        std::shared_ptr<const Bytes> sure;
        std::vector<const DiskCall*> writes; ///< since the last sync
    };
    static void enter(std::map<std::string, int>& entries, const DiskCall& call, bool isHalf);
    std::shared_ptr<const Bytes> remains(const Inode& inode, Random& random) const;

    std::vector<Inode> m_inodes;
    std::map<std::string, int> m_entries;                          ///< sure
    std::map<std::string, std::vector<const DiskCall*>> m_changes; ///< by directory, since its last sync
};

} // namespace wr::torture
