// SPDX-License-Identifier: GPL-3.0-or-later
// The number of threads of a plan follows what runs take, also when that changes, and looking costs little.
#include "engine/session/thread_choice.h"

#include <QTest>
#include <functional>

using wr::session::ThreadChoice;

class TestThreadChoice : public QObject {
    Q_OBJECT
private slots:
    void takesTheQuickest_data();
    void takesTheQuickest();
    void followsAChange();
    void countsDisturbances();
};

namespace {

using Times = std::function<double(int threads)>;

/// Seconds that `runs` runs took.
double run(ThreadChoice& choice, const Times& times, int runs)
{
    double total = 0.0;
    for (int i = 0; i < runs; ++i) {
        const double seconds = times(choice.threads());
        total += seconds;
        choice.note(choice.wantsTime() ? seconds : 0.0);
    }
    return total;
}

} // namespace

void TestThreadChoice::takesTheQuickest_data()
{
    QTest::addColumn<int>("all");
    QTest::addColumn<double>("fixed");  // seconds of a run that no thread shares
    QTest::addColumn<double>("shared"); // seconds that the threads share
    QTest::addColumn<double>("wake");   // seconds that each thread costs
    QTest::addColumn<int>("expected");
    QTest::newRow("much to share") << 2 << 0.0 << 1e-3 << 2e-6 << 2;
    QTest::newRow("nothing to share") << 2 << 1e-5 << 0.0 << 2e-6 << 1;
    QTest::newRow("no gain") << 2 << 1e-4 << 1e-6 << 4e-7 << 2; // within what a disturbance makes
    QTest::newRow("some of sixteen") << 16 << 0.0 << 1e-4 << 5e-6 << 4;
    QTest::newRow("all of sixteen") << 16 << 0.0 << 1e-2 << 5e-6 << 16;
    QTest::newRow("long runs") << 2 << 0.03 << 0.0 << 0.0 << 2;
    QTest::newRow("one") << 1 << 1e-5 << 0.0 << 0.0 << 1;
}

void TestThreadChoice::takesTheQuickest()
{
    QFETCH(int, all);
    QFETCH(double, fixed);
    QFETCH(double, shared);
    QFETCH(double, wake);
    QFETCH(int, expected);
    const Times times = [=](int threads) { return fixed + shared / threads + wake * threads; };
    ThreadChoice choice(all);
    QCOMPARE(choice.threads(), all);
    run(choice, times, 20'000);
    QCOMPARE(choice.threads(), expected);
    // Looking again costs no more than a few hundredths.
    const int runs = 3'000'000;
    const double best = runs * times(expected);
    QVERIFY2(run(choice, times, runs) < best * 1.05, "trials take too long");
}

void TestThreadChoice::followsAChange()
{
    ThreadChoice choice(2);
    double second = 1e-4; // of two threads
    const Times times = [&](int threads) { return threads == 1 ? 2e-4 : second; };
    run(choice, times, 1000);
    QCOMPARE(choice.threads(), 2);
    second = 3e-4; // another program has taken a processor
    run(choice, times, 100'000);
    QCOMPARE(choice.threads(), 1);
    second = 1e-4;
    run(choice, times, 100'000);
    QCOMPARE(choice.threads(), 2);
}

void TestThreadChoice::countsDisturbances()
{
    ThreadChoice choice(2);
    int count = 0;
    // As a rule two are quicker, but now and then one of them is kept waiting for long.
    const Times times = [&](int threads) { return threads == 1 ? 2e-4 : ++count % 8 == 0 ? 4e-3 : 1e-4; };
    run(choice, times, 1000);
    QCOMPARE(choice.threads(), 1);
}

QTEST_GUILESS_MAIN(TestThreadChoice)
#include "tst_thread_choice.moc"
