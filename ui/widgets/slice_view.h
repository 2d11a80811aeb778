// SPDX-License-Identifier: GPL-3.0-or-later
// A slice of a tensor as colours: the wheel zooms about the pointer, dragging moves, arrows move the picked
// cell. Below zero blue, above red, between the two ends of the range; NaN, Inf, exact zeros and what lies
// beyond the range are marked by colour and pattern. Own painting; UI thread.
#pragma once

#include "app/library/tensor_slice.h"

#include <QImage>
#include <QWidget>

namespace wr::ui {

class SliceView : public QWidget {
    Q_OBJECT
public:
    explicit SliceView(QWidget* parent = nullptr);
    void setSlice(std::shared_ptr<const app::TensorSlice> slice);
    void setRange(double low, double high);
    void pick(qint64 row, qint64 column); ///< and shows it
    qint64 pickedRow() const { return m_row; }
    qint64 pickedColumn() const { return m_column; }
    void showAll();
    QImage picture() const; ///< of all of it, a pixel an element or less
    QRectF cellRect(qint64 row, qint64 column) const;

signals:
    void picked(qint64 row, qint64 column);

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QRgb colourOf(float value) const;
    const app::SliceLevel& levelFor(double pixelsPerElement, int& step) const;
    void keepInside();
    void zoomBy(double factor, const QPointF& about);
    double leastScale() const;

    std::shared_ptr<const app::TensorSlice> m_slice;
    double m_low = 0.0;
    double m_high = 0.0;
    double m_scale = 1.0; ///< pixels an element
    QPointF m_origin;     ///< of element (0, 0) in the widget
    QPointF m_pressed;
    QPointF m_pressedOrigin;
    bool m_isDragging = false;
    qint64 m_row = -1; ///< picked
    qint64 m_column = -1;
};

} // namespace wr::ui
