// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/damage_map.h"
#include "engine/checkpoint/durable_file.h"
#include "engine/checkpoint/file_survey.h"
#include "engine/checkpoint/shard_set.h"
#include "engine/checkpoint/tensor_source.h"

#include <algorithm>
#include <set>

namespace wr::checkpoint {
namespace {

using Kind = ScannedFrame::Kind;

class Verifier {
public:
    Verifier(DamageMap& map, const FileSurvey& survey, const Progress& progress)
        : m_map(map), m_survey(survey), m_progress(progress)
    {
    }

    Status run()
    {
        m_map.fileBytes = m_survey.fileBytes;
        frames();
        missingEnd();
        table();
        index();
        header();
        WR_RETURN_IF_ERROR(tensors());
        m_map.lost.assign(m_lost.begin(), m_lost.end());
        return {};
    }

private:
    void frames()
    {
        for (std::size_t i = 0; i < m_survey.scan.frames.size(); ++i) {
            const ScannedFrame& frame = m_survey.scan.frames[i];
            m_map.frames += frame.kind == Kind::Data || frame.kind == Kind::Lost ? 1U : 0U;
            if (frame.kind != Kind::Lost && !frame.isAltered)
                continue;
            DamagePlace place = at(frame.isAltered ? DamageKind::Altered : DamageKind::Frame, i);
            place.what = frame.what;
            if (!frame.isAltered && m_survey.reader)
                touch(place, i);
            m_map.places.push_back(std::move(place));
        }
    }

    /// Names the tensors of a lost frame: those of its part of the content, or, where that is not certain,
    /// of all that lies between its neighbours.
    void touch(DamagePlace& place, std::size_t i)
    {
        std::uint64_t begin = 0;
        std::uint64_t end = UINT64_MAX;
        if (m_survey.content[i]) {
            begin = m_survey.content[i]->begin;
            end = m_survey.content[i]->end;
        } else {
            for (std::size_t k = 0; k < i; ++k)
                begin = m_survey.content[k] ? m_survey.content[k]->end : begin;
            for (std::size_t k = m_survey.content.size(); k-- > i + 1;) {
                if (m_survey.content[k] && m_survey.scan.frames[k].kind == Kind::Data)
                    end = m_survey.content[k]->begin;
            }
        }
        for (const std::size_t tensor : m_survey.reader->tensorsIn(begin, end))
            lose(place, m_survey.reader->tensors()[tensor].spec.name);
    }

    void lose(DamagePlace& place, const std::string& name)
    {
        place.tensors.push_back(name);
        m_lost.insert(name);
    }

    /// A file that was cut has all its frames, only fewer.
    void missingEnd()
    {
        if (!m_survey.reader || m_survey.table || m_survey.index)
            return;
        const std::uint64_t total = m_survey.reader->contentSize();
        std::uint64_t reached = 0;
        for (const auto& range : m_survey.content)
            reached = range ? std::max(reached, range->end) : reached;
        if (reached >= total)
            return;
        DamagePlace place;
        place.kind = DamageKind::Missing;
        place.offset = m_survey.fileBytes;
        place.what = "the file ends here, and " + std::to_string(total - reached) +
                     " bytes of the content are missing";
        for (const std::size_t tensor : m_survey.reader->tensorsIn(reached, total))
            lose(place, m_survey.reader->tensors()[tensor].spec.name);
        m_map.places.push_back(std::move(place));
    }

    void table()
    {
        const std::vector<ScannedFrame>& frames = m_survey.scan.frames;
        const auto found = std::find_if(frames.begin(), frames.end(),
                                        [](const ScannedFrame& frame) { return frame.kind == Kind::Table; });
        DamagePlace place;
        place.kind = DamageKind::Table;
        if (found != frames.end()) {
            place.offset = found->fileOffset;
            place.size = found->fileSize;
        } else {
            place.offset = m_survey.fileBytes;
        }
        if (!m_survey.table) {
            place.what = m_survey.tableProblem;
            m_map.places.push_back(std::move(place));
            return;
        }
        // What the table says of whole frames must be what they say themselves.
        std::size_t entry = 0;
        constexpr std::uint64_t kHeader = 8;
        constexpr std::uint64_t kEntry = 12;
        for (const ScannedFrame& frame : frames) {
            if (frame.kind == Kind::Table)
                break;
            if (entry >= m_survey.table->frames.size())
                break;
            const FramePlace& listed = m_survey.table->frames[entry];
            const bool isWrong = frame.kind == Kind::Data
                                     ? listed.fileSize != frame.fileSize ||
                                           listed.contentSize != *frame.contentSize ||
                                           listed.checksum != frame.checksum
                                     : frame.kind == Kind::Index &&
                                           (listed.fileSize != frame.fileSize || listed.contentSize != 0);
            if (isWrong) {
                DamagePlace wrong = place;
                wrong.offset += kHeader + kEntry * entry;
                wrong.size = kEntry;
                wrong.what = "entry " + std::to_string(entry) + " differs from the frame that it lists";
                m_map.places.push_back(std::move(wrong));
            }
            ++entry;
        }
    }

    void index()
    {
        if (m_survey.indexProblem.empty() && m_survey.reader && m_survey.headerProblem.empty() &&
            m_survey.reader->warnings().empty())
            return;
        DamagePlace place;
        place.kind = DamageKind::Index;
        place.what = m_survey.indexProblem;
        place.offset = m_survey.fileBytes;
        for (const ScannedFrame& frame : m_survey.scan.frames) {
            if (frame.kind == Kind::Index) {
                place.offset = frame.fileOffset;
                place.size = frame.fileSize;
            }
        }
        if (place.what.empty() && m_survey.reader && m_survey.headerProblem.empty())
            place.what = m_survey.reader->warnings().front();
        if (!place.what.empty())
            m_map.places.push_back(std::move(place));
    }

    void header()
    {
        if (m_survey.headerProblem.empty())
            return;
        DamagePlace place;
        place.kind = DamageKind::Header;
        place.what = m_survey.headerProblem;
        m_map.places.push_back(std::move(place));
    }

    Status tensors()
    {
        if (!m_survey.reader)
            return {};
        const Wr1Reader& reader = *m_survey.reader;
        const TensorRange entries = reader.tensors();
        m_map.tensors = entries.size();
        m_map.knowsDigests = std::all_of(entries.begin(), entries.end(),
                                         [](const TensorEntry& entry) { return entry.digest.has_value(); });
        const ReaderSource source(reader, {});
        DamagePlace base;
        base.kind = DamageKind::Base;
        std::uint64_t total = 0;
        for (const TensorEntry& entry : entries)
            total += entry.logicalBytes;
        std::uint64_t done = 0;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const TensorEntry entry = entries[i];
            if (m_lost.contains(entry.spec.name))
                continue;
            if (m_progress && !m_progress(done, total))
                return cancelled("the check was cancelled");
            done += entry.logicalBytes;
            const Result<Digest> digest = streamedDigest(source, i);
            if (digest && (!entry.digest || *entry.digest == *digest))
                continue;
            if (!digest && digest.error().code() != StatusCode::DataLoss &&
                digest.error().code() != StatusCode::NotFound)
                return digest.error();
            if (!digest && reader.needsBase(i)) {
                base.what = digest.error().message();
                lose(base, entry.spec.name);
                continue;
            }
            DamagePlace place;
            place.kind = DamageKind::Tensor;
            place.what = digest ? "its values differ from the digest that was saved with them"
                                : digest.error().message();
            lose(place, entry.spec.name);
            m_map.places.push_back(std::move(place));
        }
        if (!base.tensors.empty())
            m_map.places.push_back(std::move(base));
        return {};
    }

    DamagePlace at(DamageKind kind, std::size_t i) const
    {
        const ScannedFrame& frame = m_survey.scan.frames[i];
        DamagePlace place;
        place.kind = kind;
        place.frame = static_cast<std::int64_t>(i);
        place.offset = frame.fileOffset;
        place.size = frame.fileSize;
        return place;
    }

    DamageMap& m_map;
    const FileSurvey& m_survey;
    const Progress& m_progress;
    std::set<std::string> m_lost;
};

Result<DamageMap> verifyOne(Vfs& vfs, const std::string& path, const Progress& progress)
{
    DamageMap map;
    map.path = path;
    const Progress half = [&](std::uint64_t done, std::uint64_t total) {
        return !progress || progress(done, 2 * total);
    };
    const Result<FileSurvey> survey = surveyFile(vfs, path, half);
    if (!survey)
        return fail(survey.error());
    const Progress otherHalf = [&](std::uint64_t done, std::uint64_t total) {
        return !progress || progress(total + done, 2 * total);
    };
    WR_RETURN_IF_ERROR(Verifier(map, *survey, otherHalf).run());
    return map;
}

} // namespace

std::string_view damageKindName(DamageKind kind)
{
    switch (kind) {
    case DamageKind::Frame:
        return "frame";
    case DamageKind::Altered:
        return "altered";
    case DamageKind::Missing:
        return "missing";
    case DamageKind::Header:
        return "header";
    case DamageKind::Table:
        return "table";
    case DamageKind::Index:
        return "index";
    case DamageKind::Tensor:
        return "tensor";
    case DamageKind::Base:
        break;
    }
    return "base";
}

Result<DamageMap> verifyFile(Vfs& vfs, const std::string& path, const Progress& progress)
{
    const Result<ShardSet> set = readShardSet(vfs, path);
    if (!set)
        return set.error().code() == StatusCode::DataLoss ? fail(set.error())
                                                          : verifyOne(vfs, path, progress);
    WR_ASSIGN_OR_RETURN(const FileInfo info, vfs.info(path));
    DamageMap map;
    map.path = path;
    map.fileBytes = info.size;
    map.knowsDigests = true;
    for (std::size_t i = 0; i < set->parts.size(); ++i) {
        const Progress told = [&](std::uint64_t done, std::uint64_t total) {
            return !progress || progress(i * total + done, set->parts.size() * total);
        };
        WR_ASSIGN_OR_RETURN(DamageMap part,
                            verifyOne(vfs, directoryOf(path) + "/" + set->parts[i].file, told));
        map.fileBytes += part.fileBytes;
        map.frames += part.frames;
        map.tensors += part.tensors;
        map.knowsDigests = map.knowsDigests && part.knowsDigests;
        for (DamagePlace& place : part.places) {
            place.what = set->parts[i].file + ": " + place.what;
            map.places.push_back(std::move(place));
        }
        map.lost.insert(map.lost.end(), part.lost.begin(), part.lost.end());
    }
    return map;
}

} // namespace wr::checkpoint
