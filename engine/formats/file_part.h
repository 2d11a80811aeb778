// SPDX-License-Identifier: GPL-3.0-or-later
// A range of a file as a file of its own, to read. May be used from several threads.
#pragma once

#include "engine/base/vfs.h"

#include <algorithm>

namespace wr::formats {

class FilePart final : public File {
public:
    /// The range must lie within the file.
    FilePart(std::shared_ptr<File> file, std::uint64_t begin, std::uint64_t size)
        : m_file(std::move(file)), m_begin(begin), m_size(size)
    {
    }
    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        const std::uint64_t left = m_size - std::min(offset, m_size);
        return m_file->read(m_begin + offset,
                            into.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()))));
    }
    Status write(std::uint64_t /*offset*/, std::span<const std::byte> /*from*/) override
    {
        return failedPrecondition("a part of a file is only read");
    }
    Result<std::uint64_t> size() override { return m_size; }
    Status sync() override { return {}; }
    Status close() override { return {}; }

private:
    std::shared_ptr<File> m_file;
    std::uint64_t m_begin;
    std::uint64_t m_size;
};

} // namespace wr::formats
