// SPDX-License-Identifier: GPL-3.0-or-later
// Adds up the numbers of a pair of tensors, piece by piece. One thread.
#pragma once

#include "engine/remap/comparison.h"

namespace wr::remap {

class PairSums {
public:
    PairSums(DType a, DType b, double absoluteTolerance, double relativeTolerance)
        : m_typeA(a), m_typeB(b), m_absolute(absoluteTolerance), m_relative(relativeTolerance)
    {
    }
    /// The next elements of both, equally many.
    void add(std::span<const std::byte> a, std::span<const std::byte> b);
    PairNumbers numbers() const;

private:
    struct Side {
        double sum = 0.0;
        double squares = 0.0;
        std::int64_t finite = 0;
    };
    void addElement(double x, double y, std::uint64_t bitsX, std::uint64_t bitsY);
    static void addSide(double value, Side& side, std::int64_t& zeros, std::int64_t& nans,
                        std::int64_t& infs);

    DType m_typeA;
    DType m_typeB;
    double m_absolute;
    double m_relative;
    PairNumbers m_numbers;
    Side m_a;
    Side m_b;
    double m_deltas = 0.0;
    double m_squares = 0.0;
    double m_normA = 0.0; ///< squares of A where both are finite
    double m_normB = 0.0;
    double m_product = 0.0;
    std::int64_t m_both = 0;
};

} // namespace wr::remap
