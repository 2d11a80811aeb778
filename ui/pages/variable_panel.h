// SPDX-License-Identifier: GPL-3.0-or-later
// The variable table with its filter, buttons and totals. UI thread.
#pragma once

#include "app/models/variable_table_model.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;
class QTableView;

namespace wr::ui {

class RowFilter;
class VariableDelegate;
class Workspace;

class VariablePanel : public QWidget {
    Q_OBJECT
public:
    explicit VariablePanel(Workspace* workspace, QWidget* parent = nullptr);

    QTableView* table() const { return m_table; }
    void focusFilter();
    void addVariable();
    void removeSelected();
    /// Selects the row of the variable whose statement holds the offset; tells nobody.
    void selectAt(int offset);
    QStringList selectedNames() const;

signals:
    void statementChosen(int begin, int end);
    void refused(const wr::app::Explanation& explanation);

private:
    void updateTotals();
    void followSelection();

    Workspace* m_workspace;
    app::VariableTableModel* m_model;
    RowFilter* m_filter;
    VariableDelegate* m_delegate;
    QLineEdit* m_filterText;
    QTableView* m_table;
    QLabel* m_totals;
    bool m_isFollowing = false;
};

} // namespace wr::ui
