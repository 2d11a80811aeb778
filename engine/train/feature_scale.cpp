// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/feature_scale.h"

#include <cmath>
#include <vector>

namespace wr::train {
namespace {

Result<Tensor> asFloats(const Tensor& bytes)
{
    WR_ASSIGN_OR_RETURN(Tensor floats, Tensor::create(DType::Float32, bytes.shape()));
    const std::span<const std::uint8_t> from = bytes.values<std::uint8_t>();
    for (std::size_t i = 0; i < from.size(); ++i)
        floats.data<float>()[i] = static_cast<float>(from[i]) / 255.0F;
    return floats;
}

} // namespace

Status scaleFeatures(Dataset& dataset)
{
    const Tensor& given = dataset.train.features;
    const bool isPicture = given.dtype() == DType::UInt8;
    const std::int64_t each = given.elementCount() / given.shape().dim(0);
    // Feature i belongs to group i % groups.
    const std::int64_t groups = !isPicture ? each : given.shape().rank() == 4 ? given.shape().dim(3) : 1;
    if (groups == 0)
        return {};
    for (Examples* const part : {&dataset.train, &dataset.test}) {
        if (part->count() > 0 && part->features.dtype() == DType::UInt8) {
            WR_ASSIGN_OR_RETURN(part->features, asFloats(part->features));
        }
    }
    const auto groupCount = static_cast<std::size_t>(groups);
    std::vector<double> means(groupCount, 0.0);
    std::vector<double> scales(groupCount, 0.0);
    const std::span<const float> values = dataset.train.features.values<float>();
    const double count = static_cast<double>(values.size() / groupCount);
    for (std::size_t i = 0; i < values.size(); ++i)
        means[i % groupCount] += static_cast<double>(values[i]);
    for (double& mean : means)
        mean /= count;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double off = static_cast<double>(values[i]) - means[i % groupCount];
        scales[i % groupCount] += off * off;
    }
    for (double& scale : scales)
        scale = scale > 0.0 ? std::sqrt(scale / count) : 1.0;
    // The mean of equal numbers need not be that number to the last bit.
    for (std::size_t group = 0; group < groupCount; ++group) {
        bool isConstant = true;
        for (std::size_t i = group; isConstant && i < values.size(); i += groupCount)
            isConstant = values[i] == values[group];
        if (isConstant) {
            means[group] = static_cast<double>(values[group]);
            scales[group] = 1.0;
        }
    }
    for (Examples* const part : {&dataset.train, &dataset.test}) {
        if (part->count() == 0)
            continue;
        float* const at = part->features.data<float>();
        for (std::size_t i = 0; i < static_cast<std::size_t>(part->features.elementCount()); ++i)
            at[i] = static_cast<float>((static_cast<double>(at[i]) - means[i % groupCount]) /
                                       scales[i % groupCount]);
    }
    return {};
}

} // namespace wr::train
