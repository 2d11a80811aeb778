// SPDX-License-Identifier: GPL-3.0-or-later
// Small checkpoints for the tests of the application layer: written by the engine's own save into a temporary
// folder.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <QString>
#include <vector>

namespace wr::app {

/// The how-to's two variables plus an output layer, with values that follow from `seed`.
inline std::vector<NamedTensor> digitsTensors(float seed)
{
    const auto filled = [seed](Shape shape, float offset) {
        std::vector<float> values(static_cast<std::size_t>(*shape.elementCount()));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = seed + offset + static_cast<float>(i % 97) * 0.01F;
        return Tensor::of(values, std::move(shape));
    };
    return {{"weights", filled({784, 20}, 0.0F)},
            {"biases", filled({20}, 1.0F)},
            {"out_weights", filled({20, 10}, 2.0F)},
            {"out_biases", filled({10}, 3.0F)}};
}

inline QString writeCheckpoint(const QString& path, const std::vector<NamedTensor>& tensors,
                               const checkpoint::Metadata& metadata = {{"step", "120"}, {"loss", "0.5"}})
{
    const auto saved = checkpoint::saveCheckpoint(Vfs::posix(), path.toStdString(), tensors, metadata, {});
    return saved ? QString() : QString::fromStdString(saved.error().toString());
}

} // namespace wr::app
