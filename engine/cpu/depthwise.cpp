// SPDX-License-Identifier: GPL-3.0-or-later
// Convolutions of each channel by filters of its own, [windowY, windowX, channels, multiplier], and their
// gradients.
#include "engine/cpu/window.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

/// The part of a row of results whose windows' column kx lies on the image.
Span columnsInside(const Window& window, std::int64_t kx)
{
    const std::int64_t shift = kx * window.dilationX - window.padLeft;
    const std::int64_t first = shift >= 0 ? 0 : (-shift + window.strideX - 1) / window.strideX;
    const std::int64_t room = window.width - 1 - shift;
    return {first, room < 0 ? 0 : std::min(window.outWidth, room / window.strideX + 1)};
}

/// Calls body(y, row of the image, ky, kx, columns) for the windows of image rows that exist.
template <typename Body>
void forWindowRows(const Window& window, const Body& body)
{
    for (std::int64_t y = 0; y < window.outHeight; ++y) {
        for (std::int64_t ky = 0; ky < window.windowY; ++ky) {
            const std::int64_t row = y * window.strideY + ky * window.dilationY - window.padTop;
            if (row < 0 || row >= window.height)
                continue;
            for (std::int64_t kx = 0; kx < window.windowX; ++kx)
                body(y, row, ky, kx, columnsInside(window, kx));
        }
    }
}

std::int64_t imageTiles(const KernelArgs& args)
{
    return std::max<std::int64_t>(args.inputs[0].dims[0], 1);
}

template <typename T>
void runForward(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.outputs[0]);
    const std::int64_t multiplier = args.inputs[1].dims[3];
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const image = in<T>(args, 0) + i * window.imageSize();
        T* const result = out<T>(args) + i * window.outSize();
        std::fill_n(result, window.outSize(), T(0));
        forWindowRows(
            window, [&](std::int64_t y, std::int64_t row, std::int64_t ky, std::int64_t kx, Span columns) {
                const T* const filter = in<T>(args, 1) + (ky * window.windowX + kx) * window.outChannels;
                for (std::int64_t x = columns.first; x < columns.last; ++x) {
                    const std::int64_t column = x * window.strideX + kx * window.dilationX - window.padLeft;
                    const T* const from = image + (row * window.width + column) * window.channels;
                    T* const to = result + (y * window.outWidth + x) * window.outChannels;
                    for (std::int64_t c = 0; c < window.channels; ++c) {
                        for (std::int64_t m = 0; m < multiplier; ++m)
                            to[c * multiplier + m] += from[c] * filter[c * multiplier + m];
                    }
                }
            });
    }
}

template <typename T>
void runInputGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[2]);
    const std::int64_t multiplier = args.inputs[1].dims[3];
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const T* const dy = in<T>(args, 2) + i * window.outSize();
        T* const dx = out<T>(args) + i * window.imageSize();
        std::fill_n(dx, window.imageSize(), T(0));
        forWindowRows(
            window, [&](std::int64_t y, std::int64_t row, std::int64_t ky, std::int64_t kx, Span columns) {
                const T* const filter = in<T>(args, 1) + (ky * window.windowX + kx) * window.outChannels;
                for (std::int64_t x = columns.first; x < columns.last; ++x) {
                    const std::int64_t column = x * window.strideX + kx * window.dilationX - window.padLeft;
                    T* const to = dx + (row * window.width + column) * window.channels;
                    const T* const from = dy + (y * window.outWidth + x) * window.outChannels;
                    for (std::int64_t c = 0; c < window.channels; ++c) {
                        for (std::int64_t m = 0; m < multiplier; ++m)
                            to[c] += from[c * multiplier + m] * filter[c * multiplier + m];
                    }
                }
            });
    }
}

/// One tile a place of the window, so that each sums in the order of the images.
std::int64_t placeTiles(const KernelArgs& args)
{
    return std::max<std::int64_t>(args.inputs[1].dims[0] * args.inputs[1].dims[1], 1);
}

template <typename T>
void runFilterGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[2]);
    const std::int64_t multiplier = args.inputs[1].dims[3];
    for (std::int64_t place = begin; place < std::min(end, window.windowY * window.windowX); ++place) {
        const std::int64_t ky = place / window.windowX;
        const std::int64_t kx = place % window.windowX;
        const Span columns = columnsInside(window, kx);
        T* const to = out<T>(args) + place * window.outChannels;
        std::fill_n(to, window.outChannels, T(0));
        for (std::int64_t line = 0; line < window.images * window.outHeight; ++line) {
            const std::int64_t image = line / window.outHeight;
            const std::int64_t row =
                line % window.outHeight * window.strideY + ky * window.dilationY - window.padTop;
            if (row < 0 || row >= window.height)
                continue;
            for (std::int64_t x = columns.first; x < columns.last; ++x) {
                const std::int64_t column = x * window.strideX + kx * window.dilationX - window.padLeft;
                const T* const from =
                    in<T>(args, 0) +
                    ((image * window.height + row) * window.width + column) * window.channels;
                const T* const dy = in<T>(args, 2) + (line * window.outWidth + x) * window.outChannels;
                for (std::int64_t c = 0; c < window.channels; ++c) {
                    for (std::int64_t m = 0; m < multiplier; ++m)
                        to[c * multiplier + m] += from[c] * dy[c * multiplier + m];
                }
            }
        }
    }
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::DepthwiseConv2dNative, dtype, {imageTiles, nullptr, runForward<T>}});
    table.push_back(
        {OpCode::DepthwiseConv2dNativeBackpropInput, dtype, {imageTiles, nullptr, runInputGrad<T>}});
    table.push_back(
        {OpCode::DepthwiseConv2dNativeBackpropFilter, dtype, {placeTiles, nullptr, runFilterGrad<T>}});
}

} // namespace

void addDepthwise(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
