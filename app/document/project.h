// SPDX-License-Identifier: GPL-3.0-or-later
// The document: a folder with model.wr, whose text is the truth. Table edits are minimal text edits; one undo
// history holds both. Parsing runs as a job 60 ms after the last change; broken text never empties the other
// views: the last good model stays and isStale() says so. A long text is read, and edited by startX(), by
// jobs: the project is open at once, and its model comes with modelChanged(). UI thread.
#pragma once

#include "app/document/explanation.h"
#include "app/document/problem.h"
#include "app/document/variable_row.h"

#include <QObject>
#include <QSet>
#include <QString>
#include <QStringList>
#include <QVector>
#include <functional>
#include <memory>

namespace wr::graph {
struct Model;
}

namespace wr::app {

enum class VariableField { Name, Shape, DType, Initializer, Device, Trainable, Seed };

class Project : public QObject {
    Q_OBJECT
public:
    explicit Project(QObject* parent = nullptr);
    ~Project() override;

    /// Opens a folder or the model.wr inside it. On failure nothing changes and the explanation says why.
    Explanation open(const QString& path);
    /// A new project from text, without a folder until it is saved.
    void newFromText(const QString& script, const QString& title);
    Explanation save();                           ///< to its folder, durably (temporary file, rename)
    Explanation saveAs(const QString& directory); ///< makes the folder; copies nothing but the script
    /// True when another program wrote or removed the file since it was opened or saved; save() refuses then.
    bool isChangedOnDisk() const;
    Explanation saveAnyway(); ///< replaces what the other program wrote

    QString directory() const; ///< empty while unsaved
    QString title() const;     ///< folder name, or the title given
    bool isModified() const;
    QString savedText() const; ///< as it was opened or saved last; empty while it has no folder
    /// What was done since, in words, oldest first.
    QStringList unsavedEdits() const;
    bool isReadOnlyFolder() const;
    QString
    checkpointDirectory() const; ///< "<directory>/checkpoints"; a private temporary folder while unsaved

    QString script() const;
    /// Replaces UTF-16 range [begin, begin+removed) as one undoable step; typing is merged into words.
    void editText(int begin, int removed, const QString& inserted, const QString& label = {});

    /// Another text as one undoable step, of which every view is told; what both have at their begin and end
    /// is left alone.
    void replaceText(const QString& text, const QString& label);

    bool canUndo() const;
    bool canRedo() const;
    QString undoLabel() const;
    QString redoLabel() const;
    void undo();
    void redo();

    /// Edits of the table. On refusal nothing changes and the explanation says why ("[784, x] is no shape…").
    Explanation setVariableField(const QString& variable, VariableField field, const QString& value);
    /// The same value for all of them as one step, or for none; read-only ones among them are a refusal.
    Explanation setVariableFields(const QStringList& variables, VariableField field, const QString& value);
    /// Whether a rename writes wr.alias("old", "new"), so that files with the old name still fit: told the
    /// old name, and whether addVariable() made it up. Without a function: never.
    void setRemembersName(std::function<bool(const QString& name, bool isMadeUp)> remembers);
    Explanation addVariable(); ///< appends `name = tf.Variable(tf.zeros([1]), name="name")`
    Explanation removeVariables(const QStringList& names);
    Explanation applyFix(const Problem& problem);
    /// UTF-16 places of wr.train(…) in the script; {0, 0} without one.
    std::pair<int, int> recipePlace() const;
    /// Sets an argument of wr.train, "epochs", to an expression, or takes it away when `value` is empty.
    Explanation setRecipeArgument(const QString& keyword, const QString& value);
    /// Another kind of optimizer, "tf.train.AdamOptimizer", or another learning rate; see optimizer_edit.h.
    Explanation setOptimizer(const QString& function);
    Explanation setOptimizerRate(const QString& rate);

    /// The text takes longer to read than a window may wait: edits of it are for the functions below.
    bool isLong() const;
    /// The same off this thread, one behind the other; editFinished() tells how the one with the number that
    /// was returned went, and variableAdded() how the new one is called.
    int startSettingFields(const QStringList& variables, VariableField field, const QString& value);
    int startAddingVariable();
    int startRemoving(const QStringList& names);
    int startFix(const Problem& problem);

    /// Pins the variables to a device, or takes their pins away when `device` is empty: all or nothing, one
    /// step of undo. A refusal names the variables and why.
    Explanation placeVariables(const QStringList& names, const QString& device);
    /// Writes wr.place("pattern", "device") above the rules that are there, so that the newest wins; a rule
    /// with the same pattern is changed instead.
    Explanation addPlacementRule(const QString& pattern, const QString& device);
    Explanation removePlacementRule(int index); ///< of Model::rules
    /// The same three off this thread, for scripts of any length; placingFinished() tells how it went. One at
    /// a time: the newest call wins.
    void startPlacing(const QStringList& names, const QString& device);
    void startAddingRule(const QString& pattern, const QString& device);
    void startRemovingRule(int index);
    bool isPlacing() const;

    /// Of the last good model, or of the current text where it still makes all variables; slots at the end.
    const QVector<VariableRow>& variables() const;
    const QVector<Problem>& problems() const; ///< of the current text
    /// Names that the script as it was last read binds: variables, "as" and loops.
    const QSet<QString>& pythonNames() const;
    /// The text has errors, so model() is of an earlier text. variables() are too, unless all of them could
    /// be read.
    bool isStale() const;
    bool isParsing() const;
    /// Parses now, on this thread, and updates everything; for tests and before a run.
    void parseNow();
    /// The last good model; null before the first. Immutable, shared with the run worker.
    std::shared_ptr<const graph::Model> model() const;

signals:
    /// The text changed otherwise than by the editor that shows it: [begin, begin+removed) became `inserted`.
    void textEdited(int begin, int removed, const QString& inserted);
    void textReset();      ///< another text altogether
    void modelChanged();   ///< variables, problems or staleness changed
    void historyChanged(); ///< undo, redo, modified
    void locationChanged();
    void placingFinished(const wr::app::Explanation& explanation);
    void editFinished(int number, const wr::app::Explanation& explanation);
    void variableAdded(const QString& name); ///< by startAddingVariable(); it is in variables()

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
