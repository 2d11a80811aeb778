// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of wr.train(…): one of its arguments gets another value, or goes. Pure functions; any thread.
#pragma once

#include "app/document/parsed_script.h"
#include "app/document/variable_edit.h"
#include "engine/graph/model.h"

#include <QString>

namespace wr::app {

/// What the script says for an argument of wr.train, as it is written; empty when it says nothing.
QString recipeArgument(const graph::Model& model, const QString& keyword);

/// Sets it to an expression, or takes it away when `value` is empty; no edit when it says so already.
/// NotFound without a recipe.
Result<ScriptEdits> setRecipeArgument(const graph::Model& model, const std::string& keyword,
                                      const std::string& value);

} // namespace wr::app
