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
    std::function<bool(const QString&, bool)> remembersName;
    QSet<QString> madeUpNames; ///< by addVariable(), and not renamed since

    void reset(ScriptFile text, const QString& newDirectory, const QString& newTitle);
    void apply(const QVector<TextChange>& changes, bool tellEditor);
    void textChanged();
    void startParse();
    void adopt(std::shared_ptr<const ParsedScript> result);
    Explanation write(const QString& target);

    JobTracker placer;

    using MakeEdits = std::function<Result<ScriptEdits>(const graph::Model&)>;
    using Check = std::function<Status(const graph::Model&)>;
    /// Makes edits against the current text, refuses those whose result cannot be read or fails `check`, and
    /// applies the others as one step. `where`: the variable concerned, for the way out.
    Explanation editScript(const QString& what, const QString& label, const MakeEdits& makeEdits,
                           const Check& check);

    /// An edit that has been made and looked at, but not applied.
    struct PreparedEdit {
        Status status;                             ///< why it cannot be applied
        QVector<TextChange> changes;               ///< empty: it is so already
        std::shared_ptr<const ParsedScript> after; ///< of the text with the changes
    };
    /// Pure; any thread. `text` is what `before` was read from.
    static PreparedEdit prepareEdit(const ParsedScript& before, const QString& text,
                                    const MakeEdits& makeEdits, const Check& check);
    /// Applies it as one step, or says why not.
    Explanation finishEdit(const QString& what, const QString& label, PreparedEdit edit);

    /// All that an edit of placements needs; a value, so that a job can have it.
    struct PlacementEdit {
        QString what;
        QString label;
        QString wayOut; ///< where the script says it in a way that cannot be edited
        MakeEdits makeEdits;
        Check check;
    };
    static PlacementEdit placing(const QStringList& names, const QString& device);
    static PlacementEdit addingRule(const QString& pattern, const QString& device);
    PlacementEdit removingRule(int index) const;
    Explanation finishPlacement(const PlacementEdit& request, PreparedEdit edit);
    Explanation editPlacement(const PlacementEdit& request);
    void startPlacement(const PlacementEdit& request);
};

} // namespace wr::app
