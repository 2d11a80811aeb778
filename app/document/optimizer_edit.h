// SPDX-License-Identifier: GPL-3.0-or-later
// The optimizer of a script as a form shows it: its kind and its learning rate, and edits of either. A script
// with several optimizers is edited by hand. Pure functions; any thread.
#pragma once

#include "app/document/parsed_script.h"
#include "app/document/variable_edit.h"
#include "engine/graph/model.h"

#include <QString>
#include <QStringList>

namespace wr::app {

struct OptimizerText {
    QString function; ///< "tf.train.AdamOptimizer"; empty when there is none, or more than one
    QString rate;     ///< its learning rate as it is written; empty: left out
};
OptimizerText optimizerText(const graph::Model& model);

/// "tf.train.AdamOptimizer" and the others that a script may use.
QStringList optimizerFunctions();

/// Another kind, with the learning rate that the script has; what only the old kind takes goes, and what the
/// new one must be told gets a usual value.
Result<ScriptEdits> setOptimizer(const graph::Model& model, const std::string& function);
/// Another learning rate: a number, or an expression such as tf.train.exponential_decay(…).
Result<ScriptEdits> setOptimizerRate(const graph::Model& model, const std::string& rate);

} // namespace wr::app
