// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/byte_stream.h"

namespace wr::train {
namespace {

class FileStream final : public ByteStream {
public:
    FileStream(std::unique_ptr<File> file, std::uint64_t size) : m_file(std::move(file)), m_size(size) {}

    Result<std::size_t> read(std::span<std::byte> into) override
    {
        WR_ASSIGN_OR_RETURN(const std::size_t count, m_file->read(m_offset, into));
        m_offset += count;
        return count;
    }
    std::uint64_t size() const override { return m_size; }

private:
    std::unique_ptr<File> m_file;
    std::uint64_t m_size;
    std::uint64_t m_offset = 0;
};

} // namespace

Result<std::unique_ptr<ByteStream>> openStream(Vfs& vfs, const std::string& path)
{
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    return std::unique_ptr<ByteStream>(std::make_unique<FileStream>(std::move(file), size));
}

} // namespace wr::train
