// SPDX-License-Identifier: GPL-3.0-or-later
// What parameter servers would hold of a list that is known, under each way of dealing it out.
#include "app/models/server_loads.h"
#include "tests/app/board_fixture.h"

#include <QTest>

using namespace wr;
using namespace wr::app;

class TestServerLoads : public QObject {
    Q_OBJECT
private slots:
    void loads_data();
    void loads();
    void slotsCountToo();
    void tells();
};

void TestServerLoads::loads_data()
{
    QTest::addColumn<int>("strategy");
    QTest::addColumn<int>("tasks");
    QTest::addColumn<QVector<int>>("dealt");
    QTest::addColumn<QVector<qint64>>("loads");
    const auto row = [](const char* name, ServerStrategy strategy, int tasks, const QVector<int>& dealt,
                        const QVector<qint64>& loads) {
        QTest::newRow(name) << static_cast<int>(strategy) << tasks << dealt << loads;
    };
    row("round robin", ServerStrategy::RoundRobin, 2, {0, 1, 0, 1}, {800, 80});
    row("greedy", ServerStrategy::GreedyByBytes, 2, {0, 1, 1, 0}, {440, 440});
    // The last digits of md5("a_0"), md5("b_0") …, modulo 3.
    row("random", ServerStrategy::Random, 3, {1, 0, 1, 0}, {80, 800, 0});
    row("one task", ServerStrategy::Random, 1, {0, 0, 0, 0}, {880});
    row("no task", ServerStrategy::RoundRobin, 0, {0, 0, 0, 0}, {880});
    row("idle tasks", ServerStrategy::GreedyByBytes, 6, {0, 1, 2, 3}, {400, 40, 400, 40, 0, 0});
}

void TestServerLoads::loads()
{
    QFETCH(int, strategy);
    QFETCH(int, tasks);
    QFETCH(QVector<int>, dealt);
    QFETCH(QVector<qint64>, loads);
    const auto board =
        makePlacementBoard(modelOf(QStringLiteral("a = tf.Variable(tf.zeros([100]), name=\"a\")\n"
                                                  "b = tf.Variable(tf.zeros([10]), name=\"b\")\n"
                                                  "c = tf.Variable(tf.zeros([100]), name=\"c\")\n"
                                                  "d = tf.Variable(tf.zeros([10]), name=\"d\")\n")),
                           machine(), {});
    QCOMPARE(dealVariables(*board, tasks, static_cast<ServerStrategy>(strategy)), dealt);
    QCOMPARE(serverLoads(*board, tasks, static_cast<ServerStrategy>(strategy)), loads);
}

void TestServerLoads::slotsCountToo()
{
    // Of weights and biases there are momentum slots besides; they go where the variable goes.
    const auto board = cluster();
    const QVector<qint64> loads = serverLoads(*board, 1, ServerStrategy::RoundRobin);
    QCOMPARE(loads, QVector<qint64>{(48 + 12) * 2 + 400 + 200 + 28 + 24});
}

void TestServerLoads::tells()
{
    QCOMPARE(imbalance({440, 440}), 0.0);
    QCOMPARE(imbalance({800, 0}), 1.0);
    QCOMPARE(imbalance({0, 0}), 0.0);
    QCOMPARE(serverCount(*makePlacementBoard(nullptr, {}, {})), 0);
    QCOMPARE(serverCount(*cluster()), 11);
}

QTEST_MAIN(TestServerLoads)
#include "tst_server_loads.moc"
