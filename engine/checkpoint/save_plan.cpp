// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/save_plan.h"

#include "engine/checkpoint/filter_choice.h"
#include "engine/checkpoint/json_text.h"
#include "engine/checkpoint/mangled_name.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace wr::checkpoint {
namespace {

/// Smaller tensors are packed together, without filters.
constexpr std::uint64_t kLargeTensor = 262'144;
constexpr std::size_t kHeaderAlignment = 4096;

Status checkTensors(std::span<const NamedTensor> tensors, const Metadata& metadata)
{
    std::set<std::string_view> names;
    for (const NamedTensor& tensor : tensors) {
        WR_RETURN_IF_ERROR(checkWritable({tensor.name, tensor.tensor.dtype(), tensor.tensor.shape()}));
        if (!names.insert(tensor.name).second)
            return invalidArgument("two tensors are called \"" + tensor.name + "\"");
    }
    for (const auto& [key, value] : metadata) {
        if (!isUtf8(key) || !isUtf8(value))
            return invalidArgument("the metadata is not UTF-8");
    }
    return {};
}

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
        const std::uint64_t bytes = tensor.source->tensor.byteSize();
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
        const std::size_t elementSize = dtypeSize(tensor.source->tensor.dtype());
        const auto elements = static_cast<std::uint64_t>(tensor.source->tensor.elementCount());
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

void chooseFilters(SavePlan& plan, Profile profile)
{
    for (PlannedTensor& tensor : plan.tensors) {
        const Tensor& values = tensor.source->tensor;
        if (values.byteSize() < kLargeTensor) {
            plan.estimatedBytes += values.byteSize();
            continue;
        }
        const FilterChoice choice = chooseFilter(values, profile == Profile::Compact);
        tensor.filter = choice.filter;
        tensor.repeats = choice.repeats;
        plan.estimatedBytes +=
            static_cast<std::uint64_t>(choice.bitsPerByte / 8.0 * static_cast<double>(values.byteSize()));
    }
}

TensorHeader makeHeader(const SavePlan& plan, const Metadata& metadata, Profile profile,
                        const std::string& uuid)
{
    TensorHeader header;
    if (profile == Profile::Plain)
        header.metadata = metadata;
    else
        header.metadata = {{"format", "wr1"},
                           {"wr.version", "1"},
                           {"wr.uuid", uuid},
                           {"wr.orig_metadata", jsonObject(metadata)}};
    std::uint64_t at = 0;
    for (const PlannedTensor& tensor : plan.tensors) {
        const Tensor& values = tensor.source->tensor;
        HeaderTensor stored;
        stored.spec = {tensor.source->name, values.dtype(), values.shape()};
        stored.begin = at;
        at += values.byteSize();
        stored.end = at;
        if (profile == Profile::Compact)
            stored.spec.name = mangledName(stored.spec, tensor.filter);
        if (tensor.filter != Filter::None) {
            stored.spec.dtype = DType::UInt8;
            stored.spec.shape = Shape{static_cast<std::int64_t>(values.byteSize())};
        }
        header.tensors.push_back(std::move(stored));
    }
    return header;
}

} // namespace

void SavePlan::fill(const FrameJob& job, std::byte* into) const
{
    if (job.filtered >= 0) {
        const PlannedTensor& tensor = tensors[static_cast<std::size_t>(job.filtered)];
        const std::size_t elementSize = dtypeSize(tensor.source->tensor.dtype());
        const auto block = tensor.source->tensor.bytes().subspan(
            static_cast<std::size_t>(job.firstElement) * elementSize, job.contentSize * elementSize);
        splitPlane(block, elementSize, tensor.filter, job.plane, into);
        return;
    }
    std::uint64_t at = job.contentOffset;
    const std::uint64_t end = at + job.contentSize;
    if (at < header.size()) {
        std::memcpy(into, header.data() + at, job.contentSize);
        return;
    }
    auto tensor = std::partition_point(tensors.begin(), tensors.end(), [at](const PlannedTensor& t) {
        return t.contentOffset + t.source->tensor.byteSize() <= at;
    });
    for (; at < end; ++tensor) {
        const auto bytes = tensor->source->tensor.bytes();
        const auto from = static_cast<std::size_t>(at - tensor->contentOffset);
        const std::size_t size =
            std::min<std::size_t>(bytes.size() - from, static_cast<std::size_t>(end - at));
        if (size > 0)
            std::memcpy(into, bytes.data() + from, size);
        into += size;
        at += size;
    }
}

Result<SavePlan> planSave(std::span<const NamedTensor> tensors, const Metadata& metadata, Profile profile,
                          const std::string& uuid)
{
    WR_RETURN_IF_ERROR(checkTensors(tensors, metadata));
    SavePlan plan;
    for (const NamedTensor& tensor : tensors) {
        PlannedTensor planned;
        planned.source = &tensor;
        plan.logicalBytes += tensor.tensor.byteSize();
        plan.tensors.push_back(planned);
    }
    // Wide elements first, so that each tensor's values are aligned in the unpacked file.
    std::stable_sort(plan.tensors.begin(), plan.tensors.end(),
                     [](const PlannedTensor& a, const PlannedTensor& b) {
                         return dtypeSize(a.source->tensor.dtype()) > dtypeSize(b.source->tensor.dtype());
                     });
    chooseFilters(plan, profile);
    plan.header = encodeHeader(makeHeader(plan, metadata, profile, uuid), kHeaderAlignment);
    if (plan.header.size() > kMaxHeaderBytes)
        return fail(StatusCode::OutOfRange, "the names and shapes of " + std::to_string(tensors.size()) +
                                                " tensors pass the 100 MB that a header may have");
    std::uint64_t at = plan.header.size();
    Cutter cutter(plan);
    cutter.header();
    for (std::size_t i = 0; i < plan.tensors.size(); ++i) {
        plan.tensors[i].contentOffset = at;
        at += plan.tensors[i].source->tensor.byteSize();
        cutter.tensor(i);
    }
    cutter.flush();
    plan.contentSize = at;
    return plan;
}

} // namespace wr::checkpoint
