// SPDX-License-Identifier: GPL-3.0-or-later
// Every file call of the engine goes through Vfs, so that tests can record them, fail them, cut them short
// and lose unsynced data. Vfs::posix() is the real one. An object may be used from several threads, a File
// from one thread at a time except for read(), which takes its offset and may run concurrently. All errors
// carry the path and the system's reason; ENOSPC and EDQUOT are ResourceExhausted, ENOENT NotFound, EEXIST
// AlreadyExists, EIO DataLoss, EACCES/EPERM FailedPrecondition, all others Unavailable.
#pragma once

#include "engine/base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wr {

enum class OpenMode : std::uint8_t {
    Read,      ///< existing regular file, read only
    CreateNew, ///< O_CREAT | O_EXCL | O_NOFOLLOW, read and write; AlreadyExists when the name is taken
};

struct FileInfo {
    bool isDirectory = false;
    bool isRegular = false;
    std::uint64_t size = 0;           ///< bytes
    std::int64_t modifiedSeconds = 0; ///< seconds since the epoch
};

class File {
public:
    virtual ~File() = default; ///< closes; an error of that close is lost, so writers call close() themselves
    /// Reads at `offset` into all of `into`; returns the bytes read, fewer only at the end of the file.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) = 0;
    /// Writes all of `from` at `offset`, or fails.
    virtual Status write(std::uint64_t offset, std::span<const std::byte> from) = 0;
    virtual Result<std::uint64_t> size() = 0;
    /// A hint that these bytes will not change and may go to the disk now, so that sync() has less to wait
    /// for.
    virtual void startWriteBack(std::uint64_t /*offset*/, std::uint64_t /*size*/) {}
    virtual Status sync() = 0; ///< fsync; after a failure the file's contents are unknown: never retry
    virtual Status close() = 0;
    /// The system's number of the open file, for a process that gets it; -1 where there is none.
    virtual int descriptor() const { return -1; }
};

class Vfs {
public:
    virtual ~Vfs() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    /// Opens, to read, a file that another file names: `relative` must lie in `directory` or below it, also
    /// when links are followed. InvalidArgument when it does not.
    virtual Result<std::unique_ptr<File>> openBeneath(const std::string& directory,
                                                      const std::string& relative);
    /// Atomically renames; AlreadyExists when `to` is taken.
    virtual Status renameNoReplace(const std::string& from, const std::string& to) = 0;
    /// Atomically renames over `to`.
    virtual Status renameReplace(const std::string& from, const std::string& to) = 0;
    virtual Status remove(const std::string& path) = 0;
    /// Of an empty one.
    virtual Status removeDirectory(const std::string& directory);
    virtual Status syncDirectory(const std::string& directory) = 0;
    /// Makes what is missing of the path, durably.
    virtual Status makeDirectories(const std::string& directory) = 0;
    virtual Result<FileInfo> info(const std::string& path) = 0;
    /// Names (not paths) of the directory's entries, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    /// Bytes that an unprivileged writer may still use on the file system of `directory`.
    virtual Result<std::uint64_t> freeSpace(const std::string& directory) = 0;

    static Vfs& posix();
};

/// Whether a path that a file names has no word that could lead out of a folder: no root, no "..".
bool isBeneath(std::string_view relative);
/// The error of one that does.
Status leadsOut(const std::string& directory, const std::string& relative);

/// Reads a whole file of at most `limit` bytes; ResourceExhausted when it is larger.
Result<std::vector<std::byte>> readFile(Vfs& vfs, const std::string& path, std::uint64_t limit);

/// Replaces `path` durably: temporary file in the same directory, sync, a look at what was written, rename,
/// sync of the directory. Removes what an earlier attempt left whose process was killed.
Status replaceFile(Vfs& vfs, const std::string& path, std::span<const std::byte> contents);

} // namespace wr
