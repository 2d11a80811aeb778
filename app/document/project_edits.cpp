// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the project that do not come from typing: cells of the variable table and fixes of problems.
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

QString fieldName(VariableField field)
{
    switch (field) {
    case VariableField::Name:
        return Project::tr("name");
    case VariableField::Shape:
        return Project::tr("shape");
    case VariableField::DType:
        return Project::tr("type");
    case VariableField::Initializer:
        return Project::tr("initial value");
    case VariableField::Device:
        return Project::tr("device");
    case VariableField::Trainable:
        return Project::tr("trainable mark");
    }
    return {};
}

/// Whether the edited script says what the cell was to say.
Status checkField(const graph::Model& before, const graph::Model& after, const graph::Variable& old,
                  VariableField field, const QString& value)
{
    if (field == VariableField::Name) {
        const bool isRenamed =
            after.findVariable(old.name) == nullptr && after.variables.size() >= before.variables.size();
        return isRenamed ? Status() : failedPrecondition("the name would not change");
    }
    const graph::Variable* variable = after.findVariable(old.name);
    if (variable == nullptr)
        return invalidArgument(old.name + " could not be made of it");
    const bool isUnchanged = (field == VariableField::Shape && variable->shape == old.shape) ||
                             (field == VariableField::DType && variable->dtype == old.dtype) ||
                             (field == VariableField::Trainable && variable->trainable == old.trainable) ||
                             (field == VariableField::Device && variable->device == old.device);
    if (isUnchanged)
        return failedPrecondition("another part of the script decides it");
    if (field == VariableField::Device && value.trimmed().isEmpty() && !variable->device.empty())
        return failedPrecondition("a block further out gives it the device " + variable->device);
    return {};
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
    const QString newText = QString::fromStdString(*edited);
    prepared.after = parseScript(newText);
    prepared.status = syntaxErrors(*prepared.after->model->tree) > syntaxErrors(tree)
                          ? invalidArgument("the script could not be read any more")
                          : check(*prepared.after->model);
    if (!prepared.status.isOk()) {
        if (const std::string error = newError(*before.model, *prepared.after->model); !error.empty())
            prepared.status = Status(prepared.status.code(), prepared.status.message() + ": " + error);
        return prepared;
    }

    // From the end on, so that earlier places stay what they are.
    ScriptEdits ordered = *edits;
    std::sort(ordered.begin(), ordered.end(), [](const script::TextEdit& a, const script::TextEdit& b) {
        return a.range.begin != b.range.begin ? a.range.begin > b.range.begin : a.range.end > b.range.end;
    });
    constexpr std::size_t kManyEdits = 64;
    if (ordered.size() > kManyEdits) {
        // As one change: thousands of small ones would each move the whole text behind them.
        const int begin = before.map.utf16At(ordered.back().range.begin);
        const int end = before.map.utf16At(ordered.front().range.end);
        const qsizetype growth = newText.size() - text.size();
        prepared.changes = {{begin, text.mid(begin, end - begin), newText.mid(begin, end - begin + growth)}};
        return prepared;
    }
    for (const script::TextEdit& edit : ordered) {
        const int begin = before.map.utf16At(edit.range.begin);
        const int end = before.map.utf16At(edit.range.end);
        prepared.changes.append(
            {begin, text.mid(begin, end - begin), QString::fromStdString(edit.replacement)});
    }
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
    settle.stop();
    parser.cancel();
    adopt(std::move(edit.after));
    return {};
}

Explanation Project::Private::editScript(const QString& what, const QString& label,
                                         const MakeEdits& makeEdits, const Check& check)
{
    q->parseNow();
    return finishEdit(what, label, prepareEdit(*parsed, file.text, makeEdits, check));
}

Explanation Project::setVariableField(const QString& variable, VariableField field, const QString& value)
{
    const std::string name = variable.toStdString();
    const QString what = tr("The %1 of “%2” was not changed.").arg(fieldName(field), variable);
    parseNow();
    const std::shared_ptr<const graph::Model> before = d->parsed->model; // keeps `old` alive
    const graph::Variable* old = before->findVariable(name);
    if (old == nullptr) {
        Explanation explanation{what, tr("The script, as it is now, does not make this variable."),
                                tr("Mend the script first; the Problems list names the place.")};
        if (!d->problems.isEmpty() && d->problems.first().severity == Problem::Severity::Error)
            explanation.why +=
                QLatin1Char(' ') +
                tr("Line %1: %2").arg(d->problems.first().line).arg(d->problems.first().message);
        return explanation;
    }
    return d->editScript(
        what, tr("Change %1 of %2").arg(fieldName(field), variable),
        [&](const graph::Model& model) { return editVariable(model, *old, field, value); },
        [&](const graph::Model& after) { return checkField(*before, after, *old, field, value); });
}

Explanation Project::addVariable()
{
    parseNow();
    const NewVariable added = newVariable(*d->parsed->model);
    return d->editScript(
        tr("No variable was added."), tr("Add %1").arg(QString::fromStdString(added.name)),
        [&](const graph::Model&) -> Result<ScriptEdits> { return ScriptEdits{added.edit}; },
        [&](const graph::Model& after) {
            return after.findVariable(added.name) != nullptr
                       ? Status()
                       : failedPrecondition("the script as it is now cannot take another statement");
        });
}

Explanation Project::removeVariables(const QStringList& names)
{
    if (names.isEmpty())
        return {};
    std::vector<std::string> meant;
    for (const QString& name : names)
        meant.push_back(name.toStdString());
    const QString all = names.size() == 1 ? names.first() : tr("%1 variables").arg(names.size());
    return d->editScript(
        names.size() == 1 ? tr("“%1” was not removed.").arg(all) : tr("The variables were not removed."),
        tr("Remove %1").arg(all),
        [&](const graph::Model& model) { return removeVariableStatements(model, meant); },
        [](const graph::Model&) { return Status(); });
}

Explanation Project::applyFix(const Problem& problem)
{
    const QString what = tr("“%1” was not done.").arg(problem.fixLabel);
    parseNow();
    const auto isIt = [&problem](const Problem& other) {
        return other.message == problem.message && other.begin == problem.begin && other.end == problem.end &&
               other.fixLabel == problem.fixLabel;
    };
    const auto found = std::find_if(d->problems.begin(), d->problems.end(), isIt);
    if (problem.fixLabel.isEmpty() || found == d->problems.end())
        return {what, tr("The script has changed and this problem is no longer there as it was."),
                tr("Choose it again from the Problems list.")};
    ScriptEdits edits;
    for (const ScriptEdit& edit : found->fix)
        edits.push_back({{static_cast<std::uint32_t>(edit.begin), static_cast<std::uint32_t>(edit.end)},
                         edit.replacement.toStdString()});
    return d->editScript(
        what, problem.fixLabel, [&](const graph::Model&) -> Result<ScriptEdits> { return edits; },
        [](const graph::Model&) { return Status(); });
}

} // namespace wr::app
