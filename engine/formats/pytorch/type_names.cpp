// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/formats/pytorch/type_names.h"

#include <algorithm>
#include <array>

namespace wr::formats {
namespace {

constexpr std::array<PytorchType, 34> kTypes{{{"torch FloatStorage", DType::Float32, 4},
                                              {"torch DoubleStorage", DType::Float64, 8},
                                              {"torch HalfStorage", DType::Float16, 2},
                                              {"torch BFloat16Storage", DType::BFloat16, 2},
                                              {"torch CharStorage", DType::Int8, 1},
                                              {"torch ShortStorage", DType::Int16, 2},
                                              {"torch IntStorage", DType::Int32, 4},
                                              {"torch LongStorage", DType::Int64, 8},
                                              {"torch ByteStorage", DType::UInt8, 1},
                                              {"torch BoolStorage", DType::Bool, 1},
                                              {"torch ComplexFloatStorage", DType::Invalid, 8},
                                              {"torch ComplexDoubleStorage", DType::Invalid, 16},
                                              {"torch QInt8Storage", DType::Invalid, 1},
                                              {"torch QUInt8Storage", DType::Invalid, 1},
                                              {"torch QInt32Storage", DType::Invalid, 4},
                                              {"torch QUInt4x2Storage", DType::Invalid, 1},
                                              {"torch QUInt2x4Storage", DType::Invalid, 1},
                                              {"torch float32", DType::Float32, 4},
                                              {"torch float64", DType::Float64, 8},
                                              {"torch float16", DType::Float16, 2},
                                              {"torch bfloat16", DType::BFloat16, 2},
                                              {"torch int8", DType::Int8, 1},
                                              {"torch int16", DType::Int16, 2},
                                              {"torch int32", DType::Int32, 4},
                                              {"torch int64", DType::Int64, 8},
                                              {"torch uint8", DType::UInt8, 1},
                                              {"torch uint16", DType::UInt16, 2},
                                              {"torch uint32", DType::UInt32, 4},
                                              {"torch uint64", DType::UInt64, 8},
                                              {"torch bool", DType::Bool, 1},
                                              {"torch float", DType::Float32, 4},
                                              {"torch.storage UntypedStorage", DType::Invalid, 1},
                                              {"torch UntypedStorage", DType::Invalid, 1},
                                              {"torch.storage _UntypedStorage", DType::Invalid, 1}}};

} // namespace

const PytorchType* pytorchType(std::string_view name)
{
    const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                    [&](const PytorchType& type) { return type.name == name; });
    return found == kTypes.end() ? nullptr : found;
}

bool isUntyped(const PytorchType& type)
{
    return type.name.ends_with("UntypedStorage");
}

} // namespace wr::formats
