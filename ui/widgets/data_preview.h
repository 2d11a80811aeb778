// SPDX-License-Identifier: GPL-3.0-or-later
// The data of a training: how many of each class, and its first examples, as pictures where they are any, as
// numbers otherwise. UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QStackedWidget;
class QTableWidget;

namespace wr::ui {

class ClassBars;

class DataPreview : public QWidget {
    Q_OBJECT
public:
    explicit DataPreview(QWidget* parent = nullptr);
    void show(const app::DataReportPtr& report); ///< null: no data is loaded

private:
    void showPictures();
    void showNumbers();
    void showColumns();

    app::DataReportPtr m_report;
    QLabel* m_heading;
    ClassBars* m_bars;
    QStackedWidget* m_examples;
    QListWidget* m_pictures;
    QTableWidget* m_numbers;
    QTableWidget* m_columns; ///< of a table: what each column was taken for
};

} // namespace wr::ui
