// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint_writer.h"

#include "engine/checkpoint/digest.h"

#include <algorithm>
#include <numeric>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 20U;

/// Statistics of values that are not written here.
Result<Statistics> statisticsOf(const TensorSource& source, std::size_t tensor)
{
    const TensorSpec& spec = source.specs()[tensor];
    const std::int64_t elements = *spec.shape.elementCount();
    StatisticsSum sum(spec.dtype);
    std::vector<std::byte> scratch;
    for (std::int64_t first = 0; first < elements; first += kStatisticsBlock) {
        const std::size_t size = dtypeSize(spec.dtype);
        WR_ASSIGN_OR_RETURN(
            const auto bytes,
            source.bytes(tensor, static_cast<std::uint64_t>(first) * size,
                         static_cast<std::size_t>(std::min(kStatisticsBlock, elements - first)) * size,
                         scratch));
        sum.add(scanPart(spec.dtype, elements, first, bytes));
    }
    return sum.finish();
}

} // namespace

SaveProgress::SaveProgress(const Progress& progress, std::uint64_t bytes)
    : m_progress(progress), m_unit(std::max<std::uint64_t>(bytes, 1))
{
}

Status SaveProgress::tell(std::uint64_t pass, std::uint64_t done, std::uint64_t of) const
{
    const double part = of == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(of);
    const auto bytes = static_cast<std::uint64_t>(static_cast<double>(m_unit) * std::min(part, 1.0));
    if (m_progress && !m_progress(pass * m_unit + std::min(bytes, m_unit), 2 * m_unit))
        return cancelled("saving was cancelled");
    return {};
}

CheckpointWriter::CheckpointWriter(Vfs& vfs, DurableFile& file, const SavePlan& plan, int threads,
                                   const SaveProgress& progress)
    : m_vfs(vfs), m_file(file), m_plan(plan), m_threads(threads), m_progress(progress),
      m_digests(plan.tensors.size()), m_statistics(plan.tensors.size())
{
}

Status CheckpointWriter::writeAll(const Metadata& metadata, const Uuid& uuid, bool isCompact)
{
    WR_RETURN_IF_ERROR(writeFrames());
    WR_RETURN_IF_ERROR(describeUnwritten());
    const Index index = makeIndex(metadata, uuid, isCompact);
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> frame, encodeIndex(index, m_file.size()));
    m_table.append(static_cast<std::uint32_t>(frame.size()), 0, 0);
    WR_RETURN_IF_ERROR(appendHashed(frame));
    WR_RETURN_IF_ERROR(appendHashed(encodeSeekTable(m_table)));
    WR_RETURN_IF_ERROR(m_file.finish());
    return verify();
}

Status CheckpointWriter::writeFrames()
{
    FrameRing ring(m_plan, m_threads);
    EncodedUnit unit;
    for (std::size_t i = 0; i < m_plan.units.size(); ++i) {
        WR_RETURN_IF_ERROR(ring.next(unit));
        for (std::size_t k = 0; k < unit.frames.size(); ++k) {
            const FrameInfo& frame = unit.frames[k];
            m_table.append(frame.size, frame.contentSize, frame.checksum);
            m_frameHashes.push_back(static_cast<std::uint32_t>(unit.hashes[k]));
            m_written.push_back({unit.hashes[k], frame.size});
        }
        WR_RETURN_IF_ERROR(m_file.append(unit.bytes()));
        for (ValuePart& part : unit.values)
            WR_RETURN_IF_ERROR(take(part));
        WR_RETURN_IF_ERROR(m_progress.tell(0, m_table.contentSize, m_plan.contentSize));
    }
    return {};
}

/// Parts of a tensor come one after another, and those of one tensor after those of another.
Status CheckpointWriter::take(ValuePart& part)
{
    const PlannedTensor& tensor = m_plan.tensors[part.tensor];
    if (tensor.needsStatistics) {
        if (!m_sum)
            m_sum.emplace(m_plan.spec(tensor).dtype);
        m_sum->add(std::move(part.statistics));
    }
    if (!part.digest)
        return {};
    std::optional<Statistics> statistics =
        m_sum ? std::optional(m_sum->finish()) : m_plan.source->knownStatistics(tensor.source);
    m_sum.reset();
    return note(part.tensor, *part.digest, std::move(statistics));
}

Status CheckpointWriter::note(std::size_t tensor, const Digest& digest, std::optional<Statistics> statistics)
{
    const PlannedTensor& planned = m_plan.tensors[tensor];
    // Known is not yet true: the values that were written are the ones that must have this digest.
    const std::optional<Digest> known = m_plan.source->knownDigest(planned.source);
    if (known && *known != digest)
        return dataLoss(m_plan.spec(planned).name +
                        ": its values differ from the digest that was saved with them");
    m_digests[tensor] = digest;
    m_statistics[tensor] = std::move(statistics);
    return {};
}

/// Tensors of which no values are written: those that the base holds, and those that have none.
Status CheckpointWriter::describeUnwritten()
{
    for (std::size_t i = 0; i < m_plan.tensors.size(); ++i) {
        const PlannedTensor& tensor = m_plan.tensors[i];
        if (tensor.storedBytes > 0)
            continue;
        std::optional<Statistics> statistics =
            tensor.filter == Filter::Same ? m_plan.base->tensor(tensor.baseTensor).statistics : std::nullopt;
        if (!statistics && isFloating(m_plan.spec(tensor).dtype)) {
            WR_ASSIGN_OR_RETURN(statistics, statisticsOf(*m_plan.source, tensor.source));
        }
        WR_RETURN_IF_ERROR(
            note(i, tensor.digest.value_or(digestOf(std::span<const std::byte>())), statistics));
    }
    return {};
}

Status CheckpointWriter::appendHashed(std::span<const std::byte> bytes)
{
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        const auto piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
        m_written.push_back(
            {XXH3_64bits(piece.data(), piece.size()), static_cast<std::uint32_t>(piece.size())});
    }
    return m_file.append(bytes);
}

IndexRow CheckpointWriter::rowOf(std::size_t tensor) const
{
    const PlannedTensor& planned = m_plan.tensors[tensor];
    IndexRow row;
    row.tensor.spec = m_plan.spec(planned);
    row.tensor.filter = planned.filter;
    row.isPacked = planned.isPacked;
    row.contentOffset = planned.contentOffset - m_plan.header.size();
    row.contentBytes = planned.storedBytes;
    row.logicalBytes = planned.logicalBytes;
    row.firstFrame = planned.firstFrame;
    row.frameCount = planned.frameCount;
    row.digest = m_digests[tensor];
    row.statistics = m_statistics[tensor];
    if (isOfDelta(planned.filter))
        row.baseRow = static_cast<std::uint32_t>(planned.baseTensor);
    return row;
}

Index CheckpointWriter::makeIndex(const Metadata& metadata, const Uuid& uuid, bool isCompact)
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
    index.frameHashes = std::move(m_frameHashes);
    const std::size_t count = m_plan.tensors.size();
    std::vector<std::uint32_t> byName(count);
    std::iota(byName.begin(), byName.end(), 0U);
    std::sort(byName.begin(), byName.end(), [this](std::uint32_t a, std::uint32_t b) {
        return m_plan.spec(m_plan.tensors[a]).name < m_plan.spec(m_plan.tensors[b]).name;
    });
    index.fileOrder.resize(count);
    index.rows.reserve(count);
    for (std::uint32_t row = 0; row < byName.size(); ++row) {
        index.rows.push_back(rowOf(byName[row]));
        index.fileOrder[byName[row]] = row;
    }
    return index;
}

/// Reads back every byte and opens the file as anybody would.
Status CheckpointWriter::verify()
{
    const std::string& path = m_file.temporaryPath();
    {
        WR_ASSIGN_OR_RETURN(const std::unique_ptr<File> file, m_vfs.open(path, OpenMode::Read));
        std::vector<std::byte> buffer;
        std::uint64_t at = 0;
        for (std::size_t i = 0; i < m_written.size();) {
            std::size_t end = i;
            std::size_t size = 0;
            while (end < m_written.size() && (end == i || size + m_written[end].size <= kPiece))
                size += m_written[end++].size;
            buffer.resize(std::max(buffer.size(), size));
            WR_ASSIGN_OR_RETURN(const std::size_t got, file->read(at, std::span(buffer).first(size)));
            const std::byte* piece = buffer.data();
            for (; i < end && got == size; piece += m_written[i++].size) {
                if (XXH3_64bits(piece, m_written[i].size) != m_written[i].hash)
                    return dataLoss("what was read back is not what was written");
            }
            if (got != size)
                return dataLoss("what was read back is shorter than what was written");
            at += size;
            WR_RETURN_IF_ERROR(m_progress.tell(1, at, m_file.size()));
        }
        WR_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
        if (size != at)
            return dataLoss("what was read back is longer than what was written");
    }
    WR_ASSIGN_OR_RETURN(const auto reader, openCheckpoint(m_vfs, path));
    if (!reader->warnings().empty())
        return dataLoss("the file that was written cannot be read back: " + reader->warnings().front());
    if (reader->tensors().size() != m_plan.tensors.size())
        return dataLoss("the file that was written holds other tensors than were given");
    return {};
}

} // namespace wr::checkpoint
