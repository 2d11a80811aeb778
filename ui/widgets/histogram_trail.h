// SPDX-License-Identifier: GPL-3.0-or-later
// The histograms of one variable behind one another, the newest in front. Own painting; UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QWidget>

namespace wr::ui {

class HistogramTrail : public QWidget {
    Q_OBJECT
public:
    explicit HistogramTrail(QWidget* parent = nullptr);
    /// Oldest first, one step each.
    void show(const QVector<app::WeightProbe>& probes, const QVector<qint64>& steps);
    QSize sizeHint() const override { return {280, 220}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<app::WeightProbe> m_probes;
    QVector<qint64> m_steps;
};

} // namespace wr::ui
