// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/known_functions.h"

#include "engine/graph/model_builder.h"

namespace wr::graph {

const std::vector<KnownFunction>& knownFunctions()
{
    static const std::vector<KnownFunction> kFunctions = [] {
        std::vector<KnownFunction> functions;
        for (const ModelBuilder::Known& known : ModelBuilder::functions()) {
            functions.push_back({known.name, known.parameters});
            std::vector<std::string_view>& parameters = functions.back().parameters;
            if (!parameters.empty() && parameters.front().front() == '*') // any number, which has no name
                parameters.erase(parameters.begin());
        }
        return functions;
    }();
    return kFunctions;
}

} // namespace wr::graph
