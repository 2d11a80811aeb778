// SPDX-License-Identifier: GPL-3.0-or-later
// Every tile once, by whichever thread; denormals as asked, and the caller's own mode untouched.
#include "engine/base/thread_team.h"

#include <QTest>
#include <atomic>
#include <limits>
#include <vector>

using namespace wr;

class TestThreadTeam : public QObject {
    Q_OBJECT
private slots:
    void everyTileOnce_data();
    void everyTileOnce();
    void manyShortRuns();
    void treatsDenormalsAsAsked();
};

void TestThreadTeam::everyTileOnce_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("tiles");
    for (const int threads : {1, 2, 3, 8}) {
        for (const int tiles : {0, 1, 2, 7, 1000})
            QTest::addRow("%d threads, %d tiles", threads, tiles) << threads << tiles;
    }
}

void TestThreadTeam::everyTileOnce()
{
    QFETCH(int, threads);
    QFETCH(int, tiles);
    ThreadTeam team(threads);
    QCOMPARE(team.threads(), threads);
    std::vector<std::atomic<int>> counts(static_cast<std::size_t>(tiles) + 1);
    team.run(
        tiles,
        [](void* context, std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                ++(*static_cast<std::vector<std::atomic<int>>*>(context))[static_cast<std::size_t>(i)];
        },
        &counts);
    for (int i = 0; i < tiles; ++i)
        QCOMPARE(counts[static_cast<std::size_t>(i)].load(), 1);
    QCOMPARE(counts.back().load(), 0);
}

void TestThreadTeam::manyShortRuns()
{
    ThreadTeam team(4);
    std::atomic<std::int64_t> sum{0};
    for (int i = 0; i < 3000; ++i) {
        team.run(
            1 + i % 9,
            [](void* context, std::int64_t begin, std::int64_t end) {
                static_cast<std::atomic<std::int64_t>*>(context)->fetch_add(end - begin);
            },
            &sum);
    }
    std::int64_t expected = 0;
    for (int i = 0; i < 3000; ++i)
        expected += 1 + i % 9;
    QCOMPARE(sum.load(), expected);
}

void TestThreadTeam::treatsDenormalsAsAsked()
{
    struct Probe {
        volatile float tiny = std::numeric_limits<float>::denorm_min();
        std::atomic<int> kept{0};
    };
    for (const Denormals mode : {Denormals::Flush, Denormals::Keep}) {
        ThreadTeam team(3, mode);
        Probe probe;
        team.run(
            64,
            [](void* context, std::int64_t begin, std::int64_t end) {
                auto& p = *static_cast<Probe*>(context);
                for (std::int64_t i = begin; i < end; ++i)
                    p.kept += p.tiny * 2.0F > 0.0F ? 1 : 0;
            },
            &probe);
        QCOMPARE(probe.kept.load(), mode == Denormals::Keep ? 64 : 0);
        QVERIFY(probe.tiny * 2.0F > 0.0F);
    }
}

QTEST_GUILESS_MAIN(TestThreadTeam)
#include "tst_thread_team.moc"
