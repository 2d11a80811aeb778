// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors of every type and many sizes for the tests of checkpoints, and files in a temporary folder.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <QString>
#include <cstring>
#include <random>
#include <vector>

namespace wr::checkpoint {

/// Values that look like weights: random signs and mantissas, few exponents; other types get random bytes.
inline Tensor weightsOf(DType dtype, Shape shape, std::uint32_t seed)
{
    Tensor tensor = *Tensor::create(dtype, std::move(shape));
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, 0.05F);
    const std::span<std::byte> bytes = tensor.mutableBytes();
    if (dtype == DType::Float32 || dtype == DType::BFloat16) {
        const std::size_t size = dtypeSize(dtype);
        for (std::size_t i = 0; i < bytes.size(); i += size) {
            const float value = normal(random);
            std::memcpy(bytes.data() + i, reinterpret_cast<const std::byte*>(&value) + 4 - size, size);
        }
        return tensor;
    }
    for (std::byte& byte : bytes)
        byte =
            dtype == DType::Bool ? static_cast<std::byte>(random() & 1U) : static_cast<std::byte>(random());
    return tensor;
}

/// One small tensor of each type, a scalar, an empty one, and names that need escaping.
inline std::vector<NamedTensor> smallTensors()
{
    std::vector<NamedTensor> tensors;
    std::uint32_t seed = 1;
    for (int i = 1; i <= static_cast<int>(DType::Bool); ++i) {
        const auto dtype = static_cast<DType>(i);
        tensors.push_back({"type/" + std::string(dtypeName(dtype)), weightsOf(dtype, Shape{3, 5}, seed++)});
    }
    tensors.push_back({"scalar", weightsOf(DType::Float32, Shape{}, seed++)});
    tensors.push_back({"empty", weightsOf(DType::Float32, Shape{0, 7}, seed++)});
    tensors.push_back({"quote\"back\\slash\ttab", weightsOf(DType::Int32, Shape{2}, seed++)});
    tensors.push_back({"a::wr1:bp:F32:3", weightsOf(DType::UInt8, Shape{4}, seed++)});
    tensors.push_back({"größe/重み", weightsOf(DType::Float32, Shape{1, 1, 2}, seed++)});
    return tensors;
}

/// Tensors around the borders at which the writer packs, cuts and filters.
inline std::vector<NamedTensor> largeTensors()
{
    std::vector<NamedTensor> tensors;
    tensors.push_back({"just_packed", weightsOf(DType::Float32, Shape{65535}, 11)});
    tensors.push_back({"just_large", weightsOf(DType::Float32, Shape{65536}, 12)});
    tensors.push_back({"one_block", weightsOf(DType::Float32, Shape{262144}, 13)});
    tensors.push_back({"block_and_one", weightsOf(DType::Float32, Shape{262145}, 14)});
    tensors.push_back({"bf16", weightsOf(DType::BFloat16, Shape{300, 1001}, 15)});
    tensors.push_back({"f64", weightsOf(DType::Float64, Shape{41000}, 16)});
    tensors.push_back({"bytes", weightsOf(DType::UInt8, Shape{1200000}, 17)});
    Tensor zeros = *Tensor::zeros(DType::Float32, Shape{700, 600});
    zeros.data<float>()[77] = 1.0F;
    tensors.push_back({"zeros", zeros});
    for (int i = 0; i < 40; ++i)
        tensors.push_back({"small/" + std::to_string(i),
                           weightsOf(DType::Float32, Shape{40, 250}, static_cast<std::uint32_t>(100 + i))});
    return tensors;
}

/// The tensors some steps of training later: every weight moved by about `rate`, some not at all.
inline std::vector<NamedTensor> later(const std::vector<NamedTensor>& tensors, float rate, std::uint32_t seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, rate);
    std::vector<NamedTensor> moved;
    for (const NamedTensor& tensor : tensors) {
        Tensor values = *tensor.tensor.clone();
        const std::size_t size = dtypeSize(values.dtype());
        if (values.dtype() == DType::Float32 || values.dtype() == DType::BFloat16) {
            for (std::int64_t i = 0; i < values.elementCount(); ++i) {
                float value = static_cast<float>(values.valueAt(i)) + normal(random);
                std::byte bytes[4];
                std::memcpy(bytes, &value, 4);
                std::memcpy(values.mutableBytes().data() + static_cast<std::size_t>(i) * size,
                            bytes + 4 - size, size);
            }
        }
        moved.push_back({tensor.name, values});
    }
    return moved;
}

inline bool sameBytes(const Tensor& a, const Tensor& b)
{
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           (a.byteSize() == 0 || std::memcmp(a.bytes().data(), b.bytes().data(), a.byteSize()) == 0);
}

/// Why the file does not hold exactly these tensors; empty when it does.
inline QString differenceFrom(const CheckpointReader& reader, const std::vector<NamedTensor>& tensors)
{
    if (reader.tensors().size() != tensors.size())
        return QStringLiteral("%1 tensors instead of %2").arg(reader.tensors().size()).arg(tensors.size());
    for (const NamedTensor& expected : tensors) {
        const QString name = QString::fromStdString(expected.name);
        const std::ptrdiff_t index = reader.find(expected.name);
        if (index < 0)
            return name + QStringLiteral(": missing");
        const Result<Tensor> read = reader.read(static_cast<std::size_t>(index));
        if (!read)
            return QString::fromStdString(read.error().toString());
        if (!sameBytes(*read, expected.tensor))
            return name + QStringLiteral(": other values");
    }
    return {};
}

} // namespace wr::checkpoint
