// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the project that do not come from typing: cells of the variable table and fixes of problems.
#include "app/document/field_text.h"
#include "app/document/project.h"
#include "app/document/project_state.h"
#include "engine/script/edit.h"

#include <algorithm>
#include <unordered_map>

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
    case VariableField::Seed:
        return Project::tr("seed");
    }
    return {};
}

using VariableIndex = std::unordered_map<std::string_view, const graph::Variable*>;

VariableIndex indexOf(const graph::Model& model)
{
    VariableIndex index;
    index.reserve(model.variables.size());
    for (const graph::Variable& variable : model.variables)
        index.emplace(variable.name, &variable);
    return index;
}

/// A rename changes one name and nothing else: no other variable may come, go or change its own.
Status checkRename(const graph::Model& before, const graph::Model& after, const graph::Variable& old)
{
    const VariableIndex index = indexOf(after);
    for (const graph::Variable& variable : before.variables) {
        const bool isOld = variable.name == old.name;
        const bool isMissing = index.count(variable.name) == 0;
        if (isOld && !isMissing)
            return failedPrecondition("the name would not change");
        if (!isOld && isMissing && variable.slotOf.empty())
            return failedPrecondition("the variable " + variable.name + " would change its name too");
    }
    return after.variables.size() >= before.variables.size() ? Status()
                                                             : failedPrecondition("a variable would be lost");
}

/// Whether the edited script says what the cell was to say.
Status checkField(const VariableIndex& after, const graph::Variable& old, VariableField field,
                  const QString& value)
{
    const auto found = after.find(old.name);
    if (found == after.end())
        return invalidArgument(old.name + " could not be made of it");
    const graph::Variable* variable = found->second;
    const bool isUnchanged = (field == VariableField::Shape && variable->shape == old.shape) ||
                             (field == VariableField::DType && variable->dtype == old.dtype) ||
                             (field == VariableField::Trainable && variable->trainable == old.trainable) ||
                             (field == VariableField::Device && variable->device == old.device);
    if (isUnchanged)
        return failedPrecondition("another part of the script decides the " + fieldName(field).toStdString() +
                                  " of " + old.name);
    if (field == VariableField::Device && value.trimmed().isEmpty() && !variable->device.empty())
        return failedPrecondition("a block further out gives " + old.name + " the device " +
                                  variable->device);
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

Explanation Project::Private::editScript(const QString& what, const QString& label,
                                         const MakeEdits& makeEdits, const Check& check)
{
    q->parseNow();
    return finishEdit(what, label, prepareEdit(*parsed, file.text, makeEdits, check));
}

Explanation Project::setVariableField(const QString& variable, VariableField field, const QString& value)
{
    return setVariableFields({variable}, field, value);
}

Explanation Project::setVariableFields(const QStringList& variables, VariableField field,
                                       const QString& value)
{
    if (variables.isEmpty())
        return {};
    const bool isOne = variables.size() == 1;
    const QString& first = variables.first();
    const QString what =
        isOne ? tr("The %1 of “%2” was not changed.").arg(fieldName(field), first)
              : tr("The %1 of %2 variables was not changed.").arg(fieldName(field)).arg(variables.size());
    if (field == VariableField::Name && !isOne)
        return {what, tr("Two variables cannot have one name."), tr("Rename them one by one.")};
    parseNow();
    const std::shared_ptr<const ParsedScript> parsed = d->parsed; // keeps what `olds` point at
    const VariableIndex index = indexOf(*parsed->model);
    std::vector<const graph::Variable*> olds;
    for (const QString& variable : variables) {
        const auto found = index.find(variable.toStdString());
        if (found == index.end()) {
            Explanation explanation{
                what,
                isOne ? tr("The script, as it is now, does not make this variable.")
                      : tr("The script, as it is now, does not make the variable “%1”.").arg(variable),
                tr("Mend the script first; the Problems list names the place.")};
            if (!d->problems.isEmpty() && d->problems.first().severity == Problem::Severity::Error)
                explanation.why +=
                    QLatin1Char(' ') +
                    tr("Line %1: %2").arg(d->problems.first().line).arg(d->problems.first().message);
            return explanation;
        }
        olds.push_back(found->second);
    }

    std::vector<const graph::Variable*> changed; // those that were not so already
    const auto makeEdits = [&](const graph::Model& model) -> Result<ScriptEdits> {
        ScriptEdits all;
        for (const graph::Variable* old : olds) {
            Result<ScriptEdits> edits = ScriptEdits();
            if (field == VariableField::Name && readOnlyReason(model, *old).empty()) {
                WR_ASSIGN_OR_RETURN(const std::string name, readVariableName(value));
                edits = app::renameVariable(model, *old, name,
                                            d->remembersName &&
                                                d->remembersName(first, d->madeUpNames.contains(first)));
            } else {
                edits = editVariable(model, *old, field, value);
            }
            if (!edits)
                return fail(edits.error());
            if (!edits->empty())
                changed.push_back(old);
            all.insert(all.end(), edits->begin(), edits->end());
        }
        return all;
    };
    const auto check = [&](const graph::Model& after) -> Status {
        if (field == VariableField::Name)
            return checkRename(*parsed->model, after, *olds.front());
        const VariableIndex now = indexOf(after);
        for (const graph::Variable* old : changed)
            WR_RETURN_IF_ERROR(checkField(now, *old, field, value));
        return {};
    };
    const QString label = isOne ? tr("Change %1 of %2").arg(fieldName(field), first)
                                : tr("Change %1 of %2 variables").arg(fieldName(field)).arg(variables.size());
    const Explanation explanation = d->editScript(what, label, makeEdits, check);
    if (field == VariableField::Name && explanation.isEmpty())
        d->madeUpNames.remove(first);
    return explanation;
}

void Project::setRemembersName(std::function<bool(const QString& name, bool isMadeUp)> remembers)
{
    d->remembersName = std::move(remembers);
}

Explanation Project::addVariable()
{
    parseNow();
    const NewVariable added = newVariable(*d->parsed->model);
    d->madeUpNames.insert(QString::fromStdString(added.name));
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
