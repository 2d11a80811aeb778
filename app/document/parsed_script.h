// SPDX-License-Identifier: GPL-3.0-or-later
// A script that has been read: its meaning, the mapping of places between window and engine, and what the
// window shows of it, made where it was read so that the window has nothing left to compute. Immutable and
// shared; any thread.
#pragma once

#include "app/document/problem.h"
#include "app/document/text_map.h"
#include "app/document/variable_row.h"
#include "engine/graph/model.h"

#include <QSet>
#include <memory>

namespace wr::app {

struct ParsedScript {
    std::shared_ptr<const graph::Model> model; ///< never null
    TextMap map;
    QVector<VariableRow> rows;
    QVector<Problem> problems;
    QSet<QString> names; ///< that the script binds
};

std::shared_ptr<const ParsedScript> parseScript(const QString& text);

} // namespace wr::app
