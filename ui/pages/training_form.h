// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be trained and by which rules, as a form over the script's wr.train(…): a field changed is an
// edit of the script. Above it, what stands in the way of a training. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QVector>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QVBoxLayout;

namespace wr::ui {

class Workspace;

class TrainingForm : public QWidget {
    Q_OBJECT
public:
    explicit TrainingForm(Workspace* workspace, QWidget* parent = nullptr);

signals:
    void complained(const wr::app::Explanation& explanation);
    void initRequested();
    void problemsRequested();
    void textRequested(int begin, int end); ///< UTF-16 places in the script

private:
    void addSummary();
    void addField(const QString& keyword, const QString& label, const QString& tip,
                  const QString& placeholder);
    void addFlag(const QString& keyword, const QString& label, const QString& tip);
    void refresh();
    void refreshPreflight();
    void set(const QString& keyword, const QString& value);
    void change(const app::Explanation& problem);
    void showRecipe();

    Workspace* m_workspace;
    QVBoxLayout* m_items;
    QFormLayout* m_form;
    QLabel* m_summary;
    QVector<QLineEdit*> m_fields; ///< their object names are the keywords
    QVector<QCheckBox*> m_flags;
    QComboBox* m_optimizer;
    QLineEdit* m_rate;
    QComboBox* m_monitor;
    QString m_shownItems;
};

} // namespace wr::ui
