// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace wr::app;

namespace {

const char* const kScript = R"(x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
weights = tf.Variable(tf.random_normal([4, 3], stddev=0.35), name="weights")
biases = tf.Variable(tf.zeros([3]), name="biases")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, weights) + biases))
train_op = tf.train.AdamOptimizer(0.01).minimize(loss)
)";

} // namespace

class TestVariableTableModel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void showsVariables();
    void editsBecomeText();
    void refusesWithAReason();
    void showsSlots();
    void followsTheRun();

private:
    QModelIndex cell(const char* variable, int column) const
    {
        return m_model->index(m_model->rowOf(QLatin1String(variable)), column);
    }
    std::unique_ptr<Project> m_project;
    std::unique_ptr<RunController> m_run;
    std::unique_ptr<VariableTableModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestVariableTableModel::init()
{
    m_tester.reset();
    m_model.reset();
    m_run = std::make_unique<RunController>();
    m_project = std::make_unique<Project>();
    m_model = std::make_unique<VariableTableModel>(m_project.get(), m_run.get());
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_project->newFromText(QString::fromUtf8(kScript), QStringLiteral("table"));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
}

void TestVariableTableModel::showsVariables()
{
    QCOMPARE(m_model->rowCount(), 2);
    QCOMPARE(cell("weights", VariableTableModel::ShapeColumn).data().toString(), QStringLiteral("4 × 3"));
    QCOMPARE(cell("weights", VariableTableModel::InitializerColumn).data().toString(),
             QStringLiteral("tf.random_normal([4, 3], stddev=0.35)"));
    QCOMPARE(cell("biases", VariableTableModel::DTypeColumn).data().toString(), QStringLiteral("float32"));
    QCOMPARE(cell("weights", VariableTableModel::ParametersColumn).data().toString(), QStringLiteral("12"));
    QCOMPARE(cell("weights", VariableTableModel::BytesColumn).data(VariableTableModel::SortRole).toInt(), 48);
    QCOMPARE(cell("weights", VariableTableModel::TrainableColumn).data(Qt::CheckStateRole).toInt(),
             static_cast<int>(Qt::Checked));
    QCOMPARE(m_model->totalParameters(), 15);
    QVERIFY(m_model->totalBytes() >= 3 * 15 * 4); // two slots of Adam for each
    for (int column = 0; column < VariableTableModel::ColumnCount; ++column)
        QVERIFY(!m_model->headerData(column, Qt::Horizontal).toString().isEmpty());
    QCOMPARE(m_model->rowOf(QStringLiteral("nothing")), -1);
}

void TestVariableTableModel::editsBecomeText()
{
    QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
    QVERIFY(cell("biases", VariableTableModel::InitializerColumn).flags() & Qt::ItemIsEditable);
    QVERIFY(m_model->setData(cell("biases", VariableTableModel::InitializerColumn),
                             QStringLiteral("tf.ones([3])")));
    QCOMPARE(m_project->script(), QString::fromUtf8(kScript).replace(QLatin1String("tf.zeros([3])"),
                                                                     QLatin1String("tf.ones([3])")));
    QCOMPARE(reset.count(), 0); // the same rows: selection and scroll position stay
    QVERIFY(m_model->setData(cell("biases", VariableTableModel::TrainableColumn),
                             static_cast<int>(Qt::Unchecked), Qt::CheckStateRole));
    QVERIFY(m_project->script().contains(QLatin1String("name=\"biases\", trainable=False)")));
    QVERIFY(m_model->setData(cell("biases", VariableTableModel::NameColumn), QStringLiteral("offsets")));
    QVERIFY(m_model->rowOf(QStringLiteral("offsets")) >= 0);
    QVERIFY(m_project->script().contains(QLatin1String("tf.matmul(x, weights) + offsets")));
    m_project->undo();
    m_project->undo();
    m_project->undo();
    QCOMPARE(m_project->script(), QString::fromUtf8(kScript));
}

void TestVariableTableModel::refusesWithAReason()
{
    QSignalSpy refused(m_model.get(), &VariableTableModel::editRefused);
    QVERIFY(!m_model->setData(cell("weights", VariableTableModel::ShapeColumn), QStringLiteral("[4, x]")));
    QCOMPARE(refused.count(), 1);
    const auto explanation = refused.first().first().value<Explanation>();
    QVERIFY(explanation.what.contains(QLatin1String("weights")));
    QVERIFY(explanation.why.contains(QLatin1String("[4, x]")));
    QVERIFY(!explanation.wayOut.isEmpty());
    QCOMPARE(m_project->script(), QString::fromUtf8(kScript));
    QVERIFY(!m_model->setData(cell("weights", VariableTableModel::BytesColumn), 7));
    QCOMPARE(refused.count(), 1);
}

void TestVariableTableModel::showsSlots()
{
    m_model->setShowSlots(true);
    QVERIFY(m_model->rowCount() >= 6);
    int slotRows = 0;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex name = m_model->index(row, VariableTableModel::NameColumn);
        if (name.data(VariableTableModel::SlotRole).toString().isEmpty())
            continue;
        ++slotRows;
        QVERIFY(!(name.flags() & Qt::ItemIsEditable));
        QVERIFY(!name.data(VariableTableModel::ReadOnlyReasonRole).toString().isEmpty());
    }
    QVERIFY(slotRows >= 4);
    m_model->setShowSlots(false);
    QCOMPARE(m_model->rowCount(), 2);
}

void TestVariableTableModel::followsTheRun()
{
    QCOMPARE(cell("weights", VariableTableModel::StateColumn).data(VariableTableModel::LifeRole).toInt(),
             static_cast<int>(VariableLife::Uninitialized));
    QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
    m_run->setModel(m_project->model(), {}, m_project->checkpointDirectory());
    m_run->initialize({QStringLiteral("weights")});
    QTRY_COMPARE_WITH_TIMEOUT(
        cell("weights", VariableTableModel::StateColumn).data(VariableTableModel::LifeRole).toInt(),
        static_cast<int>(VariableLife::Initialized), 5000);
    QVERIFY(changed.count() >= 1);
    QCOMPARE(cell("biases", VariableTableModel::StateColumn).data(VariableTableModel::LifeRole).toInt(),
             static_cast<int>(VariableLife::Uninitialized));
}

QTEST_GUILESS_MAIN(TestVariableTableModel)
#include "tst_variable_table_model.moc"
