// SPDX-License-Identifier: GPL-3.0-or-later
// Initializer objects, tf.truncated_normal_initializer(…) and their kin: what they draw once shape and type
// are known. The table of their spellings with TensorFlow's defaults, and the arithmetic of fans and scales.
// Pure; any thread. Owned by the model builder.
#pragma once

#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::graph {

enum class InitializerKind : std::uint8_t {
    Zeros,
    Ones,
    Constant,
    Uniform,         // first, second: minval, maxval
    Normal,          // first, second: mean, stddev
    TruncatedNormal, // likewise
    UnitScaling,     // first: factor
    VarianceScaling, // first: scale
    LayersScaling,   // tf.contrib.layers': first: factor; its normal is scaled by 1.3
    Orthogonal,      // first: gain
    Identity,        // first: gain
};

enum class FanMode : std::uint8_t { In, Out, Average };
enum class ScalingLaw : std::uint8_t { TruncatedNormal, UntruncatedNormal, Uniform };

struct InitializerSpec {
    InitializerKind kind = InitializerKind::Zeros;
    double first = 0.0;
    double second = 0.0;
    bool hasSecond = true; ///< false: maxval was not given
    FanMode mode = FanMode::In;
    ScalingLaw law = ScalingLaw::TruncatedNormal;
    std::optional<std::int64_t> seed;
    DType dtype = DType::Float32;
    bool verifyShape = false;
};

/// One spelling: its parameters in order, and what it is without any.
struct InitializerRow {
    std::string_view name;
    std::vector<std::string_view> parameters;
    InitializerSpec defaults;
};

const std::vector<InitializerRow>& initializerRows();
/// Null when there is no such spelling.
const InitializerRow* findInitializer(std::string_view name);

struct Fans {
    double in = 1.0;
    double out = 1.0;
};
Fans fansOf(const Shape& shape);
/// As tf.contrib.layers counts: a vector's both fans are its length, a scalar's are 1.
double fanOf(const Fans& fans, FanMode mode);

/// What a scaling initializer draws: U(-bound, bound), or a normal of that deviation.
struct Scaled {
    ScalingLaw law = ScalingLaw::Uniform;
    double bound = 1.0;
};
/// `shape` is that of the whole variable. For UnitScaling, VarianceScaling and LayersScaling.
Scaled scaledBy(const InitializerSpec& spec, const Shape& shape);

} // namespace wr::graph
