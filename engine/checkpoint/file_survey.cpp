// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_survey.h"

#include "engine/base/little_endian.h"
#include "engine/checkpoint/file_kind.h"
#include "engine/checkpoint/tensor_header.h"

#include <algorithm>

namespace wr::checkpoint {
namespace {

using Kind = ScannedFrame::Kind;

Result<Index> readIndexAt(File& file, std::uint64_t at, std::uint64_t size)
{
    std::vector<std::byte> frame(static_cast<std::size_t>(size));
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(at, frame));
    if (got != frame.size())
        return fail(dataLoss("the file became shorter while it was read"));
    return decodeIndex(frame, at);
}

/// Whether the file ends with a table of frames, or what may have been one.
Result<bool> endsLikeOurs(File& file, std::uint64_t fileBytes)
{
    std::array<std::byte, 4> magic{};
    if (fileBytes < magic.size())
        return false;
    WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(fileBytes - magic.size(), magic));
    return got == magic.size() && loadLittle<std::uint32_t>(magic.data()) == kSeekFooterMagic;
}

/// Content size as the header tells it, from the whole frames at the file's beginning.
Result<std::uint64_t> contentByHeader(File& file, const FrameScan& scan)
{
    constexpr std::size_t kLength = 8;
    std::vector<std::byte> header;
    std::vector<std::byte> packed;
    FrameDecoder decoder;
    std::uint64_t needed = kLength;
    for (const ScannedFrame& frame : scan.frames) {
        if (frame.kind != Kind::Data || header.size() >= needed)
            break;
        packed.resize(static_cast<std::size_t>(frame.fileSize));
        WR_ASSIGN_OR_RETURN(const std::size_t got, file.read(frame.fileOffset, packed));
        const std::size_t before = header.size();
        header.resize(before + *frame.contentSize);
        if (got != packed.size())
            return fail(dataLoss("the file became shorter while it was read"));
        WR_RETURN_IF_ERROR(decoder.decode(packed, std::span(header).subspan(before), frame.checksum));
        if (before == 0 && header.size() >= kLength) {
            needed = loadLittle<std::uint64_t>(header.data());
            if (needed > kMaxHeaderBytes)
                return fail(dataLoss("the header claims to be longer than 100 MB"));
            needed += kLength;
        }
    }
    if (header.size() < needed)
        return fail(dataLoss("the header is damaged"));
    const auto json = std::span(header).subspan(kLength, static_cast<std::size_t>(needed) - kLength);
    WR_ASSIGN_OR_RETURN(const TensorHeader parsed, parseHeader(json, kAnyBuffer));
    return needed + (parsed.tensors.empty() ? 0 : parsed.tensors.back().end);
}

/// Frames before the first stretch of unknown content lie where the sizes before them say; those after the
/// last one are counted from the end of the content, where the file's end is there. Where there is but one
/// such stretch, it holds the rest.
void placeContent(FileSurvey& survey, std::optional<std::uint64_t> total)
{
    const std::vector<ScannedFrame>& frames = survey.scan.frames;
    survey.content.assign(frames.size(), std::nullopt);
    const auto sizeOf = [&](std::size_t i) -> std::optional<std::uint64_t> {
        if (frames[i].kind == Kind::Index || frames[i].kind == Kind::Table)
            return 0;
        return frames[i].contentSize ? std::optional<std::uint64_t>(*frames[i].contentSize) : std::nullopt;
    };
    std::uint64_t at = 0;
    std::size_t first = 0;
    for (; first < frames.size(); ++first) {
        const auto size = sizeOf(first);
        if (!size || (total && *size > *total - std::min(at, *total)))
            break;
        survey.content[first] = FileSurvey::Range{at, at + *size};
        at += *size;
    }
    const bool hasEnd = std::any_of(frames.begin(), frames.end(), [](const ScannedFrame& frame) {
        return frame.kind == Kind::Index || frame.kind == Kind::Table;
    });
    if (first == frames.size() || !total || !hasEnd)
        return;
    std::uint64_t end = *total;
    std::size_t last = frames.size();
    for (; last > first + 1; --last) {
        const auto size = sizeOf(last - 1);
        if (!size || *size > end - std::min(at, end))
            break;
        survey.content[last - 1] = FileSurvey::Range{end - *size, end};
        end -= *size;
    }
    if (last == first + 1 && at <= end)
        survey.content[first] = FileSurvey::Range{at, end};
}

FrameTable wholeFrames(const FileSurvey& survey, std::uint64_t total)
{
    FrameTable table;
    for (std::size_t i = 0; i < survey.scan.frames.size(); ++i) {
        const ScannedFrame& frame = survey.scan.frames[i];
        if (frame.kind != Kind::Data || !survey.content[i])
            continue;
        table.frames.push_back({frame.fileOffset, survey.content[i]->begin,
                                static_cast<std::uint32_t>(frame.fileSize), *frame.contentSize,
                                frame.checksum});
    }
    table.contentSize = total;
    return table;
}

} // namespace

Result<FileSurvey> surveyFile(Vfs& vfs, const std::string& path, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(path));
    if (!info.isRegular)
        return fail(invalidArgument(
            path + (info.isDirectory ? ": a folder, not a checkpoint" : ": not a regular file")));
    WR_ASSIGN_OR_RETURN(std::shared_ptr<File> file, vfs.open(path, OpenMode::Read));
    FileSurvey survey;
    WR_ASSIGN_OR_RETURN(survey.fileBytes, file->size());
    std::array<std::byte, kSniffBytes> head{};
    WR_ASSIGN_OR_RETURN(const std::size_t headSize, file->read(0, head));
    const FileKind kind = fileKind(std::span(head).first(headSize), {}, survey.fileBytes);
    WR_ASSIGN_OR_RETURN(const bool hasOurEnd, endsLikeOurs(*file, survey.fileBytes));
    if (kind != FileKind::Zstd && !hasOurEnd)
        return fail(
            invalidArgument(path + ": " +
                            (kind == FileKind::Safetensors ? "a safetensors file, which has no checksums"
                                                           : fileKindAdvice(kind))));

    Result<FrameTable> table = readSeekTable(*file, survey.fileBytes);
    if (table)
        survey.table = std::move(*table);
    else
        survey.tableProblem = table.error().message();
    survey.indexProblem = "the index is missing";
    const auto useIndexAt = [&](std::uint64_t at, std::uint64_t size) {
        Result<Index> index = readIndexAt(*file, at, size);
        survey.indexProblem = index ? std::string() : index.error().message();
        if (index)
            survey.index = std::move(*index);
    };
    const bool isListed =
        survey.table && !survey.table->frames.empty() && survey.table->frames.back().contentSize == 0;
    if (isListed)
        useIndexAt(survey.table->frames.back().fileOffset, survey.table->frames.back().fileSize);
    const auto hashes = survey.index && survey.index->frameHashes.size() + 1 == survey.table->frames.size()
                            ? std::span<const std::uint32_t>(survey.index->frameHashes)
                            : std::span<const std::uint32_t>();
    WR_ASSIGN_OR_RETURN(survey.scan, scanFrames(*file, survey.fileBytes,
                                                survey.table ? &*survey.table : nullptr, hashes, progress));
    for (const ScannedFrame& frame : survey.scan.frames) {
        if (frame.kind == Kind::Index && !survey.index && !isListed)
            useIndexAt(frame.fileOffset, frame.fileSize);
    }
    const Result<std::uint64_t> byHeader = contentByHeader(*file, survey.scan);
    std::optional<std::uint64_t> total;
    if (byHeader)
        total = *byHeader;
    else if (survey.index)
        total = survey.index->contentSize;
    placeContent(survey, total);
    if (!total) {
        survey.headerProblem = byHeader.error().message();
        return survey;
    }
    Result<std::shared_ptr<const Wr1Reader>> reader =
        Wr1Reader::openRemains(vfs, file, path, survey.fileBytes, wholeFrames(survey, *total),
                               survey.index ? &*survey.index : nullptr);
    if (reader)
        survey.reader = *reader;
    else if (reader.error().code() == StatusCode::Unimplemented)
        return fail(reader.error());
    if (!byHeader)
        survey.headerProblem = byHeader.error().message();
    else if (!reader)
        survey.headerProblem = reader.error().message();
    return survey;
}

} // namespace wr::checkpoint
