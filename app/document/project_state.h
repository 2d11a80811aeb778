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
#include <deque>
#include <functional>

namespace wr::app {

struct Project::Private {
    explicit Private(Project* project) : q(project) {}

    Project* q;
    ScriptFile file; ///< its text is the truth
    quint64 revision = 0;
    TextHistory history;
    QString savedText;

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

    /// All that an edit needs; a value, so that a job can have it.
    struct Edit {
        QString what;
        QString label;
        MakeEdits makeEdits;
        Check check;
        std::function<void(Explanation&)> ended; ///< on the UI thread; may say it in other words
        bool isOfThisText = false;               ///< it means nothing for a text that has changed meanwhile
    };
    Edit settingFields(const QStringList& variables, VariableField field, const QString& value);
    Edit addingVariable(bool isTold);
    static Edit removingVariables(const QStringList& names);
    Edit fixing(const Problem& problem) const;
    /// Makes edits against the current text, refuses those whose result cannot be read or fails `check`, and
    /// applies the others as one step.
    Explanation carryOut(const Edit& edit);
    int start(Edit edit); ///< as a job, behind those that wait
    void startNext();

    struct WaitingEdit {
        int number = 0;
        Edit edit;
    };
    JobTracker editor; ///< of the first that waits
    std::deque<WaitingEdit> waiting;
    int lastEdit = 0;

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
