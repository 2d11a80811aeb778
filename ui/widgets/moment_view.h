// SPDX-License-Identifier: GPL-3.0-or-later
// How one tensor went over the checkpoints: smallest and largest value, mean, and one deviation around it, by
// step. Steps with NaN or Inf are marked. Own painting; UI thread.
#pragma once

#include "app/library/tensor_history.h"

#include <QWidget>

namespace wr::ui {

class MomentView : public QWidget {
    Q_OBJECT
public:
    explicit MomentView(QWidget* parent = nullptr);
    void setMoments(const QVector<app::TensorMoment>& moments, const QString& shown);

signals:
    void chosen(const QString& path); ///< a checkpoint was clicked

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF field() const;
    double xOf(const app::TensorMoment& moment) const;
    int nearest(double x) const;

    QVector<app::TensorMoment> m_moments;
    QString m_shown; ///< path of the checkpoint that is looked at
};

} // namespace wr::ui
