// SPDX-License-Identifier: GPL-3.0-or-later
// What a change in the variable table means for the script: the smallest text edits that bring it about, or
// the reason why it has to be written by hand. Edits refer to the model's own text. Pure functions; any
// thread.
#pragma once

#include "app/document/project.h"
#include "engine/graph/model.h"
#include "engine/script/tree.h"

#include <string>
#include <vector>

namespace wr::app {

using ScriptEdits = std::vector<script::TextEdit>;

/// An empty list: it is so already. InvalidArgument when `value` cannot be read, AlreadyExists when a name is
/// taken, FailedPrecondition when the script says it in a way that a table cannot edit.
Result<ScriptEdits> editVariable(const graph::Model& model, const graph::Variable& variable,
                                 VariableField field, const QString& value);

/// The parts of editVariable() that have files of their own. `remembers`: the old name becomes an alias.
Result<ScriptEdits> renameVariable(const graph::Model& model, const graph::Variable& variable,
                                   const std::string& name, bool remembers = false);
Result<ScriptEdits> placeVariable(const graph::Model& model, const graph::Variable& variable,
                                  const std::string& device);

/// The device of many variables at once, or none when `device` is empty. Statements that stand side by side
/// share one block. FailedPrecondition names those that cannot be placed so, with the reasons.
Result<ScriptEdits> placeVariables(const graph::Model& model, const std::vector<std::string>& names,
                                   const std::string& device);
/// Whether an edited script has the variables there.
Status checkPlacement(const graph::Model& after, const std::vector<std::string>& names,
                      const std::string& device);

/// wr.place("pattern", "device") above the rules that are there, else behind the script's last statement that
/// is no session block; or another device for the rule that has the pattern already.
Result<ScriptEdits> addRule(const graph::Model& model, const std::string& pattern, const std::string& device);
Result<ScriptEdits> removeRule(const graph::Model& model, std::size_t index);

/// Takes out the statements of the variables, and blocks that would be empty without them.
Result<ScriptEdits> removeVariableStatements(const graph::Model& model,
                                             const std::vector<std::string>& names);

/// A new statement after the last variable's, at the script's outermost level; `name` is a free one.
struct NewVariable {
    script::TextEdit edit;
    std::string name;
};
NewVariable newVariable(const graph::Model& model);

/// Why the table cannot edit the variable; empty when it can.
std::string readOnlyReason(const graph::Model& model, const graph::Variable& variable);

/// The call in the initial value that takes seed=; null when nothing is drawn there or by an op without seed.
const script::Expr* seededCall(const graph::Variable& variable);
/// The spelling of its seed; empty when none is written.
std::string seedAsWritten(const graph::Model& model, const script::Expr& seeded);
/// tf.get_variable and its kin.
bool takesShapeApart(const script::Expr& call);

/// A string literal of `contents` in the quotes that `literal` has.
std::string likeLiteral(const script::Tree& tree, const script::Expr& literal, const std::string& contents);

} // namespace wr::app
