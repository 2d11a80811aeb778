// SPDX-License-Identifier: GPL-3.0-or-later
// What a training recipe says about changing its pictures at random.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using Kind = Value::Kind;

/// {"flip": True, "shift": 2}; none after a diagnostic.
std::optional<AugmentSettings> ModelBuilder::augmentationOf(CallArguments& arguments, const DataSpec& data)
{
    AugmentSettings settings;
    const Value given = arguments.value("augment");
    const script::TextRange range = arguments.rangeOf("augment");
    const auto refuse = [&](const std::string& message) {
        error(range, message);
        return std::nullopt;
    };
    if (given.isError())
        return std::nullopt;
    if (given.kind == Kind::None)
        return settings;
    if (given.kind != Kind::Dict)
        return refuse("augment is {\"flip\": True, \"shift\": 2}");
    for (std::size_t i = 0; i + 1 < given.items.size(); i += 2) {
        const Value& key = given.items[i];
        const Value& value = given.items[i + 1];
        if (key.isError() || value.isError())
            return std::nullopt;
        constexpr std::int64_t kFarthest = 1000;
        if (key.kind == Kind::String && key.text == "flip") {
            if (value.kind != Kind::Bool)
                return refuse("flip is True or False: whether pictures are mirrored, left and right");
            settings.flip = value.integer != 0;
        } else if (key.kind == Kind::String && key.text == "shift") {
            if (value.kind != Kind::Number || !value.isInteger || value.integer < 0 ||
                value.integer > kFarthest)
                return refuse("shift is a number of pixels, from 0 to 1000");
            settings.shift = value.integer;
        } else {
            return refuse("augment knows \"flip\" and \"shift\"");
        }
    }
    if (settings.isOn() && !mayBePictures(data.kind))
        return refuse("augment changes pictures, and the examples of this data are none");
    return settings;
}

} // namespace wr::graph
