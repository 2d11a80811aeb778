// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/save_plan.h"

#include "engine/checkpoint/base_link.h"
#include "engine/checkpoint/filter_choice.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/mangled_name.h"

#include <algorithm>
#include <set>

namespace wr::checkpoint {
namespace {

/// Smaller tensors are packed together, without filters.
constexpr std::uint64_t kLargeTensor = 262'144;
constexpr std::size_t kHeaderAlignment = 4096;

class Cutter {
public:
    explicit Cutter(SavePlan& plan) : m_plan(plan) {}

    void header()
    {
        const std::uint64_t size = m_plan.header.size();
        for (std::uint64_t at = 0; at < size; at += kMaxFrameContent)
            stretch(at, std::min<std::uint64_t>(kMaxFrameContent, size - at), true);
    }

    void tensor(std::size_t index)
    {
        PlannedTensor& tensor = m_plan.tensors[index];
        const std::uint64_t bytes = tensor.storedBytes;
        if (bytes < kLargeTensor) {
            if (m_packed + bytes > kMaxFrameContent)
                flush();
            if (m_packed == 0)
                m_packedFrom = tensor.contentOffset;
            tensor.firstFrame = nextFrame();
            tensor.frameCount = bytes > 0 ? 1 : 0;
            tensor.isPacked = bytes > 0;
            m_packed += bytes;
            return;
        }
        flush();
        tensor.firstFrame = nextFrame();
        if (tensor.filter == Filter::None) {
            for (std::uint64_t at = 0; at < bytes; at += kMaxFrameContent)
                stretch(tensor.contentOffset + at, std::min<std::uint64_t>(kMaxFrameContent, bytes - at),
                        true);
        } else {
            planes(index, tensor);
        }
        tensor.frameCount = nextFrame() - tensor.firstFrame;
    }

    /// Ends the run of small tensors.
    void flush()
    {
        if (m_packed > 0)
            stretch(m_packedFrom, m_packed, true);
        m_packed = 0;
    }

private:
    std::uint32_t nextFrame() const { return static_cast<std::uint32_t>(m_plan.jobs.size()); }

    void stretch(std::uint64_t at, std::uint64_t size, bool repeats)
    {
        FrameJob job;
        job.contentOffset = at;
        job.contentSize = static_cast<std::uint32_t>(size);
        job.repeats = repeats;
        m_plan.jobs.push_back(job);
    }

    void planes(std::size_t index, const PlannedTensor& tensor)
    {
        const std::size_t elementSize = dtypeSize(m_plan.spec(tensor).dtype);
        const std::uint64_t elements = tensor.storedBytes / elementSize;
        for (std::uint64_t first = 0; first < elements; first += kBlockElements) {
            const std::uint64_t count = std::min<std::uint64_t>(kBlockElements, elements - first);
            for (std::uint32_t plane = 0; plane < elementSize; ++plane) {
                FrameJob job;
                job.contentOffset = tensor.contentOffset + first * elementSize + plane * count;
                job.contentSize = static_cast<std::uint32_t>(count);
                job.filtered = static_cast<std::int64_t>(index);
                job.firstElement = first;
                job.plane = plane;
                job.repeats = tensor.repeats;
                m_plan.jobs.push_back(job);
            }
        }
    }

    SavePlan& m_plan;
    std::uint64_t m_packedFrom = 0;
    std::uint64_t m_packed = 0;
};

/// Chooses filters, looking at the base where there is one.
class Chooser {
public:
    Chooser(SavePlan& plan, const SaveOptions& options) : m_plan(plan), m_options(options) {}

    Status choose()
    {
        for (PlannedTensor& tensor : m_plan.tensors) {
            WR_RETURN_IF_ERROR(choose(tensor).withContext(m_plan.spec(tensor).name));
            tensor.storedBytes = tensor.filter == Filter::Same ? 0 : tensor.logicalBytes;
            if (isOfDelta(tensor.filter))
                m_plan.base = m_options.base.get();
        }
        return {};
    }

private:
    Status choose(PlannedTensor& tensor)
    {
        /// Below this the longer name in the header weighs as much as the values.
        constexpr std::uint64_t kWorthNaming = 1024;
        const bool hasBase = m_options.profile == Profile::Compact && m_options.base != nullptr &&
                             findInBase(m_plan.spec(tensor), tensor.baseTensor);
        if (hasBase && tensor.logicalBytes >= kWorthNaming) {
            WR_ASSIGN_OR_RETURN(const bool same, isSame(tensor));
            if (same && isWhole(tensor.baseTensor)) {
                tensor.filter = Filter::Same;
                return {};
            }
        }
        if (tensor.logicalBytes < kLargeTensor || m_plan.isStored) {
            m_plan.estimatedBytes += tensor.logicalBytes;
            return {};
        }
        const std::optional<Filter> stored = m_plan.source->storedFilter(tensor.source);
        const bool isPlain = m_options.profile == Profile::Plain;
        if (stored && !hasBase && !isOfDelta(*stored) && (*stored == Filter::None) == isPlain) {
            tensor.filter = *stored;
            m_plan.estimatedBytes += tensor.logicalBytes;
            return {};
        }
        constexpr std::size_t kPiece = std::size_t{8} << 10U;
        const DType dtype = m_plan.spec(tensor).dtype;
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> sample, sampleOf(tensor, kPiece));
        const FilterChoice choice = chooseFilter(dtype, sample, m_options.profile == Profile::Compact);
        tensor.filter = choice.filter;
        tensor.repeats = choice.repeats;
        m_plan.estimatedBytes +=
            static_cast<std::uint64_t>(choice.bitsPerByte / 8.0 * static_cast<double>(tensor.logicalBytes));
        if (hasBase && hasPlanes(dtype)) {
            WR_ASSIGN_OR_RETURN(const bool pays, differencePays(tensor, choice));
            if (pays && isWhole(tensor.baseTensor)) {
                tensor.filter = Filter::Difference;
                tensor.repeats = true;
            }
        }
        return {};
    }

    bool findInBase(const TensorSpec& spec, std::size_t& index) const
    {
        const auto renamed = m_options.baseNames.find(spec.name);
        const std::ptrdiff_t found =
            m_options.base->find(renamed == m_options.baseNames.end() ? spec.name : renamed->second);
        if (found < 0)
            return false;
        index = static_cast<std::size_t>(found);
        const TensorSpec other = m_options.base->tensor(index).spec;
        return other.dtype == spec.dtype && other.shape == spec.shape;
    }

    /// Whether the base holds these values. Only a tensor that agrees with it in a few places is read
    /// through.
    Result<bool> isSame(PlannedTensor& tensor) const
    {
        constexpr std::size_t kPiece = 1024;
        const std::optional<Digest> expected = m_options.base->tensor(tensor.baseTensor).digest;
        const std::optional<Digest> known = m_plan.source->knownDigest(tensor.source);
        if (!expected || (known && *known != *expected))
            return false;
        const SamplePlaces places =
            samplePlaces(tensor.logicalBytes, dtypeSize(m_plan.spec(tensor).dtype), kPiece);
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> sample, sampleOf(tensor, kPiece));
        std::vector<std::byte> base(places.pieceBytes);
        for (std::size_t i = 0; i < places.pieces; ++i) {
            const auto own = std::span(sample).subspan(i * places.pieceBytes, places.pieceBytes);
            if (!m_options.base->readPart(tensor.baseTensor, i * places.step, base).isOk() ||
                !std::equal(base.begin(), base.end(), own.begin()))
                return false;
        }
        WR_ASSIGN_OR_RETURN(tensor.digest, streamedDigest(*m_plan.source, tensor.source));
        const bool isSame = *tensor.digest == *expected;
        if (!isSame)
            tensor.digest.reset();
        return isSame;
    }

    /// Nothing is built upon values that are damaged.
    bool isWhole(std::size_t inBase) const
    {
        const std::optional<Digest> expected = m_options.base->tensor(inBase).digest;
        const Result<Digest> digest = streamedDigest(ReaderSource(*m_options.base, {inBase}), 0);
        return digest && expected && *digest == *expected;
    }

    Result<std::vector<std::byte>> sampleOf(const PlannedTensor& tensor, std::size_t pieceBytes) const
    {
        const SamplePlaces places =
            samplePlaces(tensor.logicalBytes, dtypeSize(m_plan.spec(tensor).dtype), pieceBytes);
        std::vector<std::byte> sample;
        std::vector<std::byte> scratch;
        for (std::size_t i = 0; i < places.pieces; ++i) {
            WR_ASSIGN_OR_RETURN(const auto piece, m_plan.source->bytes(tensor.source, i * places.step,
                                                                       places.pieceBytes, scratch));
            sample.insert(sample.end(), piece.begin(), piece.end());
        }
        return sample;
    }

    Result<bool> differencePays(const PlannedTensor& tensor, const FilterChoice& choice) const
    {
        // Larger pieces than for the filter alone: coders are tried, and matches need room.
        constexpr std::size_t kPiece = std::size_t{64} << 10U;
        const DType dtype = m_plan.spec(tensor).dtype;
        WR_ASSIGN_OR_RETURN(const std::vector<std::byte> sample, sampleOf(tensor, kPiece));
        const SamplePlaces places = samplePlaces(tensor.logicalBytes, dtypeSize(dtype), kPiece);
        std::vector<std::byte> base(sample.size());
        for (std::size_t i = 0; i < places.pieces; ++i) {
            const auto into = std::span(base).subspan(i * places.pieceBytes, places.pieceBytes);
            if (!m_options.base->readPart(tensor.baseTensor, i * places.step, into).isOk())
                return false;
        }
        return checkpoint::differencePays(dtype, sample, base, choice);
    }

    SavePlan& m_plan;
    const SaveOptions& m_options;
};

Status addBaseMetadata(const SavePlan& plan, const SaveOptions& options, Metadata& metadata)
{
    WR_ASSIGN_OR_RETURN(const Digest digest, contentDigest(*plan.base));
    metadata["wr.base_uuid"] = plan.base->uuid();
    metadata["wr.base_digest"] = hexText(digest);
    metadata["wr.base_hint"] = plan.base->path().substr(plan.base->path().rfind('/') + 1);
    Metadata renamed;
    for (const PlannedTensor& tensor : plan.tensors) {
        const auto other = options.baseNames.find(plan.spec(tensor).name);
        if (isOfDelta(tensor.filter) && other != options.baseNames.end())
            renamed.insert(*other);
    }
    if (!renamed.empty())
        metadata["wr.rename"] = jsonObject(renamed);
    return {};
}

Result<TensorHeader> makeHeader(const SavePlan& plan, const Metadata& metadata, const SaveOptions& options,
                                const std::string& uuid)
{
    TensorHeader header;
    if (options.profile == Profile::Plain)
        header.metadata = metadata;
    else
        header.metadata = {{"format", "wr1"},
                           {"wr.version", "1"},
                           {"wr.uuid", uuid},
                           {"wr.orig_metadata", jsonObject(metadata)}};
    if (plan.base != nullptr)
        WR_RETURN_IF_ERROR(addBaseMetadata(plan, options, header.metadata));
    std::uint64_t at = 0;
    for (const PlannedTensor& tensor : plan.tensors) {
        HeaderTensor stored;
        stored.spec = plan.spec(tensor);
        stored.begin = at;
        at += tensor.storedBytes;
        stored.end = at;
        if (options.profile != Profile::Plain)
            stored.spec.name = mangledName(stored.spec, tensor.filter);
        if (tensor.filter != Filter::None) {
            stored.spec.dtype = DType::UInt8;
            stored.spec.shape = Shape{static_cast<std::int64_t>(tensor.storedBytes)};
        }
        header.tensors.push_back(std::move(stored));
    }
    return header;
}

void groupUnits(SavePlan& plan)
{
    for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
        if (plan.jobs[i].filtered < 0 || plan.jobs[i].plane == 0)
            plan.units.push_back(i);
    }
}

} // namespace

Status checkTensors(const std::vector<TensorSpec>& specs, const Metadata& metadata)
{
    std::set<std::string_view> names;
    for (const TensorSpec& spec : specs) {
        WR_RETURN_IF_ERROR(checkWritable(spec));
        if (!names.insert(spec.name).second)
            return invalidArgument("two tensors are called \"" + spec.name + "\"");
    }
    for (const auto& [key, value] : metadata) {
        if (!isUtf8(key) || !isUtf8(value))
            return invalidArgument("the metadata is not UTF-8");
    }
    return {};
}

Result<SavePlan> planSave(const TensorSource& source, const Metadata& metadata, const SaveOptions& options,
                          const std::string& uuid)
{
    SavePlan plan;
    plan.source = &source;
    plan.isStored = options.profile == Profile::Stored;
    for (std::size_t i = 0; i < source.specs().size(); ++i) {
        PlannedTensor planned;
        planned.source = i;
        planned.logicalBytes = static_cast<std::uint64_t>(*source.specs()[i].shape.elementCount()) *
                               dtypeSize(source.specs()[i].dtype);
        planned.needsStatistics =
            isFloating(source.specs()[i].dtype) && !(source.knownDigest(i) && source.knownStatistics(i));
        plan.logicalBytes += planned.logicalBytes;
        plan.tensors.push_back(planned);
    }
    // Wide elements first, so that each tensor's values are aligned in the unpacked file.
    std::stable_sort(plan.tensors.begin(), plan.tensors.end(),
                     [&plan](const PlannedTensor& a, const PlannedTensor& b) {
                         return dtypeSize(plan.spec(a).dtype) > dtypeSize(plan.spec(b).dtype);
                     });
    WR_RETURN_IF_ERROR(Chooser(plan, options).choose());
    WR_ASSIGN_OR_RETURN(const TensorHeader header, makeHeader(plan, metadata, options, uuid));
    plan.header = encodeHeader(header, kHeaderAlignment);
    if (plan.header.size() > kMaxHeaderBytes)
        return fail(StatusCode::OutOfRange, "the names and shapes of " + std::to_string(plan.tensors.size()) +
                                                " tensors pass the 100 MB that a header may have");
    std::uint64_t at = plan.header.size();
    Cutter cutter(plan);
    cutter.header();
    for (std::size_t i = 0; i < plan.tensors.size(); ++i) {
        plan.tensors[i].contentOffset = at;
        at += plan.tensors[i].storedBytes;
        cutter.tensor(i);
    }
    cutter.flush();
    plan.contentSize = at;
    groupUnits(plan);
    return plan;
}

} // namespace wr::checkpoint
