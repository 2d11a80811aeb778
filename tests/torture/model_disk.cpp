// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/model_disk.h"

#include <algorithm>
#include <cstring>

namespace wr::torture {

using Kind = DiskCall::Kind;

class ModelDisk::OpenFile final : public File {
public:
    OpenFile(ModelDisk& disk, std::string path, int inode)
        : m_disk(disk), m_path(std::move(path)), m_inode(inode)
    {
    }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        const Bytes& bytes = *m_disk.m_inodes[static_cast<std::size_t>(m_inode)].bytes;
        if (offset >= bytes.size())
            return std::size_t{0};
        const std::size_t count = std::min(into.size(), bytes.size() - static_cast<std::size_t>(offset));
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
        return count;
    }

    Status write(std::uint64_t offset, std::span<const std::byte> from) override
    {
        Inode& inode = m_disk.m_inodes[static_cast<std::size_t>(m_inode)];
        const std::uint64_t others = m_disk.used() - inode.bytes->size();
        const std::uint64_t room = m_disk.capacity - std::min(m_disk.capacity, others);
        std::span<const std::byte> taken = from;
        if (offset + from.size() > room) // a full disk takes what still fits
            taken = from.first(static_cast<std::size_t>(room - std::min(room, offset)));
        if (!taken.empty()) {
            auto changed = std::make_shared<Bytes>(*inode.bytes);
            changed->resize(std::max<std::size_t>(changed->size(), offset + taken.size()));
            std::copy(taken.begin(), taken.end(), changed->begin() + static_cast<std::ptrdiff_t>(offset));
            inode.bytes = std::move(changed);
            m_disk.m_calls.push_back({Kind::Write,
                                      m_inode,
                                      m_path,
                                      {},
                                      offset,
                                      std::make_shared<Bytes>(taken.begin(), taken.end())});
        }
        return taken.size() == from.size() ? Status()
                                           : resourceExhausted(m_path + ": write: No space left on device");
    }

    Result<std::uint64_t> size() override
    {
        return std::uint64_t{m_disk.m_inodes[static_cast<std::size_t>(m_inode)].bytes->size()};
    }

    Status sync() override
    {
        m_disk.m_calls.push_back({Kind::Sync, m_inode, m_path, {}, 0, nullptr});
        return {};
    }

    Status close() override { return {}; }

private:
    ModelDisk& m_disk;
    std::string m_path;
    int m_inode;
};

ModelDisk::ModelDisk(const Disk& start)
{
    for (const auto& [path, bytes] : start)
        put(path, bytes);
}

void ModelDisk::put(const std::string& path, std::shared_ptr<const Bytes> bytes)
{
    m_entries[path] = static_cast<int>(m_inodes.size());
    m_inodes.push_back({std::move(bytes)});
}

Disk ModelDisk::contents() const
{
    Disk disk;
    for (const auto& [path, inode] : m_entries)
        disk[path] = m_inodes[static_cast<std::size_t>(inode)].bytes;
    return disk;
}

std::shared_ptr<const Bytes> ModelDisk::fileAt(const std::string& path) const
{
    const auto found = m_entries.find(path);
    return found == m_entries.end() ? nullptr : m_inodes[static_cast<std::size_t>(found->second)].bytes;
}

std::uint64_t ModelDisk::used() const
{
    std::uint64_t bytes = 0;
    for (const auto& [path, inode] : m_entries)
        bytes += m_inodes[static_cast<std::size_t>(inode)].bytes->size();
    return bytes;
}

Result<std::unique_ptr<File>> ModelDisk::open(const std::string& path, OpenMode mode)
{
    const auto found = m_entries.find(path);
    if (mode == OpenMode::Read) {
        if (found == m_entries.end())
            return fail(notFound(path + ": open: No such file or directory"));
        return std::make_unique<OpenFile>(*this, path, found->second);
    }
    if (found != m_entries.end())
        return fail(alreadyExists(path + ": open: File exists"));
    put(path, std::make_shared<Bytes>());
    m_calls.push_back({Kind::Create, m_entries[path], path, {}, 0, nullptr});
    return std::make_unique<OpenFile>(*this, path, m_entries[path]);
}

void ModelDisk::recordRename(const std::string& from, const std::string& to)
{
    const int inode = m_entries[from];
    m_entries.erase(from);
    m_entries[to] = inode;
    m_calls.push_back({Kind::Rename, inode, from, to, 0, nullptr});
}

Status ModelDisk::renameNoReplace(const std::string& from, const std::string& to)
{
    if (!m_entries.contains(from))
        return notFound(from + ": rename: No such file or directory");
    if (m_entries.contains(to))
        return alreadyExists(to + ": rename: File exists");
    recordRename(from, to);
    return {};
}

Status ModelDisk::renameReplace(const std::string& from, const std::string& to)
{
    if (!m_entries.contains(from))
        return notFound(from + ": rename: No such file or directory");
    recordRename(from, to);
    return {};
}

Status ModelDisk::remove(const std::string& path)
{
    const auto found = m_entries.find(path);
    if (found == m_entries.end())
        return notFound(path + ": remove: No such file or directory");
    m_calls.push_back({Kind::Remove, found->second, path, {}, 0, nullptr});
    m_entries.erase(found);
    return {};
}

Status ModelDisk::syncDirectory(const std::string& directory)
{
    m_calls.push_back({Kind::SyncDirectory, -1, directory, {}, 0, nullptr});
    return {};
}

Status ModelDisk::makeDirectories(const std::string& /*directory*/)
{
    return {};
}

Result<FileInfo> ModelDisk::info(const std::string& path)
{
    FileInfo info;
    if (const auto bytes = fileAt(path)) {
        info.isRegular = true;
        info.size = bytes->size();
        return info;
    }
    const auto inside = m_entries.lower_bound(path + "/");
    if (inside == m_entries.end() || !inside->first.starts_with(path + "/"))
        return fail(notFound(path + ": look up: No such file or directory"));
    info.isDirectory = true;
    return info;
}

Result<std::vector<std::string>> ModelDisk::list(const std::string& directory)
{
    std::vector<std::string> names;
    for (const auto& [path, inode] : m_entries) {
        if (path.starts_with(directory + "/") && path.find('/', directory.size() + 1) == std::string::npos)
            names.push_back(path.substr(directory.size() + 1));
    }
    return names;
}

Result<std::uint64_t> ModelDisk::freeSpace(const std::string& /*directory*/)
{
    return capacity - std::min(capacity, used());
}

} // namespace wr::torture
