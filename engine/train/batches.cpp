// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/batches.h"

#include "engine/base/philox.h"

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

void gather(const Examples& examples, std::span<const std::int64_t> chosen, Tensor& inputs, Tensor& labels)
{
    static const std::array<float, 256> kScaled = [] {
        std::array<float, 256> table{};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<float>(i) / 255.0F;
        return table;
    }();
    const std::int64_t size = examples.images.elementCount() / std::max<std::int64_t>(examples.count(), 1);
    const auto* const pixels = examples.images.data<std::uint8_t>();
    const auto* const numbers = examples.labels.data<std::int64_t>();
    auto* const rows = inputs.data<float>();
    for (std::size_t row = 0; row < chosen.size(); ++row) {
        const std::uint8_t* const from = pixels + chosen[row] * size;
        float* const to = rows + static_cast<std::int64_t>(row) * size;
        for (std::int64_t i = 0; i < size; ++i)
            to[i] = kScaled[from[i]];
        if (labels.dtype() == DType::Int32)
            labels.data<std::int32_t>()[row] = static_cast<std::int32_t>(numbers[chosen[row]]);
        else
            labels.data<std::int64_t>()[row] = numbers[chosen[row]];
    }
}

} // namespace wr::train
