// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/tensor.h"

#include "engine/base/machine_memory.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <new>

namespace wr {
namespace {

struct AlignedDelete {
    void operator()(std::byte* memory) const
    {
        ::operator delete[](memory, std::align_val_t(kBufferAlignment));
    }
};

float widenHalf(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 0x1F;
    const int fraction = bits & 0x3FF;
    float magnitude = 0.0F;
    if (exponent == 31)
        magnitude = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        magnitude = std::ldexp(static_cast<float>(fraction), -24);
    else
        magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <typename T>
T load(const std::byte* at)
{
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

} // namespace

Result<Tensor> Tensor::create(DType dtype, Shape shape)
{
    const std::optional<std::int64_t> count = shape.elementCount();
    if (dtype == DType::Invalid || !count)
        return fail(StatusCode::InvalidArgument, "cannot allocate a tensor of shape " + shape.toString() +
                                                     " and type " + std::string(dtypeName(dtype)));
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::size_t>(*count), dtypeSize(dtype), &bytes) ||
        bytes > (std::size_t{1} << 62))
        return fail(StatusCode::InvalidArgument, "the size of shape " + shape.toString() + " overflows");

    // The system grants more than there is, and ends the program when it is used.
    if (bytes > physicalMemoryBytes())
        return fail(StatusCode::ResourceExhausted, "shape " + shape.toString() + " takes " +
                                                       std::to_string(bytes) + " bytes, more than the " +
                                                       std::to_string(physicalMemoryBytes()) +
                                                       " of this machine");

    Tensor tensor;
    tensor.m_dtype = dtype;
    tensor.m_elements = *count;
    tensor.m_shape = std::move(shape);
    const std::size_t padded = (bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    auto* memory = static_cast<std::byte*>(::operator new[](
        padded == 0 ? kBufferAlignment : padded, std::align_val_t(kBufferAlignment), std::nothrow));
    if (memory == nullptr)
        return fail(StatusCode::ResourceExhausted, "out of memory for " + std::to_string(bytes) + " bytes");
    tensor.m_buffer = std::shared_ptr<std::byte[]>(memory, AlignedDelete{});
    return tensor;
}

Result<Tensor> Tensor::zeros(DType dtype, Shape shape)
{
    WR_ASSIGN_OR_RETURN(Tensor tensor, create(dtype, std::move(shape)));
    std::memset(tensor.m_buffer.get(), 0, tensor.byteSize());
    return tensor;
}

Tensor Tensor::view(DType dtype, Shape shape, std::shared_ptr<std::byte[]> owner)
{
    Tensor tensor;
    tensor.m_dtype = dtype;
    tensor.m_elements = shape.elementCount().value_or(0);
    tensor.m_shape = std::move(shape);
    tensor.m_buffer = std::move(owner);
    return tensor;
}

double Tensor::valueAt(std::int64_t index) const
{
    assert(index >= 0 && index < m_elements);
    return elementValue(m_dtype, m_buffer.get() + static_cast<std::size_t>(index) * dtypeSize(m_dtype));
}

double elementValue(DType dtype, const std::byte* at)
{
    switch (dtype) {
    case DType::Invalid:
        break;
    case DType::Float32:
        return static_cast<double>(load<float>(at));
    case DType::Float64:
        return load<double>(at);
    case DType::Float16:
        return static_cast<double>(widenHalf(load<std::uint16_t>(at)));
    case DType::BFloat16:
        return static_cast<double>(
            std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(at)) << 16U));
    case DType::Int8:
        return static_cast<double>(load<std::int8_t>(at));
    case DType::Int16:
        return static_cast<double>(load<std::int16_t>(at));
    case DType::Int32:
        return static_cast<double>(load<std::int32_t>(at));
    case DType::Int64:
        return static_cast<double>(load<std::int64_t>(at));
    case DType::UInt8:
    case DType::Bool:
        return static_cast<double>(load<std::uint8_t>(at));
    case DType::UInt16:
        return static_cast<double>(load<std::uint16_t>(at));
    case DType::UInt32:
        return static_cast<double>(load<std::uint32_t>(at));
    case DType::UInt64:
        return static_cast<double>(load<std::uint64_t>(at));
    }
    return 0.0;
}

Result<Tensor> Tensor::clone() const
{
    WR_ASSIGN_OR_RETURN(Tensor copy, create(m_dtype, m_shape));
    std::memcpy(copy.m_buffer.get(), m_buffer.get(), byteSize());
    return copy;
}

} // namespace wr
