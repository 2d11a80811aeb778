// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/recipe_list_model.h"

#include "app/run/recipe_actions.h"

namespace wr::app {

RecipeListModel::RecipeListModel(Project* project, RunController* run, QObject* parent)
    : QAbstractTableModel(parent), m_project(project), m_run(run)
{
    connect(project, &Project::modelChanged, this, &RecipeListModel::read);
    connect(run, &RunController::recipeChanged, this, &RecipeListModel::follow);
    read();
}

void RecipeListModel::read()
{
    if (m_model == m_project->model() && m_model)
        return;
    m_model = m_project->model();
    QStringList programs;
    if (m_model) {
        for (const RecipeProgram& program : recipePrograms(*m_model))
            programs += tr("%1 (line %2)").arg(program.name).arg(program.line);
    }
    m_programs = programs;
    show(programs.isEmpty() ? -1 : std::clamp(m_program, 0, static_cast<int>(programs.size()) - 1));
}

void RecipeListModel::setProgram(int program)
{
    if (program != m_program && program >= 0 && program < m_programs.size())
        show(program);
}

void RecipeListModel::show(int program)
{
    beginResetModel();
    m_program = program;
    m_rows.clear();
    if (m_model && program >= 0) {
        const std::vector<RecipeProgram> programs = recipePrograms(*m_model);
        for (const graph::RecipeAction& action : programs[static_cast<std::size_t>(program)].actions)
            m_rows.append({actionText(*m_model, action), actionWord(action),
                           m_model->tree->position(action.source.begin).line});
    }
    endResetModel();
    emit programsChanged();
}

void RecipeListModel::follow(int step)
{
    if (step >= 0 && step < m_rows.size() && m_run->recipe().program == m_program)
        emit dataChanged(index(step, 0), index(step, ColumnCount - 1));
    else if (!m_rows.isEmpty())
        emit dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, ColumnCount - 1));
    emit progressed();
}

/// How far that row is; null when this recipe was not run, or has other actions by now.
const RecipeStep* RecipeListModel::step(int row) const
{
    const RecipeState& state = m_run->recipe();
    const bool isThis = state.program == m_program && state.steps.size() == m_rows.size();
    return isThis && row < state.steps.size() ? &state.steps[row] : nullptr;
}

bool RecipeListModel::isRunning() const
{
    return m_run->recipe().isRunning;
}

bool RecipeListModel::isOpen() const
{
    return m_run->recipe().openAt >= 0 && m_run->recipe().program == m_program;
}

int RecipeListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RecipeListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RecipeListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[index.row()];
    const RecipeStep* const now = step(index.row());
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == ActionColumn)
            return row.text;
        return now != nullptr ? now->result.simplified() : QString();
    case Qt::ToolTipRole:
        return now != nullptr && !now->result.isEmpty()
                   ? tr("%1\n%2\nLine %3").arg(row.text, now->result, QString::number(row.line))
                   : tr("%1\nLine %2").arg(row.text, QString::number(row.line));
    case Qt::AccessibleTextRole: {
        static const char* const kWords[] = {QT_TR_NOOP("waiting"), QT_TR_NOOP("running"), QT_TR_NOOP("done"),
                                             QT_TR_NOOP("failed"), QT_TR_NOOP("open")};
        const auto state = now != nullptr ? now->state : RecipeStepState::Waiting;
        return tr("%1, %2").arg(data(index, Qt::DisplayRole).toString(), tr(kWords[static_cast<int>(state)]));
    }
    case StateRole:
        return static_cast<int>(now != nullptr ? now->state : RecipeStepState::Waiting);
    case LineRole:
        return row.line;
    case WordRole:
        return row.word;
    default:
        return {};
    }
}

QVariant RecipeListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == ActionColumn ? tr("Action") : tr("Result");
}

} // namespace wr::app
