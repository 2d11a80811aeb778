// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses an initial value: a list of producers and initializers, their parameters as fields, the text that
// will be written, and what it draws, computed by a job on the real engine. Emits chosen(); writes nothing
// itself. UI thread.
#pragma once

#include "app/document/initial_value.h"
#include "app/document/variable_row.h"
#include "app/jobs/job_tracker.h"

#include <QDialog>
#include <QTimer>

class QCheckBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace wr::ui {

class HistogramView;

class InitialValuePicker : public QDialog {
    Q_OBJECT
public:
    /// `companions`: how many other selected variables have the same shape and type.
    InitialValuePicker(const app::VariableRow& variable, int companions, QWidget* parent = nullptr);

    QString text() const;
    bool isForCompanions() const;
    QListWidget* forms() const { return m_forms; }
    QLineEdit* textField() const { return m_text; }
    QLabel* problem() const { return m_problem; }
    const app::InitialValueSample& sample() const { return m_sample; }
    bool isDrawing() const { return m_settle.isActive() || m_drawer.isRunning(); }

signals:
    void chosen(const QString& text, bool isForCompanions);

protected:
    void accept() override;

private:
    void makeFields();
    void compose();
    void draw();
    void show(app::InitialValueSample sample);

    app::VariableRow m_variable;
    app::InitialValueForm m_form;
    QListWidget* m_forms;
    QFormLayout* m_fieldPlace;
    QLineEdit* m_text;
    HistogramView* m_histogram;
    QLabel* m_statistics;
    QLabel* m_problem;
    QCheckBox* m_forAll;
    QPushButton* m_apply;
    QTimer m_settle;
    app::JobTracker m_drawer;
    app::InitialValueSample m_sample;
    bool m_isComposing = false;
};

} // namespace wr::ui
