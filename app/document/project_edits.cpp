// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the project that do not come from typing: how they are made, at once or by a job; new variables,
// removed ones, and fixes of problems.
#include "app/document/project.h"
#include "app/document/project_state.h"
#include "engine/script/edit.h"

#include <algorithm>

namespace wr::app {
namespace {

qsizetype syntaxErrors(const script::Tree& tree)
{
    return std::count_if(
        tree.diagnostics().begin(), tree.diagnostics().end(),
        [](const script::Diagnostic& diagnostic) { return diagnostic.severity == script::Severity::Error; });
}

/// The first error that `after` has and `before` had not.
std::string newError(const graph::Model& before, const graph::Model& after)
{
    for (const script::Diagnostic& error : after.diagnostics) {
        const bool isOld =
            std::any_of(before.diagnostics.begin(), before.diagnostics.end(),
                        [&](const script::Diagnostic& old) { return old.message == error.message; });
        if (error.severity == script::Severity::Error && !isOld)
            return error.message;
    }
    return {};
}

/// Many changes become one, from the first place to the last, so that an editor has one thing to follow.
QVector<TextChange> textChanges(const ParsedScript& parsed, const QString& text, ScriptEdits edits)
{
    // From the end on, so that earlier places stay what they are.
    std::stable_sort(edits.begin(), edits.end(), [](const script::TextEdit& a, const script::TextEdit& b) {
        return a.range.begin != b.range.begin ? a.range.begin > b.range.begin : a.range.end > b.range.end;
    });
    QVector<TextChange> changes;
    for (const script::TextEdit& edit : edits) {
        const int begin = parsed.map.utf16At(edit.range.begin);
        const int end = parsed.map.utf16At(edit.range.end);
        changes.append({begin, text.mid(begin, end - begin), QString::fromStdString(edit.replacement)});
    }
    constexpr qsizetype kMostChanges = 64;
    if (changes.size() <= kMostChanges)
        return changes;
    TextChange whole;
    whole.begin = changes.last().begin;
    int at = whole.begin;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        whole.inserted += QStringView(text).mid(at, change->begin - at);
        whole.inserted += change->inserted;
        at = change->begin + static_cast<int>(change->removed.size());
    }
    whole.removed = text.mid(whole.begin, at - whole.begin);
    return {whole};
}

} // namespace

Project::Private::PreparedEdit Project::Private::prepareEdit(const ParsedScript& before, const QString& text,
                                                             const MakeEdits& makeEdits, const Check& check)
{
    PreparedEdit prepared;
    const script::Tree& tree = *before.model->tree;
    const Result<ScriptEdits> edits = makeEdits(*before.model);
    if (!edits) {
        prepared.status = edits.error();
        return prepared;
    }
    if (edits->empty())
        return prepared;
    const Result<std::string> edited = script::applyEdits(tree.text(), *edits);
    if (!edited) {
        prepared.status = edited.error();
        return prepared;
    }
    prepared.after = parseScript(QString::fromStdString(*edited));
    prepared.status = syntaxErrors(*prepared.after->model->tree) > syntaxErrors(tree)
                          ? invalidArgument("the script could not be read any more")
                          : check(*prepared.after->model);
    if (!prepared.status.isOk()) {
        if (const std::string error = newError(*before.model, *prepared.after->model); !error.empty())
            prepared.status = Status(prepared.status.code(), prepared.status.message() + ": " + error);
        return prepared;
    }

    prepared.changes = textChanges(before, text, *edits);
    return prepared;
}

Explanation Project::Private::finishEdit(const QString& what, const QString& label, PreparedEdit edit)
{
    if (!edit.status.isOk()) {
        Explanation explanation = explain(what, edit.status);
        if (edit.status.code() == StatusCode::FailedPrecondition ||
            edit.status.code() == StatusCode::NotFound)
            explanation.wayOut = tr("Change it in the script itself; the table follows.");
        return explanation;
    }
    if (edit.changes.isEmpty())
        return {};
    history.push(edit.changes, label);
    apply(edit.changes, true);
    // What was read for the check is what there is now.
    settle.stop();
    parser.cancel();
    if (file.text.toStdString() == edit.after->model->tree->text())
        adopt(std::move(edit.after));
    else
        q->parseNow();
    return {};
}

Explanation Project::Private::carryOut(const Edit& edit)
{
    q->parseNow();
    Explanation explanation =
        finishEdit(edit.what, edit.label, prepareEdit(*parsed, file.text, edit.makeEdits, edit.check));
    if (edit.ended)
        edit.ended(explanation);
    return explanation;
}

int Project::Private::start(Edit edit)
{
    waiting.push_back({++lastEdit, std::move(edit)});
    startNext();
    return lastEdit;
}

void Project::Private::startNext()
{
    if (waiting.empty() || editor.isRunning())
        return;
    const std::shared_ptr<const ParsedScript> before = parsedRevision == revision ? parsed : nullptr;
    editor.start(
        [before, text = file.text, edit = waiting.front().edit](const JobTracker::Context&) {
            const std::shared_ptr<const ParsedScript> read = before ? before : parseScript(text);
            return prepareEdit(*read, text, edit.makeEdits, edit.check);
        },
        [this, of = revision](PreparedEdit prepared) {
            if (of != revision && !waiting.front().edit.isOfThisText) {
                startNext(); // the text has changed meanwhile
                return;
            }
            const WaitingEdit done = std::move(waiting.front());
            waiting.pop_front();
            if (of != revision)
                prepared.status = failedPrecondition("the script has changed meanwhile");
            Explanation explanation = finishEdit(done.edit.what, done.edit.label, std::move(prepared));
            if (done.edit.ended)
                done.edit.ended(explanation);
            emit q->editFinished(done.number, explanation);
            startNext();
        });
}

Project::Private::Edit Project::Private::addingVariable(bool isTold)
{
    const auto name = std::make_shared<std::string>(); // known when the script has been read
    Edit edit;
    edit.what = tr("No variable was added.");
    edit.label = q->isLong() ? tr("Add a variable")
                             : tr("Add %1").arg(QString::fromStdString(newVariable(*parsed->model).name));
    edit.makeEdits = [name](const graph::Model& model) -> Result<ScriptEdits> {
        const NewVariable added = newVariable(model);
        *name = added.name;
        return ScriptEdits{added.edit};
    };
    edit.check = [name](const graph::Model& after) {
        return after.findVariable(*name) != nullptr
                   ? Status()
                   : failedPrecondition("the script as it is now cannot take another statement");
    };
    edit.ended = [this, name, isTold](const Explanation& explanation) {
        if (!explanation.isEmpty())
            return;
        madeUpNames.insert(QString::fromStdString(*name));
        if (isTold)
            emit q->variableAdded(QString::fromStdString(*name));
    };
    return edit;
}

Project::Private::Edit Project::Private::removingVariables(const QStringList& names)
{
    const auto meant = std::make_shared<std::vector<std::string>>();
    for (const QString& name : names)
        meant->push_back(name.toStdString());
    const QString all = names.size() == 1 ? names.first() : tr("%1 variables").arg(names.size());
    Edit edit;
    edit.what =
        names.size() == 1 ? tr("“%1” was not removed.").arg(all) : tr("The variables were not removed.");
    edit.label = tr("Remove %1").arg(all);
    edit.makeEdits = [meant](const graph::Model& model) { return removeVariableStatements(model, *meant); };
    edit.check = [](const graph::Model&) { return Status(); };
    return edit;
}

/// Of a problem of the current text; without edits when it is none of them.
Project::Private::Edit Project::Private::fixing(const Problem& problem) const
{
    Edit edit;
    edit.what = tr("“%1” was not done.").arg(problem.fixLabel);
    edit.label = problem.fixLabel;
    edit.isOfThisText = true;
    const auto isIt = [&problem](const Problem& other) {
        return other.message == problem.message && other.begin == problem.begin && other.end == problem.end &&
               other.fixLabel == problem.fixLabel;
    };
    const auto found = std::find_if(problems.begin(), problems.end(), isIt);
    if (problem.fixLabel.isEmpty() || parsedRevision != revision || found == problems.end())
        return edit;
    ScriptEdits edits;
    for (const ScriptEdit& part : found->fix)
        edits.push_back({{static_cast<std::uint32_t>(part.begin), static_cast<std::uint32_t>(part.end)},
                         part.replacement.toStdString()});
    edit.makeEdits = [edits](const graph::Model&) -> Result<ScriptEdits> { return edits; };
    edit.check = [](const graph::Model&) { return Status(); };
    return edit;
}

Explanation Project::addVariable()
{
    parseNow();
    return d->carryOut(d->addingVariable(false));
}

int Project::startAddingVariable()
{
    return d->start(d->addingVariable(true));
}

Explanation Project::removeVariables(const QStringList& names)
{
    return names.isEmpty() ? Explanation() : d->carryOut(Private::removingVariables(names));
}

int Project::startRemoving(const QStringList& names)
{
    return d->start(Private::removingVariables(names));
}

Explanation Project::applyFix(const Problem& problem)
{
    parseNow();
    const Private::Edit edit = d->fixing(problem);
    if (!edit.makeEdits)
        return {edit.what, tr("The script has changed and this problem is no longer there as it was."),
                tr("Choose it again from the Problems list.")};
    return d->carryOut(edit);
}

int Project::startFix(const Problem& problem)
{
    Private::Edit edit = d->fixing(problem);
    if (!edit.makeEdits) {
        edit.makeEdits = [](const graph::Model&) -> Result<ScriptEdits> {
            return fail(failedPrecondition("this problem is no longer there as it was"));
        };
        edit.check = [](const graph::Model&) { return Status(); };
    }
    return d->start(std::move(edit));
}

} // namespace wr::app
