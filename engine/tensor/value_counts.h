// SPDX-License-Identifier: GPL-3.0-or-later
// How often each of the 65,536 patterns of a two-byte type stands in a tensor: enough for all statistics of
// it, and added up in any order. A value; one thread at a time.
#pragma once

#include "engine/tensor/value_scan.h"

#include <cstddef>
#include <vector>

namespace wr {

class ValueCounts {
public:
    /// Whether the values of this type can be counted: float16 and bfloat16.
    static bool canCount(DType dtype);

    /// Counts elements of two bytes.
    void add(std::span<const std::byte> bytes);
    void add(const ValueCounts& other);
    bool isEmpty() const { return m_counts.empty(); }

    struct Evaluation {
        ValueScan scan;
        double deviations = 0.0; ///< sum of (value − mean)² over the finite values
    };
    Evaluation evaluate(DType dtype) const;

private:
    void makeRoomFor(std::uint64_t elements);

    std::vector<std::uint32_t> m_counts; ///< empty, or by pattern
    std::uint64_t m_counted = 0;         ///< elements in m_counts
    std::vector<std::uint64_t> m_before; ///< what 32 bits would not have held; mostly empty
};

} // namespace wr
