// SPDX-License-Identifier: GPL-3.0-or-later
// A dense array in host memory: Buffer + Shape + DType, row-major, 64-byte aligned. Copying a Tensor shares
// its buffer; a shared buffer must not be written. TensorSpec and NamedTensor are the currency between graph,
// session and checkpoint. Values; a buffer may be read from any number of threads.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <cassert>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wr {

/// Alignment of every buffer, in bytes.
inline constexpr std::size_t kBufferAlignment = 64;

class Tensor {
public:
    Tensor() = default; ///< no type, no elements: isValid() is false
    /// Allocates uninitialised memory. ResourceExhausted when it cannot be had, InvalidArgument when the
    /// shape is not fully defined or its size overflows.
    static Result<Tensor> create(DType dtype, Shape shape);
    /// As create, filled with zero bytes.
    static Result<Tensor> zeros(DType dtype, Shape shape);
    /// A view of memory that somebody else keeps alive through `owner`.
    static Tensor view(DType dtype, Shape shape, std::shared_ptr<std::byte[]> owner);
    /// A tensor of `values`, whose number must equal the shape's.
    template <typename T>
    // NOLINTNEXTLINE(performance-unnecessary-value-param): moved into the tensor
    static Tensor of(const std::vector<T>& values, Shape shape)
    {
        assert(shape.elementCount() == static_cast<std::int64_t>(values.size()));
        Tensor tensor = *create(DTypeOf<T>::kValue, std::move(shape));
        std::copy(values.begin(), values.end(), tensor.data<T>());
        return tensor;
    }
    template <typename T>
    static Tensor scalar(T value)
    {
        return of<T>({value}, Shape{});
    }

    bool isValid() const { return m_dtype != DType::Invalid; }
    DType dtype() const { return m_dtype; }
    const Shape& shape() const { return m_shape; }
    std::int64_t elementCount() const { return m_elements; }
    std::size_t byteSize() const { return static_cast<std::size_t>(m_elements) * dtypeSize(m_dtype); }
    std::span<const std::byte> bytes() const { return {m_buffer.get(), byteSize()}; }
    std::span<std::byte> mutableBytes() { return {m_buffer.get(), byteSize()}; }
    template <typename T>
    const T* data() const
    {
        assert(DTypeOf<T>::kValue == m_dtype);
        return reinterpret_cast<const T*>(m_buffer.get());
    }
    template <typename T>
    T* data()
    {
        assert(DTypeOf<T>::kValue == m_dtype);
        return reinterpret_cast<T*>(m_buffer.get());
    }
    template <typename T>
    std::span<const T> values() const
    {
        return {data<T>(), static_cast<std::size_t>(m_elements)};
    }
    /// Element `index` in row-major order as a double (float16 and bfloat16 widened, integers rounded past
    /// 2^53).
    double valueAt(std::int64_t index) const;
    /// A deep copy with a buffer of its own.
    Result<Tensor> clone() const;

private:
    DType m_dtype = DType::Invalid;
    Shape m_shape;
    std::int64_t m_elements = 0;
    std::shared_ptr<std::byte[]> m_buffer;
};

/// The element at `at` as a double, as Tensor::valueAt().
double elementValue(DType dtype, const std::byte* at);

struct TensorSpec {
    std::string name;
    DType dtype = DType::Invalid;
    Shape shape;

    friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

struct NamedTensor {
    std::string name;
    Tensor tensor;
};

} // namespace wr
