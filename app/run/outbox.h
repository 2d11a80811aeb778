// SPDX-License-Identifier: GPL-3.0-or-later
// What the run tells the window: values in the order in which they were posted, from any thread. filled()
// carries nothing and is meant for a queued connection; the receiver then takes everything at once.
#pragma once

#include "app/run/recipe_state.h"
#include "app/run/run_probes.h"
#include "app/run/run_state.h"

#include <QObject>
#include <QVector>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace wr::app {

/// Which variables hold what, and whether the last change of them can be undone.
struct VariableReport {
    QHash<QString, VariableLife> lives;
    bool canUndo = false;
};

struct SavedReport {
    QString path;
    qint64 bytes = 0;
    bool isAutomatic = false; ///< a rule of the recipe wanted it
};

struct RestoredReport {
    int restored = 0;
    int initialized = 0;
    int kept = 0;
};

/// The curves start anew, with the mailbox's next generation.
struct CurvesReset {};

using RunMessage = std::variant<RunState, VariableReport, QVector<DeviceInfo>, RunEvent, SavedReport,
                                RestoredReport, RecipeReport, Explanation, NonFiniteStep, CurvesReset,
                                WeightReportPtr, SurfaceReportPtr, DataReportPtr, TimingReportPtr>;

class Outbox : public QObject {
    Q_OBJECT
public:
    /// A state right behind another one replaces it.
    void post(RunMessage message)
    {
        bool wasEmpty = false;
        {
            const std::lock_guard lock(m_mutex);
            wasEmpty = m_messages.empty();
            const bool replaces = !wasEmpty && std::holds_alternative<RunState>(message) &&
                                  std::holds_alternative<RunState>(m_messages.back());
            if (replaces)
                m_messages.back() = std::move(message);
            else
                m_messages.push_back(std::move(message));
        }
        if (wasEmpty)
            emit filled();
    }
    std::vector<RunMessage> take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_messages, {});
    }

signals:
    void filled();

private:
    std::mutex m_mutex;
    std::vector<RunMessage> m_messages;
};

} // namespace wr::app
