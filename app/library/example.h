// SPDX-License-Identifier: GPL-3.0-or-later
// The bundled examples, and the user's own copies of them: a bundled example is never written to; opening one
// gives
// "<Documents>/Weightroom/<name>", made on first use and left alone afterwards. Small files; any thread.
#pragma once

#include "app/document/explanation.h"

#include <QString>
#include <QStringList>

namespace wr::app {

/// Folder that holds the bundled examples; empty when they are not installed.
QString bundledExamples();
QStringList exampleNames();

struct ExampleCopy {
    QString directory; ///< empty on failure
    Explanation problem;
};

/// The user's copy of an example, made now if there is none.
ExampleCopy openExample(const QString& name);

/// What a person gave for a project: an existing folder or model.wr, else the name of an example.
ExampleCopy findProject(const QString& given);

} // namespace wr::app
