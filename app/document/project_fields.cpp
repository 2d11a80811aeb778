// SPDX-License-Identifier: GPL-3.0-or-later
// Edits of the project that come from cells of the variable table.
#include "app/document/field_text.h"
#include "app/document/project_state.h"

#include <unordered_map>

namespace wr::app {
namespace {

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

/// Shared by the making of the edits and the look at their result; pointers into the model before.
struct FieldEdit {
    const graph::Model* before = nullptr;
    std::vector<const graph::Variable*> changed; ///< those that were not so already
    QString missing;                             ///< a variable that the script does not make
};

} // namespace

Project::Private::Edit Project::Private::settingFields(const QStringList& variables, VariableField field,
                                                       const QString& value)
{
    const bool isOne = variables.size() == 1;
    const QString& first = variables.first();
    const auto state = std::make_shared<FieldEdit>();
    const bool isRemembered =
        field == VariableField::Name && remembersName && remembersName(first, madeUpNames.contains(first));
    Edit edit;
    edit.what =
        isOne ? tr("The %1 of “%2” was not changed.").arg(fieldName(field), first)
              : tr("The %1 of %2 variables was not changed.").arg(fieldName(field)).arg(variables.size());
    edit.label = isOne ? tr("Change %1 of %2").arg(fieldName(field), first)
                       : tr("Change %1 of %2 variables").arg(fieldName(field)).arg(variables.size());
    edit.makeEdits = [state, variables, field, value,
                      isRemembered](const graph::Model& model) -> Result<ScriptEdits> {
        *state = FieldEdit();
        state->before = &model;
        const VariableIndex index = indexOf(model);
        ScriptEdits all;
        for (const QString& name : variables) {
            const auto found = index.find(name.toStdString());
            if (found == index.end()) {
                state->missing = name;
                return fail(notFound("the script does not make " + name.toStdString()));
            }
            const graph::Variable& old = *found->second;
            Result<ScriptEdits> edits = ScriptEdits();
            if (field == VariableField::Name && readOnlyReason(model, old).empty()) {
                WR_ASSIGN_OR_RETURN(const std::string fresh, readVariableName(value));
                edits = app::renameVariable(model, old, fresh, isRemembered);
            } else {
                edits = editVariable(model, old, field, value);
            }
            if (!edits)
                return fail(edits.error());
            if (!edits->empty() || field == VariableField::Name)
                state->changed.push_back(&old);
            all.insert(all.end(), edits->begin(), edits->end());
        }
        return all;
    };
    edit.check = [state, field, value](const graph::Model& after) -> Status {
        if (field == VariableField::Name)
            return checkRename(*state->before, after, *state->changed.front());
        const VariableIndex now = indexOf(after);
        for (const graph::Variable* old : state->changed)
            WR_RETURN_IF_ERROR(checkField(now, *old, field, value));
        return {};
    };
    edit.ended = [this, state, what = edit.what, isOne, first, field](Explanation& explanation) {
        if (field == VariableField::Name && explanation.isEmpty())
            madeUpNames.remove(first);
        if (state->missing.isEmpty())
            return;
        explanation = {
            what,
            isOne ? tr("The script, as it is now, does not make this variable.")
                  : tr("The script, as it is now, does not make the variable “%1”.").arg(state->missing),
            tr("Mend the script first; the Problems list names the place.")};
        if (!problems.isEmpty() && problems.first().severity == Problem::Severity::Error)
            explanation.why +=
                QLatin1Char(' ') + tr("Line %1: %2").arg(problems.first().line).arg(problems.first().message);
    };
    if (field == VariableField::Name && !isOne) {
        edit.makeEdits = [](const graph::Model&) -> Result<ScriptEdits> {
            return fail(invalidArgument("two variables cannot have one name"));
        };
        edit.ended = [what = edit.what](Explanation& explanation) {
            explanation = {what, tr("Two variables cannot have one name."), tr("Rename them one by one.")};
        };
    }
    return edit;
}

Explanation Project::setVariableField(const QString& variable, VariableField field, const QString& value)
{
    return setVariableFields({variable}, field, value);
}

Explanation Project::setVariableFields(const QStringList& variables, VariableField field,
                                       const QString& value)
{
    return variables.isEmpty() ? Explanation() : d->carryOut(d->settingFields(variables, field, value));
}

int Project::startSettingFields(const QStringList& variables, VariableField field, const QString& value)
{
    return variables.isEmpty() ? 0 : d->start(d->settingFields(variables, field, value));
}

void Project::setRemembersName(std::function<bool(const QString& name, bool isMadeUp)> remembers)
{
    d->remembersName = std::move(remembers);
}

} // namespace wr::app
