// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/shape.h"

#include <algorithm>

namespace wr {

bool Shape::isFullyDefined() const
{
    return std::all_of(m_dims.begin(), m_dims.end(), [](std::int64_t dim) { return dim >= 0; });
}

std::optional<std::int64_t> Shape::elementCount() const
{
    if (!isFullyDefined())
        return std::nullopt;
    if (std::find(m_dims.begin(), m_dims.end(), 0) != m_dims.end())
        return 0;
    std::int64_t count = 1;
    for (const std::int64_t dim : m_dims) {
        if (__builtin_mul_overflow(count, dim, &count) || count > (std::int64_t{1} << 62))
            return std::nullopt;
    }
    return count;
}

bool Shape::isCompatibleWith(const Shape& other) const
{
    if (rank() != other.rank())
        return false;
    for (std::size_t i = 0; i < m_dims.size(); ++i) {
        if (m_dims[i] >= 0 && other.m_dims[i] >= 0 && m_dims[i] != other.m_dims[i])
            return false;
    }
    return true;
}

std::string Shape::toString() const
{
    std::string text = "[";
    for (std::size_t i = 0; i < m_dims.size(); ++i) {
        if (i > 0)
            text += ", ";
        text += m_dims[i] < 0 ? "?" : std::to_string(m_dims[i]);
    }
    text += ']';
    return text;
}

std::optional<Shape> broadcastShapes(const Shape& a, const Shape& b)
{
    const auto rank = static_cast<std::size_t>(std::max(a.rank(), b.rank()));
    std::vector<std::int64_t> dims(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const auto fromEnd = static_cast<int>(i) + 1;
        const std::int64_t x = fromEnd <= a.rank() ? a.dim(a.rank() - fromEnd) : 1;
        const std::int64_t y = fromEnd <= b.rank() ? b.dim(b.rank() - fromEnd) : 1;
        std::int64_t& out = dims[rank - 1 - i];
        if (x == y || y == 1)
            out = x;
        else if (x == 1)
            out = y;
        else if (x < 0 || y < 0)
            out = std::max(x, y);
        else
            return std::nullopt;
    }
    return Shape(std::move(dims));
}

} // namespace wr
