// SPDX-License-Identifier: GPL-3.0-or-later
// Convolutions as products: a row of results is a matrix of window contents times the filter. Where a
// window's row is long it is read where it lies in the image; short ones are laid out side by side first. The
// gradient of the images is the convolution of the padded gradient with the filter turned about; that of the
// filter sums over images in their order. All tiles follow from shapes.
#include "engine/cpu/gemm.h"
#include "engine/cpu/window.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

constexpr std::int64_t kLongRow = 24; // elements of a window's row that are worth a product of their own

/// One image's results from the padded image and a filter [windowY, windowX, channels, outChannels].
template <typename T>
void convolveImage(const Window& window, PaddedImage<T> image, const T* filter, T* result)
{
    const std::int64_t segment = window.windowX * window.channels;
    const std::int64_t depth = window.windowY * segment;
    Product<T> product;
    product.rows = window.outWidth;
    product.columns = window.outChannels;
    product.bDepth = window.outChannels;
    product.bColumn = 1;
    product.cRow = window.outChannels;
    const bool readsInPlace = window.dilationX == 1 && segment >= kLongRow;
    std::vector<T>& contents = threadBuffer<T, 0>();
    if (!readsInPlace)
        contents.resize(static_cast<std::size_t>(window.outWidth * depth));
    for (std::int64_t y = 0; y < window.outHeight; ++y) {
        product.c = result + y * window.outWidth * window.outChannels;
        const T* const top = image.data + y * window.strideY * image.row;
        if (readsInPlace) {
            product.depth = segment;
            product.aRow = window.strideX * window.channels;
            product.aDepth = 1;
            for (std::int64_t ky = 0; ky < window.windowY; ++ky) {
                product.a = top + ky * window.dilationY * image.row;
                product.b = filter + ky * segment * window.outChannels;
                product.isAdded = ky > 0;
                multiply(product);
            }
            continue;
        }
        T* to = contents.data();
        for (std::int64_t x = 0; x < window.outWidth; ++x) {
            const T* const left = top + x * window.strideX * window.channels;
            for (std::int64_t ky = 0; ky < window.windowY; ++ky) {
                const T* const from = left + ky * window.dilationY * image.row;
                for (std::int64_t kx = 0; kx < window.windowX; ++kx) {
                    for (std::int64_t channel = 0; channel < window.channels; ++channel)
                        *to++ = from[kx * window.dilationX * window.channels + channel];
                }
            }
        }
        product.depth = depth;
        product.a = contents.data();
        product.aRow = depth;
        product.aDepth = 1;
        product.b = filter;
        multiply(product);
    }
}

std::int64_t imageTiles(const KernelArgs& args)
{
    return std::max<std::int64_t>(args.inputs[0].dims[0], 1);
}

template <typename T>
void runConv(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.outputs[0]);
    if (args.outputs[0].elements == 0)
        return;
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const PaddedImage<T> image =
            padded(in<T>(args, 0) + i * window.imageSize(), window, threadBuffer<T, 1>());
        convolveImage(window, image, in<T>(args, 1), out<T>(args) + i * window.outSize());
    }
}

/// The window op whose results are the gradient of the images: dy with zeros between its places for strides
/// and around them for the padding, and the filter turned about.
struct BackwardWindow {
    Window forward;
    Window window;

    explicit BackwardWindow(const KernelArgs& args)
        : forward(*args.attributes, args.inputs[0], args.inputs[2]),
          window(*args.attributes, args.inputs[2], args.outputs[0])
    {
        window.strideY = window.strideX = 1;
        window.padTop = (forward.windowY - 1) * forward.dilationY - forward.padTop;
        window.padLeft = (forward.windowX - 1) * forward.dilationX - forward.padLeft;
    }
};

template <typename T>
PaddedImage<T> spreadGradient(const T* dy, const BackwardWindow& backward, std::vector<T>& buffer)
{
    const Window& to = backward.window;
    const std::int64_t channels = to.channels;
    const std::int64_t wide = to.paddedWidth() * channels;
    buffer.assign(static_cast<std::size_t>(to.paddedHeight() * wide), T(0));
    for (std::int64_t y = 0; y < to.height; ++y) {
        const std::int64_t row = y * backward.forward.strideY + to.padTop;
        if (row < 0 || row >= to.paddedHeight())
            continue;
        for (std::int64_t x = 0; x < to.width; ++x) {
            const std::int64_t column = x * backward.forward.strideX + to.padLeft;
            if (column < 0 || column >= to.paddedWidth())
                continue;
            std::memcpy(buffer.data() + row * wide + column * channels, dy + (y * to.width + x) * channels,
                        static_cast<std::size_t>(channels) * sizeof(T));
        }
    }
    return {buffer.data(), wide};
}

/// [windowY, windowX, channels, outputs] becomes [windowY, windowX, outputs, channels], its places in
/// reverse.
template <typename T>
void turnFilter(const T* filter, const Window& forward, T* to)
{
    const std::int64_t places = forward.windowY * forward.windowX;
    const std::int64_t channels = forward.channels;
    const std::int64_t outputs = forward.outChannels;
    for (std::int64_t place = 0; place < places; ++place) {
        const T* const from = filter + (places - 1 - place) * channels * outputs;
        T* const square = to + place * channels * outputs;
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            for (std::int64_t output = 0; output < outputs; ++output)
                square[output * channels + channel] = from[channel * outputs + output];
        }
    }
}

constexpr std::int64_t kImagesPerTile = 4; // that share a turned filter

std::int64_t inputGradTiles(const KernelArgs& args)
{
    return tilesOf(args.inputs[0].dims[0], kImagesPerTile);
}

template <typename T>
void runInputGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    if (args.outputs[0].elements == 0)
        return;
    const BackwardWindow backward(args);
    const std::int64_t images = backward.forward.images;
    std::vector<T>& turned = threadBuffer<T, 2>();
    turned.resize(static_cast<std::size_t>(args.inputs[1].elements));
    turnFilter(in<T>(args, 1), backward.forward, turned.data());
    for (std::int64_t i = begin * kImagesPerTile; i < std::min(end * kImagesPerTile, images); ++i) {
        const PaddedImage<T> gradient =
            spreadGradient(in<T>(args, 2) + i * backward.forward.outSize(), backward, threadBuffer<T, 1>());
        convolveImage(backward.window, gradient, turned.data(),
                      out<T>(args) + i * backward.forward.imageSize());
    }
}

/// A tile of the filter's gradient: some rows of [windowX * channels, outChannels] for one row of the window.
constexpr std::int64_t kFilterRows = 42;

std::int64_t filterRows(const Window& window)
{
    return window.dilationX == 1 ? window.windowX * window.channels : window.channels;
}

std::int64_t filterGradTiles(const KernelArgs& args)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[2]);
    const std::int64_t bands = window.dilationX == 1 ? window.windowY : window.windowY * window.windowX;
    return std::max<std::int64_t>(bands * tilesOf(filterRows(window), kFilterRows), 1);
}

template <typename T>
void runFilterGrad(const KernelArgs& args, std::int64_t begin, std::int64_t end)
{
    const Window window(*args.attributes, args.inputs[0], args.inputs[2]);
    if (args.outputs[0].elements == 0)
        return;
    const std::int64_t rows = filterRows(window);
    const std::int64_t parts = tilesOf(rows, kFilterRows);
    Product<T> product;
    product.columns = window.outChannels;
    product.depth = window.outWidth;
    product.aRow = 1;
    product.aDepth = window.strideX * window.channels;
    product.bDepth = window.outChannels;
    product.bColumn = 1;
    product.cRow = window.outChannels;
    for (std::int64_t tile = begin; tile < end; ++tile) {
        const std::int64_t band = tile / parts;
        const std::int64_t row = tile % parts * kFilterRows;
        const std::int64_t ky = window.dilationX == 1 ? band : band / window.windowX;
        const std::int64_t kx = window.dilationX == 1 ? 0 : band % window.windowX;
        product.rows = std::min(kFilterRows, rows - row);
        product.c = out<T>(args) + (band * rows + row) * window.outChannels;
        product.isAdded = false;
        if (window.images == 0 || args.inputs[2].elements == 0)
            std::fill_n(product.c, product.rows * window.outChannels, T(0));
        for (std::int64_t i = 0; i < window.images; ++i) {
            const PaddedImage<T> image =
                padded(in<T>(args, 0) + i * window.imageSize(), window, threadBuffer<T, 1>());
            for (std::int64_t y = 0; y < window.outHeight; ++y) {
                product.a = image.data + (y * window.strideY + ky * window.dilationY) * image.row +
                            kx * window.dilationX * window.channels + row;
                product.b = in<T>(args, 2) + i * window.outSize() + y * window.outWidth * window.outChannels;
                multiply(product);
                product.isAdded = true;
            }
        }
    }
}

template <typename T>
void addFor(std::vector<KernelEntry>& table, DType dtype)
{
    table.push_back({OpCode::Conv2D, dtype, {imageTiles, nullptr, runConv<T>}});
    table.push_back({OpCode::Conv2DBackpropInput, dtype, {inputGradTiles, nullptr, runInputGrad<T>}});
    table.push_back({OpCode::Conv2DBackpropFilter, dtype, {filterGradTiles, nullptr, runFilterGrad<T>}});
}

} // namespace

void addConvolutions(std::vector<KernelEntry>& table)
{
    addFor<float>(table, DType::Float32);
    addFor<double>(table, DType::Float64);
}

} // namespace wr::cpu::WR_CPU_VARIANT
