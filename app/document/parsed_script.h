// SPDX-License-Identifier: GPL-3.0-or-later
// A script that has been read: its meaning, and the mapping of places between window and engine. Immutable
// and shared; any thread.
#pragma once

#include "app/document/text_map.h"
#include "engine/graph/model.h"

#include <memory>

namespace wr::app {

struct ParsedScript {
    std::shared_ptr<const graph::Model> model; ///< never null
    TextMap map;
};

inline std::shared_ptr<const ParsedScript> parseScript(const QString& text)
{
    auto parsed = std::make_shared<ParsedScript>();
    parsed->map = TextMap(text);
    parsed->model = graph::buildModel(script::parse(parsed->map.utf8()));
    return parsed;
}

} // namespace wr::app
