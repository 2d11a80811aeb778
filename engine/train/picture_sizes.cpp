// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/picture.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace wr::train {
namespace {

/// What one new pixel takes from a row (or a column) of old ones.
struct Taps {
    std::int64_t first = 0;
    std::vector<float> weights; ///< their sum is 1
};

std::vector<Taps> tapsOf(std::int64_t from, std::int64_t to)
{
    std::vector<Taps> all(static_cast<std::size_t>(to));
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    for (std::int64_t i = 0; i < to; ++i) {
        Taps& taps = all[static_cast<std::size_t>(i)];
        if (to >= from) { // between the centres of two pixels
            const double centre =
                std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, static_cast<double>(from - 1));
            taps.first = std::min(static_cast<std::int64_t>(centre), std::max<std::int64_t>(from - 2, 0));
            const double part = centre - static_cast<double>(taps.first);
            taps.weights.push_back(static_cast<float>(1.0 - part));
            if (from > 1)
                taps.weights.push_back(static_cast<float>(part));
            continue;
        }
        const double begin = static_cast<double>(i) * scale;
        const double end = std::min(static_cast<double>(i + 1) * scale, static_cast<double>(from));
        taps.first = static_cast<std::int64_t>(begin);
        for (std::int64_t k = taps.first; k < from && static_cast<double>(k) < end; ++k) {
            const double covered =
                std::min(end, static_cast<double>(k + 1)) - std::max(begin, static_cast<double>(k));
            taps.weights.push_back(static_cast<float>(covered / (end - begin)));
        }
    }
    return all;
}

} // namespace

Status resizePicture(const Tensor& picture, PictureSize size, std::int64_t channels,
                     std::span<std::uint8_t> into)
{
    assert(into.size() == static_cast<std::size_t>(size.height * size.width * channels));
    const std::int64_t height = picture.shape().dim(0);
    const std::int64_t width = picture.shape().dim(1);
    // Every row is brought to its new width first.
    WR_ASSIGN_OR_RETURN(Tensor narrow, Tensor::create(DType::Float32, Shape{height, size.width, channels}));
    const std::vector<Taps> across = tapsOf(width, size.width);
    const std::uint8_t* from = picture.data<std::uint8_t>();
    float* to = narrow.data<float>();
    for (std::int64_t y = 0; y < height; ++y, from += width * 3) {
        for (const Taps& taps : across) {
            float sums[3] = {0.0F, 0.0F, 0.0F};
            const std::uint8_t* pixel = from + taps.first * 3;
            for (const float weight : taps.weights) {
                for (int c = 0; c < 3; ++c)
                    sums[c] += weight * static_cast<float>(*pixel++);
            }
            if (channels == 1)
                *to++ = 0.299F * sums[0] + 0.587F * sums[1] + 0.114F * sums[2];
            else
                to = std::copy(sums, sums + 3, to);
        }
    }
    const std::vector<Taps> down = tapsOf(height, size.height);
    const std::int64_t row = size.width * channels;
    std::uint8_t* pixel = into.data();
    for (const Taps& taps : down) {
        for (std::int64_t x = 0; x < row; ++x) {
            const float* at = narrow.data<float>() + taps.first * row + x;
            float sum = 0.0F;
            for (const float weight : taps.weights) {
                sum += weight * *at;
                at += row;
            }
            *pixel++ = static_cast<std::uint8_t>(std::clamp(sum + 0.5F, 0.0F, 255.0F));
        }
    }
    return {};
}

} // namespace wr::train
