// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/thread_team.h"
#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/frame_ring.h"
#include "engine/checkpoint/index.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kVerifyPiece = std::size_t{4} << 20U;

Uuid randomUuid()
{
    std::random_device random;
    Uuid uuid{};
    for (std::uint8_t& byte : uuid)
        byte = static_cast<std::uint8_t>(random());
    return uuid;
}

/// Runs body(i) for i in [0, count) on the team.
template <typename Body>
void forEach(ThreadTeam& team, std::size_t count, Body& body)
{
    team.run(
        static_cast<std::int64_t>(count),
        [](void* context, std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                (*static_cast<Body*>(context))(static_cast<std::size_t>(i));
        },
        &body);
}

/// A save has three passes over the values: digests, frames, check. Tells of each as a third of the whole.
struct Told {
    const Progress& progress;
    std::uint64_t unit; ///< bytes of the values, at least 1

    Status operator()(std::uint64_t pass, std::uint64_t done, std::uint64_t of) const
    {
        const std::uint64_t part =
            of == 0 ? unit
                    : static_cast<std::uint64_t>(static_cast<double>(unit) * static_cast<double>(done) /
                                                 static_cast<double>(of));
        if (progress && !progress(pass * unit + std::min(part, unit), 3 * unit))
            return cancelled("saving was cancelled");
        return {};
    }
};

/// What the index says of the values of each tensor of a source.
struct Descriptions {
    std::vector<Digest> digests;
    std::vector<std::optional<Statistics>> statistics;
};

Status describe(const TensorSource& source, std::size_t i, Descriptions& into)
{
    const TensorSpec& spec = source.specs()[i];
    const std::optional<Digest> known = source.knownDigest(i);
    const std::optional<Statistics> statistics = source.knownStatistics(i);
    if (known && (statistics || !isFloating(spec.dtype))) {
        // Known is not yet true: the values that are written are the ones that must have this digest.
        WR_ASSIGN_OR_RETURN(into.digests[i], streamedDigest(source, i));
        if (into.digests[i] != *known)
            return dataLoss(spec.name + ": its values differ from the digest that was saved with them");
        into.statistics[i] = statistics;
        return {};
    }
    WR_ASSIGN_OR_RETURN(const Tensor tensor, source.whole(i));
    into.digests[i] = digestOf(tensor.bytes());
    if (isFloating(spec.dtype))
        into.statistics[i] = computeStatistics(tensor);
    return {};
}

Result<Descriptions> describe(const TensorSource& source, ThreadTeam& team, const Told& told)
{
    constexpr std::size_t kBatch = 16;
    const std::vector<TensorSpec>& specs = source.specs();
    Descriptions all{std::vector<Digest>(specs.size()), std::vector<std::optional<Statistics>>(specs.size())};
    std::uint64_t done = 0;
    for (std::size_t from = 0; from < specs.size(); from += kBatch) {
        const std::size_t count = std::min(kBatch, specs.size() - from);
        std::array<Status, kBatch> failures;
        auto body = [&](std::size_t i) { failures[i] = describe(source, from + i, all); };
        forEach(team, count, body);
        for (std::size_t i = 0; i < count; ++i) {
            WR_RETURN_IF_ERROR(failures[i]);
            done += static_cast<std::uint64_t>(*specs[from + i].shape.elementCount()) *
                    dtypeSize(specs[from + i].dtype);
        }
        WR_RETURN_IF_ERROR(told(0, done, told.unit));
    }
    return all;
}

/// From plan to verified file.
class Save {
public:
    Save(Vfs& vfs, DurableFile& file, const SavePlan& plan, const Descriptions& descriptions, int threads,
         const Told& told)
        : m_vfs(vfs), m_file(file), m_plan(plan), m_descriptions(descriptions), m_threads(threads),
          m_tell(told), m_hash(XXH3_createState())
    {
        XXH3_128bits_reset(m_hash);
    }
    ~Save() { XXH3_freeState(m_hash); }
    Save(const Save&) = delete;
    Save& operator=(const Save&) = delete;

    Status writeAll(const Metadata& metadata, const Uuid& uuid, bool isCompact)
    {
        describeRows();
        WR_RETURN_IF_ERROR(writeFrames());
        Index index = makeIndex(metadata, uuid, isCompact);
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> frame, encodeIndex(index, m_file.size()));
        m_table.append(static_cast<std::uint32_t>(frame.size()), 0, 0);
        WR_RETURN_IF_ERROR(append(frame));
        WR_RETURN_IF_ERROR(append(encodeSeekTable(m_table)));
        WR_RETURN_IF_ERROR(m_file.finish());
        return verify();
    }

private:
    Status append(std::span<const std::byte> bytes)
    {
        XXH3_128bits_update(m_hash, bytes.data(), bytes.size());
        return m_file.append(bytes);
    }

    void describeRows()
    {
        for (const PlannedTensor& tensor : m_plan.tensors) {
            IndexRow row;
            row.tensor.spec = m_plan.spec(tensor);
            row.tensor.filter = tensor.filter;
            row.isPacked = tensor.isPacked;
            row.contentOffset = tensor.contentOffset - m_plan.header.size();
            row.contentBytes = tensor.storedBytes;
            row.logicalBytes = tensor.logicalBytes;
            row.firstFrame = tensor.firstFrame;
            row.frameCount = tensor.frameCount;
            row.digest = m_descriptions.digests[tensor.source];
            row.statistics = m_descriptions.statistics[tensor.source];
            if (isOfDelta(tensor.filter))
                row.baseRow = static_cast<std::uint32_t>(tensor.baseTensor);
            m_rows.push_back(std::move(row));
        }
    }

    Status writeFrames()
    {
        FrameRing ring(m_plan, m_threads);
        for (std::size_t unit = 0; unit < m_plan.units.size(); ++unit) {
            WR_ASSIGN_OR_RETURN(const std::vector<Frame> frames, ring.next());
            for (const Frame& frame : frames) {
                m_table.append(static_cast<std::uint32_t>(frame.bytes.size()), frame.contentSize,
                               frame.checksum);
                m_frameHashes.push_back(frameHash(frame.bytes));
                WR_RETURN_IF_ERROR(append(frame.bytes));
            }
            WR_RETURN_IF_ERROR(m_tell(1, m_table.contentSize, m_plan.contentSize));
        }
        return {};
    }

    Index makeIndex(const Metadata& metadata, const Uuid& uuid, bool isCompact) const
    {
        Index index;
        index.uuid = uuid;
        index.isCompact = isCompact;
        index.isDelta = m_plan.base != nullptr;
        index.headerHash = XXH64(m_plan.header.data(), m_plan.header.size(), 0);
        index.contentSize = m_plan.contentSize;
        index.headerBytes = m_plan.header.size();
        index.frameCount = static_cast<std::uint32_t>(m_plan.jobs.size());
        index.metadata = metadata;
        index.frameHashes = m_frameHashes;
        std::vector<std::uint32_t> byName(m_rows.size());
        std::iota(byName.begin(), byName.end(), 0U);
        std::sort(byName.begin(), byName.end(), [this](std::uint32_t a, std::uint32_t b) {
            return m_rows[a].tensor.spec.name < m_rows[b].tensor.spec.name;
        });
        index.fileOrder.resize(m_rows.size());
        for (std::uint32_t row = 0; row < byName.size(); ++row) {
            index.rows.push_back(m_rows[byName[row]]);
            index.fileOrder[byName[row]] = row;
        }
        return index;
    }

    /// Reads back every byte and opens the file as anybody would.
    Status verify()
    {
        const std::string& path = m_file.temporaryPath();
        const XXH128_hash_t written = XXH3_128bits_digest(m_hash);
        XXH3_128bits_reset(m_hash);
        WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, m_vfs.open(path, OpenMode::Read));
        std::vector<std::byte> piece(kVerifyPiece);
        for (std::uint64_t at = 0; at < m_file.size();) {
            WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(at, piece));
            if (got == 0)
                break;
            XXH3_128bits_update(m_hash, piece.data(), got);
            at += got;
            WR_RETURN_IF_ERROR(m_tell(2, at, m_file.size()));
        }
        if (XXH128_isEqual(written, XXH3_128bits_digest(m_hash)) == 0)
            return dataLoss("what was read back is not what was written");
        WR_ASSIGN_OR_RETURN(const auto reader, openCheckpoint(m_vfs, path));
        if (!reader->warnings().empty())
            return dataLoss("the file that was written cannot be read back: " + reader->warnings().front());
        if (reader->tensors().size() != m_rows.size())
            return dataLoss("the file that was written holds other tensors than were given");
        return {};
    }

    Vfs& m_vfs;
    DurableFile& m_file;
    const SavePlan& m_plan;
    const Descriptions& m_descriptions;
    int m_threads;
    const Told& m_tell;
    XXH3_state_t* m_hash;
    std::vector<IndexRow> m_rows; ///< in the order of the file
    FrameTable m_table;
    std::vector<std::uint32_t> m_frameHashes;
};

std::string kilobytes(std::uint64_t bytes)
{
    return bytes < 10'000'000 ? std::to_string(bytes / 1'000) + " kB"
                              : std::to_string(bytes / 1'000'000) + " MB";
}

Status checkFree(Vfs& vfs, const std::string& path, const SavePlan& plan)
{
    // Estimates come from samples, so only a clear lack refuses beforehand; the disk has the last word while
    // writing.
    constexpr double kSurely = 0.8;
    const Result<std::uint64_t> free = vfs.freeSpace(directoryOf(path));
    if (free && static_cast<double>(*free) < kSurely * static_cast<double>(plan.estimatedBytes))
        return resourceExhausted(path + ": about " + kilobytes(plan.estimatedBytes) +
                                 " are needed and only " + kilobytes(*free) + " are free");
    return {};
}

/// Why this cannot be the base of a delta at `path`.
Status checkBase(Vfs& vfs, const std::string& path, const CheckpointReader& base)
{
    const std::string name = base.path().substr(base.path().rfind('/') + 1);
    if (base.uuid().empty())
        return failedPrecondition(base.path() + ": only a compact checkpoint can be the base of a delta");
    if (base.base())
        return failedPrecondition(base.path() + ": a delta cannot be the base of another");
    const std::string neighbour = directoryOf(path) + "/" + name;
    if (neighbour == path || path == name)
        return failedPrecondition(path + ": a delta cannot replace its own base");
    if (!vfs.info(neighbour))
        return failedPrecondition(path + ": a delta must lie in the folder of its base " + base.path());
    return {};
}

Result<SaveReport> saveFrom(Vfs& vfs, const std::string& path, const TensorSource& source,
                            const Metadata& metadata, const SaveOptions& options, const Progress& progress)
{
    const auto started = std::chrono::steady_clock::now();
    if (!options.replace && vfs.info(path))
        return fail(StatusCode::AlreadyExists, path + ": a file of this name exists");
    WR_RETURN_IF_ERROR(checkTensors(source.specs(), metadata));
    if (options.base)
        WR_RETURN_IF_ERROR(checkBase(vfs, path, *options.base));
    std::uint64_t bytes = 0;
    for (const TensorSpec& spec : source.specs())
        bytes += static_cast<std::uint64_t>(*spec.shape.elementCount()) * dtypeSize(spec.dtype);
    const Told told{progress, std::max<std::uint64_t>(bytes, 1)};
    Descriptions descriptions;
    {
        ThreadTeam team(std::max(1, options.threads), Denormals::Keep);
        WR_ASSIGN_OR_RETURN(descriptions, describe(source, team, told));
    }
    const Uuid uuid = randomUuid();
    WR_ASSIGN_OR_RETURN(const SavePlan plan,
                        planSave(source, descriptions.digests, metadata, options, hexText(uuid)));
    WR_RETURN_IF_ERROR(checkFree(vfs, path, plan));
    sweepTemporaries(vfs, path);
    WR_ASSIGN_OR_RETURN(DurableFile file, DurableFile::create(vfs, path));
    Save save(vfs, file, plan, descriptions, options.threads, told);
    WR_RETURN_IF_ERROR(save.writeAll(metadata, uuid, options.profile != Profile::Plain));
    SaveReport report;
    report.path = path;
    report.fileBytes = file.size();
    report.logicalBytes = plan.logicalBytes;
    report.isDelta = plan.base != nullptr;
    report.uuid = options.profile == Profile::Plain ? std::string() : hexText(uuid);
    WR_RETURN_IF_ERROR(file.commit(options.replace));
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace

Result<SaveReport> saveCheckpoint(Vfs& vfs, const std::string& path, std::span<const NamedTensor> tensors,
                                  const Metadata& metadata, const SaveOptions& options,
                                  const Progress& progress)
{
    return saveFrom(vfs, path, MemorySource(tensors), metadata, options, progress);
}

Result<SaveReport> saveSource(Vfs& vfs, const std::string& path, const TensorSource& source,
                              const Metadata& metadata, const SaveOptions& options, const Progress& progress)
{
    return saveFrom(vfs, path, source, metadata, options, progress);
}

Result<SaveReport> rewriteCheckpoint(Vfs& vfs, const CheckpointReader& from, const std::string& path,
                                     const SaveOptions& options, const Progress& progress,
                                     const std::vector<std::size_t>& only)
{
    return saveFrom(vfs, path, ReaderSource(from, only), from.metadata(), options, progress);
}

} // namespace wr::checkpoint
