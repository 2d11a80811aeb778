// SPDX-License-Identifier: GPL-3.0-or-later
// A disk with less and less room: on the model disk always, on a small file system of its own where one may
// be mounted.
#include "tests/torture/experiment.h"
#include "tests/torture/folder_ledger.h"
#include "tests/torture/folder_task.h"
#include "tests/torture/real_folder.h"

#include <algorithm>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace wr::torture {
namespace {

constexpr FolderTask::Kind kKinds[] = {FolderTask::Kind::Save,    FolderTask::Kind::Replace,
                                       FolderTask::Kind::Delta,   FolderTask::Kind::Rewrite,
                                       FolderTask::Kind::Salvage, FolderTask::Kind::Small};
constexpr std::uint64_t kBytes = 60'000; ///< of a checkpoint

std::string judged(const FolderTask& task, ModelDisk& disk, const Status& answer)
{
    std::string cause = task.complaint(disk, answer);
    for (const auto& [path, bytes] : disk.contents()) {
        if (cause.empty() && isTemporary(path))
            cause = path + ": left over";
    }
    if (cause.empty() && !answer.isOk() && answer.code() != StatusCode::ResourceExhausted)
        cause = "it is not said that there is no room: " + answer.toString();
    return cause;
}

/// A small file system in memory, mounted for as long as this lives.
class SmallDisk {
public:
    SmallDisk(std::string folder, std::uint64_t bytes) : m_folder(std::move(folder))
    {
        fillFolder(m_folder, {});
        // Nobody else sees it, and it goes with this process.
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            return;
        const std::string size = "size=" + std::to_string(bytes);
        m_isMounted =
            ::mount("weightroom", m_folder.c_str(), "tmpfs", MS_NODEV | MS_NOSUID, size.c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (m_isMounted)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool isMounted() const { return m_isMounted; }
    std::uint64_t free() const
    {
        struct statvfs info = {};
        return ::statvfs(m_folder.c_str(), &info) == 0 ? info.f_bavail * info.f_frsize : 0;
    }

private:
    std::string m_folder;
    bool m_isMounted = false;
};

/// The same on a real, small disk, filled up to the level.
void onSmallDisk(const Options& options, std::uint64_t levels, Tally& tally)
{
    const std::string folder = options.folder + "/small";
    const std::string run = folder + "/run";
    constexpr std::uint64_t kSize = 2U << 20U;
    SmallDisk mounted(folder, kSize);
    if (!mounted.isMounted())
        return tally.note("no small file system could be mounted (that takes root)");
    std::uint64_t refused = 0;
    for (std::uint64_t level = 0; level < levels; ++level) {
        const FolderTask::Kind kind = kKinds[level % std::size(kKinds)];
        FolderTask task(kind, options.seed, kBytes, run);
        fillFolder(folder, {});
        fillFolder(run, task.before());
        const std::uint64_t free = mounted.free();
        const std::uint64_t room = std::min(free, level * 2 * kBytes / levels / 4096 * 4096);
        const std::string taken = folder + "/ballast";
        {
            std::ofstream file(taken, std::ios::binary);
            const std::string block(4096, 'x');
            for (std::uint64_t at = 0; at < (free - room) / block.size(); ++at)
                file.write(block.data(), static_cast<std::streamsize>(block.size()));
        }
        const Status answer = task.run(Vfs::posix());
        refused += answer.isOk() ? 0U : 1U;
        ModelDisk disk(readFolder(run));
        std::string cause = judged(task, disk, answer);
        if (cause.empty() && !answer.isOk()) { // room is made, and it goes on
            ::unlink(taken.c_str());
            const Status again = task.run(Vfs::posix());
            ModelDisk after(readFolder(run));
            cause = again.isOk() ? judged(task, after, again) : "with room again: " + again.toString();
        }
        tally.count(cause.empty() ? cause
                                  : std::string(FolderTask::name(kind)) + ", tmpfs with " +
                                        std::to_string(room) + " bytes free: " + cause);
    }
    tally.note("tmpfs: " + std::to_string(levels) + " levels, " + std::to_string(refused) + " saves refused");
}

} // namespace

void diskFull(const Options& options, Tally& tally)
{
    const std::uint64_t levels = options.pick(kThin == 1 ? 24 : 8, 256);
    std::uint64_t refused = 0;
    for (const FolderTask::Kind kind : kKinds) {
        FolderTask task(kind, options.seed, kBytes);
        std::uint64_t used = 0;
        for (const auto& [path, bytes] : task.before())
            used += bytes->size();
        for (std::uint64_t level = 0; level < levels; ++level) {
            ModelDisk disk(task.before());
            disk.capacity = used + level * 2 * kBytes / levels;
            const Status answer = task.run(disk);
            refused += answer.isOk() ? 0U : 1U;
            std::string cause = judged(task, disk, answer);
            if (cause.empty() && !answer.isOk()) {
                disk.capacity = UINT64_MAX;
                const Status again = task.run(disk);
                cause = again.isOk() ? judged(task, disk, again) : "with room again: " + again.toString();
            }
            tally.count(cause.empty() ? cause
                                      : std::string(FolderTask::name(kind)) + " with " +
                                            std::to_string(disk.capacity - used) + " bytes free: " + cause);
        }
    }
    tally.note("model disk: " + std::to_string(levels) + " levels of " + std::to_string(std::size(kKinds)) +
               " tasks, " + std::to_string(refused) + " refused");
    onSmallDisk(options, levels, tally);
}

} // namespace wr::torture
