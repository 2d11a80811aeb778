// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/image_folder.h"

#include "engine/base/machine_memory.h"
#include "engine/train/picture.h"
#include "engine/train/split.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

namespace wr::train {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 28U;

struct PictureFile {
    std::string path;
    std::int64_t label = 0;
};

/// A picture to read, and the place of its pixels.
struct Task {
    const PictureFile* file;
    std::span<std::uint8_t> into;
};

Status readPicture(const Task& task, const graph::PictureSettings& settings, Vfs& vfs)
{
    try {
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, readFile(vfs, task.file->path, kLargestFile));
        const PictureSize size{settings.height, settings.width};
        WR_ASSIGN_OR_RETURN(const Tensor picture, decodePicture(bytes, task.file->path, size));
        return resizePicture(picture, size, settings.channels, task.into);
    } catch (const std::bad_alloc&) { // must not leave its thread
        return resourceExhausted(task.file->path + ": out of memory");
    }
}

/// Reads all pictures on several threads. Of several failures the first in order is told, whichever thread
/// came upon it when.
class PictureReading {
public:
    PictureReading(std::vector<Task> tasks, const graph::PictureSettings& settings, Vfs& vfs)
        : m_tasks(std::move(tasks)), m_settings(settings), m_vfs(vfs), m_firstBad(m_tasks.size())
    {
    }

    Status run(const std::string& name, const Progress& progress)
    {
        constexpr std::size_t kMostThreads = 16;
        const std::size_t threads =
            std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
        std::vector<std::jthread> team;
        m_running = std::min(threads, m_tasks.size());
        for (std::size_t i = m_running; i > 0; --i)
            team.emplace_back([this] { work(); });
        std::unique_lock lock(m_mutex);
        for (bool isDone = false; !isDone;) {
            isDone = m_running == 0;
            lock.unlock();
            const std::size_t done = std::min(m_next.load(), m_tasks.size());
            if (!m_isCancelled && progress && !progress(done, m_tasks.size()))
                m_isCancelled = true;
            lock.lock();
            m_changed.wait_for(lock, std::chrono::milliseconds(50), [this] { return m_running == 0; });
        }
        lock.unlock();
        if (m_isCancelled)
            return cancelled("reading " + name + " was cancelled");
        return m_trouble;
    }

private:
    void work()
    {
        while (!m_isCancelled) {
            const std::size_t i = m_next++;
            if (i >= m_firstBad)
                break;
            Status status = readPicture(m_tasks[i], m_settings, m_vfs);
            if (status.isOk())
                continue;
            const std::scoped_lock lock(m_mutex);
            if (i < m_firstBad) {
                m_firstBad = i;
                m_trouble = std::move(status);
            }
        }
        const std::scoped_lock lock(m_mutex);
        if (--m_running == 0)
            m_changed.notify_one();
    }

    const std::vector<Task> m_tasks;
    const graph::PictureSettings& m_settings;
    Vfs& m_vfs;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::size_t> m_firstBad;
    std::atomic<bool> m_isCancelled = false;
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_changed;
    std::size_t m_running = 0;
    Status m_trouble;
};

/// The names in a folder that are of the wanted kind and not hidden.
Result<std::vector<std::string>> namesIn(Vfs& vfs, const std::string& directory, bool wantsFolders)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::string> all, vfs.list(directory));
    std::vector<std::string> names;
    for (const std::string& name : all) {
        if (name.starts_with('.'))
            continue;
        WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(directory + "/" + name));
        if (wantsFolders ? info.isDirectory : info.isRegular)
            names.push_back(name);
    }
    return names;
}

Result<Examples> makeRoom(std::span<const std::int64_t> rows, const std::vector<PictureFile>& files,
                          const graph::PictureSettings& settings, std::vector<Task>& tasks)
{
    const auto count = static_cast<std::int64_t>(rows.size());
    std::vector<std::int64_t> dims{count, settings.height, settings.width};
    if (settings.channels > 1)
        dims.push_back(settings.channels);
    Examples examples;
    WR_ASSIGN_OR_RETURN(examples.features, Tensor::create(DType::UInt8, Shape(dims)));
    WR_ASSIGN_OR_RETURN(examples.labels, Tensor::create(DType::Int64, Shape{count}));
    const auto each = static_cast<std::size_t>(settings.height * settings.width * settings.channels);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const PictureFile& file = files[static_cast<std::size_t>(rows[i])];
        examples.labels.data<std::int64_t>()[i] = file.label;
        tasks.push_back({&file, {examples.features.data<std::uint8_t>() + i * each, each}});
    }
    return examples;
}

} // namespace

Result<std::shared_ptr<const Dataset>> loadImages(const graph::DataSpec& spec, const std::string& directory,
                                                  Vfs& vfs, const Progress& progress)
{
    auto dataset = std::make_shared<Dataset>();
    dataset->name = spec.name;
    WR_ASSIGN_OR_RETURN(dataset->classNames, namesIn(vfs, directory, true));
    if (dataset->classNames.empty())
        return fail(StatusCode::NotFound,
                    directory + ": it holds no subfolders; one for each class, with its pictures, is needed");
    dataset->classes = static_cast<std::int64_t>(dataset->classNames.size());
    std::vector<PictureFile> files;
    for (std::int64_t label = 0; label < dataset->classes; ++label) {
        const std::string folder = directory + "/" + dataset->classNames[static_cast<std::size_t>(label)];
        WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, namesIn(vfs, folder, false));
        if (names.empty())
            return fail(StatusCode::NotFound, folder + ": it holds no pictures");
        for (const std::string& name : names)
            files.push_back({folder + "/" + name, label});
    }
    WR_ASSIGN_OR_RETURN(const Parts parts, partsOf(static_cast<std::int64_t>(files.size()), spec, directory));
    const graph::PictureSettings& settings = spec.pictures;
    const double bytes = static_cast<double>(parts.train.size() + parts.test.size()) *
                         static_cast<double>(settings.height * settings.width * settings.channels);
    if (bytes > static_cast<double>(physicalMemoryBytes()))
        return fail(StatusCode::ResourceExhausted, directory + ": " + std::to_string(files.size()) +
                                                       " pictures of this size do not fit into memory");
    std::vector<Task> tasks;
    WR_ASSIGN_OR_RETURN(dataset->train, makeRoom(parts.train, files, settings, tasks));
    if (!parts.test.empty()) {
        WR_ASSIGN_OR_RETURN(dataset->test, makeRoom(parts.test, files, settings, tasks));
    }
    // In the order of the files, so that the same damaged one is told whatever the seed.
    std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.file < b.file; });
    PictureReading reading(std::move(tasks), settings, vfs);
    WR_RETURN_IF_ERROR(reading.run(directory, progress));
    WR_RETURN_IF_ERROR(finish(*dataset, spec));
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

} // namespace wr::train
