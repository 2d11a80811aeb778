// SPDX-License-Identifier: GPL-3.0-or-later
// The sizes of a window op over images [n, height, width, channels], read from its arguments, and images with
// the padding around them. Values; a padded image lies in a buffer of the thread until the next one is asked
// for.
#pragma once

#include "engine/cpu/kernel_list.h"

#include <cstring>
#include <vector>

namespace wr::cpu::WR_CPU_VARIANT {

struct Window {
    std::int64_t images = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t channels = 0;
    std::int64_t outHeight = 0;
    std::int64_t outWidth = 0;
    std::int64_t outChannels = 0;
    std::int64_t windowY = 1;
    std::int64_t windowX = 1;
    std::int64_t strideY = 1;
    std::int64_t strideX = 1;
    std::int64_t padTop = 0;
    std::int64_t padLeft = 0;
    std::int64_t dilationY = 1;
    std::int64_t dilationX = 1;

    Window(const backend::OpAttributes& attributes, const TensorView& image, const TensorView& result)
        : images(image.dims[0]), height(image.dims[1]), width(image.dims[2]), channels(image.dims[3]),
          outHeight(result.dims[1]), outWidth(result.dims[2]), outChannels(result.dims[3]),
          windowY(attributes.axes[backend::WindowY]), windowX(attributes.axes[backend::WindowX]),
          strideY(attributes.axes[backend::StrideY]), strideX(attributes.axes[backend::StrideX]),
          padTop(attributes.axes[backend::PadTop]), padLeft(attributes.axes[backend::PadLeft]),
          dilationY(attributes.axes[backend::DilationY]), dilationX(attributes.axes[backend::DilationX])
    {
    }

    std::int64_t imageSize() const { return height * width * channels; }
    std::int64_t outSize() const { return outHeight * outWidth * outChannels; }
    /// Rows and columns that all windows together reach over, padding included.
    std::int64_t paddedHeight() const { return (outHeight - 1) * strideY + (windowY - 1) * dilationY + 1; }
    std::int64_t paddedWidth() const { return (outWidth - 1) * strideX + (windowX - 1) * dilationX + 1; }
    bool isPadded() const
    {
        return padTop > 0 || padLeft > 0 || paddedHeight() > height || paddedWidth() > width;
    }
};

/// An image whose rows lie `row` elements apart.
template <typename T>
struct PaddedImage {
    const T* data;
    std::int64_t row;
};

/// The image with zeros around it where windows reach beyond, in `buffer`; the image itself where none does.
template <typename T>
PaddedImage<T> padded(const T* image, const Window& window, std::vector<T>& buffer)
{
    const std::int64_t row = window.width * window.channels;
    if (!window.isPadded())
        return {image, row};
    const std::int64_t wide = window.paddedWidth() * window.channels;
    buffer.assign(static_cast<std::size_t>(window.paddedHeight() * wide), T(0));
    const std::int64_t rows = std::min(window.height, window.paddedHeight() - window.padTop);
    const std::int64_t length = std::min(row, wide - window.padLeft * window.channels);
    for (std::int64_t y = 0; y < rows && length > 0; ++y)
        std::memcpy(buffer.data() + (y + window.padTop) * wide + window.padLeft * window.channels,
                    image + y * row, static_cast<std::size_t>(length) * sizeof(T));
    return {buffer.data(), wide};
}

/// Kept by each thread, so that a step asks for no memory.
template <typename T, int Which>
std::vector<T>& threadBuffer()
{
    static thread_local std::vector<T> kBuffer;
    return kBuffer;
}

} // namespace wr::cpu::WR_CPU_VARIANT
