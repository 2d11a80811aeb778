// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/little_endian.h"
#include "engine/base/thread_team.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/index.h"
#include "engine/checkpoint/save_plan.h"

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

std::string hexText(const Uuid& uuid)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : uuid) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
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

/// One save from plan to verified file. Its work has three passes over the values: digests, frames, check.
class Save {
public:
    Save(Vfs& vfs, DurableFile& file, const SavePlan& plan, const SaveOptions& options,
         const Progress& progress)
        : m_vfs(vfs), m_file(file), m_plan(plan), m_team(std::max(1, options.threads), Denormals::Keep),
          m_progress(progress), m_hash(XXH3_createState())
    {
        XXH3_128bits_reset(m_hash);
    }
    ~Save() { XXH3_freeState(m_hash); }
    Save(const Save&) = delete;
    Save& operator=(const Save&) = delete;

    Status writeAll(const Metadata& metadata, const Uuid& uuid, bool isCompact)
    {
        WR_RETURN_IF_ERROR(describe());
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
    Status tell(std::uint64_t pass, std::uint64_t done, std::uint64_t of) const
    {
        const std::uint64_t unit = std::max<std::uint64_t>(m_plan.logicalBytes, 1);
        const std::uint64_t part =
            of == 0 ? unit
                    : static_cast<std::uint64_t>(static_cast<double>(unit) * static_cast<double>(done) /
                                                 static_cast<double>(of));
        if (m_progress && !m_progress(pass * unit + std::min(part, unit), 3 * unit))
            return cancelled("saving was cancelled");
        return {};
    }

    Status append(std::span<const std::byte> bytes)
    {
        XXH3_128bits_update(m_hash, bytes.data(), bytes.size());
        return m_file.append(bytes);
    }

    Status describe()
    {
        constexpr std::size_t kBatch = 16;
        m_rows.resize(m_plan.tensors.size());
        std::uint64_t done = 0;
        for (std::size_t from = 0; from < m_rows.size(); from += kBatch) {
            const std::size_t count = std::min(kBatch, m_rows.size() - from);
            auto body = [&](std::size_t i) { describe(from + i); };
            forEach(m_team, count, body);
            for (std::size_t i = from; i < from + count; ++i)
                done += m_rows[i].logicalBytes;
            WR_RETURN_IF_ERROR(tell(0, done, m_plan.logicalBytes));
        }
        return {};
    }

    void describe(std::size_t i)
    {
        const PlannedTensor& tensor = m_plan.tensors[i];
        const Tensor& values = tensor.source->tensor;
        IndexRow& row = m_rows[i];
        row.tensor.spec = {tensor.source->name, values.dtype(), values.shape()};
        row.tensor.filter = tensor.filter;
        row.isPacked = tensor.isPacked;
        row.contentOffset = tensor.contentOffset - m_plan.header.size();
        row.contentBytes = row.logicalBytes = values.byteSize();
        row.firstFrame = tensor.firstFrame;
        row.frameCount = tensor.frameCount;
        row.digest = digestOf(values.bytes());
        if (isFloating(values.dtype()))
            row.statistics = computeStatistics(values);
    }

    struct Slot {
        FrameEncoder encoder;
        std::vector<std::byte> content;
        Result<Frame> frame = Frame();
    };

    Status writeFrames()
    {
        std::vector<Slot> slots(static_cast<std::size_t>(m_team.threads()) * 4);
        for (std::size_t from = 0; from < m_plan.jobs.size(); from += slots.size()) {
            const std::size_t count = std::min(slots.size(), m_plan.jobs.size() - from);
            auto body = [&](std::size_t i) {
                const FrameJob& job = m_plan.jobs[from + i];
                slots[i].content.resize(job.contentSize);
                m_plan.fill(job, slots[i].content.data());
                slots[i].frame =
                    slots[i].encoder.encode(slots[i].content, chooseCoder(slots[i].content, job.repeats));
            };
            forEach(m_team, count, body);
            for (std::size_t i = 0; i < count; ++i) {
                if (!slots[i].frame)
                    return slots[i].frame.error();
                const Frame& frame = *slots[i].frame;
                m_table.append(static_cast<std::uint32_t>(frame.bytes.size()), frame.contentSize,
                               frame.checksum);
                WR_RETURN_IF_ERROR(append(frame.bytes));
            }
            WR_RETURN_IF_ERROR(tell(1, m_table.contentSize, m_plan.contentSize));
        }
        return {};
    }

    Index makeIndex(const Metadata& metadata, const Uuid& uuid, bool isCompact) const
    {
        Index index;
        index.uuid = uuid;
        index.isCompact = isCompact;
        index.headerHash = XXH64(m_plan.header.data(), m_plan.header.size(), 0);
        index.contentSize = m_plan.contentSize;
        index.headerBytes = m_plan.header.size();
        index.frameCount = static_cast<std::uint32_t>(m_plan.jobs.size());
        index.metadata = metadata;
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
            WR_RETURN_IF_ERROR(tell(2, at, m_file.size()));
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
    ThreadTeam m_team;
    const Progress& m_progress;
    XXH3_state_t* m_hash;
    std::vector<IndexRow> m_rows; ///< in the order of the file
    FrameTable m_table;
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

} // namespace

Result<SaveReport> saveCheckpoint(Vfs& vfs, const std::string& path, std::span<const NamedTensor> tensors,
                                  const Metadata& metadata, const SaveOptions& options,
                                  const Progress& progress)
{
    const auto started = std::chrono::steady_clock::now();
    if (!options.replace && vfs.info(path))
        return fail(StatusCode::AlreadyExists, path + ": a file of this name exists");
    const Uuid uuid = randomUuid();
    WR_ASSIGN_OR_RETURN(const SavePlan plan, planSave(tensors, metadata, options.profile, hexText(uuid)));
    WR_RETURN_IF_ERROR(checkFree(vfs, path, plan));
    sweepTemporaries(vfs, path);
    WR_ASSIGN_OR_RETURN(DurableFile file, DurableFile::create(vfs, path));
    Save save(vfs, file, plan, options, progress);
    WR_RETURN_IF_ERROR(save.writeAll(metadata, uuid, options.profile == Profile::Compact));
    SaveReport report;
    report.path = path;
    report.fileBytes = file.size();
    report.logicalBytes = plan.logicalBytes;
    WR_RETURN_IF_ERROR(file.commit(options.replace));
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace wr::checkpoint
