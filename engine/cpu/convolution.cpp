// SPDX-License-Identifier: GPL-3.0-or-later
// Convolutions as products that read the windows where they lie in the padded image: a window's rows are the
// segments of the depth. The gradient of the images is either the convolution of the padded gradient with the
// filter turned about, or, where the images have few channels, the windows' gradients added up place by
// place; that of the filter sums over images in their order. All tiles, and the choice, follow from shapes.
#include "engine/cpu/gemm.h"
#include "engine/cpu/window.h"

namespace wr::cpu::WR_CPU_VARIANT {
namespace {

template <typename T>
constexpr DType dtypeOf()
{
    return sizeof(T) == sizeof(float) ? DType::Float32 : DType::Float64;
}

/// A matrix [depth, columns] cut into panels of whole vectors, one after the other: the b of products.
template <typename T>
class Panels {
public:
    /// `at(p, j)` gives the matrix. The memory is the buffer's.
    template <typename At>
    Panels(std::int64_t depth, std::int64_t columns, std::vector<T>& buffer, const At& at)
        : m_depth(depth), m_columns(columns), m_wide(panelColumns(dtypeOf<T>()))
    {
        std::size_t size = 0;
        for (std::int64_t first = 0; first < columns; first += m_wide)
            size += static_cast<std::size_t>(depth * widthAt(first));
        buffer.resize(size);
        m_data = buffer.data();
        T* to = buffer.data();
        for (std::int64_t first = 0; first < columns; first += m_wide) {
            const std::int64_t width = widthAt(first);
            const std::int64_t own = std::min(width, columns - first);
            for (std::int64_t p = 0; p < depth; ++p) {
                for (std::int64_t j = 0; j < own; ++j)
                    to[j] = at(p, first + j);
                std::fill(to + own, to + width, T(0));
                to += width;
            }
        }
    }

    /// Sets b and columns, and calls multiply() for each panel. The product's c is that of column 0.
    void multiplyBy(Product<T> product) const
    {
        const T* b = m_data;
        T* const c = product.c;
        product.isOpenEnded = true;
        product.bColumn = 1;
        for (std::int64_t first = 0; first < m_columns; first += m_wide) {
            product.columns = std::min(m_wide, m_columns - first);
            product.bDepth = widthAt(first);
            product.b = b;
            product.c = c + first;
            multiply(product);
            b += m_depth * product.bDepth;
        }
    }

private:
    std::int64_t widthAt(std::int64_t first) const
    {
        return wholeColumns(dtypeOf<T>(), std::min(m_wide, m_columns - first));
    }

    std::int64_t m_depth;
    std::int64_t m_columns;
    std::int64_t m_wide;
    const T* m_data = nullptr;
};

/// The product whose rows are the windows of output row `y`, in the padded image.
template <typename T>
Product<T> windowsOf(const Window& window, PaddedImage<T> image, std::int64_t y)
{
    Product<T> product;
    product.rows = window.outWidth;
    product.depth = window.windowX * window.channels;
    product.a = image.data + y * window.strideY * image.row;
    product.aRow = window.strideX * window.channels;
    product.aDepth = 1;
    product.segments = window.windowY;
    product.aSegment = window.dilationY * image.row;
    product.cRow = window.outChannels;
    return product;
}

/// One image's results from the padded image and the filter.
template <typename T>
void convolveImage(const Window& window, PaddedImage<T> image, const Panels<T>& filter, T* result)
{
    const std::int64_t rowSize = window.outWidth * window.outChannels;
    if (window.dilationX == 1) {
        for (std::int64_t y = 0; y < window.outHeight; ++y) {
            Product<T> product = windowsOf(window, image, y);
            product.c = result + y * rowSize;
            filter.multiplyBy(product);
        }
        return;
    }
    // Windows with gaps are laid out side by side first.
    const std::int64_t depth = window.windowY * window.windowX * window.channels;
    std::vector<T>& contents = threadBuffer<T, 0>();
    contents.resize(static_cast<std::size_t>(window.outWidth * depth));
    for (std::int64_t y = 0; y < window.outHeight; ++y) {
        T* to = contents.data();
        for (std::int64_t x = 0; x < window.outWidth; ++x) {
            const T* const left =
                image.data + y * window.strideY * image.row + x * window.strideX * window.channels;
            for (std::int64_t ky = 0; ky < window.windowY; ++ky) {
                const T* const from = left + ky * window.dilationY * image.row;
                for (std::int64_t kx = 0; kx < window.windowX; ++kx) {
                    for (std::int64_t channel = 0; channel < window.channels; ++channel)
                        *to++ = from[kx * window.dilationX * window.channels + channel];
                }
            }
        }
        Product<T> product;
        product.rows = window.outWidth;
        product.depth = depth;
        product.a = contents.data();
        product.aRow = depth;
        product.aDepth = 1;
        product.c = result + y * rowSize;
        product.cRow = window.outChannels;
        filter.multiplyBy(product);
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
    const T* const weights = in<T>(args, 1);
    const Panels<T> filter(
        window.windowY * window.windowX * window.channels, window.outChannels, threadBuffer<T, 2>(),
        [&](std::int64_t p, std::int64_t j) { return weights[p * window.outChannels + j]; });
    for (std::int64_t i = begin; i < std::min(end, window.images); ++i) {
        const PaddedImage<T> image =
            padded(in<T>(args, 0) + i * window.imageSize(), window, threadBuffer<T, 1>());
        convolveImage(window, image, filter, out<T>(args) + i * window.outSize());
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

    /// Whether adding up the windows' gradients takes fewer vectors of products, by a quarter at least.
    bool addsUp() const
    {
        constexpr std::int64_t kLanes = 16; // the same choice whatever the instruction set
        const auto vectors = [](std::int64_t columns) { return (columns + kLanes - 1) / kLanes; };
        const std::int64_t places = forward.windowY * forward.windowX;
        const std::int64_t turned =
            forward.height * forward.width * places * forward.outChannels * vectors(forward.channels);
        const std::int64_t added =
            forward.outHeight * forward.outWidth * forward.outChannels * vectors(places * forward.channels);
        return forward.dilationX == 1 && added + added / 4 < turned;
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

/// [windowY, windowX, channels, outputs] as [windowY, windowX, outputs, channels], its places in reverse.
template <typename T>
Panels<T> turnedFilter(const T* filter, const Window& forward, std::vector<T>& buffer)
{
    const std::int64_t places = forward.windowY * forward.windowX;
    const std::int64_t outputs = forward.outChannels;
    return {places * outputs, forward.channels, buffer, [&](std::int64_t p, std::int64_t channel) {
                const std::int64_t place = places - 1 - p / outputs;
                return filter[(place * forward.channels + channel) * outputs + p % outputs];
            }};
}

/// One image's gradient: that of each window is dy times the turned filter [outputs, window], added where the
/// window lies in the padded image.
template <typename T>
void addWindows(const Window& window, const T* dy, const Panels<T>& filter, T* dx)
{
    const std::int64_t segment = window.windowX * window.channels;
    const std::int64_t content = window.windowY * segment;
    const std::int64_t wide = window.paddedWidth() * window.channels;
    std::vector<T>& contents = threadBuffer<T, 0>();
    contents.resize(static_cast<std::size_t>(window.outWidth * content));
    std::vector<T>& padded = threadBuffer<T, 1>();
    padded.assign(static_cast<std::size_t>(window.paddedHeight() * wide), T(0));
    Product<T> product;
    product.rows = window.outWidth;
    product.depth = window.outChannels;
    product.aRow = window.outChannels;
    product.aDepth = 1;
    product.c = contents.data();
    product.cRow = content;
    for (std::int64_t y = 0; y < window.outHeight; ++y) {
        product.a = dy + y * window.outWidth * window.outChannels;
        filter.multiplyBy(product);
        for (std::int64_t x = 0; x < window.outWidth; ++x) {
            const T* from = contents.data() + x * content;
            T* to = padded.data() + y * window.strideY * wide + x * window.strideX * window.channels;
            for (std::int64_t ky = 0; ky < window.windowY; ++ky) {
                for (std::int64_t k = 0; k < segment; ++k)
                    to[k] += from[k];
                from += segment;
                to += window.dilationY * wide;
            }
        }
    }
    // What no window reaches has no gradient.
    const std::int64_t row = window.width * window.channels;
    const std::int64_t length = std::clamp<std::int64_t>(wide - window.padLeft * window.channels, 0, row);
    for (std::int64_t y = 0; y < window.height; ++y) {
        T* const to = dx + y * row;
        const bool isReached = y + window.padTop < window.paddedHeight();
        const std::int64_t reached = isReached ? length : 0;
        if (reached > 0)
            std::memcpy(to, padded.data() + (y + window.padTop) * wide + window.padLeft * window.channels,
                        static_cast<std::size_t>(reached) * sizeof(T));
        std::fill(to + reached, to + row, T(0));
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
    const Window& forward = backward.forward;
    const bool addsUp = backward.addsUp();
    const T* const weights = in<T>(args, 1);
    const Panels<T> filter =
        addsUp
            ? Panels<T>(forward.outChannels, forward.windowY * forward.windowX * forward.channels,
                        threadBuffer<T, 2>(),
                        [&](std::int64_t p, std::int64_t j) { return weights[j * forward.outChannels + p]; })
            : turnedFilter(weights, forward, threadBuffer<T, 2>());
    for (std::int64_t i = begin * kImagesPerTile; i < std::min(end * kImagesPerTile, forward.images); ++i) {
        const T* const dy = in<T>(args, 2) + i * forward.outSize();
        T* const dx = out<T>(args) + i * forward.imageSize();
        if (addsUp)
            addWindows(forward, dy, filter, dx);
        else
            convolveImage(backward.window, spreadGradient(dy, backward, threadBuffer<T, 1>()), filter, dx);
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
    // The depth is all places of an image's results: its rows are the segments.
    Product<T> product;
    product.columns = window.outChannels;
    product.depth = window.outWidth;
    product.segments = window.outHeight;
    product.aRow = 1;
    product.aDepth = window.strideX * window.channels;
    product.bDepth = window.outChannels;
    product.bColumn = 1;
    product.cRow = window.outChannels;
    const std::int64_t vector = panelColumns(dtypeOf<T>());
    // Images outermost, so that each is padded once; a tile's sums grow in the order of the images all the
    // same.
    for (std::int64_t i = 0; i < std::max<std::int64_t>(window.images, 1); ++i) {
        if (window.images == 0 || args.inputs[2].elements == 0) {
            for (std::int64_t tile = begin; tile < end; ++tile) {
                const std::int64_t row = tile % parts * kFilterRows;
                std::fill_n(out<T>(args) + (tile / parts * rows + row) * window.outChannels,
                            std::min(kFilterRows, rows - row) * window.outChannels, T(0));
            }
            return;
        }
        const PaddedImage<T> image =
            padded(in<T>(args, 0) + i * window.imageSize(), window, threadBuffer<T, 1>());
        product.b = in<T>(args, 2) + i * window.outSize();
        product.aSegment = window.strideY * image.row;
        product.isAdded = i > 0;
        // Behind this image's results there are those of the next ones, which no sum takes up.
        product.isOpenEnded = (window.images - 1 - i) * window.outSize() >= vector;
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const std::int64_t band = tile / parts;
            const std::int64_t row = tile % parts * kFilterRows;
            const std::int64_t ky = window.dilationX == 1 ? band : band / window.windowX;
            const std::int64_t kx = window.dilationX == 1 ? 0 : band % window.windowX;
            product.rows = std::min(kFilterRows, rows - row);
            product.c = out<T>(args) + (band * rows + row) * window.outChannels;
            product.a = image.data + ky * window.dilationY * image.row +
                        kx * window.dilationX * window.channels + row;
            multiply(product);
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
