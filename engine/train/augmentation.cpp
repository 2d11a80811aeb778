// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/augmentation.h"

#include "engine/base/philox.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace wr::train {
namespace {

/// Keeps these draws apart from those that shuffle.
constexpr std::uint64_t kStream = 0xA06A06A06A06A06ULL;

void mirror(float* picture, const PictureLayout& layout)
{
    const std::int64_t row = layout.width * layout.channels;
    for (std::int64_t y = 0; y < layout.height; ++y, picture += row) {
        for (std::int64_t x = 0; x < layout.width / 2; ++x)
            std::swap_ranges(picture + x * layout.channels, picture + (x + 1) * layout.channels,
                             picture + (layout.width - 1 - x) * layout.channels);
    }
}

/// Moves by `right` and `down` pixels, which may be negative.
void move(float* picture, const PictureLayout& layout, std::int64_t right, std::int64_t down,
          std::vector<float>& old)
{
    const std::int64_t row = layout.width * layout.channels;
    old.assign(picture, picture + layout.height * row);
    std::fill_n(picture, layout.height * row, 0.0F);
    const std::int64_t kept = (layout.width - std::abs(right)) * layout.channels;
    const std::int64_t from = std::max<std::int64_t>(-right, 0) * layout.channels;
    const std::int64_t to = std::max<std::int64_t>(right, 0) * layout.channels;
    for (std::int64_t y = std::max<std::int64_t>(down, 0);
         y < layout.height + std::min<std::int64_t>(down, 0); ++y)
        std::copy_n(old.data() + (y - down) * row + from, kept, picture + y * row + to);
}

} // namespace

Result<PictureLayout> pictureLayout(const Dataset& dataset, const graph::AugmentSettings& settings)
{
    const Shape shape = dataset.train.featureShape();
    if (shape.rank() != 2 && shape.rank() != 3)
        return fail(
            StatusCode::InvalidArgument,
            "augment changes pictures, [height, width] or [height, width, channels], but the examples of " +
                dataset.name + " have the shape " + shape.toString());
    const PictureLayout layout{shape.dim(0), shape.dim(1), shape.rank() == 3 ? shape.dim(2) : 1};
    if (settings.shift >= std::min(layout.height, layout.width))
        return fail(StatusCode::InvalidArgument, "augment moves pictures of shape " + shape.toString() +
                                                     " by up to " + std::to_string(settings.shift) +
                                                     " pixels, so nothing of them might be left");
    return layout;
}

void augment(const graph::AugmentSettings& settings, const PictureLayout& layout, std::uint64_t seed,
             std::uint64_t epoch, std::uint64_t first, Tensor& batch)
{
    const Philox stream(seed ^ kStream, epoch);
    const std::int64_t size = layout.height * layout.width * layout.channels;
    const std::int64_t count = batch.elementCount() / size;
    const auto ways = static_cast<std::uint32_t>(2 * settings.shift + 1);
    std::vector<float> old;
    for (std::int64_t i = 0; i < count; ++i) {
        const PhiloxBlock words = stream.at(first + static_cast<std::uint64_t>(i));
        float* const picture = batch.data<float>() + i * size;
        if (settings.flip && (words[0] & 1U) != 0)
            mirror(picture, layout);
        const std::int64_t right = static_cast<std::int64_t>(words[1] % ways) - settings.shift;
        const std::int64_t down = static_cast<std::int64_t>(words[2] % ways) - settings.shift;
        if (right != 0 || down != 0)
            move(picture, layout, right, down, old);
    }
}

} // namespace wr::train
