// SPDX-License-Identifier: GPL-3.0-or-later
// How the values of a slice are spread, with a handle at either end of the range that colours stand for. Drag
// a handle, or with the arrow keys move the nearer one. Own painting; UI thread.
#pragma once

#include "app/library/tensor_slice.h"

#include <QWidget>

namespace wr::ui {

class RangeBar : public QWidget {
    Q_OBJECT
public:
    explicit RangeBar(QWidget* parent = nullptr);
    void setSlice(std::shared_ptr<const app::TensorSlice> slice);
    void setRange(double low, double high); ///< without a signal
    void setLogCounts(bool isLog);
    void setSymlog(bool isSymlog); ///< of the values
    double low() const { return m_low; }
    double high() const { return m_high; }
    QSize sizeHint() const override { return {240, 64}; }

signals:
    void rangeChanged(double low, double high);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF field() const;
    double from() const; ///< of the axis: all values, and the range
    double to() const;
    double stretched(double value) const; ///< along the axis
    double placeOf(double value) const;
    double valueAt(double x) const;
    void move(double value);

    std::shared_ptr<const app::TensorSlice> m_slice;
    double m_low = 0.0;
    double m_high = 0.0;
    bool m_isLog = false;
    bool m_isSymlog = false;
    int m_dragged = 0; ///< -1 the low handle, 1 the high one
    int m_last = 1;    ///< of the keyboard
};

} // namespace wr::ui
