// SPDX-License-Identifier: GPL-3.0-or-later
// A matrix as colours: blue below zero, red above, range symmetric about zero; NaN and Inf stand out. Own
// painting; UI thread.
#pragma once

#include <QImage>
#include <QVector>
#include <QWidget>

namespace wr::ui {

class HeatMapView : public QWidget {
    Q_OBJECT
public:
    explicit HeatMapView(QWidget* parent = nullptr);
    /// Row by row; `cells` holds rows × columns values.
    void setCells(const QVector<double>& cells, int rows, int columns);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void redraw();
    QRect imageArea() const;

    QVector<double> m_cells;
    int m_rows = 0;
    int m_columns = 0;
    double m_range = 0.0;
    qint64 m_nonFinite = 0;
    QImage m_image;
};

} // namespace wr::ui
