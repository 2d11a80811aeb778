// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/initializer_spec.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace wr::graph {
namespace {

InitializerSpec specOf(InitializerKind kind, double first = 0.0, double second = 0.0)
{
    InitializerSpec spec;
    spec.kind = kind;
    spec.first = first;
    spec.second = second;
    return spec;
}

InitializerSpec uniform(double low, double high, bool hasHigh = true)
{
    InitializerSpec spec = specOf(InitializerKind::Uniform, low, high);
    spec.hasSecond = hasHigh;
    return spec;
}

InitializerSpec scaling(double scale, FanMode mode, ScalingLaw law)
{
    InitializerSpec spec = specOf(InitializerKind::VarianceScaling, scale);
    spec.mode = mode;
    spec.law = law;
    return spec;
}

InitializerSpec layers(double factor, FanMode mode, ScalingLaw law)
{
    InitializerSpec spec = scaling(factor, mode, law);
    spec.kind = InitializerKind::LayersScaling;
    return spec;
}

std::vector<InitializerRow> makeRows()
{
    using Kind = InitializerKind;
    using Names = std::vector<std::string_view>;
    const Names plain{"dtype"};
    const Names seeded{"seed", "dtype"};
    const Names constant{"value", "dtype", "verify_shape"};
    const Names bounds{"minval", "maxval", "seed", "dtype"};
    const Names normal{"mean", "stddev", "seed", "dtype"};
    const Names factor{"factor", "seed", "dtype"};
    const Names scale{"scale", "mode", "distribution", "seed", "dtype"};
    const Names gain{"gain", "seed", "dtype"};
    const Names identity{"gain", "dtype"};
    const Names xavier{"uniform", "seed", "dtype"};

    const InitializerSpec zeros = specOf(Kind::Zeros);
    const InitializerSpec ones = specOf(Kind::Ones);
    const InitializerSpec value = specOf(Kind::Constant);
    const InitializerSpec unit = specOf(Kind::UnitScaling, 1.0);
    const InitializerSpec variance = scaling(1.0, FanMode::In, ScalingLaw::TruncatedNormal);
    const InitializerSpec orthogonal = specOf(Kind::Orthogonal, 1.0);
    const InitializerSpec eye = specOf(Kind::Identity, 1.0);
    const InitializerSpec glorotUniform = scaling(1.0, FanMode::Average, ScalingLaw::Uniform);
    const InitializerSpec glorotNormal = scaling(1.0, FanMode::Average, ScalingLaw::TruncatedNormal);
    const InitializerSpec heUniform = scaling(2.0, FanMode::In, ScalingLaw::Uniform);
    const InitializerSpec heNormal = scaling(2.0, FanMode::In, ScalingLaw::TruncatedNormal);
    const InitializerSpec lecunUniform = scaling(1.0, FanMode::In, ScalingLaw::Uniform);
    const InitializerSpec lecunNormal = scaling(1.0, FanMode::In, ScalingLaw::TruncatedNormal);
    const InitializerSpec xavierUniform = layers(1.0, FanMode::Average, ScalingLaw::Uniform);
    const InitializerSpec anyUniform = uniform(0.0, 1.0, false);
    const InitializerSpec standard = specOf(Kind::Normal, 0.0, 1.0);
    const InitializerSpec truncated = specOf(Kind::TruncatedNormal, 0.0, 1.0);

    return {
        {"tf.zeros_initializer", plain, zeros},
        {"tf.ones_initializer", plain, ones},
        {"tf.constant_initializer", constant, value},
        {"tf.random_uniform_initializer", bounds, anyUniform},
        {"tf.random_normal_initializer", normal, standard},
        {"tf.truncated_normal_initializer", normal, truncated},
        {"tf.uniform_unit_scaling_initializer", factor, unit},
        {"tf.variance_scaling_initializer", scale, variance},
        {"tf.orthogonal_initializer", gain, orthogonal},
        {"tf.glorot_uniform_initializer", seeded, glorotUniform},
        {"tf.glorot_normal_initializer", seeded, glorotNormal},
        {"tf.initializers.zeros", plain, zeros},
        {"tf.initializers.ones", plain, ones},
        {"tf.initializers.constant", constant, value},
        {"tf.initializers.random_uniform", bounds, anyUniform},
        {"tf.initializers.random_normal", normal, standard},
        {"tf.initializers.truncated_normal", normal, truncated},
        {"tf.initializers.uniform_unit_scaling", factor, unit},
        {"tf.initializers.variance_scaling", scale, variance},
        {"tf.initializers.orthogonal", gain, orthogonal},
        {"tf.initializers.identity", identity, eye},
        {"tf.initializers.glorot_uniform", seeded, glorotUniform},
        {"tf.initializers.glorot_normal", seeded, glorotNormal},
        {"tf.initializers.he_uniform", seeded, heUniform},
        {"tf.initializers.he_normal", seeded, heNormal},
        {"tf.initializers.lecun_uniform", seeded, lecunUniform},
        {"tf.initializers.lecun_normal", seeded, lecunNormal},
        {"tf.keras.initializers.Zeros", plain, zeros},
        {"tf.keras.initializers.Ones", plain, ones},
        {"tf.keras.initializers.Constant", constant, value},
        {"tf.keras.initializers.RandomUniform", bounds, uniform(-0.05, 0.05)},
        {"tf.keras.initializers.RandomNormal", normal, specOf(Kind::Normal, 0.0, 0.05)},
        {"tf.keras.initializers.TruncatedNormal", normal, specOf(Kind::TruncatedNormal, 0.0, 0.05)},
        {"tf.keras.initializers.VarianceScaling", scale, variance},
        {"tf.keras.initializers.Orthogonal", gain, orthogonal},
        {"tf.keras.initializers.Identity", identity, eye},
        {"tf.keras.initializers.glorot_uniform", seeded, glorotUniform},
        {"tf.keras.initializers.glorot_normal", seeded, glorotNormal},
        {"tf.keras.initializers.he_uniform", seeded, heUniform},
        {"tf.keras.initializers.he_normal", seeded, heNormal},
        {"tf.keras.initializers.lecun_uniform", seeded, lecunUniform},
        {"tf.keras.initializers.lecun_normal", seeded, lecunNormal},
        {"tf.contrib.layers.xavier_initializer", xavier, xavierUniform},
        {"tf.contrib.layers.xavier_initializer_conv2d", xavier, xavierUniform},
        {"tf.contrib.layers.variance_scaling_initializer",
         {"factor", "mode", "uniform", "seed", "dtype"},
         layers(2.0, FanMode::In, ScalingLaw::TruncatedNormal)},
    };
}

} // namespace

const std::vector<InitializerRow>& initializerRows()
{
    static const std::vector<InitializerRow> kRows = makeRows();
    return kRows;
}

const InitializerRow* findInitializer(std::string_view name)
{
    static const std::unordered_map<std::string_view, const InitializerRow*> kByName = [] {
        std::unordered_map<std::string_view, const InitializerRow*> all;
        for (const InitializerRow& row : initializerRows())
            all.emplace(row.name, &row);
        return all;
    }();
    const auto found = kByName.find(name);
    return found == kByName.end() ? nullptr : found->second;
}

Fans fansOf(const Shape& shape)
{
    const int rank = shape.rank();
    if (rank == 0)
        return {};
    const auto dim = [&](int axis) { return static_cast<double>(shape.dim(axis)); };
    if (rank == 1)
        return {dim(0), dim(0)};
    double field = 1.0;
    for (int axis = 0; axis < rank - 2; ++axis)
        field *= dim(axis);
    return {field * dim(rank - 2), field * dim(rank - 1)};
}

double fanOf(const Fans& fans, FanMode mode)
{
    return mode == FanMode::In ? fans.in : mode == FanMode::Out ? fans.out : (fans.in + fans.out) / 2.0;
}

Scaled scaledBy(const InitializerSpec& spec, const Shape& shape)
{
    if (spec.kind == InitializerKind::UnitScaling) {
        double inputs = 1.0;
        for (int axis = 0; axis + 1 < shape.rank(); ++axis)
            inputs *= static_cast<double>(shape.dim(axis));
        return {ScalingLaw::Uniform, std::sqrt(3.0 / std::max(1.0, inputs)) * spec.first};
    }
    const double fan = fanOf(fansOf(shape), spec.mode);
    if (spec.kind == InitializerKind::LayersScaling) {
        const double share = spec.first / std::max(1.0, fan);
        return {spec.law, std::sqrt((spec.law == ScalingLaw::Uniform ? 3.0 : 1.3) * share)};
    }
    const double scale = spec.first / std::max(1.0, fan);
    if (spec.law == ScalingLaw::Uniform)
        return {spec.law, std::sqrt(3.0 * scale)};
    // A normal cut at two deviations is narrower than it was: this makes up for it.
    constexpr double kTruncated = 0.87962566103423978;
    return {spec.law, std::sqrt(scale) / (spec.law == ScalingLaw::TruncatedNormal ? kTruncated : 1.0)};
}

} // namespace wr::graph
