// SPDX-License-Identifier: GPL-3.0-or-later
// The norms of a slice's rows and of its columns as two lines of bars: a dead unit or a loud one stands out.
// Own painting; UI thread.
#pragma once

#include "app/library/tensor_slice.h"

#include <QWidget>

namespace wr::ui {

class NormView : public QWidget {
    Q_OBJECT
public:
    explicit NormView(QWidget* parent = nullptr);
    void setSlice(std::shared_ptr<const app::TensorSlice> slice);

signals:
    void chosen(qint64 row, qint64 column); ///< a bar was clicked; -1 for the axis that is not meant

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF field(bool isRows) const;
    /// Place among the rows or columns under the pointer; -1 outside.
    qint64 indexAt(const QPointF& place, bool& isRows) const;

    std::shared_ptr<const app::TensorSlice> m_slice;
};

} // namespace wr::ui
