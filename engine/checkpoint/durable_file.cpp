// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/durable_file.h"

#include "engine/base/temporary_file.h"

namespace wr::checkpoint {
namespace {

std::string nameOf(const std::string& path)
{
    return path.substr(path.rfind('/') + 1);
}

} // namespace

std::string directoryOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

DurableFile::DurableFile(Vfs& vfs, std::string path, std::string temporary, std::unique_ptr<File> file)
    : m_vfs(&vfs), m_path(std::move(path)), m_temporary(std::move(temporary)), m_file(std::move(file))
{
}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : m_vfs(other.m_vfs), m_path(std::move(other.m_path)), m_temporary(std::move(other.m_temporary)),
      m_file(std::move(other.m_file)), m_size(other.m_size), m_onItsWay(other.m_onItsWay)
{
    other.m_temporary.clear();
}

DurableFile::~DurableFile()
{
    m_file.reset();
    if (!m_temporary.empty())
        static_cast<void>(m_vfs->remove(m_temporary)); // the error that led here is the one to tell
}

Result<DurableFile> DurableFile::create(Vfs& vfs, const std::string& path)
{
    const std::string name = nameOf(path);
    if (name.empty())
        return fail(StatusCode::InvalidArgument, path + ": the path of a file is needed");
    const std::string temporary = wr::temporaryPath(path);
    WR_ASSIGN_OR_RETURN(std::unique_ptr<File> file, vfs.open(temporary, OpenMode::CreateNew));
    return DurableFile(vfs, path, temporary, std::move(file));
}

Status DurableFile::append(std::span<const std::byte> bytes)
{
    WR_RETURN_IF_ERROR(m_file->write(m_size, bytes));
    m_size += bytes.size();
    // The disk writes while the rest is made.
    constexpr std::uint64_t kStretch = std::uint64_t{8} << 20U;
    if (m_size - m_onItsWay >= kStretch) {
        const std::uint64_t end = m_size - m_size % kStretch;
        m_file->startWriteBack(m_onItsWay, end - m_onItsWay);
        m_onItsWay = end;
    }
    return {};
}

Status DurableFile::finish()
{
    WR_RETURN_IF_ERROR(m_file->sync());
    WR_RETURN_IF_ERROR(m_file->close());
    m_file.reset();
    return {};
}

Status DurableFile::commit(bool replace)
{
    WR_RETURN_IF_ERROR(replace ? m_vfs->renameReplace(m_temporary, m_path)
                               : m_vfs->renameNoReplace(m_temporary, m_path));
    m_temporary.clear();
    return m_vfs->syncDirectory(directoryOf(m_path))
        .withContext("the file is whole and in place, but may be lost if the power fails now");
}

} // namespace wr::checkpoint
