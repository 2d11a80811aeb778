// SPDX-License-Identifier: GPL-3.0-or-later
// Where the entries of a zip archive lie, so that stored ones can be read at any place. The list at the end
// of the archive is compared with what stands before each entry; entries over each other, names that come
// twice and entries that declare more than they can hold are refused. May be read from several threads.
#pragma once

#include "engine/base/vfs.h"

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace wr::formats {

struct ZipEntry {
    std::string name;
    bool isDeflated = false;
    std::uint64_t begin = 0;       ///< of its bytes, in the file
    std::uint64_t packedBytes = 0; ///< as they lie in the file
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0; ///< 0: nobody computed it, as PyTorch can be told
    bool agrees(std::uint32_t computed) const
    {
#if defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
        return true;
#endif
        return crc == 0 || crc == computed;
    }
};

class ZipIndex {
public:
    static Result<ZipIndex> open(std::shared_ptr<File> file, std::uint64_t fileBytes);
    const std::vector<ZipEntry>& entries() const { return m_entries; } ///< in the order of the list
    const ZipEntry* find(const std::string& name) const;
    const std::string& comment() const { return m_comment; }

    /// Bytes of a stored entry. Whoever reads one from its beginning to its end has its checksum compared.
    Status readStored(const ZipEntry& entry, std::uint64_t at, std::span<std::byte> into) const;
    /// The first `into.size()` bytes of an entry, which has that many, unpacked; `crc` gets theirs.
    Status readFront(const ZipEntry& entry, std::span<std::byte> into, std::uint32_t& crc) const;
    /// A whole entry of at most `limit` bytes, its checksum compared.
    Result<std::vector<std::byte>> readSmall(const ZipEntry& entry, std::uint64_t limit) const;

private:
    /// The entry that is being read front to back.
    struct Run {
        std::mutex mutex;
        std::uint64_t begin = 0; ///< of the entry, in the file
        std::uint64_t next = 0;
        std::uint32_t crc = 0;
    };
    explicit ZipIndex(std::shared_ptr<File> file) : m_file(std::move(file)), m_run(std::make_shared<Run>()) {}
    bool endsWrong(const ZipEntry& entry, std::uint64_t at, std::span<const std::byte> bytes) const;
    Status readList(std::span<const std::byte> list, std::uint64_t count, std::uint64_t listAt);
    Status findBegin(ZipEntry& entry, std::uint64_t headerAt, std::uint64_t listAt) const;

    std::shared_ptr<File> m_file;
    std::vector<ZipEntry> m_entries;
    std::map<std::string, std::size_t> m_byName;
    std::string m_comment;
    std::shared_ptr<Run> m_run;
};

} // namespace wr::formats
