// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/vfs.h"

#include "engine/base/temporary_file.h"

#include <algorithm>

namespace wr {
namespace {

std::string directoryOf(const std::string& path)
{
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

Status Vfs::removeDirectory(const std::string& directory)
{
    return unimplemented(directory + ": folders cannot be removed here");
}

Result<std::unique_ptr<File>> Vfs::openBeneath(const std::string& directory, const std::string& relative)
{
    if (!isBeneath(relative))
        return fail(leadsOut(directory, relative));
    return open(directory + "/" + relative, OpenMode::Read);
}

bool isBeneath(std::string_view relative)
{
    if (relative.empty() || relative.front() == '/' || relative.find('\\') != std::string_view::npos ||
        relative.find('\0') != std::string_view::npos)
        return false;
    while (!relative.empty()) {
        const std::size_t slash = std::min(relative.find('/'), relative.size());
        if (relative.substr(0, slash) == "..")
            return false;
        relative.remove_prefix(std::min(slash + 1, relative.size()));
    }
    return true;
}

Status leadsOut(const std::string& directory, const std::string& relative)
{
    return invalidArgument("\"" + relative.substr(0, 200) + "\" leads out of the folder " + directory +
                           " and is not opened");
}

Result<std::vector<std::byte>> readFile(Vfs& vfs, const std::string& path, std::uint64_t limit)
{
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, vfs.open(path, OpenMode::Read));
    WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    if (size > limit)
        return fail(StatusCode::ResourceExhausted, path + ": " + std::to_string(size) +
                                                       " bytes are more than the " + std::to_string(limit) +
                                                       " that are read");
    std::vector<std::byte> contents(static_cast<std::size_t>(size));
    WR_ASSIGN_OR_RETURN(const std::size_t read, file->read(0, contents));
    contents.resize(read);
    return contents;
}

Status replaceFile(Vfs& vfs, const std::string& path, std::span<const std::byte> contents)
{
    const std::string directory = directoryOf(path);
    const std::string temporary = temporaryPath(path);
    sweepTemporaries(vfs, path);
    const auto write = [&]() -> Status {
        WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, vfs.open(temporary, OpenMode::CreateNew));
        WR_RETURN_IF_ERROR(file->write(0, contents));
        WR_RETURN_IF_ERROR(file->sync());
        WR_RETURN_IF_ERROR(file->close());
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> written, readFile(vfs, temporary, contents.size()));
        return std::equal(written.begin(), written.end(), contents.begin(), contents.end())
                   ? Status()
                   : dataLoss(path + ": what was read back is not what was written");
    };
    Status status = write();
    if (status.isOk())
        status = vfs.renameReplace(temporary, path);
    if (!status.isOk()) {
        if (status.code() != StatusCode::AlreadyExists)
            static_cast<void>(vfs.remove(temporary).isOk());
        return status;
    }
    return vfs.syncDirectory(directory);
}

} // namespace wr
