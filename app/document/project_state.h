// SPDX-License-Identifier: GPL-3.0-or-later
// What a Project keeps behind its header: text, history, the last parse and the last good model. Included by
// the project's own files only; UI thread.
#pragma once

#include "app/document/parsed_script.h"
#include "app/document/project.h"
#include "app/document/script_store.h"
#include "app/document/text_history.h"
#include "app/document/variable_edit.h"
#include "app/jobs/job_tracker.h"

#include <QTemporaryDir>
#include <QTimer>
#include <functional>

namespace wr::app {

struct Project::Private {
    explicit Private(Project* project) : q(project) {}

    Project* q;
    ScriptFile file; ///< its text is the truth
    quint64 revision = 0;
    TextHistory history;

    QString directory;
    QString title;
    ScriptStore store;
    std::unique_ptr<QTemporaryDir> scratch; ///< checkpoints of an unsaved project

    QTimer settle;
    JobTracker parser;
    std::shared_ptr<const ParsedScript> parsed; ///< of parsedRevision, good or not
    quint64 parsedRevision = 0;
    std::shared_ptr<const graph::Model> good;
    QVector<VariableRow> rows;
    QVector<Problem> problems;
    bool isStale = false;

    void reset(ScriptFile text, const QString& newDirectory, const QString& newTitle);
    void apply(const QVector<TextChange>& changes, bool tellEditor);
    void textChanged();
    void startParse();
    void adopt(std::shared_ptr<const ParsedScript> result);
    Explanation write(const QString& target);

    using MakeEdits = std::function<Result<ScriptEdits>(const graph::Model&)>;
    using Check = std::function<Status(const graph::Model&)>;
    /// Makes edits against the current text, refuses those whose result cannot be read or fails `check`, and
    /// applies the others as one step. `where`: the variable concerned, for the way out.
    Explanation editScript(const QString& what, const QString& label, const MakeEdits& makeEdits,
                           const Check& check);
};

} // namespace wr::app
