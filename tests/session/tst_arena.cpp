// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a plan: blocks that live at one time never overlap, few blocks or many.
#include "engine/session/arena.h"

#include <QTest>
#include <algorithm>
#include <random>

using namespace wr::session;

class TestArena : public QObject {
    Q_OBJECT
private slots:
    void neverOverlaps_data();
    void neverOverlaps();
    void reusesWhatHasEnded();
};

void TestArena::neverOverlaps_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("steps");
    QTest::newRow("none") << 0 << 1;
    QTest::newRow("few") << 40 << 30;
    QTest::newRow("at one time") << 300 << 1;
    QTest::newRow("many") << 4000 << 900;
    QTest::newRow("many at one time") << 3000 << 2;
}

void TestArena::neverOverlaps()
{
    QFETCH(int, count);
    QFETCH(int, steps);
    std::mt19937 random(5);
    const auto below = [&](int limit) {
        return static_cast<std::size_t>(random() % static_cast<unsigned>(limit));
    };
    std::vector<ArenaBlock> blocks;
    for (int i = 0; i < count; ++i) {
        const std::size_t first = below(steps);
        blocks.push_back({below(20) == 0 ? 0 : below(5000), first, first + below(steps), 0});
    }
    const std::size_t total = layOut(blocks);
    std::size_t most = 0;
    for (const ArenaBlock& a : blocks) {
        QCOMPARE(a.offset % 64, std::size_t{0});
        QVERIFY(a.offset + a.bytes <= total);
        std::size_t living = 0; // when a begins
        for (const ArenaBlock& b : blocks) {
            const bool together = a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
            const bool overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
            if (&a != &b && together && overlap && a.bytes > 0 && b.bytes > 0)
                QFAIL("two blocks share memory");
            living += b.firstStep <= a.firstStep && a.firstStep <= b.lastStep ? b.bytes : 0;
        }
        most = std::max(most, living);
    }
    QVERIFY(total >= most);
    QVERIFY2(total <= most + most / 2, qPrintable(QStringLiteral("%1 of %2").arg(total).arg(most)));
}

void TestArena::reusesWhatHasEnded()
{
    for (const std::size_t count : {10U, 5000U}) {
        std::vector<ArenaBlock> chain;
        for (std::size_t i = 0; i < count; ++i)
            chain.push_back({100, i, i + 1, 0}); // each is read by the next step
        QCOMPARE(layOut(chain), std::size_t{256});
    }
}

QTEST_GUILESS_MAIN(TestArena)
#include "tst_arena.moc"
