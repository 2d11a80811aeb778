// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/job_tracker.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <condition_variable>
#include <mutex>

using namespace wr::app;

namespace {

/// Holds a job until the test lets it go on.
class Gate {
public:
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_isOpen = true;
        m_changed.notify_all();
    }
    void pass()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_isOpen; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_isOpen = false;
};

constexpr int kMilliseconds = 5000;
constexpr int kQuiet = 60; // long enough for a delivery that must not come

} // namespace

class TestJobTracker : public QObject {
    Q_OBJECT
private slots:
    void cleanup() { QThreadPool::globalInstance()->waitForDone(); }
    void deliversOnItsThread();
    void newestWins();
    void cancelsAndTellsTheWork();
    void dropsWhenItIsGone();
    void reportsProgressOfTheCurrentJob();
};

void TestJobTracker::deliversOnItsThread()
{
    JobTracker tracker;
    QSignalSpy started(&tracker, &JobTracker::started);
    QSignalSpy finished(&tracker, &JobTracker::finished);
    std::atomic<Qt::HANDLE> worker{nullptr};
    Qt::HANDLE receiver = nullptr;
    int answer = 0;
    tracker.start(
        [&worker](const JobTracker::Context&) {
            worker = QThread::currentThreadId();
            return 42;
        },
        [&](int value) {
            receiver = QThread::currentThreadId();
            answer = value;
        });
    QVERIFY(tracker.isRunning());
    QTRY_COMPARE_WITH_TIMEOUT(answer, 42, kMilliseconds);
    QCOMPARE(receiver, QThread::currentThreadId());
    QVERIFY(worker.load() != receiver);
    QVERIFY(!tracker.isRunning());
    QCOMPARE(started.count(), 1);
    QCOMPARE(finished.count(), 1);
}

void TestJobTracker::newestWins()
{
    JobTracker tracker;
    auto gate = std::make_shared<Gate>();
    QVector<int> delivered;
    tracker.start(
        [gate](const JobTracker::Context&) {
            gate->pass();
            return 1;
        },
        [&](int value) { delivered.append(value); });
    tracker.start([](const JobTracker::Context&) { return 2; }, [&](int value) { delivered.append(value); });
    gate->open();
    QThreadPool::globalInstance()->waitForDone();
    QTRY_VERIFY_WITH_TIMEOUT(!tracker.isRunning(), kMilliseconds);
    QTest::qWait(kQuiet);
    QCOMPARE(delivered, QVector<int>{2});
}

void TestJobTracker::cancelsAndTellsTheWork()
{
    JobTracker tracker;
    QSignalSpy finished(&tracker, &JobTracker::finished);
    auto gate = std::make_shared<Gate>();
    auto sawCancel = std::make_shared<std::atomic<bool>>(false);
    bool delivered = false;
    tracker.start(
        [gate, sawCancel](const JobTracker::Context& context) {
            gate->pass();
            sawCancel->store(context.isCancelled());
            return 0;
        },
        [&](int) { delivered = true; });
    tracker.cancel();
    QVERIFY(!tracker.isRunning());
    QCOMPARE(finished.count(), 1);
    tracker.cancel(); // nothing to cancel
    QCOMPARE(finished.count(), 1);
    gate->open();
    QThreadPool::globalInstance()->waitForDone();
    QTest::qWait(kQuiet);
    QVERIFY(sawCancel->load());
    QVERIFY(!delivered);
}

void TestJobTracker::dropsWhenItIsGone()
{
    auto tracker = std::make_unique<JobTracker>();
    auto gate = std::make_shared<Gate>();
    auto sawCancel = std::make_shared<std::atomic<bool>>(false);
    bool delivered = false;
    tracker->start(
        [gate, sawCancel](const JobTracker::Context& context) {
            gate->pass();
            context.report(0.5);
            sawCancel->store(context.isCancelled());
            return 0;
        },
        [&](int) { delivered = true; });
    tracker.reset();
    gate->open();
    QThreadPool::globalInstance()->waitForDone();
    QTest::qWait(kQuiet);
    QVERIFY(sawCancel->load());
    QVERIFY(!delivered);
}

void TestJobTracker::reportsProgressOfTheCurrentJob()
{
    JobTracker tracker;
    QSignalSpy progress(&tracker, &JobTracker::progress);
    auto gate = std::make_shared<Gate>();
    bool delivered = false;
    tracker.start(
        [gate](const JobTracker::Context& context) {
            context.report(0.25);
            context.report(0.26); // too soon after the first
            gate->pass();
            return 0;
        },
        [&](int) { delivered = true; });
    QTRY_COMPARE_WITH_TIMEOUT(progress.count(), 1, kMilliseconds);
    QCOMPARE(progress.first().first().toDouble(), 0.25);
    gate->open();
    QTRY_VERIFY_WITH_TIMEOUT(delivered, kMilliseconds);
}

QTEST_GUILESS_MAIN(TestJobTracker)
#include "tst_job_tracker.moc"
