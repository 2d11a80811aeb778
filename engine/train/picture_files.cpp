// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/picture.h"

#include <algorithm>
#include <memory>
#include <png.h>
#include <string_view>
#include <turbojpeg.h>

namespace wr::train {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 26U;

Status checkSize(const std::string& name, std::int64_t height, std::int64_t width)
{
    if (height < 1 || width < 1)
        return dataLoss(name + ": the picture is damaged: it declares no pixels");
    if (height > kMostPixels / width)
        return resourceExhausted(name + ": " + std::to_string(width) + " × " + std::to_string(height) +
                                 " pixels are more than the " + std::to_string(kMostPixels) +
                                 " that are read");
    return {};
}

Result<Tensor> decodePng(std::span<const std::byte> bytes, const std::string& name)
{
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    const std::unique_ptr<png_image, decltype(&png_image_free)> guard(&image, &png_image_free);
    const auto damaged = [&] {
        return fail(StatusCode::DataLoss, name + ": the PNG picture is damaged: " + image.message);
    };
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0)
        return damaged();
    WR_RETURN_IF_ERROR(checkSize(name, image.height, image.width));
    image.format = PNG_FORMAT_RGB;
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    WR_ASSIGN_OR_RETURN(Tensor pixels, Tensor::create(DType::UInt8, Shape{image.height, image.width, 3}));
    const png_color white = {255, 255, 255};
    if (png_image_finish_read(&image, &white, pixels.data<std::uint8_t>(), 0, nullptr) == 0)
        return damaged();
    return pixels;
}

Result<Tensor> decodeJpeg(std::span<const std::byte> bytes, const std::string& name, PictureSize wanted)
{
    struct Close {
        void operator()(void* handle) const { tjDestroy(handle); }
    };
    const std::unique_ptr<void, Close> decoder(tjInitDecompress());
    if (!decoder)
        return fail(StatusCode::ResourceExhausted, name + ": out of memory for unpacking");
    const auto damaged = [&] {
        return fail(StatusCode::DataLoss,
                    name + ": the JPEG picture is damaged: " + tjGetErrorStr2(decoder.get()));
    };
    const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0;
    int height = 0;
    int sampling = 0;
    int colours = 0;
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &sampling, &colours) != 0)
        return damaged();
    WR_RETURN_IF_ERROR(checkSize(name, height, width));
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return fail(StatusCode::InvalidArgument,
                    name + ": its colours are mixed for print (CMYK); save it as RGB");
    // A half, a quarter or an eighth costs less than the whole, and the rest of the way is shorter.
    int part = 1;
    while (part < 8 && height / (2 * part) >= wanted.height && width / (2 * part) >= wanted.width)
        part *= 2;
    height = (height + part - 1) / part;
    width = (width + part - 1) / part;
    WR_ASSIGN_OR_RETURN(Tensor pixels, Tensor::create(DType::UInt8, Shape{height, width, 3}));
    if (tjDecompress2(decoder.get(), data, bytes.size(), pixels.data<std::uint8_t>(), width, 0, height,
                      TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
        return damaged();
    return pixels;
}

std::string guess(std::string_view head)
{
    if (head.empty())
        return "it is empty";
    if (head.starts_with("GIF8"))
        return "it is a GIF";
    if (head.starts_with("BM"))
        return "it looks like a BMP";
    if (head.starts_with("RIFF") && head.substr(8).starts_with("WEBP"))
        return "it is a WebP";
    if (head.starts_with("II*") || head.starts_with("MM"))
        return "it looks like a TIFF";
    if (head.size() > 8 && head.substr(4).starts_with("ftyp"))
        return "it looks like a HEIF, an AVIF or a video";
    if (head.starts_with("version https://git-lfs"))
        return "it is a git-lfs pointer, not the file itself";
    return "it begins with other bytes";
}

} // namespace

Result<Tensor> decodePicture(std::span<const std::byte> bytes, const std::string& name, PictureSize wanted)
{
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                                std::min(bytes.size(), std::size_t{32}));
    if (head.starts_with("\x89PNG\r\n\x1A\n"))
        return decodePng(bytes, name);
    if (head.starts_with("\xFF\xD8\xFF"))
        return decodeJpeg(bytes, name, wanted);
    return fail(StatusCode::InvalidArgument,
                name + ": it is neither a PNG nor a JPEG picture; " + guess(head));
}

} // namespace wr::train
