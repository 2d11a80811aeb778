// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of PNG and JPEG files of given pixels. For tests, on one thread.
#pragma once

#include <QByteArray>
#include <QtGlobal>
#include <png.h>
#include <turbojpeg.h>

namespace wr::train {

/// `pixels` row by row; `format` as PNG_FORMAT_RGB, PNG_FORMAT_GRAY or PNG_FORMAT_RGBA.
inline QByteArray pngOf(int width, int height, const QByteArray& pixels, png_uint_32 format = PNG_FORMAT_RGB)
{
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = format;
    QByteArray bytes(static_cast<qsizetype>(PNG_IMAGE_PNG_SIZE_MAX(image)), '\0');
    auto size = static_cast<png_alloc_size_t>(bytes.size());
    if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.constData(), 0, nullptr) == 0)
        qFatal("no PNG: %s", image.message);
    bytes.truncate(static_cast<qsizetype>(size));
    return bytes;
}

/// RGB pixels, at the best quality and without coarser colours; CMYK where `format` says so.
inline QByteArray jpegOf(int width, int height, const QByteArray& pixels, int format = TJPF_RGB)
{
    tjhandle const encoder = tjInitCompress();
    unsigned char* data = nullptr;
    unsigned long size = 0;
    if (tjCompress2(encoder, reinterpret_cast<const unsigned char*>(pixels.constData()), width, 0, height,
                    format, &data, &size, TJSAMP_444, 100, 0) != 0)
        qFatal("no JPEG: %s", tjGetErrorStr2(encoder));
    const QByteArray bytes(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size));
    tjFree(data);
    tjDestroy(encoder);
    return bytes;
}

/// A picture of one colour.
inline QByteArray plainPixels(int width, int height, int red, int green, int blue)
{
    QByteArray pixels;
    for (int i = 0; i < width * height; ++i)
        pixels += QByteArray(1, static_cast<char>(red)) + static_cast<char>(green) + static_cast<char>(blue);
    return pixels;
}

} // namespace wr::train
