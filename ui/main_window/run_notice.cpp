// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/run_notice.h"

#include "app/document/quantity.h"
#include "app/run/run_words.h"

#include <QApplication>
#include <QSystemTrayIcon>
#include <QWidget>

namespace wr::ui {

RunNotice::RunNotice(QWidget* window) : QObject(window), m_window(window) {}

void RunNotice::follow(const app::RunState& state, const QString& project)
{
    const bool isRunning = state.phase == app::RunPhase::Running || state.phase == app::RunPhase::Saving;
    if (isRunning && !m_isRunning)
        m_since.start();
    const bool hasEnded = m_isRunning && state.phase == app::RunPhase::Finished;
    m_isRunning = isRunning;
    if (!hasEnded || m_since.elapsed() < m_shortest)
        return;
    QString text = tr("%1 after %2: loss %3")
                       .arg(app::countOf(state.step, tr("step"), tr("steps")),
                            app::durationText(static_cast<double>(m_since.elapsed()) * 1e-3),
                            app::valueText(state.loss));
    if (state.testAccuracy >= 0)
        text += tr(", test accuracy %1").arg(app::metricText(QStringLiteral("accuracy"), state.testAccuracy));
    tell(tr("%1 is trained").arg(project.isEmpty() ? tr("The model") : project), text);
}

void RunNotice::tell(const QString& title, const QString& text)
{
    if (m_window->isActiveWindow())
        return;
    emit told(title, text);
    QApplication::alert(m_window);
    if (!QSystemTrayIcon::isSystemTrayAvailable())
        return;
    if (m_icon == nullptr) {
        m_icon = new QSystemTrayIcon(m_window->windowIcon(), this);
        connect(m_icon, &QSystemTrayIcon::messageClicked, m_window, [this] {
            m_window->showNormal();
            m_window->raise();
            m_window->activateWindow();
            m_icon->hide();
        });
    }
    m_icon->show();
    m_icon->showMessage(title, text, m_window->windowIcon());
}

} // namespace wr::ui
