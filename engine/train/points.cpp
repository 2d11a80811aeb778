// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/points.h"

#include "engine/base/philox.h"

#include <array>

namespace wr::train {
namespace {

using graph::DataKind;

constexpr double kPi = 3.14159265358979323846;

/// What one example is made from: even numbers from [0, 1) and two normal ones.
struct Draw {
    std::array<double, 2> even;
    std::array<double, 2> normal;
};

Draw drawOf(std::uint64_t seed, std::int64_t example)
{
    Philox stream(seed, static_cast<std::uint64_t>(example));
    const PhiloxBlock words = stream.next();
    return {{uniformDouble(words[0], words[1]), uniformDouble(words[2], words[3])},
            normalDoubles(stream.next())};
}

struct Point {
    double x;
    double y;
};

/// Of any angle that is not huge.
SineCosine sineCosine(double angle)
{
    constexpr double kTurn = 2.0 * kPi;
    const auto turns = static_cast<std::int64_t>(angle / kTurn) - (angle < 0.0 ? 1 : 0);
    return exactSineCosine(angle - static_cast<double>(turns) * kTurn);
}

Point onCircle(double angle, double radius)
{
    const SineCosine at = sineCosine(angle);
    return {at.cosine * radius, at.sine * radius};
}

/// Arms that wind by two thirds of a turn from near the centre outwards.
Point spiral(std::int64_t label, std::int64_t classes, const Draw& draw, double noise)
{
    const double along = 0.05 + 0.95 * draw.even[0];
    const double turn = 2.0 * kPi * static_cast<double>(label) / static_cast<double>(classes);
    return onCircle(turn + 4.0 * along + noise * draw.normal[0], along);
}

Point moon(std::int64_t label, const Draw& draw)
{
    const Point at = onCircle(kPi * draw.even[0], 1.0);
    return label == 0 ? Point{at.x - 0.5, at.y - 0.25} : Point{0.5 - at.x, 0.25 - at.y};
}

} // namespace

Result<Examples> makePoints(const graph::DataSpec& spec, std::int64_t count, std::uint64_t seed,
                            const Progress& progress)
{
    const bool isSine = spec.kind == DataKind::Sine;
    Examples examples;
    WR_ASSIGN_OR_RETURN(examples.features, Tensor::create(DType::Float32, Shape{count, isSine ? 1 : 2}));
    WR_ASSIGN_OR_RETURN(examples.labels, isSine ? Tensor::create(DType::Float32, Shape{count, 1})
                                                : Tensor::create(DType::Int64, Shape{count}));
    auto* const features = examples.features.data<float>();
    const std::int64_t classes = spec.classes;
    for (std::int64_t i = 0; i < count; ++i) {
        constexpr std::int64_t kPerReport = 65536;
        if (i % kPerReport == 0 && progress &&
            !progress(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(count)))
            return fail(cancelled("making the points was cancelled"));
        const Draw draw = drawOf(seed, i);
        if (isSine) {
            const double x = kPi * (2.0 * draw.even[0] - 1.0);
            features[i] = static_cast<float>(x);
            examples.labels.data<float>()[i] =
                static_cast<float>(sineCosine(x).sine + spec.noise * draw.normal[0]);
            continue;
        }
        std::int64_t label = i % classes;
        Point at{};
        switch (spec.kind) {
        case DataKind::Spiral:
            at = spiral(label, classes, draw, spec.noise);
            break;
        case DataKind::Xor:
            at = {2.0 * draw.even[0] - 1.0, 2.0 * draw.even[1] - 1.0};
            label = (at.x > 0.0) != (at.y > 0.0) ? 1 : 0;
            at = {at.x + spec.noise * draw.normal[0], at.y + spec.noise * draw.normal[1]};
            break;
        case DataKind::Blobs:
            at = onCircle(2.0 * kPi * static_cast<double>(label) / static_cast<double>(classes), 1.0);
            at = {at.x + spec.noise * draw.normal[0], at.y + spec.noise * draw.normal[1]};
            break;
        default:
            at = moon(label, draw);
            at = {at.x + spec.noise * draw.normal[0], at.y + spec.noise * draw.normal[1]};
        }
        features[2 * i] = static_cast<float>(at.x);
        features[2 * i + 1] = static_cast<float>(at.y);
        examples.labels.data<std::int64_t>()[i] = label;
    }
    return examples;
}

} // namespace wr::train
