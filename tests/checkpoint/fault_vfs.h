// SPDX-License-Identifier: GPL-3.0-or-later
// A file system for tests: passes every call on, counts it, and fails the one that a test asks for. One
// thread.
#pragma once

#include "engine/base/vfs.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace wr {

class FaultVfs final : public Vfs {
public:
    /// Decides about the n-th call (from 0), named "write", "sync", …; Ok lets it pass.
    using Judge = std::function<Status(int number, const std::string& call)>;

    explicit FaultVfs(Judge judge = {}) : m_judge(std::move(judge)) {}

    const std::vector<std::string>& calls() const { return m_calls; }

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override
    {
        WR_RETURN_IF_ERROR(judge(mode == OpenMode::Read ? "open" : "create"));
        WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, Vfs::posix().open(path, mode));
        return std::make_unique<FaultFile>(*this, std::move(file));
    }
    Status renameNoReplace(const std::string& from, const std::string& to) override
    {
        WR_RETURN_IF_ERROR(judge("rename"));
        return Vfs::posix().renameNoReplace(from, to);
    }
    Status renameReplace(const std::string& from, const std::string& to) override
    {
        WR_RETURN_IF_ERROR(judge("rename"));
        return Vfs::posix().renameReplace(from, to);
    }
    Status remove(const std::string& path) override
    {
        m_calls.emplace_back("remove");
        return Vfs::posix().remove(path);
    }
    Status removeDirectory(const std::string& directory) override
    {
        return Vfs::posix().removeDirectory(directory);
    }
    Status syncDirectory(const std::string& directory) override
    {
        WR_RETURN_IF_ERROR(judge("syncDirectory"));
        return Vfs::posix().syncDirectory(directory);
    }
    Status makeDirectories(const std::string& directory) override
    {
        return Vfs::posix().makeDirectories(directory);
    }
    Result<FileInfo> info(const std::string& path) override { return Vfs::posix().info(path); }
    Result<std::vector<std::string>> list(const std::string& directory) override
    {
        return Vfs::posix().list(directory);
    }
    Result<std::uint64_t> freeSpace(const std::string& directory) override
    {
        return free ? Result<std::uint64_t>(*free) : Vfs::posix().freeSpace(directory);
    }

    std::optional<std::uint64_t> free; ///< bytes that the disk claims to have

private:
    class FaultFile final : public File {
    public:
        FaultFile(FaultVfs& owner, std::unique_ptr<File> file) : m_owner(owner), m_file(std::move(file)) {}
        Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
        {
            WR_RETURN_IF_ERROR(m_owner.judge("read"));
            return m_file->read(offset, into);
        }
        Status write(std::uint64_t offset, std::span<const std::byte> from) override
        {
            if (const Status status = m_owner.judge("write"); !status.isOk()) {
                // A full disk takes a part of it.
                static_cast<void>(m_file->write(offset, from.first(from.size() / 2)));
                return status;
            }
            return m_file->write(offset, from);
        }
        Result<std::uint64_t> size() override { return m_file->size(); }
        void startWriteBack(std::uint64_t offset, std::uint64_t size) override
        {
            m_file->startWriteBack(offset, size);
        }
        Status sync() override
        {
            WR_RETURN_IF_ERROR(m_owner.judge("sync"));
            return m_file->sync();
        }
        Status close() override
        {
            WR_RETURN_IF_ERROR(m_owner.judge("close"));
            return m_file->close();
        }

    private:
        FaultVfs& m_owner;
        std::unique_ptr<File> m_file;
    };

    Status judge(const std::string& call)
    {
        const int number = static_cast<int>(m_calls.size());
        m_calls.push_back(call);
        return m_judge ? m_judge(number, call) : Status();
    }

    Judge m_judge;
    std::vector<std::string> m_calls;
};

} // namespace wr
