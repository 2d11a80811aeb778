// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/problem_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace wr::app;

class TestProblemListModel : public QObject {
    Q_OBJECT
private slots:
    void listsErrorsFirst();
    void followsTheText();
};

void TestProblemListModel::listsErrorsFirst()
{
    Project project;
    ProblemListModel model(&project);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    project.newFromText(QStringLiteral("# ä €\n"
                                       "a = tf.Variable(tf.zeros([2]), name=\"a\")\n"
                                       "b = tf.Variable(tf.zeroes([3]), name=\"b\")\n"
                                       "c = tf.matmul(\n"),
                        QStringLiteral("broken"));
    QVERIFY(model.rowCount() > 0);
    QVERIFY(model.errorCount() >= 2);
    int severity = 0;
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row);
        QVERIFY(index.data(ProblemListModel::SeverityRole).toInt() >= severity);
        severity = index.data(ProblemListModel::SeverityRole).toInt();
        QVERIFY(!index.data().toString().isEmpty());
        QVERIFY(!index.data(Qt::ToolTipRole).toString().isEmpty());
        // The place is one of the window's own: the line that it names starts where the text says.
        const int line = index.data(ProblemListModel::LineRole).toInt();
        const int begin = index.data(ProblemListModel::BeginRole).toInt();
        QCOMPARE(project.script().left(begin).count(QLatin1Char('\n')), line - 1);
        QVERIFY(index.data(ProblemListModel::EndRole).toInt() >= begin);
        QVERIFY(index.data(ProblemListModel::ColumnRole).toInt() >= 1);
    }
    QCOMPARE(model.problem(0).severity, Problem::Severity::Error);
    QVERIFY(model.problem(99).message.isEmpty());
}

void TestProblemListModel::followsTheText()
{
    Project project;
    ProblemListModel model(&project);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    project.newFromText(QStringLiteral("a = tf.Variable(tf.zeros([2]), name=\"a\")\n"),
                        QStringLiteral("good"));
    QCOMPARE(model.errorCount(), 0);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    project.editText(0, 1, QStringLiteral("("));
    QVERIFY(project.isParsing());
    QTRY_VERIFY_WITH_TIMEOUT(!project.isParsing(), 5000);
    QVERIFY(reset.count() >= 1);
    QVERIFY(model.errorCount() >= 1);
    project.undo();
    project.parseNow();
    QCOMPARE(model.errorCount(), 0);
}

QTEST_GUILESS_MAIN(TestProblemListModel)
#include "tst_problem_list_model.moc"
