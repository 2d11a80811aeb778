// SPDX-License-Identifier: GPL-3.0-or-later
// Maximum and average over windows, channel by channel, and their gradients. Padding counts in neither.
#include "engine/cpu/window.h"

#include <limits>

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// The part of the image that one window covers.
struct Cover {
    std::int64_t top;
    std::int64_t bottom;
    std::int64_t left;
    std::int64_t right;
    std::int64_t count() const { return (bottom - top) * (right - left); }
};

Cover coverOf(const Window& window, std::int64_t y, std::int64_t x)
{
    const std::int64_t top = y * window.strideY - window.padTop;
    const std::int64_t left = x * window.strideX - window.padLeft;
    return {std::max<std::int64_t>(top, 0), std::min(top + window.windowY, window.height),
            std::max<std::int64_t>(left, 0), std::min(left + window.windowX, window.width)};
}

std::int64_t imageTiles(const KernelArgs& args)
{
    return std::max<std::int64_t>(args.inputs[0].dims[0], 1);
}

/// Calls body(place of the result, cover) for the results of one image.
template <typename Body>
void forResults(const Window& window, const Body& body)
{
    for (std::int64_t y = 0; y < window.outHeight; ++y) {
        for (std::int64_t x = 0; x < window.outWidth; ++x)
            body(y * window.outWidth + x, coverOf(window, y, x));
    }
}

/// Calls body(place of the image) for what a window covers.
template <typename Body>
void forCovered(const Window& window, const Cover& cover, const Body& body)
{
    for (std::int64_t row = cover.top; row < cover.bottom; ++row) {
        for (std::int64_t column = cover.left; column < cover.right; ++column)
            body(row * window.width + column);
    }
}

/// The greater one; NaN goes before all.
template <typename T>
void keepGreater(const T* __restrict x, T* __restrict y, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
}

template <typename T>
void runMax(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.outputs[0]);
    const std::int64_t channels = window.channels;
    const std::int64_t row = window.width * channels;
    std::vector<T>& column = threadBuffer<T, 0>();
    column.resize(static_cast<std::size_t>(row));
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const image = in<T>(args, 0) + i * window.imageSize();
        T* y = out<T>(args) + i * window.outSize();
        for (std::int64_t place = 0; place < window.outHeight; ++place) {
            // The greatest of each column first, in one long loop a row.
            const Cover rows = coverOf(window, place, 0);
            std::copy_n(image + rows.top * row, row, column.data());
            for (std::int64_t from = rows.top + 1; from < rows.bottom; ++from)
                keepGreater(image + from * row, column.data(), row);
            for (std::int64_t x = 0; x < window.outWidth; ++x) {
                const Cover cover = coverOf(window, place, x);
                std::copy_n(column.data() + cover.left * channels, channels, y);
                for (std::int64_t from = cover.left + 1; from < cover.right; ++from)
                    keepGreater(column.data() + from * channels, y, channels);
                y += channels;
            }
        }
    }
}

/// One place of the image within one window: takes what is left of dy where it holds the maximum.
template <typename T>
void takeGradient(const T* __restrict x, const T* __restrict y, T* __restrict left, T* __restrict to,
                  std::int64_t channels)
{
    for (std::int64_t c = 0; c < channels; ++c) {
        const bool isIt = x[c] == y[c];
        to[c] += isIt ? left[c] : T(0);
        left[c] = isIt ? T(0) : left[c];
    }
}

/// The first place that holds the maximum takes the gradient: marked by what is left of dy to give away.
template <typename T>
void runMaxGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[1]);
    const std::int64_t channels = window.channels;
    std::vector<T>& left = threadBuffer<T, 0>();
    left.resize(static_cast<std::size_t>(channels));
    T* const rest = left.data();
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const image = in<T>(args, 0) + i * window.imageSize();
        const T* y = in<T>(args, 1) + i * window.outSize();
        const T* dy = in<T>(args, 2) + i * window.outSize();
        T* const dx = out<T>(args) + i * window.imageSize();
        std::fill_n(dx, window.imageSize(), T(0));
        for (std::int64_t place = 0; place < window.outHeight; ++place) {
            for (std::int64_t x = 0; x < window.outWidth; ++x) {
                const Cover cover = coverOf(window, place, x);
                std::copy_n(dy, channels, rest);
                for (std::int64_t row = cover.top; row < cover.bottom; ++row) {
                    const std::int64_t first = (row * window.width + cover.left) * channels;
                    for (std::int64_t at = 0; at < cover.right - cover.left; ++at)
                        takeGradient(image + first + at * channels, y, rest, dx + first + at * channels,
                                     channels);
                }
                y += channels;
                dy += channels;
            }
        }
    }
}

template <typename T>
void runAverage(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.outputs[0]);
    const std::int64_t channels = window.channels;
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const image = in<T>(args, 0) + i * window.imageSize();
        T* const result = out<T>(args) + i * window.outSize();
        forResults(window, [&](std::int64_t place, const Cover& cover) {
            T* const y = result + place * channels;
            std::fill_n(y, channels, T(0));
            forCovered(window, cover, [&](std::int64_t from) {
                const T* const x = image + from * channels;
                for (std::int64_t c = 0; c < channels; ++c)
                    y[c] += x[c];
            });
            const T count = static_cast<T>(cover.count());
            for (std::int64_t c = 0; c < channels; ++c)
                y[c] /= count;
        });
    }
}

template <typename T>
void runAverageGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[1]);
    const std::int64_t channels = window.channels;
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const dy = in<T>(args, 1) + i * window.outSize();
        T* const dx = out<T>(args) + i * window.imageSize();
        std::fill_n(dx, window.imageSize(), T(0));
        forResults(window, [&](std::int64_t place, const Cover& cover) {
            const T* const from = dy + place * channels;
            const T count = static_cast<T>(cover.count());
            forCovered(window, cover, [&](std::int64_t at) {
                for (std::int64_t c = 0; c < channels; ++c)
                    dx[at * channels + c] += from[c] / count;
            });
        });
    }
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::MaxPool, dtype, {imageTiles, nullptr, runMax<T>}});
    table.push_back({OpCode::MaxPoolGrad, dtype, {imageTiles, nullptr, runMaxGrad<T>}});
    table.push_back({OpCode::AvgPool, dtype, {imageTiles, nullptr, runAverage<T>}});
    table.push_back({OpCode::AvgPoolGrad, dtype, {imageTiles, nullptr, runAverageGrad<T>}});
}

} // namespace

void addPools(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
