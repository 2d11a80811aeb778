// SPDX-License-Identifier: GPL-3.0-or-later
// A file system in memory that writes down everything it is told, so that a crash can be thought up after
// every call. Paths are compared as they are spelled; folders exist where a path names them. One thread.
#pragma once

#include "engine/base/vfs.h"

#include <map>

namespace wr::torture {

using Bytes = std::vector<std::byte>;
/// What lies on a disk: path → contents.
using Disk = std::map<std::string, std::shared_ptr<const Bytes>>;

struct DiskCall {
    enum class Kind { Create, Write, Sync, Rename, Remove, SyncDirectory };
    Kind kind = Kind::Create;
    int inode = -1;
    std::string path; ///< of a SyncDirectory the directory
    std::string to;   ///< of a Rename
    std::uint64_t offset = 0;
    std::shared_ptr<const Bytes> bytes; ///< of a Write
};

class ModelDisk final : public Vfs {
public:
    explicit ModelDisk(const Disk& start = {});

    /// Everything that changed the disk or made it sure, in order.
    const std::vector<DiskCall>& calls() const { return m_calls; }
    /// What programs see now.
    Disk contents() const;
    /// The contents of a file, or null.
    std::shared_ptr<const Bytes> fileAt(const std::string& path) const;
    void put(const std::string& path, std::shared_ptr<const Bytes> bytes);

    std::uint64_t capacity = UINT64_MAX; ///< bytes; what does not fit is refused as a full disk refuses it

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status renameNoReplace(const std::string& from, const std::string& to) override;
    Status renameReplace(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status syncDirectory(const std::string& directory) override;
    Status makeDirectories(const std::string& directory) override;
    Result<FileInfo> info(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Result<std::uint64_t> freeSpace(const std::string& directory) override;

private:
    class OpenFile;
    struct Inode {
        std::shared_ptr<const Bytes> bytes;
    };
    std::uint64_t used() const;
    void recordRename(const std::string& from, const std::string& to);

    std::vector<Inode> m_inodes;
    std::map<std::string, int> m_entries; ///< path → inode
    std::vector<DiskCall> m_calls;
};

} // namespace wr::torture
