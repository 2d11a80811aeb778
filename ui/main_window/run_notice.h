// SPDX-License-Identifier: GPL-3.0-or-later
// A word from the desktop's tray when a long training has ended while somebody looked elsewhere. UI thread.
#pragma once

#include "app/run/run_state.h"

#include <QElapsedTimer>
#include <QObject>

class QSystemTrayIcon;
class QWidget;

namespace wr::ui {

class RunNotice : public QObject {
    Q_OBJECT
public:
    /// `window` is brought to the front when the message is clicked.
    explicit RunNotice(QWidget* window);

    void follow(const app::RunState& state, const QString& project);
    /// A training that stopped on NaN.
    void tell(const QString& title, const QString& text);
    /// Shorter trainings are not worth a message.
    void setShortest(int milliseconds) { m_shortest = milliseconds; }

signals:
    void told(const QString& title, const QString& text); ///< also where the desktop has no tray

private:
    QWidget* m_window;
    QSystemTrayIcon* m_icon = nullptr; ///< made with the first message
    QElapsedTimer m_since;
    int m_shortest = 30000;
    bool m_isRunning = false;
};

} // namespace wr::ui
