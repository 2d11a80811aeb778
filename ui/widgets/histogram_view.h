// SPDX-License-Identifier: GPL-3.0-or-later
// How often which values occur in a tensor. Own painting; UI thread.
#pragma once

#include <QVector>
#include <QWidget>

namespace wr::ui {

class HistogramView : public QWidget {
    Q_OBJECT
public:
    explicit HistogramView(QWidget* parent = nullptr);
    void setBins(const QVector<double>& bins, double low, double high);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<double> m_bins;
    double m_low = 0.0;
    double m_high = 0.0;
};

} // namespace wr::ui
