// SPDX-License-Identifier: GPL-3.0-or-later
// The generator of handwritten-like digits. Only + − × ÷ and square roots, without contraction, so that an
// image has the same bits on every machine; each example draws from a random stream of its own.
#include "engine/base/philox.h"
#include "engine/train/dataset.h"
#include "engine/train/digit_strokes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace wr::train {
namespace {

constexpr int kSide = 28;

class Draw {
public:
    Draw(std::uint64_t seed, std::uint64_t index) : m_stream(seed, index) {}

    double uniform()
    {
        if (m_used == 4) {
            m_words = m_stream.next();
            m_used = 0;
        }
        return static_cast<double>(m_words[m_used++] >> 8U) * (1.0 / 16777216.0);
    }
    double between(double low, double high) { return low + (high - low) * uniform(); }
    /// Roughly normal with deviation 1: the sum of four uniforms.
    double bell() { return (uniform() + uniform() + uniform() + uniform() - 2.0) * 1.7320508075688772; }

private:
    Philox m_stream;
    PhiloxBlock m_words{};
    std::size_t m_used = 4;
};

/// A random affine map of the unit square onto the image.
class Hand {
public:
    explicit Hand(Draw& draw)
    {
        // A rotation by 2·arctan(t) without trigonometry.
        const double t = draw.bell() * 0.055;
        const double cosine = (1.0 - t * t) / (1.0 + t * t);
        const double sine = 2.0 * t / (1.0 + t * t);
        const double shear = draw.bell() * 0.13;
        const double width = draw.between(17.0, 22.5);
        const double height = draw.between(19.0, 23.0);
        m_xx = cosine * width;
        m_xy = (cosine * shear - sine) * height;
        m_yx = sine * width;
        m_yy = (sine * shear + cosine) * height;
        m_x = 14.0 + draw.bell() * 0.9;
        m_y = 14.0 + draw.bell() * 0.9;
    }
    StrokePoint place(StrokePoint point) const
    {
        const double x = point.x - 0.5;
        const double y = point.y - 0.5;
        return {m_x + m_xx * x + m_xy * y, m_y + m_yx * x + m_yy * y};
    }

private:
    double m_xx;
    double m_xy;
    double m_yx;
    double m_yy;
    double m_x;
    double m_y;
};

/// Distance field of the strokes, from which ink follows.
class Canvas {
public:
    explicit Canvas(double reach) : m_reach(reach) { m_squared.fill(1e9); }

    void line(StrokePoint a, StrokePoint b)
    {
        const auto low = [&](double p, double q) {
            return std::max(0, static_cast<int>(std::min(p, q) - m_reach));
        };
        const auto high = [&](double p, double q) {
            return std::min(kSide - 1, static_cast<int>(std::max(p, q) + m_reach + 1.0));
        };
        const double dx = b.x - a.x;
        const double dy = b.y - a.y;
        const double length = dx * dx + dy * dy;
        for (int row = low(a.y, b.y); row <= high(a.y, b.y); ++row) {
            for (int column = low(a.x, b.x); column <= high(a.x, b.x); ++column) {
                const double px = column + 0.5 - a.x;
                const double py = row + 0.5 - a.y;
                const double along = length > 0.0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
                const double ex = px - along * dx;
                const double ey = py - along * dy;
                double& squared = m_squared[static_cast<std::size_t>(row * kSide + column)];
                squared = std::min(squared, ex * ex + ey * ey);
            }
        }
    }

    double distance(std::size_t pixel) const { return std::sqrt(m_squared[pixel]); }

private:
    double m_reach;
    std::array<double, kSide * kSide> m_squared{};
};

/// The point at `t` of a Catmull–Rom curve between b and c.
StrokePoint onCurve(StrokePoint a, StrokePoint b, StrokePoint c, StrokePoint d, double t)
{
    const auto blend = [t](double p0, double p1, double p2, double p3) {
        return p1 +
               0.5 * t *
                   (p2 - p0 + t * (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3 + t * (3.0 * (p1 - p2) + p3 - p0)));
    };
    return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)};
}

void drawStroke(const Stroke& stroke, const Hand& hand, Draw& draw, Canvas& canvas)
{
    std::vector<StrokePoint> points;
    for (const StrokePoint& point : stroke.points)
        points.push_back(hand.place({point.x + draw.bell() * 0.018, point.y + draw.bell() * 0.018}));
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
        if (!stroke.smooth) {
            canvas.line(points[i], points[i + 1]);
            continue;
        }
        constexpr int kPieces = 5;
        const StrokePoint before = points[i == 0 ? 0 : i - 1];
        const StrokePoint after = points[std::min(i + 2, points.size() - 1)];
        StrokePoint from = points[i];
        for (int piece = 1; piece <= kPieces; ++piece) {
            const StrokePoint to =
                onCurve(before, points[i], points[i + 1], after, static_cast<double>(piece) / kPieces);
            canvas.line(from, to);
            from = to;
        }
    }
}

int drawDigit(std::uint64_t seed, std::uint64_t index, std::uint8_t* pixels)
{
    Draw draw(seed, index);
    const int digit = static_cast<int>(draw.uniform() * 10.0);
    const std::span<const Handwriting> ways = waysOfWriting(digit);
    const Handwriting& way =
        ways[static_cast<std::size_t>(draw.uniform() * static_cast<double>(ways.size()))];
    const Hand hand(draw);
    const double radius = draw.between(0.75, 1.75);
    const double softness = draw.between(0.9, 1.5);
    const double ink = draw.between(215.0, 255.0);
    Canvas canvas(radius + softness);
    for (const Stroke& stroke : way)
        drawStroke(stroke, hand, draw, canvas);
    for (std::size_t pixel = 0; pixel < kSide * kSide; ++pixel) {
        const double cover = std::clamp(0.5 + (radius - canvas.distance(pixel)) / softness, 0.0, 1.0);
        if (cover <= 0.0) {
            pixels[pixel] = 0;
            continue;
        }
        const double value = cover * ink + draw.bell() * 9.0;
        pixels[pixel] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
    }
    return digit;
}

} // namespace

Result<Examples> makeDigits(std::int64_t count, std::uint64_t seed, const Progress& progress)
{
    constexpr std::int64_t kBetweenReports = 256;
    Examples examples;
    WR_ASSIGN_OR_RETURN(examples.features, Tensor::create(DType::UInt8, Shape{count, kSide, kSide}));
    WR_ASSIGN_OR_RETURN(examples.labels, Tensor::create(DType::Int64, Shape{count}));
    auto* const pixels = examples.features.data<std::uint8_t>();
    auto* const numbers = examples.labels.data<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i) {
        if (i % kBetweenReports == 0 && progress &&
            !progress(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(count)))
            return fail(cancelled("drawing the digits was cancelled"));
        numbers[i] = drawDigit(seed, static_cast<std::uint64_t>(i), pixels + i * kSide * kSide);
    }
    return examples;
}

} // namespace wr::train
