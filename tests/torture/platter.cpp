// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/platter.h"

#include <algorithm>

namespace wr::torture {
namespace {

using Kind = DiskCall::Kind;

constexpr std::size_t kSector = 512;

/// How much of what was not synced reached the disk.
enum class Luck { None, All, Beginning, Any };

Luck luck(Random& random)
{
    return static_cast<Luck>(below(random, 4));
}

/// Which of `count` things in a row happened.
std::vector<bool> chosen(std::size_t count, Random& random)
{
    const Luck kind = luck(random);
    const std::size_t first = below(random, count + 1);
    std::vector<bool> result(count);
    for (std::size_t i = 0; i < count; ++i)
        result[i] = kind == Luck::All || (kind == Luck::Beginning && i < first) ||
                    (kind == Luck::Any && below(random, 2) == 0);
    return result;
}

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
}

} // namespace

Platter::Platter(const Disk& start)
{
    for (const auto& [path, bytes] : start) {
        m_entries[path] = static_cast<int>(m_inodes.size());
        m_inodes.push_back({bytes, {}});
    }
}

void Platter::enter(std::map<std::string, int>& entries, const DiskCall& call, bool isHalf)
{
    switch (call.kind) {
    case Kind::Create:
        entries[call.path] = call.inode;
        break;
    case Kind::Rename:
        entries[call.to] = call.inode;
        [[fallthrough]];
    case Kind::Remove:
        if (const auto found = entries.find(call.path);
            !isHalf && found != entries.end() && found->second == call.inode)
            entries.erase(found);
        break;
    default:
        break;
    }
}

void Platter::follow(const DiskCall& call)
{
    switch (call.kind) {
    case Kind::Create:
        m_inodes.push_back({std::make_shared<Bytes>(), {}});
        [[fallthrough]];
    case Kind::Rename:
    case Kind::Remove:
        m_changes[folderOf(call.path)].push_back(&call);
        break;
    case Kind::Write:
        m_inodes[static_cast<std::size_t>(call.inode)].writes.push_back(&call);
        break;
    case Kind::Sync: {
        Inode& inode = m_inodes[static_cast<std::size_t>(call.inode)];
        auto bytes = std::make_shared<Bytes>(*inode.sure);
        for (const DiskCall* const write : inode.writes) {
            bytes->resize(std::max<std::size_t>(bytes->size(), write->offset + write->bytes->size()));
            std::copy(write->bytes->begin(), write->bytes->end(),
                      bytes->begin() + static_cast<std::ptrdiff_t>(write->offset));
        }
        inode.sure = std::move(bytes);
        inode.writes.clear();
        break;
    }
    case Kind::SyncDirectory:
        for (const DiskCall* const change : m_changes[call.path])
            enter(m_entries, *change, false);
        m_changes.erase(call.path);
        break;
    }
}

bool Platter::isSure() const
{
    return m_changes.empty() && std::all_of(m_inodes.begin(), m_inodes.end(),
                                            [](const Inode& inode) { return inode.writes.empty(); });
}

/// Sectors arrive or not; the size may be on the disk before the data are, which then are zeros or whatever
/// lay there.
std::shared_ptr<const Bytes> Platter::remains(const Inode& inode, Random& random) const
{
    if (inode.writes.empty())
        return inode.sure;
    std::size_t size = inode.sure->size();
    for (const DiskCall* const write : inode.writes)
        size = std::max<std::size_t>(size, write->offset + write->bytes->size());
    const std::vector<bool> arrived = chosen(inode.writes.size(), random);
    Bytes bytes(size);
    if (below(random, 2) == 0) {
        for (std::byte& byte : bytes)
            byte = static_cast<std::byte>(random());
    }
    std::copy(inode.sure->begin(), inode.sure->end(), bytes.begin());
    std::size_t reached = inode.sure->size();
    for (std::size_t i = 0; i < inode.writes.size(); ++i) {
        if (!arrived[i])
            continue;
        const DiskCall& write = *inode.writes[i];
        const bool isTorn = below(random, 4) == 0;
        for (std::size_t at = 0; at < write.bytes->size();) {
            // Up to the next border of a sector of the disk.
            const std::size_t place = write.offset + at;
            const std::size_t count = std::min(kSector - place % kSector, write.bytes->size() - at);
            if (!isTorn || below(random, 2) == 0) {
                std::copy_n(write.bytes->begin() + static_cast<std::ptrdiff_t>(at), count,
                            bytes.begin() + static_cast<std::ptrdiff_t>(place));
                reached = std::max(reached, place + count);
            }
            at += count;
        }
    }
    // The size is metadata of its own.
    if (below(random, 2) == 0)
        reached += below(random, size - reached + 1);
    bytes.resize(reached);
    return std::make_shared<Bytes>(std::move(bytes));
}

Disk Platter::crash(Random& random) const
{
    std::map<std::string, int> entries = m_entries;
    for (const auto& [folder, changes] : m_changes) {
        const std::vector<bool> arrived = chosen(changes.size(), random);
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (arrived[i])
                enter(entries, *changes[i], changes[i]->kind == Kind::Rename && below(random, 16) == 0);
        }
    }
    std::map<int, std::shared_ptr<const Bytes>> contents;
    Disk disk;
    for (const auto& [path, inode] : entries) {
        std::shared_ptr<const Bytes>& bytes = contents[inode];
        if (bytes == nullptr)
            bytes = remains(m_inodes[static_cast<std::size_t>(inode)], random);
        disk[path] = bytes;
    }
    return disk;
}

} // namespace wr::torture
