// SPDX-License-Identifier: GPL-3.0-or-later
// Where the elements of a slice lie in the tensor that it was cut from: runs of bytes that are contiguous in
// both. A value; any thread.
#pragma once

#include "engine/formats/tensorflow/bundle_entry.h"

namespace wr::formats {

class SliceMap {
public:
    /// DataLoss when the slice reaches outside the shape.
    static Result<SliceMap> create(const TensorSlice& slice, const Shape& whole, std::size_t elementBytes);

    std::uint64_t bytes() const { return m_runs * m_runBytes; }
    std::uint64_t runs() const { return m_runs; }
    std::uint64_t runBytes() const { return m_runBytes; }
    /// Of the run in the whole tensor; in the slice it begins at run * runBytes().
    std::uint64_t begin(std::uint64_t run) const;
    /// Whether both have an element in common; of one whole.
    bool overlaps(const SliceMap& other) const;

private:
    std::vector<std::uint64_t> m_starts;
    std::vector<std::uint64_t> m_lengths;
    std::vector<std::uint64_t> m_strides; ///< bytes from one index of a dimension to the next
    std::size_t m_outer = 0;              ///< dimensions that are walked, the rest is one run
    std::uint64_t m_runs = 1;
    std::uint64_t m_runBytes = 0;
    std::uint64_t m_first = 0;
};

/// Ok when the slices fill the shape and none lies over another.
Status checkSlices(const std::vector<SliceMap>& slices, std::uint64_t wholeBytes);

} // namespace wr::formats
