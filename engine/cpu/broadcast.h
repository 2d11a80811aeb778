// SPDX-License-Identifier: GPL-3.0-or-later
// Walks the elements of an output together with inputs that are broadcast to its shape: dimensions that lie
// one behind the other in all operands are joined first, so that the common cases are one or two long inner
// loops.
#pragma once

#include "engine/cpu/kernel_list.h"

namespace wr::cpu::WR_CPU_VARIANT {

template <std::size_t Inputs>
class BroadcastWalk {
public:
    BroadcastWalk(const TensorView& output, const TensorView* inputs)
    {
        std::int64_t strides[Inputs][backend::kMaxRank] = {};
        for (std::size_t i = 0; i < Inputs; ++i) {
            std::int64_t stride = 1;
            for (int axis = output.rank - 1; axis >= 0; --axis) {
                const int own = axis - (output.rank - inputs[i].rank);
                const std::int64_t dim = own >= 0 ? inputs[i].dims[own] : 1;
                strides[i][axis] = dim == 1 ? 0 : stride;
                stride *= dim;
            }
        }
        for (int axis = 0; axis < output.rank; ++axis) {
            const std::int64_t dim = output.dims[axis];
            if (dim == 1)
                continue;
            bool joins = m_rank > 0;
            for (std::size_t i = 0; i < Inputs && joins; ++i)
                joins = m_strides[i][m_rank - 1] == strides[i][axis] * dim;
            if (joins)
                m_dims[m_rank - 1] *= dim;
            else
                m_dims[m_rank++] = dim;
            for (std::size_t i = 0; i < Inputs; ++i)
                m_strides[i][m_rank - 1] = strides[i][axis];
        }
        if (m_rank == 0)
            m_dims[m_rank++] = 1;
    }

    /// Calls body(position, offsets, strides, count) for runs of elements of the innermost dimension within
    /// [first, last).
    template <typename Body>
    void run(std::int64_t first, std::int64_t last, Body body) const
    {
        const std::int64_t inner = m_dims[m_rank - 1];
        std::int64_t strides[Inputs];
        for (std::size_t i = 0; i < Inputs; ++i)
            strides[i] = m_strides[i][m_rank - 1];
        while (first < last) {
            std::int64_t rest = first / inner;
            const std::int64_t column = first % inner;
            std::int64_t offsets[Inputs];
            for (std::size_t i = 0; i < Inputs; ++i)
                offsets[i] = column * strides[i];
            for (int axis = m_rank - 2; axis >= 0; --axis) {
                const std::int64_t index = rest % m_dims[axis];
                rest /= m_dims[axis];
                for (std::size_t i = 0; i < Inputs; ++i)
                    offsets[i] += index * m_strides[i][axis];
            }
            const std::int64_t count = std::min(inner - column, last - first);
            body(first, offsets, strides, count);
            first += count;
        }
    }

    /// Elements of the innermost dimension.
    std::int64_t inner() const { return m_dims[m_rank - 1]; }
    /// Input `i` is one row that comes again and again; every other one is as large as the output.
    bool isRepeatedRow(std::size_t i) const
    {
        for (std::size_t other = 0; other < Inputs; ++other) {
            const bool isWhole = m_strides[other][1] == 1 && m_strides[other][0] == m_dims[1];
            const bool isRow = m_strides[other][1] == 1 && m_strides[other][0] == 0;
            if (m_rank != 2 || (other == i ? !isRow : !isWhole))
                return false;
        }
        return true;
    }

private:
    int m_rank = 0;
    std::int64_t m_dims[backend::kMaxRank] = {};
    std::int64_t m_strides[Inputs][backend::kMaxRank] = {};
};

} // namespace wr::cpu::WR_CPU_VARIANT
