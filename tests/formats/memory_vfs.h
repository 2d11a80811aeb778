// SPDX-License-Identifier: GPL-3.0-or-later
// Files in memory, for tests that open thousands of them: read only, one flat set of paths. One thread.
#pragma once

#include "engine/base/vfs.h"

#include <algorithm>
#include <map>

namespace wr {

class MemoryVfs final : public Vfs {
public:
    std::map<std::string, std::vector<std::byte>> files; ///< by path, "folder/name"

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        const auto found = files.find(path);
        if (mode != OpenMode::Read)
            return fail(failedPrecondition(path + ": files in memory are only read"));
        if (found == files.end())
            return fail(notFound(path + ": open: no such file"));
        return std::make_unique<MemoryFile>(found->second);
    }
    Result<FileInfo> info(const std::string& path) override
    {
        FileInfo info;
        if (const auto found = files.find(path); found != files.end()) {
            info.isRegular = true;
            info.size = found->second.size();
            return info;
        }
        const auto below = files.lower_bound(path + "/");
        info.isDirectory = below != files.end() && below->first.starts_with(path + "/");
        return info.isDirectory ? Result<FileInfo>(info) : fail(notFound(path + ": look up: no such file"));
    }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        std::vector<std::string> names;
        for (const auto& [path, contents] : files) {
            if (path.starts_with(directory + "/") &&
                path.find('/', directory.size() + 1) == std::string::npos)
                names.push_back(path.substr(directory.size() + 1));
        }
        return names;
    }
    Status renameNoReplace(const std::string& from, const std::string&) override { return refused(from); }
    Status renameReplace(const std::string& from, const std::string&) override { return refused(from); }
    Status remove(const std::string& path) override { return refused(path); }
    Status syncDirectory(const std::string& directory) override { return refused(directory); }
    Status makeDirectories(const std::string& directory) override { return refused(directory); }
    Result<std::uint64_t> freeSpace(const std::string&) override { return std::uint64_t{0}; }

private:
    class MemoryFile final : public File {
    public:
        explicit MemoryFile(const std::vector<std::byte>& bytes) : m_bytes(bytes) {}
        Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
        {
            const auto at = static_cast<std::size_t>(std::min<std::uint64_t>(offset, m_bytes.size()));
            const std::size_t size = std::min(into.size(), m_bytes.size() - at);
            std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(at), size, into.begin());
            return size;
        }
        Status write(std::uint64_t, std::span<const std::byte>) override { return refused("a file"); }
        Result<std::uint64_t> size() override { return m_bytes.size(); }
        Status sync() override { return {}; }
        Status close() override { return {}; }

    private:
        const std::vector<std::byte>& m_bytes;
    };
    static Status refused(const std::string& path)
    {
        return failedPrecondition(path + ": files in memory are only read");
    }
};

} // namespace wr
