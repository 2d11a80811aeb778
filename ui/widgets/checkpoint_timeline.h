// SPDX-License-Identifier: GPL-3.0-or-later
// The checkpoints of a project as pins on the loss curve: filled ones stay, hollow ones go with the next
// save, starred ones bear a star. A click selects, with Ctrl more than one. UI thread.
#pragma once

#include <QPointF>
#include <QTimer>
#include <QVector>
#include <QWidget>

class QItemSelectionModel;

namespace wr::app {
class CheckpointListModel;
class MetricHistory;
} // namespace wr::app

namespace wr::ui {

class CheckpointTimeline : public QWidget {
    Q_OBJECT
public:
    CheckpointTimeline(const app::MetricHistory* history, const app::CheckpointListModel* checkpoints,
                       QItemSelectionModel* selection, QWidget* parent = nullptr);

    QSize sizeHint() const override { return {400, 132}; }
    QSize minimumSizeHint() const override { return {160, 96}; }
    /// Where the pin of a row is drawn, in this widget's coordinates; null when the row has no step.
    QPointF pinAt(int row) const;

signals:
    void activated(int row); ///< double click

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct Scale {
        double from = 0.0; ///< steps
        double to = 1.0;
        double low = 0.0; ///< losses
        double high = 1.0;
        bool isLog = false; ///< they span more than a power of ten
    };
    QRectF field() const;
    Scale scale() const;
    QPointF place(const Scale& scale, double step, double loss) const;
    double lossOf(int row) const; ///< NaN when unknown
    int rowNear(const QPointF& place) const;

    const app::MetricHistory* m_history;
    const app::CheckpointListModel* m_checkpoints;
    QItemSelectionModel* m_selection;
    QTimer m_calm;
    int m_hovered = -1;
};

} // namespace wr::ui
