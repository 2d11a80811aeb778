// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/cast/cast_reader.h"

#include <algorithm>

namespace wr::formats {
namespace {

using Ranges = std::map<std::uint64_t, std::uint64_t>;

/// The parts of [begin, end) that are in no range; they are then.
std::vector<std::pair<std::uint64_t, std::uint64_t>> takeNew(Ranges& ranges, std::uint64_t begin,
                                                             std::uint64_t end)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> fresh;
    auto next = ranges.upper_bound(begin);
    if (next != ranges.begin() && std::prev(next)->second >= begin)
        --next;
    std::uint64_t from = begin;
    std::uint64_t low = begin;
    std::uint64_t high = end;
    while (next != ranges.end() && next->first <= end) {
        if (next->first > from)
            fresh.emplace_back(from, next->first);
        from = std::max(from, next->second);
        low = std::min(low, next->first);
        high = std::max(high, next->second);
        next = ranges.erase(next);
    }
    if (from < end)
        fresh.emplace_back(from, end);
    ranges[low] = high;
    return fresh;
}

} // namespace

CastReader::CastReader(const checkpoint::CheckpointReader& from, const Choice& choice)
    : ListedReader(from.path()), m_from(from)
{
    m_fileBytes = from.fileBytes();
    m_metadata = from.metadata();
    m_warnings = from.warnings();
    m_losses = from.losses();
    for (const checkpoint::TensorEntry& entry : from.tensors()) {
        m_entries.push_back(entry);
        m_counted.push_back({entry.spec.dtype, {}, {}});
        const DType to = choice(entry.spec);
        if (to == entry.spec.dtype || !isFloating(to) || !isFloating(entry.spec.dtype))
            continue;
        checkpoint::TensorEntry& cast = m_entries.back();
        cast.logicalBytes = cast.logicalBytes / dtypeSize(entry.spec.dtype) * dtypeSize(to);
        cast.spec.dtype = to;
        cast.digest.reset();
        cast.statistics.reset();
    }
}

void CastReader::cast(std::size_t index, std::uint64_t first, std::span<const std::byte> from,
                      std::span<std::byte> to) const
{
    Counted& counted = m_counted[index];
    const DType toType = m_entries[index].spec.dtype;
    const std::size_t fromSize = dtypeSize(counted.from);
    const std::size_t toSize = dtypeSize(toType);
    const std::uint64_t end = first + from.size() / fromSize;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> fresh;
    {
        const std::lock_guard lock(m_mutex);
        fresh = takeNew(counted.ranges, first, end);
    }
    CastLoss loss;
    const auto castRange = [&](std::uint64_t begin, std::uint64_t rangeEnd) {
        const auto at = static_cast<std::size_t>(begin - first);
        const auto count = static_cast<std::size_t>(rangeEnd - begin);
        return castFloats(counted.from, from.subspan(at * fromSize, count * fromSize), toType,
                          to.subspan(at * toSize, count * toSize));
    };
    std::uint64_t at = first;
    for (const auto& [begin, rangeEnd] : fresh) {
        castRange(at, begin); // counted before
        loss.add(castRange(begin, rangeEnd));
        at = rangeEnd;
    }
    castRange(at, end);
    const std::lock_guard lock(m_mutex);
    counted.loss.add(loss);
}

Result<Tensor> CastReader::read(std::size_t index, const Progress& progress, int threads) const
{
    WR_ASSIGN_OR_RETURN(Tensor values, m_from.read(index, progress, threads));
    if (!isCast(index))
        return values;
    WR_ASSIGN_OR_RETURN(Tensor cast, Tensor::create(m_entries[index].spec.dtype, values.shape()));
    this->cast(index, 0, values.bytes(), cast.mutableBytes());
    return cast;
}

Status CastReader::readPart(std::size_t index, std::uint64_t at, std::span<std::byte> into) const
{
    if (!isCast(index))
        return m_from.readPart(index, at, into);
    const std::size_t fromSize = dtypeSize(m_counted[index].from);
    const std::size_t toSize = dtypeSize(m_entries[index].spec.dtype);
    const std::uint64_t first = at / toSize;
    const std::uint64_t end = (at + into.size() + toSize - 1) / toSize;
    std::vector<std::byte> from(static_cast<std::size_t>(end - first) * fromSize);
    WR_RETURN_IF_ERROR(m_from.readPart(index, first * fromSize, from));
    if (at % toSize == 0 && into.size() % toSize == 0) {
        cast(index, first, from, into);
        return {};
    }
    std::vector<std::byte> to(static_cast<std::size_t>(end - first) * toSize);
    cast(index, first, from, to);
    const auto begin = to.begin() + static_cast<std::ptrdiff_t>(at % toSize);
    std::copy(begin, begin + static_cast<std::ptrdiff_t>(into.size()), into.begin());
    return {};
}

std::vector<TensorCast> CastReader::casts() const
{
    std::vector<TensorCast> casts;
    const std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (isCast(i))
            casts.push_back(
                {m_entries[i].spec.name, m_counted[i].from, m_entries[i].spec.dtype, m_counted[i].loss});
    }
    return casts;
}

} // namespace wr::formats
