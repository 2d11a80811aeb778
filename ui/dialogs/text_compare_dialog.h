// SPDX-License-Identifier: GPL-3.0-or-later
// What became of a text, line by line: removed lines, added ones, and some around them. Reads only. UI
// thread.
#pragma once

#include "app/jobs/job_tracker.h"

#include <QDialog>

class QLabel;
class QPlainTextEdit;

namespace wr::ui {

class TextCompareDialog : public QDialog {
    Q_OBJECT
public:
    TextCompareDialog(const QString& title, const QString& before, const QString& after,
                      QWidget* parent = nullptr);
    QPlainTextEdit* lines() const { return m_lines; }

private:
    void compare(const QString& before, const QString& after);

    QLabel* m_summary;
    QPlainTextEdit* m_lines;
    app::JobTracker m_comparer;
};

} // namespace wr::ui
