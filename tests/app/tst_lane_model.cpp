// SPDX-License-Identifier: GPL-3.0-or-later
// The list of a lane: scopes under headers, the filter's language, and what stays when the picture changes.
#include "app/models/lane_model.h"
#include "tests/app/board_fixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace wr;
using namespace wr::app;

class TestLaneModel : public QObject {
    Q_OBJECT
private slots:
    void rows();
    void keepsRows();
    void filterLanguage_data();
    void filterLanguage();
    void filterFollowsTheBoard();
    void filterAsksForState();
};

void TestLaneModel::rows()
{
    LaneModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    const auto board =
        makePlacementBoard(modelOf(QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"s/a\")\n"
                                                  "b = tf.Variable(tf.zeros([250]), name=\"b\")\n"
                                                  "c = tf.Variable(tf.zeros([1]), name=\"t/c\")\n"
                                                  "d = tf.Variable(tf.zeros([1]), name=\"s/d\")\n")),
                           machine(), {});
    model.show(board, 0);
    QCOMPARE(shown(model), (QStringList{QStringLiteral("b"), QStringLiteral("s/"), QStringLiteral("s/a"),
                                        QStringLiteral("s/d"), QStringLiteral("t/"), QStringLiteral("t/c")}));
    QCOMPARE(model.variableCount(), 4);
    QVERIFY(model.index(1).data(LaneModel::IsHeaderRole).toBool());
    QCOMPARE(model.index(0).data(LaneModel::SizeRole).toString(), QStringLiteral("1.0 kB"));
    QVERIFY(model.index(0).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("no pin")));
    // A header stands for its variables, and none counts twice.
    QCOMPARE(model.variablesOf({model.index(1), model.index(2), model.index(0)}), (QVector<int>{0, 1, 3}));
    QCOMPARE(model.rowOf(3), 3);
    model.setFilter(VariableFilter(QStringLiteral("S/")));
    QCOMPARE(shown(model), (QStringList{QStringLiteral("s/"), QStringLiteral("s/a"), QStringLiteral("s/d")}));
    QCOMPARE(model.variablesOf({model.index(0)}), (QVector<int>{0, 3}));
    model.setFilter(VariableFilter(QStringLiteral("nothing")));
    QCOMPARE(model.rowCount(), 0);
    model.show(board, 1);
    model.setFilter({});
    QCOMPARE(model.rowCount(), 0);
}

void TestLaneModel::keepsRows()
{
    LaneModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString before = QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                          "b = tf.Variable(tf.zeros([2]), name=\"b\")\n");
    model.show(makePlacementBoard(modelOf(before), machine(), {}), 0);
    const QPersistentModelIndex second(model.index(1));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.show(makePlacementBoard(modelOf(QString(before).replace(u'2', u'9')), machine(), {}), 0);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(changes.size(), 1);
    QVERIFY(second.isValid());
    QCOMPARE(second.data(LaneModel::ShapeRole).toString(), QStringLiteral("9"));
    // Another first variable gives the others new numbers.
    model.show(
        makePlacementBoard(modelOf(QStringLiteral("z = tf.Variable(tf.zeros([1]), name=\"z\")\n") + before),
                           machine(), {}),
        0);
    QCOMPARE(resets.size(), 1);
    QCOMPARE(shown(model), (QStringList{QStringLiteral("z"), QStringLiteral("a"), QStringLiteral("b")}));
}

void TestLaneModel::filterLanguage_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("names");
    const auto row = [](const char* filter, const char* names) {
        QTest::newRow(filter) << QString::fromUtf8(filter) << QString::fromUtf8(names);
    };
    row("ndim>=2", "top/weights");
    row("bytes>100", "far near");
    row("dev:auto", "top/biases");
    row("scope:top and not bias", "top/weights");
    row("dev:gpu1 or spare", "spare layer0 layer1 layer2");
    row("state:init", "");
    row("shape:[", "top/weights far near top/biases spare layer0 layer1 layer2"); // wrong: hides nothing
}

void TestLaneModel::filterLanguage()
{
    QFETCH(QString, filter);
    QFETCH(QString, names);
    const auto board = cluster();
    QCOMPARE(board->rows.size(), board->variables.size());
    QSet<QString> found;
    for (int lane = 0; lane < board->lanes.size(); ++lane) {
        LaneModel model;
        model.setFilter(VariableFilter(filter));
        model.show(board, lane);
        for (int row = 0; row < model.rowCount(); ++row) {
            if (const int at = model.index(row).data(LaneModel::VariableRole).toInt(); at >= 0) {
                QCOMPARE(board->rows[at].name, board->variables[at].name);
                found.insert(board->variables[at].name);
            }
        }
    }
    const QStringList expected = names.split(u' ', Qt::SkipEmptyParts);
    QCOMPARE(found, QSet<QString>(expected.begin(), expected.end()));
}

void TestLaneModel::filterFollowsTheBoard()
{
    // As many rows as before, but others: they are told.
    LaneModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QString text = QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                        "b = tf.Variable(tf.zeros([200]), name=\"b\")\n");
    model.setFilter(VariableFilter(QStringLiteral("bytes>100")));
    model.show(makePlacementBoard(modelOf(text), machine(), {}), 0);
    QCOMPARE(shown(model), QStringList{QStringLiteral("b")});
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QString other = text;
    other.replace(QStringLiteral("200"), QStringLiteral("2"))
        .replace(QStringLiteral("[1]"), QStringLiteral("[99]"));
    model.show(makePlacementBoard(modelOf(other), machine(), {}), 0);
    QCOMPARE(shown(model), QStringList{QStringLiteral("a")});
    QCOMPARE(resets.size(), 1);
}

void TestLaneModel::filterAsksForState()
{
    LaneModel model;
    model.show(makePlacementBoard(modelOf(QStringLiteral("a = tf.Variable(tf.zeros([1]), name=\"a\")\n"
                                                         "b = tf.Variable(tf.zeros([2]), name=\"b\")\n")),
                                  machine(), {}),
               0);
    QString trained = QStringLiteral("b");
    const auto life = [&](const QString& name) {
        return name == trained ? VariableLife::Trained : VariableLife::Uninitialized;
    };
    model.setFilter(VariableFilter(QStringLiteral("state:trained")), life);
    QCOMPARE(shown(model), QStringList{QStringLiteral("b")});
    trained = QStringLiteral("a");
    model.setFilter(VariableFilter(QStringLiteral("state:trained")), life); // asked again
    QCOMPARE(shown(model), QStringList{QStringLiteral("a")});
}

QTEST_MAIN(TestLaneModel)
#include "tst_lane_model.moc"
