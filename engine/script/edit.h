// SPDX-License-Identifier: GPL-3.0-or-later
// Minimal edits of a script: the smallest replacements of text that bring about a change made in the table or
// the graph. Pure functions over an immutable tree; any thread. Edits of one list never overlap and refer to
// the text before any of them.
#pragma once

#include "engine/base/status.h"
#include "engine/script/tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace wr::script {

/// Applies non-overlapping edits; InvalidArgument when they overlap or leave the text.
Result<std::string> applyEdits(std::string_view text, std::vector<TextEdit> edits);
/// The edits that undo `edits` once these have been applied to `text`.
std::vector<TextEdit> invertEdits(std::string_view text, std::vector<TextEdit> edits);

/// Replaces the value of an argument, or appends ", keyword=value" to the call when it is absent.
TextEdit setArgument(const Tree& tree, const Expr& call, std::string_view keyword, int position,
                     std::string_view value);
/// Removes an argument with the comma that belongs to it; an empty edit when it is absent.
TextEdit removeArgument(const Tree& tree, const Expr& call, std::string_view keyword, int position);
/// A Python string literal of `contents`, in double quotes.
std::string quoted(std::string_view contents);
/// The shortest decimal spelling that reads back as the same double ("0.35", "1.0", "1e-07").
std::string spelled(double value);

} // namespace wr::script
