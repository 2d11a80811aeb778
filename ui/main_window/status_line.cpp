// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/status_line.h"

#include "app/document/quantity.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>

namespace wr::ui {

using app::RunPhase;

QString phaseText(const app::RunState& state)
{
    if (!state.activity.isEmpty())
        return state.activity;
    switch (state.phase) {
    case RunPhase::Empty:
        return StatusLine::tr("No model");
    case RunPhase::Building:
        return StatusLine::tr("Preparing…");
    case RunPhase::Ready:
        if (state.uninitialized > 0)
            return StatusLine::tr("%1 without a value")
                .arg(app::countOf(state.uninitialized, StatusLine::tr("variable"),
                                  StatusLine::tr("variables")));
        return state.step > 0 ? StatusLine::tr("Paused") : StatusLine::tr("Ready");
    case RunPhase::Running:
        return StatusLine::tr("Training");
    case RunPhase::Saving:
        return StatusLine::tr("Saving…");
    case RunPhase::Restoring:
        return StatusLine::tr("Restoring…");
    case RunPhase::Finished:
        return StatusLine::tr("Finished");
    case RunPhase::Failed:
        return StatusLine::tr("Cannot run");
    }
    return {};
}

StatusLine::StatusLine(QWidget* parent)
    : QWidget(parent), m_phase(new QLabel(this)), m_progress(new QProgressBar(this)),
      m_step(new QLabel(this)), m_device(new QLabel(this))
{
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(160, 6);
    m_progress->setAccessibleName(tr("Progress of the training"));
    m_device->setProperty("role", QStringLiteral("muted"));
    m_phase->setObjectName(QStringLiteral("phase"));
    m_step->setObjectName(QStringLiteral("step"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 0, 8, 0);
    layout->setSpacing(16);
    for (QWidget* widget : {static_cast<QWidget*>(m_phase), static_cast<QWidget*>(m_progress),
                            static_cast<QWidget*>(m_step), static_cast<QWidget*>(m_device)})
        layout->addWidget(widget);
}

void StatusLine::show(const app::RunState& state)
{
    m_phase->setText(phaseText(state));
    const bool hasSteps = state.totalSteps > 0;
    m_progress->setVisible(hasSteps && state.phase != RunPhase::Empty);
    if (hasSteps)
        m_progress->setValue(static_cast<int>(1000 * state.step / state.totalSteps));
    QStringList place;
    if (hasSteps)
        place += tr("Step %1 of %2").arg(app::countText(state.step), app::countText(state.totalSteps));
    else if (state.canTrain)
        place += tr("Step %1").arg(app::countText(state.step));
    if (state.epochs > 0)
        place += tr("epoch %1 of %2").arg(app::countText(state.epoch), app::countText(state.epochs));
    else if (state.canTrain)
        place += tr("epoch %1").arg(app::countText(state.epoch));
    m_step->setText(place.join(QStringLiteral("  ·  ")));
    m_device->setText(state.device);
}

} // namespace wr::ui
