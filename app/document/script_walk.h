// SPDX-License-Identifier: GPL-3.0-or-later
// Ways through a script's tree that table edits need: every expression, the statements around a place, and
// how a statement stands on its lines. Pure functions; any thread.
#pragma once

#include "engine/script/tree.h"

#include <functional>
#include <string>
#include <vector>

namespace wr::app {

using ExprVisitor = std::function<void(const script::Expr&)>;

/// Calls `visit` for every expression below `statements`, parents before children.
void visitExpressions(const std::vector<script::Statement>& statements, const ExprVisitor& visit);
void visitExpressions(const script::Statement& statement, const ExprVisitor& visit);
void visitExpressions(const script::Expr& expr, const ExprVisitor& visit);

/// Calls `visit` for every plain name that a statement binds: "x" of "x = …", "as x", "for x in …".
void visitBindings(const std::vector<script::Statement>& statements, const ExprVisitor& visit);

/// The statements that enclose `range`, outermost first, the innermost one last; empty when there is none.
std::vector<const script::Statement*> statementsAround(const script::Tree& tree, script::TextRange range);

/// White space at the start of the line that holds `offset`.
std::string indentationAt(const script::Tree& tree, std::uint32_t offset);
std::uint32_t lineBeginOf(const script::Tree& tree, std::uint32_t offset);
/// Offset after the line feed that ends the line of `offset`, or the text's end.
std::uint32_t lineEndOf(const script::Tree& tree, std::uint32_t offset);
/// True when nothing but white space, and a comment behind it, shares the statement's lines.
bool standsAlone(const script::Tree& tree, script::TextRange statement);

/// "line 12" of a place.
std::string lineText(const script::Tree& tree, std::uint32_t offset);

} // namespace wr::app
