// SPDX-License-Identifier: GPL-3.0-or-later
// What a reader knows of its tensors: a list of all, made when the file is opened, or, where they are very
// many, a listing that is read as it is looked at.
#include "engine/base/little_endian.h"
#include "engine/checkpoint/tensor_header.h"
#include "engine/checkpoint/wr1_reader.h"

#include <algorithm>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 48U;
constexpr std::size_t kLengthBytes = 8;

} // namespace

/// A header of very many tensors takes seconds to parse. An index that was written with it tells names and
/// places too, and the hashes of the header's frames tell that it was; verifyFile() compares the two. False:
/// the header must be parsed.
Result<bool> Wr1Reader::openListing(Vfs& vfs, const std::shared_ptr<File>& file)
{
    const std::vector<FramePlace>& frames = m_content.table().frames;
    if (frames.empty() || frames.back().contentSize != 0 || frames.back().fileSize < layout::kLocator)
        return false;
    const FramePlace& frame = frames.back();
    std::vector<std::byte> front(std::min<std::size_t>(kMaxIndexHead, frame.fileSize));
    std::array<std::byte, layout::kLocator> locator{};
    WR_ASSIGN_OR_RETURN(const std::size_t atFront, file->read(frame.fileOffset, front));
    WR_ASSIGN_OR_RETURN(const std::size_t atEnd,
                        file->read(frame.fileOffset + frame.fileSize - locator.size(), locator));
    if (atFront != front.size() || atEnd != locator.size())
        return false;
    const Result<IndexHead> head = readIndexHead(front, locator, frame.fileOffset, frame.fileSize);
    const std::uint64_t payloadAt = frame.fileOffset + layout::kFrameHeader;
    if (!head || head->tensors < layout::kManyRows || head->index.contentSize != m_content.size() ||
        head->index.headerBytes > kMaxHeaderBytes + kLengthBytes)
        return false;
    WR_ASSIGN_OR_RETURN(const bool isOfHeader, areHeaderFramesOf(*file, payloadAt, *head));
    if (!isOfHeader)
        return false;
    Result<Metadata> stored = leadingMetadata(head->index.headerBytes);
    const bool isCompact = stored && stored->contains("format") && stored->at("format") == "wr1";
    if (!stored || isCompact != head->index.isCompact || stored->contains("wr.base_uuid"))
        return false;
    Result<std::unique_ptr<const IndexListing>> listing = IndexListing::open(file, payloadAt, *head);
    if (!listing && listing.error().code() != StatusCode::DataLoss &&
        listing.error().code() != StatusCode::NotFound)
        return fail(listing.error());
    if (!listing || (isCompact && !useMetadata(vfs, *stored).isOk()))
        return false;
    if (!isCompact)
        m_metadata = std::move(*stored);
    m_isCompact = isCompact;
    m_listing = std::move(*listing);
    m_listedAt = head->index.headerBytes;
    return true;
}

/// Whether the frames of the header are, byte for byte, those that the index was written with.
Result<bool> Wr1Reader::areHeaderFramesOf(File& file, std::uint64_t payloadAt, const IndexHead& head) const
{
    const std::optional<SectionPlace>& place = head.sections[layout::Frames];
    const std::vector<FramePlace>& frames = m_content.table().frames;
    if (!place || head.index.frameCount + 1 != frames.size() ||
        place->size != std::uint64_t{head.index.frameCount} * sizeof(std::uint32_t))
        return false;
    std::vector<std::byte> buffer(static_cast<std::size_t>(place->stored));
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(payloadAt + place->offset, buffer));
    if (got != buffer.size())
        return false;
    const Result<std::vector<std::byte>> hashes = unpackSection(*place, buffer);
    if (!hashes)
        return false;
    std::uint64_t content = 0;
    for (std::size_t i = 0; i < frames.size() && content < head.index.headerBytes; ++i) {
        buffer.resize(frames[i].fileSize);
        WR_ASSIGN_OR_RETURN(const std::size_t read, file.read(frames[i].fileOffset, buffer));
        if (read != buffer.size() ||
            frameHash(buffer) != loadLittle<std::uint32_t>(hashes->data() + i * sizeof(std::uint32_t)))
            return false;
        content += frames[i].contentSize;
    }
    return content == head.index.headerBytes;
}

/// The metadata at the front of the header, of which no more is unpacked than that takes.
Result<Metadata> Wr1Reader::leadingMetadata(std::uint64_t headerBytes) const
{
    StreamScratch scratch;
    std::vector<std::byte> front;
    for (std::uint64_t size = std::min<std::uint64_t>(headerBytes, kMaxFrameContent);;
         size = std::min(headerBytes, size * 8)) {
        front.resize(static_cast<std::size_t>(size));
        WR_RETURN_IF_ERROR(m_content.read(0, front, scratch));
        if (size < kLengthBytes || loadLittle<std::uint64_t>(front.data()) != headerBytes - kLengthBytes)
            return fail(dataLoss("the header is damaged"));
        Result<Metadata> metadata = headerMetadata(std::span(front).subspan(kLengthBytes));
        if (metadata || size == headerBytes)
            return metadata;
    }
}

Result<Wr1Reader::StoredTensor> Wr1Reader::placed(const IndexRow& row, std::uint64_t headerBytes) const
{
    const TensorSpec& spec = row.tensor.spec;
    const std::optional<std::int64_t> elements = spec.shape.elementCount();
    const std::uint64_t size = dtypeSize(spec.dtype);
    const std::uint64_t content = m_content.size();
    const bool isSame = row.tensor.filter == Filter::Same;
    if (!elements || size == 0 || *elements > kMaxElements ||
        row.logicalBytes != static_cast<std::uint64_t>(*elements) * size ||
        row.contentBytes != (isSame ? 0 : row.logicalBytes) || headerBytes > content ||
        row.contentOffset > content - headerBytes ||
        row.contentBytes > content - headerBytes - row.contentOffset)
        return fail(dataLoss("the index is damaged: tensor \"" + spec.name + "\" lies outside of the file"));
    const std::uint64_t at = headerBytes + row.contentOffset;
    return StoredTensor{
        {spec, row.logicalBytes, storedBytes(at, row.contentBytes), row.digest, row.statistics},
        at,
        row.tensor.filter};
}

Result<Wr1Reader::StoredTensor> Wr1Reader::stored(std::size_t index) const
{
    if (!m_listing)
        return m_stored[index];
    WR_ASSIGN_OR_RETURN(const IndexRow row, m_listing->row(index));
    if (isOfDelta(row.tensor.filter))
        return fail(dataLoss("the index is damaged: tensor \"" + row.tensor.spec.name + "\" needs a base"));
    return placed(row, m_listedAt);
}

std::uint64_t Wr1Reader::storedBytes(std::uint64_t begin, std::uint64_t size) const
{
    std::uint64_t stored = 0;
    if (size == 0)
        return stored;
    const std::vector<FramePlace>& frames = m_content.table().frames;
    for (std::size_t i = m_content.frameAt(begin);
         i < frames.size() && frames[i].contentOffset < begin + size; ++i)
        stored += frames[i].fileSize;
    return stored;
}

std::size_t Wr1Reader::tensorCount() const
{
    return m_listing ? m_listing->names().size() : m_stored.size();
}

TensorEntry Wr1Reader::tensor(std::size_t index) const
{
    Result<StoredTensor> tensor = stored(index);
    if (tensor)
        return std::move(tensor->entry);
    // Only its name is left; reading it tells why.
    TensorEntry lost;
    lost.spec = {m_listing->names().name(index), DType::UInt8, Shape{0}};
    return lost;
}

void Wr1Reader::forEachName(const NameCall& call) const
{
    if (m_listing)
        return m_listing->names().forEach(0, m_listing->names().size(), call);
    for (std::size_t i = 0; i < m_stored.size(); ++i)
        call(i, m_stored[i].entry.spec.name);
}

bool Wr1Reader::needsBase(std::size_t index) const
{
    return !m_listing && isOfDelta(m_stored[index].filter);
}

std::vector<std::size_t> Wr1Reader::tensorsIn(std::uint64_t begin, std::uint64_t end) const
{
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < m_stored.size(); ++i) {
        const StoredTensor& tensor = m_stored[i];
        const std::uint64_t size = tensor.filter == Filter::Same ? 0 : tensor.entry.logicalBytes;
        if (size > 0 && tensor.offset < end && tensor.offset + size > begin)
            found.push_back(i);
    }
    return found;
}

std::ptrdiff_t Wr1Reader::find(std::string_view name) const
{
    if (m_listing)
        return m_listing->names().find(name);
    const auto found = std::lower_bound(
        m_stored.begin(), m_stored.end(), name,
        [](const StoredTensor& tensor, std::string_view n) { return tensor.entry.spec.name < n; });
    return found != m_stored.end() && found->entry.spec.name == name ? found - m_stored.begin() : -1;
}

} // namespace wr::checkpoint
