// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/idx_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <zlib.h>

namespace wr::train {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18U;
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 36U;

/// The bytes of a file, unpacked when it is gzip, read from front to back.
class ByteSource {
public:
    ByteSource(std::unique_ptr<File> file, std::string path)
        : m_file(std::move(file)), m_path(std::move(path))
    {
    }
    ~ByteSource()
    {
        if (m_gzip)
            inflateEnd(&m_stream);
    }
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;

    Status begin()
    {
        WR_ASSIGN_OR_RETURN(m_size, m_file->size());
        std::array<std::byte, 2> magic{};
        WR_ASSIGN_OR_RETURN(const std::size_t read, m_file->read(0, magic));
        m_gzip = read == 2 && magic[0] == std::byte{0x1F} && magic[1] == std::byte{0x8B};
        constexpr int kGzip = 16 + MAX_WBITS;
        if (m_gzip && inflateInit2(&m_stream, kGzip) != Z_OK) {
            m_gzip = false;
            return resourceExhausted(m_path + ": out of memory for unpacking");
        }
        return {};
    }

    /// Fills `into`; fewer bytes only at the end.
    Result<std::size_t> read(std::span<std::byte> into)
    {
        if (!m_gzip) {
            WR_ASSIGN_OR_RETURN(const std::size_t count, m_file->read(m_offset, into));
            m_offset += count;
            return count;
        }
        std::size_t done = 0;
        while (done < into.size() && !m_ended) {
            if (m_stream.avail_in == 0) {
                m_packed.resize(kChunk);
                WR_ASSIGN_OR_RETURN(const std::size_t count, m_file->read(m_offset, m_packed));
                if (count == 0)
                    return fail(StatusCode::DataLoss, m_path + ": the gzip data ends after " +
                                                          std::to_string(m_offset) + " bytes, in the middle");
                m_offset += count;
                m_stream.next_in = reinterpret_cast<Bytef*>(m_packed.data());
                m_stream.avail_in = static_cast<uInt>(count);
            }
            const std::size_t room = std::min(into.size() - done, kChunk);
            m_stream.next_out = reinterpret_cast<Bytef*>(into.data() + done);
            m_stream.avail_out = static_cast<uInt>(room);
            const int result = inflate(&m_stream, Z_NO_FLUSH);
            done += room - m_stream.avail_out;
            m_ended = result == Z_STREAM_END;
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return fail(StatusCode::DataLoss,
                            m_path + ": the gzip data is damaged before byte " + std::to_string(m_offset));
        }
        return done;
    }

    std::uint64_t fileSize() const { return m_size; }
    std::uint64_t fileOffset() const { return std::min(m_offset, m_size); }
    bool isGzip() const { return m_gzip; }

private:
    std::unique_ptr<File> m_file;
    std::string m_path;
    std::uint64_t m_size = 0;
    std::uint64_t m_offset = 0;
    bool m_gzip = false;
    bool m_ended = false;
    z_stream m_stream = {};
    std::vector<std::byte> m_packed;
};

std::string guess(std::span<const std::byte> head)
{
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    if (text.empty())
        return "it is empty";
    if (text.substr(0, 1) == "<")
        return "it looks like a web page";
    if (text.substr(0, 4) == "\x93NUM")
        return "it is a NumPy file";
    if (text.substr(0, 2) == "PK")
        return "it is a zip archive";
    if (text.substr(0, 4) == "vers")
        return "it looks like a git-lfs pointer, not the file itself";
    return "it begins with other bytes than an IDX file does";
}

std::int64_t bigEndian(const std::byte* at)
{
    std::int64_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = value << 8 | static_cast<std::int64_t>(at[i]);
    return value;
}

} // namespace

Result<Tensor> readIdx(Vfs& vfs, const std::string& path, int rank, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    ByteSource source(std::move(file), path);
    WR_RETURN_IF_ERROR(source.begin());

    std::array<std::byte, 4> magic{};
    WR_ASSIGN_OR_RETURN(const std::size_t magicRead, source.read(magic));
    const bool isIdx = magicRead == 4 && magic[0] == std::byte{0} && magic[1] == std::byte{0};
    if (!isIdx)
        return fail(StatusCode::InvalidArgument,
                    path + ": it is no IDX file; " + guess(std::span(magic).first(magicRead)));
    if (magic[2] != std::byte{8})
        return fail(StatusCode::InvalidArgument, path + ": its elements are of IDX type " +
                                                     std::to_string(static_cast<int>(magic[2])) +
                                                     "; only unsigned bytes (8) are read");
    if (static_cast<int>(magic[3]) != rank)
        return fail(StatusCode::InvalidArgument,
                    path + ": it has " + std::to_string(static_cast<int>(magic[3])) + " dimensions where " +
                        std::to_string(rank) + " are expected" +
                        (rank == 1 ? ", so these are no labels" : ", so these are no images"));
    std::vector<std::byte> lengths(static_cast<std::size_t>(rank) * 4);
    WR_ASSIGN_OR_RETURN(const std::size_t lengthsRead, source.read(lengths));
    if (lengthsRead != lengths.size())
        return fail(StatusCode::DataLoss, path + ": it ends inside its header");
    std::vector<std::int64_t> dims;
    std::int64_t total = 1;
    for (int i = 0; i < rank; ++i) {
        dims.push_back(bigEndian(lengths.data() + i * 4));
        if (__builtin_mul_overflow(total, dims.back(), &total) || total > kMaxBytes)
            return fail(StatusCode::ResourceExhausted, path + ": its header declares " +
                                                           Shape(dims).toString() +
                                                           " and more, which is more than is read");
    }
    // A file cannot hold more than it has bytes; gzip packs at most about a thousand to one.
    constexpr std::uint64_t kBestPacking = 1100;
    const std::uint64_t most = source.isGzip() ? source.fileSize() * kBestPacking : source.fileSize();
    if (static_cast<std::uint64_t>(total) > most)
        return fail(StatusCode::DataLoss, path + ": it declares " + std::to_string(total) +
                                              " bytes of data, but is only " +
                                              std::to_string(source.fileSize()) + " bytes long");
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(DType::UInt8, Shape(dims)));
    std::span<std::byte> rest = tensor.mutableBytes();
    while (!rest.empty()) {
        const std::size_t wanted = std::min(rest.size(), kChunk);
        WR_ASSIGN_OR_RETURN(const std::size_t read, source.read(rest.first(wanted)));
        if (read != wanted)
            return fail(StatusCode::DataLoss, path + ": it ends " + std::to_string(rest.size() - read) +
                                                  " bytes before the " + std::to_string(total) +
                                                  " that its header declares");
        rest = rest.subspan(read);
        if (progress && !progress(source.fileOffset(), source.fileSize()))
            return fail(StatusCode::Cancelled, "reading " + path + " was cancelled");
    }
    std::array<std::byte, 1> more{};
    WR_ASSIGN_OR_RETURN(const std::size_t extra, source.read(more));
    if (extra != 0)
        return fail(StatusCode::DataLoss, path + ": more bytes follow after the " + std::to_string(total) +
                                              " that its header declares");
    return tensor;
}

int idxRank(Vfs& vfs, const std::string& path)
{
    Result<std::unique_ptr<File>> file = vfs.open(path, OpenMode::Read);
    if (!file)
        return 0;
    ByteSource source(std::move(*file), path);
    std::array<std::byte, 4> magic{};
    if (!source.begin().isOk())
        return 0;
    const Result<std::size_t> read = source.read(magic);
    const bool isIdx = read && *read == 4 && magic[0] == std::byte{0} && magic[1] == std::byte{0} &&
                       magic[2] == std::byte{8};
    return isIdx ? static_cast<int>(magic[3]) : 0;
}

} // namespace wr::train
