// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/job_tracker.h"

#include <QCoreApplication>
#include <QElapsedTimer>

namespace wr::app {

JobTracker::JobTracker(QObject* parent) : QObject(parent) {}

JobTracker::~JobTracker()
{
    if (m_cancelled)
        m_cancelled->store(true, std::memory_order_relaxed);
}

void JobTracker::Context::report(double fraction) const
{
    m_report(fraction);
}

void JobTracker::cancel()
{
    if (!m_running)
        return;
    m_cancelled->store(true, std::memory_order_relaxed);
    ++m_current;
    m_running = false;
    emit finished();
}

JobTracker::Context JobTracker::begin()
{
    if (m_cancelled)
        m_cancelled->store(true, std::memory_order_relaxed);
    m_cancelled = std::make_shared<std::atomic<bool>>(false);
    const quint64 id = ++m_current;
    const bool wasRunning = std::exchange(m_running, true);

    Context context;
    context.m_cancelled = m_cancelled;
    auto sinceLast = std::make_shared<QElapsedTimer>();
    context.m_report = [guard = QPointer<JobTracker>(this), sinceLast, id](double fraction) {
        constexpr qint64 kReportMilliseconds = 50;
        if (sinceLast->isValid() && sinceLast->elapsed() < kReportMilliseconds)
            return;
        sinceLast->start();
        post([guard, fraction, id] {
            if (guard && guard->m_running && guard->m_current == id)
                emit guard->progress(fraction);
        });
    };
    if (!wasRunning)
        emit started();
    return context;
}

bool JobTracker::finish(quint64 id)
{
    if (!m_running || id != m_current)
        return false;
    m_running = false;
    emit finished();
    return true;
}

void JobTracker::run(std::function<void()> work)
{
    QThreadPool::globalInstance()->start(std::move(work));
}

void JobTracker::post(std::function<void()> deliver)
{
    // Posted to the application object, which outlives every job; the receiver is looked at on its own
    // thread.
    if (QCoreApplication* application = QCoreApplication::instance())
        QMetaObject::invokeMethod(application, std::move(deliver), Qt::QueuedConnection);
}

} // namespace wr::app
