// SPDX-License-Identifier: GPL-3.0-or-later
// The Problems list: diagnostics of the script, errors first. UI thread.
#pragma once

#include "app/document/project.h"

#include <QAbstractListModel>

namespace wr::app {

class ProblemListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { SeverityRole = Qt::UserRole, LineRole, ColumnRole, BeginRole, EndRole, FixLabelRole };
    explicit ProblemListModel(Project* project, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    const Problem& problem(int row) const;
    int errorCount() const;

private:
    Project* m_project;
    QVector<Problem> m_problems;
};

} // namespace wr::app
