// SPDX-License-Identifier: GPL-3.0-or-later
// The variable table with its filter, buttons, menu and totals. UI thread.
#pragma once

#include "app/models/variable_table_model.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QMenu;
class QTableView;

namespace wr::ui {

class FilterField;
class InitialValuePicker;
class VariableDelegate;
class Workspace;

class VariablePanel : public QWidget {
    Q_OBJECT
public:
    explicit VariablePanel(Workspace* workspace, QWidget* parent = nullptr);

    QTableView* table() const { return m_table; }
    app::VariableTableModel* model() const { return m_model; }
    FilterField* filter() const { return m_filter; }
    VariableDelegate* delegate() const { return m_delegate; }
    void focusFilter();
    void addVariable();
    void removeSelected();
    void initializeSelected(); ///< asks first where trained values would be lost
    void pickInitialValue();   ///< for the current row
    /// Selects the row of the variable whose statement holds the offset; tells nobody.
    void selectAt(int offset);
    QStringList selectedNames() const;
    /// The menu of the table's rows; the caller owns it.
    QMenu* makeMenu();

signals:
    void statementChosen(int begin, int end);
    void statementOpened(int offset); ///< the person wants to see it in the script
    void refused(const wr::app::Explanation& explanation);

private:
    void makeLayout();
    void bindKeys();
    void updateTotals();
    void followSelection();
    void applyFilter();
    void editNext(const QModelIndex& index, bool isForward);
    void editNew(const QString& variable);
    void setSelected(int column, const QString& value);
    QStringList editableSelected() const;
    QMenu* makeFilterMenu(const app::VariableRow& row, QMenu* parent);

    Workspace* m_workspace;
    app::VariableTableModel* m_model;
    QTableView* m_table;
    VariableDelegate* m_delegate;
    FilterField* m_filter;
    QLabel* m_verdict;
    QLabel* m_totals;
    QLabel* m_selected;
    bool m_isFollowing = false;
};

} // namespace wr::ui
