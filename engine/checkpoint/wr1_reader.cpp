// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/wr1_reader.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>
#include <numeric>
#include <xxhash.h>

namespace wr::checkpoint {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::int64_t kMaxElements = std::int64_t{1} << 48U;

} // namespace

Wr1Reader::Wr1Reader(ContentStream content, std::string path, std::uint64_t fileBytes)
    : m_content(std::move(content)), m_path(std::move(path)), m_fileBytes(fileBytes)
{
}

Result<std::shared_ptr<const CheckpointReader>>
Wr1Reader::open(Vfs& vfs, std::shared_ptr<File> file, const std::string& path, std::uint64_t fileBytes)
{
    std::vector<std::string> warnings;
    Result<FrameTable> table = readSeekTable(*file, fileBytes);
    if (!table) {
        warnings.push_back(table.error().message() + "; the frames were searched for instead");
        table = walkFrames(*file, fileBytes);
        if (!table)
            return fail(table.error().withContext(path));
    }
    std::shared_ptr<Wr1Reader> reader(new Wr1Reader(ContentStream(file, std::move(*table)), path, fileBytes));
    reader->m_warnings = std::move(warnings);
    const Result<bool> isListed = reader->openListing(vfs, file);
    if (!isListed)
        return fail(isListed.error().withContext(path));
    if (*isListed)
        return reader;
    const Result<std::vector<std::byte>> header = reader->readHeader();
    if (!header)
        return fail(header.error().withContext(path));
    const Result<Index> index = reader->readIndex(*file);
    Status status = reader->useHeader(vfs, *header);
    if (!status.isOk())
        return fail(status.withContext(path));
    status = index ? reader->useIndex(*index) : index.error();
    if (!status.isOk())
        reader->m_warnings.push_back(status.message() + "; digests and statistics are not known");
    return reader;
}

Result<std::shared_ptr<const Wr1Reader>> Wr1Reader::openRemains(Vfs& vfs, std::shared_ptr<File> file,
                                                                const std::string& path,
                                                                std::uint64_t fileBytes, FrameTable table,
                                                                const Index* index)
{
    std::shared_ptr<Wr1Reader> reader(
        new Wr1Reader(ContentStream(std::move(file), std::move(table)), path, fileBytes));
    const Result<std::vector<std::byte>> header = reader->readHeader();
    Status status = header ? reader->useHeader(vfs, *header) : header.error();
    if (status.isOk() && index != nullptr) {
        if (const Status used = reader->useIndex(*index); !used.isOk())
            reader->m_warnings.push_back(used.message());
    } else if (!status.isOk() && index != nullptr) {
        reader->m_warnings.push_back(status.message() + "; names and places are those of the index");
        reader->m_stored.clear();
        status = reader->useIndexAlone(*index);
    }
    if (!status.isOk())
        return fail(status.withContext(path));
    return reader;
}

/// The unpacked header frames: the length and the JSON.
Result<std::vector<std::byte>> Wr1Reader::readHeader()
{
    std::array<std::byte, kLengthBytes> length{};
    StreamScratch scratch;
    if (m_content.size() < length.size())
        return fail(dataLoss("the header is missing"));
    WR_RETURN_IF_ERROR(m_content.read(0, length, scratch).withContext("the header is damaged"));
    const auto size = loadLittle<std::uint64_t>(length.data());
    if (size > kMaxHeaderBytes)
        return fail(dataLoss("the header claims to be longer than 100 MB"));
    if (size > m_content.size() - length.size())
        return fail(dataLoss("the header is cut off"));
    std::vector<std::byte> header(static_cast<std::size_t>(size) + length.size());
    WR_RETURN_IF_ERROR(m_content.read(0, header, scratch).withContext("the header is damaged"));
    m_headerHash = XXH64(header.data(), header.size(), 0);
    return header;
}

Status Wr1Reader::useMetadata(Vfs& vfs, Metadata& stored)
{
    if (stored["wr.version"] != "1")
        return unimplemented("the file was written by a newer Weightroom (WR1 version \"" +
                             stored["wr.version"] + "\")");
    Result<Metadata> original = parseJsonObject(stored["wr.orig_metadata"]);
    if (!original)
        return dataLoss("the header is damaged: wr.orig_metadata: " + original.error().message());
    m_metadata = std::move(*original);
    m_uuid = stored["wr.uuid"];
    if (const auto uuid = stored.find("wr.base_uuid"); uuid != stored.end())
        m_base = std::make_unique<BaseLink>(
            vfs, m_path, BaseReference{uuid->second, stored["wr.base_digest"], stored["wr.base_hint"]});
    if (const auto names = stored.find("wr.rename"); names != stored.end()) {
        Result<Metadata> renamed = parseJsonObject(names->second);
        if (!renamed)
            return dataLoss("the header is damaged: wr.rename: " + renamed.error().message());
        m_baseNames = std::move(*renamed);
    }
    return {};
}

Status Wr1Reader::useHeader(Vfs& vfs, std::span<const std::byte> unpacked)
{
    const std::uint64_t bufferAt = unpacked.size();
    WR_ASSIGN_OR_RETURN(TensorHeader header,
                        parseHeader(unpacked.subspan(kLengthBytes), m_content.size() - bufferAt));
    const auto format = header.metadata.find("format");
    m_isCompact = format != header.metadata.end() && format->second == "wr1";
    if (m_isCompact)
        WR_RETURN_IF_ERROR(useMetadata(vfs, header.metadata));
    else
        m_metadata = std::move(header.metadata);
    std::vector<StoredTensor> all;
    all.reserve(header.tensors.size());
    for (HeaderTensor& stored : header.tensors) {
        OriginalTensor original;
        if (m_isCompact) {
            WR_ASSIGN_OR_RETURN(original, originalTensor(stored.spec.name));
        } else {
            original.spec.name = stored.spec.name;
        }
        const std::uint64_t bytes = stored.end - stored.begin;
        std::uint64_t logical = bytes;
        if (original.filter == Filter::None) {
            original.spec.dtype = stored.spec.dtype;
            original.spec.shape = std::move(stored.spec.shape);
        } else {
            const std::optional<std::int64_t> elements = original.spec.shape.elementCount();
            logical = original.filter == Filter::Same && elements && bytes == 0
                          ? static_cast<std::uint64_t>(*elements) * dtypeSize(original.spec.dtype)
                          : bytes;
            if (!elements || *elements > kMaxElements || stored.spec.dtype != DType::UInt8 ||
                stored.spec.shape.rank() != 1 ||
                static_cast<std::uint64_t>(*elements) != logical / dtypeSize(original.spec.dtype) ||
                logical % dtypeSize(original.spec.dtype) != 0)
                return dataLoss("the header is damaged: tensor \"" + original.spec.name +
                                "\" does not fill its bytes");
            if (isOfDelta(original.filter) && !m_base)
                return dataLoss("the header is damaged: tensor \"" + original.spec.name +
                                "\" needs a base and none is named");
        }
        StoredTensor tensor;
        tensor.entry.logicalBytes = logical;
        tensor.entry.storedBytes = storedBytes(bufferAt + stored.begin, bytes);
        tensor.entry.spec = std::move(original.spec);
        tensor.offset = bufferAt + stored.begin;
        tensor.filter = original.filter;
        all.push_back(std::move(tensor));
    }
    const auto nameOf = [](const StoredTensor& tensor) -> const std::string& {
        return tensor.entry.spec.name;
    };
    std::ranges::sort(all, {}, nameOf);
    if (const auto twice = std::ranges::adjacent_find(all, {}, nameOf); twice != all.end())
        return dataLoss("the header is damaged: it names tensor \"" + nameOf(*twice) + "\" twice");
    m_stored = std::move(all);
    return {};
}

Result<Index> Wr1Reader::readIndex(File& file) const
{
    const std::vector<FramePlace>& frames = m_content.table().frames;
    if (frames.empty() || frames.back().contentSize != 0)
        return fail(dataLoss("the index is missing"));
    std::vector<std::byte> frame(frames.back().fileSize);
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(frames.back().fileOffset, frame));
    if (got != frame.size())
        return fail(dataLoss("the index is missing"));
    return decodeIndex(frame, frames.back().fileOffset);
}

Status Wr1Reader::useIndex(const Index& index)
{
    bool agrees = index.headerHash == m_headerHash && index.contentSize == m_content.size() &&
                  index.rows.size() == m_stored.size();
    for (std::size_t i = 0; agrees && i < m_stored.size(); ++i)
        agrees = index.rows[i].tensor.spec == m_stored[i].entry.spec;
    if (!agrees)
        return dataLoss("the index belongs to another header and was not used");
    for (std::size_t i = 0; i < m_stored.size(); ++i) {
        m_stored[i].entry.digest = index.rows[i].digest;
        m_stored[i].entry.statistics = index.rows[i].statistics;
    }
    return {};
}

Status Wr1Reader::useIndexAlone(const Index& index)
{
    m_isCompact = index.isCompact;
    m_uuid = index.isCompact ? hexText(index.uuid) : std::string();
    m_metadata = index.metadata;
    m_stored.reserve(index.rows.size());
    for (const IndexRow& row : index.rows) {
        WR_ASSIGN_OR_RETURN(StoredTensor tensor, placed(row, index.headerBytes));
        m_stored.push_back(std::move(tensor));
    }
    return {};
}

} // namespace wr::checkpoint
