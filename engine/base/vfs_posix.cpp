// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/vfs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wr {
namespace {

Status systemError(const std::string& path, const char* what, int error)
{
    const std::string message = path + ": " + what + ": " + std::strerror(error);
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return resourceExhausted(message);
    case ENOENT:
    case ENOTDIR:
        return notFound(message);
    case EEXIST:
        return alreadyExists(message);
    case EIO:
        return dataLoss(message);
    case EACCES:
    case EPERM:
    case EROFS:
        return failedPrecondition(message);
    case EISDIR:
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
        return invalidArgument(message);
    default:
        return unavailable(message);
    }
}

template <typename Call>
auto retried(Call call)
{
    constexpr int kMost = 100; // a file system that says so for ever has to be believed
    auto result = call();
    for (int i = 0; i < kMost && result < 0 && errno == EINTR; ++i)
        result = call();
    return result;
}

class PosixFile : public File {
public:
    PosixFile(std::string path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}
    ~PosixFile() override
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t count = retried([&] {
                return pread(m_descriptor, into.data() + done, into.size() - done,
                             static_cast<off_t>(offset + done));
            });
            if (count < 0)
                return fail(systemError(m_path, "read", errno));
            if (count == 0)
                break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Status write(std::uint64_t offset, std::span<const std::byte> from) override
    {
        std::size_t done = 0;
        while (done < from.size()) {
            const ssize_t count = retried([&] {
                return pwrite(m_descriptor, from.data() + done, from.size() - done,
                              static_cast<off_t>(offset + done));
            });
            if (count < 0)
                return systemError(m_path, "write", errno);
            if (count == 0)
                return systemError(m_path, "write", ENOSPC);
            done += static_cast<std::size_t>(count);
        }
        return {};
    }

    Result<std::uint64_t> size() override
    {
        struct stat info = {};
        if (fstat(m_descriptor, &info) != 0)
            return fail(systemError(m_path, "size", errno));
        return static_cast<std::uint64_t>(info.st_size);
    }

    void startWriteBack(std::uint64_t offset, std::uint64_t size) override
    {
        // Only a hint: what goes wrong is told by sync().
        static_cast<void>(sync_file_range(m_descriptor, static_cast<off64_t>(offset),
                                          static_cast<off64_t>(size), SYNC_FILE_RANGE_WRITE));
    }

    int descriptor() const override { return m_descriptor; }

    Status sync() override
    {
        // Never repeated: after a failed fsync the kernel may have dropped the data and forgotten the error.
        return fsync(m_descriptor) == 0 ? Status() : systemError(m_path, "sync", errno);
    }

    Status close() override
    {
        const int descriptor = std::exchange(m_descriptor, -1);
        if (descriptor < 0 || ::close(descriptor) == 0 || errno == EINTR)
            return {};
        return systemError(m_path, "close", errno);
    }

private:
    std::string m_path;
    int m_descriptor;
};

std::string parentOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Takes the descriptor.
Result<std::unique_ptr<File>> regularFile(const std::string& path, int descriptor)
{
    auto file = std::make_unique<PosixFile>(path, descriptor);
    struct stat info = {};
    if (fstat(descriptor, &info) != 0)
        return fail(systemError(path, "open", errno));
    if (!S_ISREG(info.st_mode))
        return fail(StatusCode::InvalidArgument,
                    path +
                        (S_ISDIR(info.st_mode) ? ": it is a folder, not a file" : ": it is no regular file"));
    return file;
}

class PosixVfs : public Vfs {
public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        constexpr mode_t kPermissions = 0666;
        const int flags = mode == OpenMode::Read ? O_RDONLY | O_CLOEXEC | O_NONBLOCK
                                                 : O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        const int descriptor = retried([&] { return ::open(path.c_str(), flags, kPermissions); });
        if (descriptor < 0)
            return fail(systemError(path, "open", errno));
        return regularFile(path, descriptor);
    }

    Result<std::unique_ptr<File>> openBeneath(const std::string& directory,
                                              const std::string& relative) override
    {
        if (!isBeneath(relative))
            return fail(leadsOut(directory, relative));
        const std::string path = directory + "/" + relative;
        const int folder =
            retried([&] { return ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
        if (folder < 0)
            return fail(systemError(directory, "open", errno));
        open_how how = {};
        how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
        int descriptor = static_cast<int>(
            retried([&] { return syscall(SYS_openat2, folder, relative.c_str(), &how, sizeof(how)); }));
        if (descriptor < 0 && (errno == ENOSYS || errno == EPERM)) { // then without any link
            errno = EXDEV;
            if (relative.find('/') == std::string::npos)
                descriptor = retried([&] {
                    return ::openat(folder, relative.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
                });
        }
        const int error = errno;
        ::close(folder);
        if (descriptor < 0)
            return error == EXDEV || error == ELOOP ? fail(leadsOut(directory, relative))
                                                    : fail(systemError(path, "open", error));
        return regularFile(path, descriptor);
    }

    Status removeDirectory(const std::string& directory) override
    {
        return rmdir(directory.c_str()) == 0 ? Status() : systemError(directory, "remove", errno);
    }

    Status renameNoReplace(const std::string& from, const std::string& to) override
    {
        if (syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
            return {};
        if (errno != EINVAL && errno != ENOSYS)
            return systemError(to, "rename", errno);
        // File systems without that flag: a hard link fails when the name is taken.
        if (link(from.c_str(), to.c_str()) != 0)
            return systemError(to, "link", errno);
        return unlink(from.c_str()) == 0 ? Status() : systemError(from, "remove", errno);
    }

    Status renameReplace(const std::string& from, const std::string& to) override
    {
        return rename(from.c_str(), to.c_str()) == 0 ? Status() : systemError(to, "rename", errno);
    }

    Status remove(const std::string& path) override
    {
        return unlink(path.c_str()) == 0 ? Status() : systemError(path, "remove", errno);
    }

    Status syncDirectory(const std::string& directory) override
    {
        const int descriptor =
            retried([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
        if (descriptor < 0)
            return systemError(directory, "open", errno);
        const int result = fsync(descriptor);
        const int error = errno;
        ::close(descriptor);
        return result == 0 ? Status() : systemError(directory, "sync", error);
    }

    Status makeDirectories(const std::string& directory) override
    {
        constexpr mode_t kPermissions = 0777;
        for (std::size_t slash = directory.find('/', 1);; slash = directory.find('/', slash + 1)) {
            const std::string part = directory.substr(0, slash);
            struct stat existing = {};
            const bool isNew = mkdir(part.c_str(), kPermissions) == 0;
            if (!isNew && stat(part.c_str(), &existing) != 0)
                return systemError(part, "make folder", errno);
            if (existing.st_mode != 0 && !S_ISDIR(existing.st_mode))
                return systemError(part, "make folder", ENOTDIR);
            // What is saved into a new folder is found after a power cut only if the folder itself is.
            if (isNew)
                WR_RETURN_IF_ERROR(syncDirectory(parentOf(part)));
            if (slash == std::string::npos)
                return {};
        }
    }

    Result<FileInfo> info(const std::string& path) override
    {
        struct stat info = {};
        if (stat(path.c_str(), &info) != 0)
            return fail(systemError(path, "look up", errno));
        FileInfo result;
        result.isDirectory = S_ISDIR(info.st_mode);
        result.isRegular = S_ISREG(info.st_mode);
        result.size = static_cast<std::uint64_t>(info.st_size);
        result.modifiedSeconds = info.st_mtim.tv_sec;
        return result;
    }

    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        DIR* const handle = opendir(directory.c_str());
        if (handle == nullptr)
            return fail(systemError(directory, "list", errno));
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* const entry = readdir(handle)) {
            const std::string name(entry->d_name);
            if (name != "." && name != "..")
                names.push_back(name);
            errno = 0;
        }
        const int error = errno;
        closedir(handle);
        if (error != 0)
            return fail(systemError(directory, "list", error));
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<std::uint64_t> freeSpace(const std::string& directory) override
    {
        struct statvfs info = {};
        if (statvfs(directory.c_str(), &info) != 0)
            return fail(systemError(directory, "free space", errno));
        return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    }
};

} // namespace

Vfs& Vfs::posix()
{
    static PosixVfs vfs;
    return vfs;
}

} // namespace wr
