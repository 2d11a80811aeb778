// SPDX-License-Identifier: GPL-3.0-or-later
// Where a checkpoint is to be written anew, in which format, with which type of weights; says beforehand how
// large it becomes and what changes. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_copy.h"

#include <QDialog>
#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace wr::ui {

class SaveCopyDialog : public QDialog {
    Q_OBJECT
public:
    explicit SaveCopyDialog(const QString& path, QWidget* parent = nullptr);

    app::CopyRequest request() const;
    QComboBox* format() const { return m_format; }
    QComboBox* type() const { return m_type; }
    QLineEdit* target() const { return m_target; }
    QPushButton* save() const { return m_save; }
    QString words() const;

signals:
    void chosen(const wr::app::CopyRequest& request);

private:
    void useFormat();
    void browse();
    void forecast();
    void show(const app::CopyForecast& forecast);

    QString m_path;
    QComboBox* m_format;
    QComboBox* m_type;
    QLineEdit* m_target;
    QCheckBox* m_replace;
    QLabel* m_words;
    QPushButton* m_save = nullptr;
    QTimer m_settle;
    app::JobTracker m_forecaster;
};

} // namespace wr::ui
