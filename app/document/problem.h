// SPDX-License-Identifier: GPL-3.0-or-later
// One line of the Problems list: a diagnostic of the script with its place and, where there is one, the fix
// on offer. A value.
#pragma once

#include <QString>
#include <QVector>

namespace wr::app {

struct ScriptEdit {
    int begin = 0; ///< UTF-8 byte offsets into the script
    int end = 0;
    QString replacement;
};

struct Problem {
    enum class Severity { Error, Warning, Note };
    Severity severity = Severity::Error;
    int begin = 0; ///< QString (UTF-16) offsets into Project::script()
    int end = 0;
    int line = 1; ///< from 1
    int column = 1;
    QString message;
    QString fixLabel; ///< empty without a fix
    QVector<ScriptEdit> fix;
};

} // namespace wr::app
