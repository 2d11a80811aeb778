// SPDX-License-Identifier: GPL-3.0-or-later
// How the trainable variables change: numbers and a histogram of each, the selected one's over time, and
// units that never answer. UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QHash>
#include <QWidget>

class QLabel;
class QTableWidget;

namespace wr::ui {

class HistogramTrail;

class WeightPanel : public QWidget {
    Q_OBJECT
public:
    explicit WeightPanel(QWidget* parent = nullptr);
    void show(const app::WeightReportPtr& report);
    void forget(); ///< the histograms of an earlier run
    QTableWidget* table() const { return m_table; }

private:
    void showSelected();

    /// The histograms of a variable, oldest first; every second one goes when there are many.
    struct Trail {
        QVector<app::WeightProbe> probes;
        QVector<qint64> steps;
    };
    QHash<QString, Trail> m_trails;
    QTableWidget* m_table;
    HistogramTrail* m_trail;
    QLabel* m_units;
};

} // namespace wr::ui
