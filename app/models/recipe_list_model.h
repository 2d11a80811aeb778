// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of one recipe of the script, each with how far it is and what came of it. Follows the project
// and the run, both of which outlive it. UI thread.
#pragma once

#include "app/document/project.h"
#include "app/run/run_controller.h"

#include <QAbstractTableModel>
#include <QStringList>

namespace wr::app {

class RecipeListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { ActionColumn, ResultColumn, ColumnCount };
    enum Role { StateRole = Qt::UserRole, LineRole, WordRole };

    RecipeListModel(Project* project, RunController* run, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// The script's session blocks and init groups: "sess (line 12)".
    const QStringList& programs() const { return m_programs; }
    int program() const { return m_program; }
    void setProgram(int program);
    /// Whether the recipe on show is the one that runs, or waits at a hole.
    bool isRunning() const;
    bool isOpen() const;

signals:
    void programsChanged(); ///< the list of them, or which one is on show
    void progressed();      ///< a step's state

private:
    struct Row {
        QString text;
        QString word;
        int line = 1;
        friend bool operator==(const Row&, const Row&) = default;
    };
    void read();
    void show(int program);
    void follow(int step);
    const RecipeStep* step(int row) const;

    Project* m_project;
    RunController* m_run;
    std::shared_ptr<const graph::Model> m_model; ///< of the rows
    QStringList m_programs;
    QVector<Row> m_rows;
    int m_program = -1;
};

} // namespace wr::app
