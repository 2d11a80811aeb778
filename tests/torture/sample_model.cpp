// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/torture/sample_model.h"

#include "engine/checkpoint/damage_map.h"

#include <algorithm>
#include <cstring>

namespace wr::torture {
namespace {

/// Few exponents and random mantissas, as weights have.
Tensor weights(Random& random, DType dtype, std::uint64_t elements)
{
    Tensor tensor = *Tensor::create(dtype, Shape{static_cast<std::int64_t>(elements)});
    std::span<std::byte> bytes = tensor.mutableBytes();
    if (dtype == DType::Float32) {
        for (std::uint64_t i = 0; i < elements; ++i)
            tensor.data<float>()[i] = (static_cast<float>(below(random, 1U << 20U)) - 524288.0F) * 1e-7F;
        return tensor;
    }
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random());
    return tensor;
}

} // namespace

std::vector<NamedTensor> sampleTensors(Random& random, std::uint64_t bytes)
{
    std::vector<NamedTensor> tensors;
    tensors.push_back({"step", weights(random, DType::Int64, 1)});
    for (int layer = 0; bytes > 0; ++layer) {
        const std::uint64_t part = std::min<std::uint64_t>(bytes, 1024 + 4 * below(random, 1024));
        const std::string scope = "layer" + std::to_string(layer) + "/";
        tensors.push_back({scope + "kernel", weights(random, DType::Float32, part / 4)});
        if (layer % 2 == 1)
            tensors.push_back({scope + "table", weights(random, DType::Int32, 8)});
        bytes -= part;
    }
    return tensors;
}

std::vector<NamedTensor> stepped(const std::vector<NamedTensor>& tensors, Random& random)
{
    std::vector<NamedTensor> next;
    for (const NamedTensor& tensor : tensors) {
        const bool isKept =
            tensor.name == "layer0/kernel" || (tensor.name != "step" && below(random, 2) == 0);
        next.push_back(
            {tensor.name, isKept ? tensor.tensor
                                 : weights(random, tensor.tensor.dtype(),
                                           static_cast<std::uint64_t>(tensor.tensor.elementCount()))});
    }
    return next;
}

std::string differenceOf(Vfs& vfs, const std::string& path, const std::vector<NamedTensor>& tensors)
{
    const auto reader = checkpoint::openCheckpoint(vfs, path);
    if (!reader)
        return reader.error().toString();
    if ((*reader)->tensors().size() != tensors.size())
        return path + ": " + std::to_string((*reader)->tensors().size()) + " tensors instead of " +
               std::to_string(tensors.size());
    for (const NamedTensor& expected : tensors) {
        const std::ptrdiff_t index = (*reader)->find(expected.name);
        if (index < 0)
            return path + ": " + expected.name + " is missing";
        const Result<Tensor> read = (*reader)->read(static_cast<std::size_t>(index));
        if (!read)
            return path + ": " + read.error().toString();
        if (read->dtype() != expected.tensor.dtype() || read->byteSize() != expected.tensor.byteSize() ||
            std::memcmp(read->bytes().data(), expected.tensor.bytes().data(), read->byteSize()) != 0)
            return path + ": " + expected.name + " has other values than were saved";
    }
    const auto damage = checkpoint::verifyFile(vfs, path);
    if (!damage)
        return damage.error().toString();
    return damage->isWhole() ? std::string() : path + ": " + damage->places.front().what;
}

} // namespace wr::torture
