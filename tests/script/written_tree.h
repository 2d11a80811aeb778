// SPDX-License-Identifier: GPL-3.0-or-later
// A tree as one line of nested lists, so that tests can state what a script was read as. Pure.
#pragma once

#include "engine/script/tree.h"

#include <string>
#include <vector>

namespace wr::script {

/// An expression: "(+ a (* b 2))", "(call f x k=1)", "[1 2]" for lists, "<1 2>" for tuples.
std::string written(const Expr& expr);
/// Statements with "; " between them and blocks in braces: "with (call f) as x {y = 1}".
std::string written(const std::vector<Statement>& statements);

} // namespace wr::script
