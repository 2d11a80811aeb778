// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/mutant_disk.h"

#include <algorithm>

namespace wr::torture {

class MutantDisk::OpenFile final : public File {
public:
    OpenFile(MutantDisk& disk, std::string path, std::shared_ptr<File> file)
        : m_disk(disk), m_path(std::move(path)), m_file(std::move(file))
    {
    }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        if (!m_disk.readsMemory() || m_path != m_disk.m_memoryPath)
            return m_file->read(offset, into);
        const std::vector<std::byte>& memory = m_disk.m_memory;
        const std::size_t at = std::min<std::size_t>(offset, memory.size());
        const std::size_t count = std::min(into.size(), memory.size() - at);
        std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(at), count, into.begin());
        return count;
    }

    Status write(std::uint64_t offset, std::span<const std::byte> from) override
    {
        if (m_disk.readsMemory()) {
            m_disk.m_memoryPath = m_path;
            m_disk.m_memory.resize(std::max<std::size_t>(offset == 0 ? 0 : m_disk.m_memory.size(), offset));
            m_disk.m_memory.insert(m_disk.m_memory.begin() + static_cast<std::ptrdiff_t>(offset),
                                   from.begin(), from.end());
        }
        if (m_disk.m_mutant == Mutant::LateWrite) {
            WR_RETURN_IF_ERROR(writeLate());
            m_late.assign(from.begin(), from.end());
            m_lateAt = offset;
            return {};
        }
        const Status status = m_file->write(offset, from);
        return m_disk.m_mutant == Mutant::WriteErrorIgnored ? Status() : status;
    }

    Result<std::uint64_t> size() override { return m_file->size(); }

    Status sync() override
    {
        if (m_disk.m_mutant == Mutant::NoFileSync)
            return {};
        if (m_disk.m_mutant == Mutant::SyncAfterRename) {
            m_disk.m_unsynced = m_file;
            return {};
        }
        const Status status = m_file->sync();
        return m_disk.m_mutant == Mutant::SyncErrorIgnored ? Status() : status;
    }

    Status close() override
    {
        WR_RETURN_IF_ERROR(writeLate());
        if (m_disk.m_mutant == Mutant::SyncAfterRename)
            return {};
        const Status status = m_file->close();
        return m_disk.m_mutant == Mutant::CloseErrorIgnored ? Status() : status;
    }

private:
    Status writeLate()
    {
        if (m_late.empty())
            return {};
        const std::vector<std::byte> late = std::exchange(m_late, {});
        return m_file->write(m_lateAt, late);
    }

    MutantDisk& m_disk;
    std::string m_path;
    std::shared_ptr<File> m_file;
    std::vector<std::byte> m_late;
    std::uint64_t m_lateAt = 0;
};

Result<std::unique_ptr<File>> MutantDisk::open(const std::string& path, OpenMode mode)
{
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, m_disk.open(path, mode));
    return std::make_unique<OpenFile>(*this, path, std::move(file));
}

Status MutantDisk::copy(const std::string& from, const std::string& to)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, readFile(m_disk, from, UINT64_MAX));
    if (m_disk.info(to))
        WR_RETURN_IF_ERROR(m_disk.remove(to));
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, m_disk.open(to, OpenMode::CreateNew));
    WR_RETURN_IF_ERROR(file->write(0, bytes));
    WR_RETURN_IF_ERROR(file->sync());
    WR_RETURN_IF_ERROR(file->close());
    return m_disk.remove(from);
}

Status MutantDisk::rename(const std::string& from, const std::string& to, bool isReplacing)
{
    if (m_mutant == Mutant::RenameByCopy)
        return copy(from, to);
    if (m_mutant == Mutant::FolderSyncBeforeRename)
        WR_RETURN_IF_ERROR(m_disk.syncDirectory(to.substr(0, to.rfind('/'))));
    if (m_mutant == Mutant::ReplaceByRemoval && isReplacing && m_disk.info(to))
        WR_RETURN_IF_ERROR(m_disk.remove(to));
    Status status = isReplacing ? m_disk.renameReplace(from, to) : m_disk.renameNoReplace(from, to);
    if (m_unsynced != nullptr)
        WR_RETURN_IF_ERROR(std::exchange(m_unsynced, nullptr)->sync());
    return m_mutant == Mutant::RenameErrorIgnored ? Status() : status;
}

Status MutantDisk::renameNoReplace(const std::string& from, const std::string& to)
{
    return rename(from, to, false);
}

Status MutantDisk::renameReplace(const std::string& from, const std::string& to)
{
    return rename(from, to, true);
}

Status MutantDisk::remove(const std::string& path)
{
    const bool isTemporary = path.find(".wrtmp-") != std::string::npos;
    if (m_mutant == Mutant::TemporariesLeft && isTemporary)
        return {};
    m_hasRemoved = !isTemporary;
    return m_disk.remove(path);
}

Status MutantDisk::syncDirectory(const std::string& directory)
{
    const bool follows = std::exchange(m_hasRemoved, false);
    if (m_mutant == Mutant::NoFolderSync || m_mutant == Mutant::FolderSyncBeforeRename ||
        (m_mutant == Mutant::NoSyncAfterRemoval && follows))
        return {};
    const Status status = m_disk.syncDirectory(directory);
    return m_mutant == Mutant::FolderSyncErrorIgnored ? Status() : status;
}

} // namespace wr::torture
