// SPDX-License-Identifier: GPL-3.0-or-later
// Element types, with TensorFlow's names ("float32") and safetensors' spellings ("F32"). A value; no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wr {

enum class DType : std::uint8_t {
    Invalid,
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
};

/// Bytes per element; 0 for Invalid.
std::size_t dtypeSize(DType dtype);
/// "float32", "int64", "bool", … as in tf.float32.
std::string_view dtypeName(DType dtype);
std::optional<DType> dtypeFromName(std::string_view name);
/// "F32", "BF16", "I64", "BOOL", … as in a safetensors header.
std::string_view dtypeSafetensorsName(DType dtype);
std::optional<DType> dtypeFromSafetensorsName(std::string_view name);
bool isFloating(DType dtype);
bool isInteger(DType dtype);

/// The DType of a C++ element type.
template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
    static constexpr DType kValue = DType::Float32;
};
template <>
struct DTypeOf<double> {
    static constexpr DType kValue = DType::Float64;
};
template <>
struct DTypeOf<std::int8_t> {
    static constexpr DType kValue = DType::Int8;
};
template <>
struct DTypeOf<std::int16_t> {
    static constexpr DType kValue = DType::Int16;
};
template <>
struct DTypeOf<std::int32_t> {
    static constexpr DType kValue = DType::Int32;
};
template <>
struct DTypeOf<std::int64_t> {
    static constexpr DType kValue = DType::Int64;
};
template <>
struct DTypeOf<std::uint8_t> {
    static constexpr DType kValue = DType::UInt8;
};
template <>
struct DTypeOf<bool> {
    static constexpr DType kValue = DType::Bool;
};

} // namespace wr
