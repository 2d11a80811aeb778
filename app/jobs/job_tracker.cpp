// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/job_tracker.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>

namespace wr::app {
namespace {

/// Closures on their way to another thread, handed over under a lock of our own rather than inside Qt's
/// queues, where the thread sanitizer cannot follow them. One push for each pop.
class Handover {
public:
    void push(std::function<void()> closure)
    {
        const std::lock_guard lock(m_mutex);
        m_closures.push_back(std::move(closure));
    }
    std::function<void()> pop()
    {
        const std::lock_guard lock(m_mutex);
        std::function<void()> closure = std::move(m_closures.front());
        m_closures.pop_front();
        return closure;
    }

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_closures;
};

/// Never destroyed: a job that outlives main() still finds it.
Handover& waitingWork()
{
    static Handover& handover = *new Handover;
    return handover;
}

Handover& waitingAnswers()
{
    static Handover& handover = *new Handover;
    return handover;
}

/// Brings the answers to the application's thread: a call by name, all of which Qt allocates and frees
/// itself.
class Deliverer : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    Q_INVOKABLE void deliverNext() { waitingAnswers().pop()(); }
};

/// Lives on the thread of the first tracker, and never ends: a job that outlives main() still finds it.
Deliverer& deliverer()
{
    static Deliverer& instance = *new Deliverer;
    return instance;
}

/// A pool of the jobs' own. Painting cuts large areas up for the global one and waits for it: the window
/// would wait for our jobs. They end before the application object does, as those of the global one would.
QThreadPool& pool()
{
    static QThreadPool jobs;
    static const bool isTied = [] {
        qAddPostRoutine([] {
            jobs.waitForDone();
#if defined(__SANITIZE_ADDRESS__)
            // Qt's threads free what they know of themselves after they have said that they ended; who counts
            // leaks before that finds one.
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
#endif
        });
        return true;
    }();
    Q_UNUSED(isTied)
    return jobs;
}

} // namespace

JobTracker::JobTracker(QObject* parent) : QObject(parent)
{
    deliverer();
}

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

void JobTracker::forget(std::shared_ptr<const void> value)
{
    if (QCoreApplication::instance() != nullptr && !QCoreApplication::closingDown())
        run([gone = std::move(value)] {});
}

void JobTracker::run(std::function<void()> work)
{
    waitingWork().push(std::move(work));
    pool().start([] { waitingWork().pop()(); });
}

void JobTracker::post(std::function<void()> deliver)
{
    // The receiver is looked at on its own thread.
    waitingAnswers().push(std::move(deliver));
    QMetaObject::invokeMethod(&deliverer(), "deliverNext", Qt::QueuedConnection);
}

} // namespace wr::app

#include "job_tracker.moc"
