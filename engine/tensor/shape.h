// SPDX-License-Identifier: GPL-3.0-or-later
// The dimensions of a tensor, outermost first. A dimension of kUnknown (-1) is known only when a step is
// planned, as the batch of a placeholder. A value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wr {

class Shape {
public:
    static constexpr std::int64_t kUnknown = -1;

    Shape() = default; ///< scalar
    Shape(std::initializer_list<std::int64_t> dims) : m_dims(dims) {}
    explicit Shape(std::vector<std::int64_t> dims) : m_dims(std::move(dims)) {}

    int rank() const { return static_cast<int>(m_dims.size()); }
    const std::vector<std::int64_t>& dims() const { return m_dims; }
    std::int64_t dim(int axis) const { return m_dims[static_cast<std::size_t>(axis)]; }
    bool isFullyDefined() const;
    /// Number of elements; none when a dimension is unknown or negative, or when the product passes 2^62.
    std::optional<std::int64_t> elementCount() const;
    /// True when both have one rank and no known dimension differs.
    bool isCompatibleWith(const Shape& other) const;
    /// "[784, 200]", "[?, 784]", "[]" for a scalar.
    std::string toString() const;

    friend bool operator==(const Shape&, const Shape&) = default;

private:
    std::vector<std::int64_t> m_dims;
};

/// NumPy's and TensorFlow's broadcasting of two shapes; none when they do not fit. Unknown against 1 stays
/// unknown.
std::optional<Shape> broadcastShapes(const Shape& a, const Shape& b);

} // namespace wr
