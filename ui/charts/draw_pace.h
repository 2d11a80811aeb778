// SPDX-License-Identifier: GPL-3.0-or-later
// How often a chart may be drawn while a training runs: so that drawing takes a small share of the time,
// however long it takes, since a processor that draws does not train. Owned by the chart; UI thread.
#pragma once

#include <QElapsedTimer>

namespace wr::ui {

class DrawPace {
public:
    DrawPace() { m_sinceDrawn.start(); }

    /// Whether enough time has passed since begin(), for what the last drawing took.
    bool isDue() const { return m_sinceDrawn.nsecsElapsed() >= kRest * m_took; }
    void begin()
    {
        m_sinceDrawn.restart();
        m_took = 0;
    }
    /// A part of the drawing that began took so long.
    void add(qint64 nanoseconds) { m_took += nanoseconds; }

private:
    static constexpr qint64 kRest = 80; ///< four charts take a twentieth of one processor

    QElapsedTimer m_sinceDrawn;
    qint64 m_took = 0;
};

} // namespace wr::ui
