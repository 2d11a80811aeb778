// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/problem_list_model.h"

#include <algorithm>

namespace wr::app {

ProblemListModel::ProblemListModel(Project* project, QObject* parent)
    : QAbstractListModel(parent), m_project(project), m_problems(project->problems())
{
    connect(project, &Project::modelChanged, this, [this] {
        beginResetModel();
        m_problems = m_project->problems();
        endResetModel();
    });
}

int ProblemListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_problems.size());
}

QVariant ProblemListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Problem& problem = m_problems[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return tr("Line %1: %2").arg(problem.line).arg(problem.message);
    case Qt::ToolTipRole: {
        const QString place =
            tr("%1\nLine %2, column %3").arg(problem.message).arg(problem.line).arg(problem.column);
        return problem.fixLabel.isEmpty() ? place : place + tr("\nFix: %1").arg(problem.fixLabel);
    }
    case SeverityRole:
        return static_cast<int>(problem.severity);
    case LineRole:
        return problem.line;
    case ColumnRole:
        return problem.column;
    case BeginRole:
        return problem.begin;
    case EndRole:
        return problem.end;
    case FixLabelRole:
        return problem.fixLabel;
    default:
        return {};
    }
}

const Problem& ProblemListModel::problem(int row) const
{
    static const Problem none;
    return row >= 0 && row < m_problems.size() ? m_problems[row] : none;
}

int ProblemListModel::errorCount() const
{
    return static_cast<int>(std::count_if(m_problems.begin(), m_problems.end(), [](const Problem& problem) {
        return problem.severity == Problem::Severity::Error;
    }));
}

} // namespace wr::app
