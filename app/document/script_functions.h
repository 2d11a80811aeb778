// SPDX-License-Identifier: GPL-3.0-or-later
// The functions, methods and types of the script's language as the window offers them. A table made once; any
// thread.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>

namespace wr::app {

struct ScriptFunction {
    QString name; ///< dotted; methods begin with the dot
    QStringList parameters;
};

const QHash<QString, ScriptFunction>& scriptFunctions();
QStringList scriptTypes();

} // namespace wr::app
