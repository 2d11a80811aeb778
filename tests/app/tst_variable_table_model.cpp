// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_table_model.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
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
    void filtersAndSorts();
    void keepsRowsThatStay();
    void setsSeveral();
    void tellsProblemsWhileTyping_data();
    void tellsProblemsWhileTyping();
    void showsSeeds();
    void showsWhatIsBeingWritten();
    void isQuickWithTenThousand();

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

void TestVariableTableModel::filtersAndSorts()
{
    const auto names = [this] {
        QStringList result;
        for (int row = 0; row < m_model->rowCount(); ++row)
            result += m_model->index(row, VariableTableModel::NameColumn).data().toString();
        return result.join(u' ');
    };
    QCOMPARE(names(), QStringLiteral("weights biases"));
    m_model->sort(VariableTableModel::NameColumn);
    QCOMPARE(names(), QStringLiteral("biases weights"));
    QCOMPARE(m_model->rowOf(QStringLiteral("weights")), 1);
    m_model->sort(VariableTableModel::ParametersColumn, Qt::DescendingOrder);
    QCOMPARE(names(), QStringLiteral("weights biases"));
    m_model->setFilter(VariableFilter(QStringLiteral("shape:1d")));
    QCOMPARE(names(), QStringLiteral("biases"));
    QCOMPARE(m_model->rowOf(QStringLiteral("weights")), -1);
    QCOMPARE(m_model->totalParameters(), 15); // of all
    m_model->setFilter(VariableFilter(QStringLiteral("state:uninit")));
    QCOMPARE(m_model->rowCount(), 2);
    m_run->setModel(m_project->model(), {}, m_project->checkpointDirectory());
    m_run->initialize({QStringLiteral("weights")});
    QTRY_COMPARE_WITH_TIMEOUT(names(), QStringLiteral("biases"), 20000);
    m_model->setFilter({});
    m_model->sort(-1);
    QCOMPARE(names(), QStringLiteral("weights biases"));
}

void TestVariableTableModel::keepsRowsThatStay()
{
    const QPersistentModelIndex weights(cell("weights", VariableTableModel::NameColumn));
    const QPersistentModelIndex biases(cell("biases", VariableTableModel::NameColumn));
    m_model->sort(VariableTableModel::NameColumn);
    QCOMPARE(weights.row(), 1);
    QCOMPARE(biases.row(), 0);
    m_model->setFilter(VariableFilter(QStringLiteral("weights")));
    QVERIFY(weights.isValid() && !biases.isValid());
    QCOMPARE(weights.data().toString(), QStringLiteral("weights"));
    QCOMPARE(weights.row(), 0);
}

void TestVariableTableModel::setsSeveral()
{
    QSignalSpy refused(m_model.get(), &VariableTableModel::editRefused);
    const QStringList both{QStringLiteral("weights"), QStringLiteral("biases")};
    QVERIFY(m_model->setValues(both, VariableTableModel::TrainableColumn, QStringLiteral("no")));
    QCOMPARE(m_project->script().count(QStringLiteral("trainable=False")), 2);
    m_project->undo();
    QCOMPARE(m_project->script(), QString::fromUtf8(kScript));
    QVERIFY(!m_model->setValues(both, VariableTableModel::DTypeColumn, QStringLiteral("floaty")));
    QCOMPARE(refused.count(), 1);
    QVERIFY(!m_model->setValues(both, VariableTableModel::BytesColumn, QStringLiteral("3")));
    QVERIFY(VariableTableModel::isShared(VariableTableModel::DeviceColumn));
    QVERIFY(!VariableTableModel::isShared(VariableTableModel::NameColumn));
}

void TestVariableTableModel::tellsProblemsWhileTyping_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("problem"); // empty: none
    const auto row = [](int column, const char* text, const char* problem) {
        QTest::addRow("%d %s", column, text)
            << column << QString::fromUtf8(text) << QString::fromUtf8(problem);
    };
    row(VariableTableModel::NameColumn, "weights", "");
    row(VariableTableModel::NameColumn, "kernel", "");
    row(VariableTableModel::NameColumn, "biases", "there is a variable “biases” already");
    row(VariableTableModel::NameColumn, "two words", "is no name");
    row(VariableTableModel::ShapeColumn, "784x200", "");
    row(VariableTableModel::ShapeColumn, "784x", "is no shape");
    row(VariableTableModel::DTypeColumn, "float99", "is no type");
    row(VariableTableModel::InitializerColumn, "tf.zeros([3]", "cannot be read");
    row(VariableTableModel::SeedColumn, "", "");
    row(VariableTableModel::SeedColumn, "1.5", "is no seed");
    row(VariableTableModel::DeviceColumn, "/cpu:0", "");
    row(VariableTableModel::DeviceColumn, "/cpu:x", "/cpu:x");
}

void TestVariableTableModel::tellsProblemsWhileTyping()
{
    QFETCH(int, column);
    QFETCH(QString, text);
    QFETCH(QString, problem);
    const QString found = m_model->problemOf(cell("weights", column), text);
    QCOMPARE(found.isEmpty(), problem.isEmpty());
    QVERIFY2(found.contains(problem), qPrintable(found));
}

void TestVariableTableModel::showsSeeds()
{
    const QModelIndex drawn = cell("weights", VariableTableModel::SeedColumn);
    QVERIFY(drawn.data().toString().startsWith(QStringLiteral("0x")));
    QVERIFY(drawn.data(Qt::AccessibleTextRole).toString().startsWith(QStringLiteral("by name: 0x")));
    QVERIFY(drawn.data(VariableTableModel::MutedRole).toBool());
    QCOMPARE(drawn.data(Qt::EditRole).toString(), QString());
    QVERIFY(drawn.flags() & Qt::ItemIsEditable);
    QVERIFY(!(cell("biases", VariableTableModel::SeedColumn).flags() & Qt::ItemIsEditable));
    QVERIFY(m_model->setData(drawn, QStringLiteral("12")));
    QCOMPARE(cell("weights", VariableTableModel::SeedColumn).data().toString(), QStringLiteral("12"));
    QVERIFY(m_project->script().contains(QStringLiteral("stddev=0.35, seed=12")));
}

void TestVariableTableModel::showsWhatIsBeingWritten()
{
    const QString text = QStringLiteral("# a long remark\n").repeated(5000) + QString::fromUtf8(kScript);
    m_project->newFromText(text, QStringLiteral("long"));
    QCOMPARE(m_model->rowCount(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(m_model->rowCount(), 2, 60000);
    const QModelIndex value = cell("biases", VariableTableModel::InitializerColumn);
    const QModelIndex mark = cell("biases", VariableTableModel::TrainableColumn);
    const QString before = value.data().toString();
    QVERIFY(m_model->setData(value, QStringLiteral("tf.ones([3])")));
    QVERIFY(m_model->setData(mark, static_cast<int>(Qt::Unchecked), Qt::CheckStateRole));
    QCOMPARE(m_project->script(), text);
    QCOMPARE(value.data().toString(), QStringLiteral("tf.ones([3])"));
    QVERIFY(value.data(VariableTableModel::MutedRole).toBool());
    QCOMPARE(mark.data(Qt::CheckStateRole).toInt(), static_cast<int>(Qt::Unchecked));
    QTRY_VERIFY_WITH_TIMEOUT(m_project->script().contains(QStringLiteral("trainable=False")), 60000);
    QTRY_VERIFY(!value.data(VariableTableModel::MutedRole).toBool());
    QCOMPARE(value.data().toString(), QStringLiteral("tf.ones([3])"));
    QCOMPARE(mark.data(Qt::CheckStateRole).toInt(), static_cast<int>(Qt::Unchecked));
    m_project->undo();
    m_project->undo();
    QCOMPARE(m_project->script(), text);
    QTRY_COMPARE_WITH_TIMEOUT(value.data().toString(), before, 60000);
    // A refusal gives the cell back what it was.
    QVERIFY(m_model->setData(value, QStringLiteral("tf.zeroes([3])")));
    QCOMPARE(value.data().toString(), QStringLiteral("tf.zeroes([3])"));
    QTRY_COMPARE_WITH_TIMEOUT(value.data().toString(), before, 60000);
    QCOMPARE(m_project->script(), text);
}

void TestVariableTableModel::isQuickWithTenThousand()
{
    QString script;
    constexpr int kCount = 10000;
    for (int i = 0; i < kCount; ++i)
        script += QStringLiteral("v%1 = tf.Variable(tf.zeros([%2]), name=\"layer%3/v%1\")\n")
                      .arg(i)
                      .arg(i % 97 + 1)
                      .arg(i % 10);
    m_tester.reset(); // it asks for everything at every step
    m_project->newFromText(script, QStringLiteral("many"));
    m_project->parseNow();
    QCOMPARE(m_model->rowCount(), kCount);
    const auto timed = [](const char* what, auto work) {
        QElapsedTimer timer;
        timer.start();
        work();
        const double milliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        qInfo("%s: %.2f ms", what, milliseconds);
        return milliseconds;
    };
    // Generous: the machine may be busy, or the program checked at every access.
    constexpr double kBound = 1000;
    QVERIFY(timed("filter by text", [&] { m_model->setFilter(VariableFilter(QStringLiteral("v99"))); }) <
            kBound);
    QCOMPARE(m_model->rowCount(), 111);
    QVERIFY(timed("filter by shape and scope", [&] {
                m_model->setFilter(VariableFilter(QStringLiteral("scope:layer3 and params>=50")));
            }) < kBound);
    QVERIFY(m_model->rowCount() > 100 && m_model->rowCount() < 1000);
    QVERIFY(timed("no filter", [&] { m_model->setFilter({}); }) < kBound);
    QVERIFY(timed("sort by name", [&] { m_model->sort(VariableTableModel::NameColumn); }) < kBound);
    QVERIFY(timed("sort by size", [&] { m_model->sort(VariableTableModel::BytesColumn); }) < kBound);
    m_model->sort(-1);
    QVERIFY(timed("find every row", [&] {
                for (int i = 0; i < kCount; ++i)
                    QCOMPARE(m_model->rowOf(QStringLiteral("layer%1/v%2").arg(i % 10).arg(i)), i);
            }) < kBound);
    QVERIFY(timed("take over the same rows", [&] { emit m_project->modelChanged(); }) < kBound);
}

QTEST_GUILESS_MAIN(TestVariableTableModel)
#include "tst_variable_table_model.moc"
