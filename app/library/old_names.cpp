// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/old_names.h"

namespace wr::app {

std::vector<std::string> oldNames(const graph::Model& model, const graph::Variable& variable)
{
    std::vector<std::string> names;
    for (auto alias = model.aliases.rbegin(); alias != model.aliases.rend(); ++alias) {
        if (alias->name == variable.name)
            names.push_back(alias->oldName);
        // "weights/Adam" of a variable that was called "w" is "w/Adam" in its files.
        else if (alias->name == variable.slotOf && variable.name.starts_with(alias->name + "/"))
            names.push_back(alias->oldName + variable.name.substr(alias->name.size()));
    }
    return names;
}

} // namespace wr::app
