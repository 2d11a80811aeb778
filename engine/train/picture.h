// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of PNG and JPEG files as pixels, and in another size. What a file is tells its content, not its
// name. Hostile input: dimensions are checked before memory is taken, damage is an error. Pure; any thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <span>
#include <string>

namespace wr::train {

struct PictureSize {
    std::int64_t height = 0;
    std::int64_t width = 0;
};

/// The pixels of a picture as uint8 [height, width, 3], what is transparent on white. A JPEG picture may come
/// smaller than it is, but not below `wanted`. Errors begin with `name`: InvalidArgument for other files,
/// DataLoss for damaged ones, ResourceExhausted beyond 67 million pixels.
Result<Tensor> decodePicture(std::span<const std::byte> bytes, const std::string& name, PictureSize wanted);

/// Brings a picture [height, width, 3] to `size` and 1 or 3 channels, into `into` (size.height · size.width ·
/// channels bytes): averages of areas where it becomes smaller, bilinear where larger. Sides may be stretched
/// differently. ResourceExhausted when there is no memory.
Status resizePicture(const Tensor& picture, PictureSize size, std::int64_t channels,
                     std::span<std::uint8_t> into);

} // namespace wr::train
