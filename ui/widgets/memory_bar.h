// SPDX-License-Identifier: GPL-3.0-or-later
// What a device's memory is used for, as one bar of patterned segments with words below, and what it would be
// after a move: the part over the limit in red, with the numbers. Own painting; UI thread.
#pragma once

#include "app/models/placement_board.h"

#include <QWidget>
#include <optional>

namespace wr::ui {

class MemoryBar : public QWidget {
    Q_OBJECT
public:
    explicit MemoryBar(QWidget* parent = nullptr);

    /// `limit` 0: not known, the bar then shows shares of the total.
    void show(const app::LaneBytes& bytes, qint64 limit);
    /// A move is being looked at; none: it is over.
    void setFuture(const std::optional<app::LaneBytes>& bytes);
    /// "628 kB of 23.4 GB", or what a move needs and what is free.
    QString text() const;
    bool isOver() const; ///< what is shown exceeds the limit

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString legend() const;

    app::LaneBytes m_bytes;
    qint64 m_limit = 0;
    std::optional<app::LaneBytes> m_future;
};

/// What the patterns of all bars mean.
class MemoryLegend : public QWidget {
    Q_OBJECT
public:
    explicit MemoryLegend(QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace wr::ui
