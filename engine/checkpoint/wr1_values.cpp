// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/thread_team.h"
#include "engine/checkpoint/digest.h"
#include "engine/checkpoint/subtraction.h"
#include "engine/checkpoint/wr1_reader.h"

#include <algorithm>

namespace wr::checkpoint {

/// Memory for one read, given back afterwards.
class Wr1Reader::Borrowed {
public:
    explicit Borrowed(const Wr1Reader& reader) : m_reader(reader)
    {
        const std::lock_guard lock(reader.m_idleMutex);
        if (reader.m_idle.empty()) {
            m_scratch = std::make_unique<Scratch>();
        } else {
            m_scratch = std::move(reader.m_idle.back());
            reader.m_idle.pop_back();
        }
    }
    ~Borrowed()
    {
        const std::lock_guard lock(m_reader.m_idleMutex);
        m_reader.m_idle.push_back(std::move(m_scratch));
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Scratch& operator*() const { return *m_scratch; }

private:
    const Wr1Reader& m_reader;
    std::unique_ptr<Scratch> m_scratch;
};

std::optional<BaseReference> Wr1Reader::base() const
{
    return m_base ? std::optional(m_base->reference()) : std::nullopt;
}

Result<std::size_t> Wr1Reader::baseTensor(const TensorSpec& spec, const CheckpointReader& base) const
{
    const auto renamed = m_baseNames.find(spec.name);
    const std::string& name = renamed == m_baseNames.end() ? spec.name : renamed->second;
    const std::ptrdiff_t found = base.find(name);
    if (found < 0)
        return fail(dataLoss("its base " + base.path() + " holds no tensor \"" + name + "\""));
    const TensorSpec& other = base.tensors()[static_cast<std::size_t>(found)].spec;
    if (other.dtype != spec.dtype || other.shape != spec.shape)
        return fail(dataLoss("its base " + base.path() + " holds it with another type or shape"));
    return static_cast<std::size_t>(found);
}

/// Bytes of whole blocks of a filtered tensor, `at` where a block begins.
Status Wr1Reader::readBlocks(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into,
                             Scratch& scratch) const
{
    const std::size_t elementSize = dtypeSize(tensor.entry.spec.dtype);
    for (std::size_t done = 0; done < into.size();) {
        scratch.planes.resize(std::min(kBlockElements * elementSize, into.size() - done));
        WR_RETURN_IF_ERROR(m_content.read(tensor.offset + at + done, scratch.planes, scratch.stream));
        joinPlanes(scratch.planes, elementSize, tensor.filter, into.data() + done);
        done += scratch.planes.size();
    }
    return {};
}

/// At most one block of any tensor, or a part of one.
Status Wr1Reader::readBlock(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into,
                            Scratch& scratch) const
{
    const TensorEntry& entry = tensor.entry;
    if (tensor.filter == Filter::None)
        return m_content.read(tensor.offset + at, into, scratch.stream);
    std::shared_ptr<const CheckpointReader> base;
    std::size_t inBase = 0;
    if (isOfDelta(tensor.filter)) {
        if (!m_base)
            return dataLoss("it needs a base, and the header that named it is lost");
        WR_ASSIGN_OR_RETURN(base, m_base->open());
        WR_ASSIGN_OR_RETURN(inBase, baseTensor(entry.spec, *base));
        if (tensor.filter == Filter::Same)
            return base->readPart(inBase, at, into).withContext("its base " + base->path());
    }
    const std::size_t blockBytes = kBlockElements * dtypeSize(entry.spec.dtype);
    const std::uint64_t blockAt = at - at % blockBytes;
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(blockBytes, entry.logicalBytes - blockAt));
    const bool isWhole = into.size() == size && blockAt == at;
    if (!isWhole)
        scratch.block.resize(size);
    const std::span<std::byte> block = isWhole ? into : std::span(scratch.block);
    WR_RETURN_IF_ERROR(readBlocks(tensor, blockAt, block, scratch));
    if (base) {
        scratch.base.resize(size);
        WR_RETURN_IF_ERROR(
            base->readPart(inBase, blockAt, scratch.base).withContext("its base " + base->path()));
        addBase(entry.spec.dtype, block, scratch.base);
    }
    if (!isWhole)
        std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(at - blockAt), into.size(), into.begin());
    return {};
}

Status Wr1Reader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    WR_ASSIGN_OR_RETURN(const StoredTensor tensor, stored(index));
    return readPart(tensor, at, into);
}

Status Wr1Reader::readPart(const StoredTensor& tensor, std::uint64_t at, std::span<std::byte> into) const
{
    const TensorEntry& entry = tensor.entry;
    if (at > entry.logicalBytes || into.size() > entry.logicalBytes - at)
        return outOfRange(entry.spec.name + ": bytes past its end were asked for");
    const std::size_t blockBytes = kBlockElements * dtypeSize(entry.spec.dtype);
    const Borrowed scratch(*this);
    for (std::size_t done = 0; done < into.size();) {
        const std::uint64_t from = at + done;
        const auto inBlock = static_cast<std::size_t>(from % blockBytes);
        const std::size_t size = std::min(blockBytes - inBlock, into.size() - done);
        WR_RETURN_IF_ERROR(
            readBlock(tensor, from, into.subspan(done, size), *scratch).withContext(entry.spec.name));
        done += size;
    }
    return {};
}

Status Wr1Reader::readValues(const StoredTensor& tensor, std::span<std::byte> values,
                             const Progress& progress, int threads) const
{
    const std::size_t blockBytes = kBlockElements * dtypeSize(tensor.entry.spec.dtype);
    const std::size_t blocks = (values.size() + blockBytes - 1) / blockBytes;
    const std::size_t several = std::min(blocks, static_cast<std::size_t>(std::max(threads, 1)));
    ThreadTeam team(static_cast<int>(std::max<std::size_t>(several, 1)), Denormals::Keep);
    const std::size_t batch = several > 1 ? several * 4 : 1;
    std::vector<Status> failures(batch);
    for (std::size_t first = 0; first < blocks; first += batch) {
        auto body = [&](std::size_t i) {
            const std::size_t at = (first + i) * blockBytes;
            failures[i] = readPart(tensor, at, values.subspan(at, std::min(blockBytes, values.size() - at)));
        };
        const std::size_t count = std::min(batch, blocks - first);
        team.run(
            static_cast<std::int64_t>(count),
            [](void* context, std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                    (*static_cast<decltype(body)*>(context))(static_cast<std::size_t>(i));
            },
            &body);
        for (std::size_t i = 0; i < count; ++i)
            WR_RETURN_IF_ERROR(failures[i]);
        if (progress && !progress(std::min(values.size(), (first + count) * blockBytes), values.size()))
            return cancelled("reading was cancelled");
    }
    return {};
}

Result<Tensor> Wr1Reader::read(std::size_t index, const Progress& progress, int threads) const
{
    WR_ASSIGN_OR_RETURN(const StoredTensor stored, this->stored(index));
    const TensorEntry& entry = stored.entry;
    if (isOfDelta(stored.filter)) {
        // Before memory is taken: "same" claims a size that nothing in this file stands for.
        const auto base =
            m_base ? m_base->open() : fail(dataLoss("it needs a base, and the header that named it is lost"));
        if (!base)
            return fail(base.error().withContext(entry.spec.name));
        if (const auto found = baseTensor(entry.spec, **base); !found)
            return fail(found.error().withContext(entry.spec.name));
    }
    WR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::create(entry.spec.dtype, entry.spec.shape));
    WR_RETURN_IF_ERROR(readValues(stored, tensor.mutableBytes(), progress, threads));
    if (entry.digest && digestOf(tensor.bytes()) != *entry.digest)
        return fail(dataLoss("its values differ from the digest that was saved with them")
                        .withContext(entry.spec.name));
    return tensor;
}

std::optional<Filter> Wr1Reader::filterOf(std::size_t index) const
{
    const Result<StoredTensor> tensor = stored(index);
    return tensor ? std::optional(tensor->filter) : std::nullopt;
}

std::optional<Frame> Wr1Reader::frameOf(std::size_t index, std::uint64_t at, std::uint32_t size) const
{
    const Result<StoredTensor> tensor = stored(index);
    return tensor ? m_content.frameAlone(tensor->offset + at, size) : std::nullopt;
}

} // namespace wr::checkpoint
