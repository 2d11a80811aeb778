// SPDX-License-Identifier: GPL-3.0-or-later
// A new file that appears under its name complete and on disk, or not at all: a temporary neighbour, one
// sync, a rename and a sync of the directory. Owned by one thread; removes the temporary file unless commit()
// succeeded.
#pragma once

#include "engine/base/vfs.h"

namespace wr::checkpoint {

class DurableFile {
public:
    /// Creates ".NAME.wrtmp-PID-RANDOM" beside `path`.
    static Result<DurableFile> create(Vfs& vfs, const std::string& path);
    ~DurableFile();
    DurableFile(DurableFile&& other) noexcept;
    DurableFile& operator=(DurableFile&&) = delete;
    DurableFile(const DurableFile&) = delete;
    DurableFile& operator=(const DurableFile&) = delete;

    Status append(std::span<const std::byte> bytes);
    std::uint64_t size() const { return m_size; }
    const std::string& temporaryPath() const { return m_temporary; }
    /// Syncs and closes; the temporary file may be read afterwards.
    Status finish();
    /// Gives the file its name. AlreadyExists when it is taken and `replace` is false.
    Status commit(bool replace);

private:
    DurableFile(Vfs& vfs, std::string path, std::string temporary, std::unique_ptr<File> file);

    Vfs* m_vfs;
    std::string m_path;
    std::string m_temporary; ///< empty once committed
    std::unique_ptr<File> m_file;
    std::uint64_t m_size = 0;
    std::uint64_t m_onItsWay = 0; ///< bytes of which the disk was told
};

std::string directoryOf(const std::string& path);

} // namespace wr::checkpoint
