// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/dtype.h"

#include <array>

namespace wr {
namespace {

struct Entry {
    DType dtype;
    std::size_t size;
    std::string_view name;
    std::string_view safetensors;
};

constexpr std::array<Entry, 14> kEntries{{
    {DType::Invalid, 0, "invalid", "INVALID"},
    {DType::Float32, 4, "float32", "F32"},
    {DType::Float64, 8, "float64", "F64"},
    {DType::Float16, 2, "float16", "F16"},
    {DType::BFloat16, 2, "bfloat16", "BF16"},
    {DType::Int8, 1, "int8", "I8"},
    {DType::Int16, 2, "int16", "I16"},
    {DType::Int32, 4, "int32", "I32"},
    {DType::Int64, 8, "int64", "I64"},
    {DType::UInt8, 1, "uint8", "U8"},
    {DType::UInt16, 2, "uint16", "U16"},
    {DType::UInt32, 4, "uint32", "U32"},
    {DType::UInt64, 8, "uint64", "U64"},
    {DType::Bool, 1, "bool", "BOOL"},
}};

const Entry& entry(DType dtype)
{
    const auto index = static_cast<std::size_t>(dtype);
    return kEntries[index < kEntries.size() ? index : 0];
}

} // namespace

std::size_t dtypeSize(DType dtype)
{
    return entry(dtype).size;
}

std::string_view dtypeName(DType dtype)
{
    return entry(dtype).name;
}

std::optional<DType> dtypeFromName(std::string_view name)
{
    for (const Entry& candidate : kEntries) {
        if (candidate.dtype != DType::Invalid && candidate.name == name)
            return candidate.dtype;
    }
    return std::nullopt;
}

std::string_view dtypeSafetensorsName(DType dtype)
{
    return entry(dtype).safetensors;
}

std::optional<DType> dtypeFromSafetensorsName(std::string_view name)
{
    for (const Entry& candidate : kEntries) {
        if (candidate.dtype != DType::Invalid && candidate.safetensors == name)
            return candidate.dtype;
    }
    return std::nullopt;
}

bool isFloating(DType dtype)
{
    return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 ||
           dtype == DType::BFloat16;
}

bool isInteger(DType dtype)
{
    return dtype >= DType::Int8 && dtype <= DType::UInt64;
}

} // namespace wr
