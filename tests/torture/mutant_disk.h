// SPDX-License-Identifier: GPL-3.0-or-later
// What a save would do to the disk if it had one of the classic faults: a sync left out, an error not looked
// at, a rename that is none. Between the engine and a disk. One thread.
#pragma once

#include "engine/base/vfs.h"

#include <set>

namespace wr::torture {

enum class Mutant {
    NoFileSync,
    NoFolderSync,
    NoSyncAfterRemoval,
    SyncAfterRename,
    FolderSyncBeforeRename,
    LateWrite,
    ReplaceByRemoval,
    RenameByCopy,
    SyncErrorIgnored,
    FolderSyncErrorIgnored,
    WriteErrorIgnored,
    CloseErrorIgnored,
    RenameErrorIgnored,
    NothingReadBack,
    TemporariesLeft,
};
struct MutantRow {
    Mutant mutant;
    const char* what;
    bool isCaughtByCrashes; ///< else by faults
};
inline constexpr MutantRow kMutants[] = {
    {Mutant::NoFileSync, "the file is not synced", true},
    {Mutant::NoFolderSync, "the folder is not synced", true},
    {Mutant::NoSyncAfterRemoval, "the folder is not synced after a removal", true},
    {Mutant::SyncAfterRename, "renamed before the file is synced", true},
    {Mutant::FolderSyncBeforeRename, "the folder is synced before the rename, not after", true},
    {Mutant::LateWrite, "written after the sync", true},
    {Mutant::ReplaceByRemoval, "the old file is removed before the rename", true},
    {Mutant::RenameByCopy, "copied instead of renamed", true},
    {Mutant::SyncErrorIgnored, "an error of the sync is not looked at", false},
    {Mutant::FolderSyncErrorIgnored, "an error of the folder's sync is not looked at", false},
    {Mutant::WriteErrorIgnored, "neither an error of a write nor the disk is looked at", false},
    {Mutant::CloseErrorIgnored, "an error of the close is not looked at", false},
    {Mutant::RenameErrorIgnored, "an error of the rename is not looked at", false},
    {Mutant::NothingReadBack, "what is read back comes from memory, not from the disk", false},
    {Mutant::TemporariesLeft, "temporary files are not removed", false},
};

class MutantDisk final : public Vfs {
public:
    MutantDisk(Vfs& disk, Mutant mutant) : m_disk(disk), m_mutant(mutant) {}

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status renameNoReplace(const std::string& from, const std::string& to) override;
    Status renameReplace(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status syncDirectory(const std::string& directory) override;
    Status makeDirectories(const std::string& directory) override
    {
        return m_disk.makeDirectories(directory);
    }
    Result<FileInfo> info(const std::string& path) override { return m_disk.info(path); }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        return m_disk.list(directory);
    }
    Result<std::uint64_t> freeSpace(const std::string& directory) override
    {
        return m_disk.freeSpace(directory);
    }

private:
    class OpenFile;
    bool readsMemory() const
    {
        return m_mutant == Mutant::NothingReadBack || m_mutant == Mutant::WriteErrorIgnored;
    }
    Status rename(const std::string& from, const std::string& to, bool isReplacing);
    Status copy(const std::string& from, const std::string& to);

    Vfs& m_disk;
    Mutant m_mutant;
    bool m_hasRemoved = false;
    std::shared_ptr<File> m_unsynced; ///< of SyncAfterRename
    std::vector<std::byte> m_memory;  ///< what was written last, where that is read back
    std::string m_memoryPath;
};

} // namespace wr::torture
