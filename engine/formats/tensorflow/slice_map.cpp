// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/tensorflow/slice_map.h"

#include <algorithm>

namespace wr::formats {

Result<SliceMap> SliceMap::create(const TensorSlice& slice, const Shape& whole, std::size_t elementBytes)
{
    const std::vector<std::int64_t>& dims = whole.dims();
    if (slice.size() != dims.size())
        return fail(StatusCode::DataLoss, "a slice has another number of dimensions");
    SliceMap map;
    const std::size_t rank = dims.size();
    map.m_starts.resize(rank);
    map.m_lengths.resize(rank);
    map.m_strides.resize(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t start = slice[i].start;
        const std::int64_t length = slice[i].length.value_or(dims[i] - std::min(start, dims[i]));
        if (start > dims[i] || length > dims[i] - start)
            return fail(StatusCode::DataLoss, "a slice reaches outside of it");
        map.m_starts[i] = static_cast<std::uint64_t>(start);
        map.m_lengths[i] = static_cast<std::uint64_t>(length);
    }
    // The shape's number of elements has been checked, so that no product here overflows.
    std::uint64_t stride = elementBytes;
    map.m_outer = rank;
    map.m_runBytes = elementBytes;
    bool isWhole = true;
    for (std::size_t i = rank; i-- > 0;) {
        map.m_strides[i] = stride;
        stride *= static_cast<std::uint64_t>(dims[i]);
        if (isWhole) {
            map.m_outer = i;
            map.m_runBytes *= map.m_lengths[i];
            isWhole = map.m_lengths[i] == static_cast<std::uint64_t>(dims[i]);
        } else {
            map.m_runs *= map.m_lengths[i];
        }
        map.m_first += map.m_starts[i] * map.m_strides[i];
    }
    return map;
}

std::uint64_t SliceMap::begin(std::uint64_t run) const
{
    std::uint64_t at = m_first;
    for (std::size_t i = m_outer; i-- > 0;) {
        at += run % m_lengths[i] * m_strides[i];
        run /= m_lengths[i];
    }
    return at;
}

bool SliceMap::overlaps(const SliceMap& other) const
{
    for (std::size_t i = 0; i < m_starts.size(); ++i) {
        if (m_lengths[i] == 0 || other.m_lengths[i] == 0 ||
            m_starts[i] >= other.m_starts[i] + other.m_lengths[i] ||
            other.m_starts[i] >= m_starts[i] + m_lengths[i])
            return false;
    }
    return true;
}

Status checkSlices(const std::vector<SliceMap>& slices, std::uint64_t wholeBytes)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < slices.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (slices[i].overlaps(slices[k]))
                return dataLoss("two of its slices lie over each other");
        }
        sum += slices[i].bytes();
    }
    return sum == wholeBytes ? Status() : dataLoss("its slices do not fill it");
}

} // namespace wr::formats
