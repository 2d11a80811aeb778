// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/faulty_disk.h"

namespace wr::torture {
namespace {

struct Errno {
    const char* name;
    const char* words;
    StatusCode code;
};
constexpr Errno kErrnos[kErrors] = {
    {"ENOSPC", "No space left on device", StatusCode::ResourceExhausted},
    {"EIO", "Input/output error", StatusCode::DataLoss},
    {"EDQUOT", "Disk quota exceeded", StatusCode::ResourceExhausted},
    {"EINTR", "Interrupted system call", StatusCode::Unavailable},
    {"EACCES", "Permission denied", StatusCode::FailedPrecondition},
    {"EROFS", "Read-only file system", StatusCode::FailedPrecondition},
};

} // namespace

const char* errorName(int error)
{
    return kErrnos[error].name;
}

std::string faultName(Fault fault, int error)
{
    switch (fault) {
    case Fault::Error:
        return errorName(error);
    case Fault::ErrorHalf:
        return std::string(errorName(error)) + " after one half";
    case Fault::ShortWrite:
        return "a write that stops at half";
    case Fault::NoWrite:
        return "a write that does nothing";
    case Fault::OtherBytes:
        return "a write of other bytes";
    case Fault::OtherPlace:
        return "a write at another place";
    case Fault::ShortRead:
        return "a read that stops at half";
    case Fault::OtherRead:
        break;
    }
    return "a read of other bytes";
}

bool FaultyDisk::strikes(Kind kind, const char* name, const std::string& path)
{
    const std::uint64_t number = m_calls++;
    const bool isDue =
        number == m_plan.call ||
        (number > m_plan.call && (m_plan.mode == FaultPlan::Mode::ForEver ||
                                  (m_plan.mode == FaultPlan::Mode::ForFile && path == m_path)));
    if (m_isHealthy || !isDue)
        return false;
    const bool isOfReads = m_plan.fault == Fault::ShortRead || m_plan.fault == Fault::OtherRead;
    const bool isOfAll = m_plan.fault == Fault::Error || m_plan.fault == Fault::ErrorHalf;
    if (!isOfAll && kind != (isOfReads ? Kind::Read : Kind::Write))
        return false;
    if (!m_hasStruck)
        m_path = path;
    if (!m_hasStruck)
        m_struck = std::string(name) + " " + path;
    m_hasStruck = true;
    return true;
}

Status FaultyDisk::error(const std::string& path, const char* what) const
{
    const Errno& error = kErrnos[m_plan.error];
    return {error.code, path + ": " + what + ": " + error.words};
}

class FaultyDisk::OpenFile final : public File {
public:
    OpenFile(FaultyDisk& disk, std::string path, std::unique_ptr<File> file)
        : m_disk(disk), m_path(std::move(path)), m_file(std::move(file))
    {
    }

    Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) override
    {
        if (!m_disk.strikes(Kind::Read, "read", m_path))
            return m_file->read(offset, into);
        if (m_disk.m_plan.fault == Fault::ShortRead)
            return m_file->read(offset, into.first(into.size() / 2));
        if (m_disk.m_plan.fault != Fault::OtherRead)
            return fail(m_disk.error(m_path, "read"));
        Result<std::size_t> got = m_file->read(offset, into);
        if (got && *got > 0)
            into[*got / 2] ^= std::byte{4};
        return got;
    }

    Status write(std::uint64_t offset, std::span<const std::byte> from) override
    {
        if (!m_disk.strikes(Kind::Write, "write", m_path))
            return m_file->write(offset, from);
        std::vector<std::byte> other(from.begin(), from.end());
        switch (m_disk.m_plan.fault) {
        case Fault::NoWrite:
            return {};
        case Fault::OtherBytes:
            other[other.size() / 2] ^= std::byte{4};
            return m_file->write(offset, other);
        case Fault::OtherPlace:
            return m_file->write(0, from);
        case Fault::ShortWrite:
            return m_file->write(offset, from.first(from.size() / 2));
        case Fault::ErrorHalf:
            static_cast<void>(m_file->write(offset, from.first(from.size() / 2)));
            break;
        default:
            break;
        }
        return m_disk.error(m_path, "write");
    }

    Result<std::uint64_t> size() override
    {
        if (m_disk.strikes(Kind::Other, "size", m_path))
            return fail(m_disk.error(m_path, "size"));
        return m_file->size();
    }

    Status sync() override
    {
        return m_disk.strikes(Kind::Other, "sync", m_path) ? m_disk.error(m_path, "sync") : m_file->sync();
    }

    Status close() override
    {
        // The descriptor is gone in any case.
        const bool strikes = m_disk.strikes(Kind::Other, "close", m_path);
        Status status = m_file->close();
        return strikes ? m_disk.error(m_path, "close") : status;
    }

private:
    FaultyDisk& m_disk;
    std::string m_path;
    std::unique_ptr<File> m_file;
};

Result<std::unique_ptr<File>> FaultyDisk::open(const std::string& path, OpenMode mode)
{
    if (strikes(Kind::Other, "open", path))
        return fail(error(path, "open"));
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, m_disk.open(path, mode));
    return std::make_unique<OpenFile>(*this, path, std::move(file));
}

Status FaultyDisk::renameNoReplace(const std::string& from, const std::string& to)
{
    return strikes(Kind::Other, "rename", to) ? error(to, "rename") : m_disk.renameNoReplace(from, to);
}

Status FaultyDisk::renameReplace(const std::string& from, const std::string& to)
{
    return strikes(Kind::Other, "rename", to) ? error(to, "rename") : m_disk.renameReplace(from, to);
}

Status FaultyDisk::remove(const std::string& path)
{
    return strikes(Kind::Other, "remove", path) ? error(path, "remove") : m_disk.remove(path);
}

Status FaultyDisk::syncDirectory(const std::string& directory)
{
    return strikes(Kind::Other, "sync of the folder", directory) ? error(directory, "sync")
                                                                 : m_disk.syncDirectory(directory);
}

Status FaultyDisk::makeDirectories(const std::string& directory)
{
    return strikes(Kind::Other, "make folder", directory) ? error(directory, "make folder")
                                                          : m_disk.makeDirectories(directory);
}

Result<FileInfo> FaultyDisk::info(const std::string& path)
{
    if (strikes(Kind::Other, "look up", path))
        return fail(error(path, "look up"));
    return m_disk.info(path);
}

Result<std::vector<std::string>> FaultyDisk::list(const std::string& directory)
{
    if (strikes(Kind::Other, "list", directory))
        return fail(error(directory, "list"));
    return m_disk.list(directory);
}

Result<std::uint64_t> FaultyDisk::freeSpace(const std::string& directory)
{
    if (strikes(Kind::Other, "free space", directory))
        return fail(error(directory, "free space"));
    return m_disk.freeSpace(directory);
}

} // namespace wr::torture
