// SPDX-License-Identifier: GPL-3.0-or-later
// A run controller over a small training, with everything that it has said. For tests of the run.
#pragma once

#include "app/library/checkpoint_file.h"
#include "app/run/run_controller.h"
#include "tests/app/run_fixture.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace wr::app {

inline constexpr int kMilliseconds = 30000; // sanitizers are slow

class ControllerStage {
protected:
    void newController()
    {
        m_points.clear();
        m_failures.clear();
        m_events.clear();
        m_nonFinite.clear();
        m_run = std::make_unique<RunController>();
        QObject::connect(m_run.get(), &RunController::metricsReset, m_run.get(),
                         [this] { m_points.clear(); });
        QObject::connect(m_run.get(), &RunController::failed, m_run.get(),
                         [this](const Explanation& explanation) { m_failures.append(explanation); });
        QObject::connect(m_run.get(), &RunController::nonFinite, m_run.get(),
                         [this](const NonFiniteStep& step) { m_nonFinite.append(step); });
        QObject::connect(m_run.get(), &RunController::event, m_run.get(),
                         [this](const RunEvent& event) { m_events.append(event); });
    }

    void start(const SmallTraining& training = {})
    {
        m_model = training.model();
        m_run->setModel(m_model, m_folder->path(), m_folder->filePath(QStringLiteral("checkpoints")));
        m_run->initializeAll();
        QTRY_VERIFY_WITH_TIMEOUT(m_run->state().canTrain && m_run->state().uninitialized == 0, kMilliseconds);
    }

    void take() { m_points += m_run->takeMetrics(); }

    void waitForPhase(RunPhase phase)
    {
        QTRY_COMPARE_WITH_TIMEOUT(m_run->state().phase, phase, kMilliseconds);
    }

    QString savedPath()
    {
        QSignalSpy saved(m_run.get(), &RunController::saved);
        if (!saved.wait(kMilliseconds))
            return {};
        return saved.first().first().toString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunController> m_run;
    std::shared_ptr<const graph::Model> m_model;
    QVector<MetricPoint> m_points;
    QVector<Explanation> m_failures;
    QVector<RunEvent> m_events;
    QVector<NonFiniteStep> m_nonFinite;
};

} // namespace wr::app
