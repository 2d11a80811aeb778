// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/batches.h"

#include "engine/base/philox.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace wr::train {

std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t epoch)
{
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    Philox stream(seed, epoch);
    for (std::size_t i = order.size(); i > 1; --i) {
        const PhiloxBlock words = stream.next();
        const std::uint64_t draw = static_cast<std::uint64_t>(words[1]) << 32U | words[0];
        std::swap(order[i - 1], order[draw % i]);
    }
    return order;
}

Status gatherFeatures(const Examples& examples, std::span<const std::int64_t> chosen, Tensor& inputs)
{
    if (examples.source) {
        std::span<float> rest(inputs.data<float>(), static_cast<std::size_t>(inputs.elementCount()));
        const std::size_t row = chosen.empty() ? 0 : rest.size() / chosen.size();
        for (const std::int64_t example : chosen) {
            WR_RETURN_IF_ERROR(examples.source->read(example, rest.first(row)));
            rest = rest.subspan(row);
        }
        return {};
    }
    static const std::array<float, 256> kScaled = [] {
        std::array<float, 256> table{};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<float>(i) / 255.0F;
        return table;
    }();
    const std::int64_t size = examples.features.elementCount() / std::max<std::int64_t>(examples.count(), 1);
    float* to = inputs.data<float>();
    for (const std::int64_t example : chosen) {
        if (examples.features.dtype() == DType::Float32) {
            std::copy_n(examples.features.data<float>() + example * size, size, to);
        } else {
            const std::uint8_t* const from = examples.features.data<std::uint8_t>() + example * size;
            for (std::int64_t i = 0; i < size; ++i)
                to[i] = kScaled[from[i]];
        }
        to += size;
    }
    return {};
}

Result<Tensor> firstFeatures(const Examples& examples, std::int64_t count)
{
    std::vector<std::int64_t> chosen(static_cast<std::size_t>(std::min(count, examples.count())));
    std::iota(chosen.begin(), chosen.end(), std::int64_t{0});
    std::vector<std::int64_t> dims = examples.featureShape().dims();
    dims.insert(dims.begin(), static_cast<std::int64_t>(chosen.size()));
    WR_ASSIGN_OR_RETURN(Tensor features, Tensor::create(DType::Float32, Shape(std::move(dims))));
    WR_RETURN_IF_ERROR(gatherFeatures(examples, chosen, features));
    return features;
}

void gatherLabels(const Examples& examples, std::span<const std::int64_t> chosen, Tensor& labels)
{
    if (examples.labels.dtype() == DType::Float32) {
        const std::int64_t size =
            examples.labels.elementCount() / std::max<std::int64_t>(examples.count(), 1);
        for (std::size_t row = 0; row < chosen.size(); ++row)
            std::copy_n(examples.labels.data<float>() + chosen[row] * size, size,
                        labels.data<float>() + static_cast<std::int64_t>(row) * size);
        return;
    }
    const auto* const numbers = examples.labels.data<std::int64_t>();
    for (std::size_t row = 0; row < chosen.size(); ++row) {
        if (labels.dtype() == DType::Int32)
            labels.data<std::int32_t>()[row] = static_cast<std::int32_t>(numbers[chosen[row]]);
        else if (labels.dtype() == DType::Float32)
            labels.data<float>()[row] = static_cast<float>(numbers[chosen[row]]);
        else
            labels.data<std::int64_t>()[row] = numbers[chosen[row]];
    }
}

} // namespace wr::train
