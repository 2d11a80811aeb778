// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/checkpoint_file.h"
#include "app/run/run_controller.h"
#include "app/run/training_run.h"
#include "tests/app/controller_stage.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::app;

namespace {

constexpr int kStepsPerEpoch = 12; // 200 / 16, the rest waits for the next shuffle

} // namespace

class TestRunController : public QObject, private ControllerStage {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void trains();
    void givesTheBitsOfARunWithoutThreads();
    void pausesStepsAndStops();
    void changesTheRate();
    void keepsTheRateOfASchedule();
    void refusesWhatCannotBeDone();
    void keepsValuesWhenTheModelChanges();
    void newestModelWins();
    void guardsAgainstNonFinite();
    void endsQuickly_data();
    void endsQuickly();
};

void TestRunController::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    newController();
}

void TestRunController::cleanup()
{
    m_run.reset();
}

void TestRunController::trains()
{
    QSignalSpy devices(m_run.get(), &RunController::devicesChanged);
    start();
    QVERIFY(devices.count() == 1);
    QVERIFY(m_run->devices().first().name.startsWith(QLatin1String("/cpu:0")));
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    QCOMPARE(m_run->state().epochs, 3);
    QCOMPARE(m_run->state().totalSteps, 3 * kStepsPerEpoch);
    QCOMPARE(m_run->state().learningRate, 0.01);
    QVERIFY(m_run->state().dataset.contains(QLatin1String("200 train, 50 test")));
    QVERIFY(m_run->state().device.contains(QLatin1String("cpu:0")));
    QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Initialized);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    take();
    QCOMPARE(m_points.size(), 3 * kStepsPerEpoch);
    for (int i = 0; i < m_points.size(); ++i) {
        QCOMPARE(m_points[i].step, i + 1);
        QCOMPARE(m_points[i].epochEnd, (i + 1) % kStepsPerEpoch == 0);
    }
    QVERIFY(m_points.last().loss < m_points.first().loss * 0.8);
    QVERIFY(m_points.last().test != nullptr);
    QVERIFY(m_points.last().test->metrics[0] > 0.3);
    QCOMPARE(m_run->state().metrics, QStringList{QStringLiteral("accuracy")});
    QCOMPARE(m_run->state().step, 3 * kStepsPerEpoch);
    QCOMPARE(m_run->state().epoch, 3);
    QCOMPARE(m_run->state().testAccuracy, m_points.last().test->metrics[0]);
    QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Trained);
    QVERIFY(m_failures.isEmpty());
}

void TestRunController::givesTheBitsOfARunWithoutThreads()
{
    start();
    m_run->run();
    waitForPhase(RunPhase::Finished);
    take();

    Result<std::unique_ptr<TrainingRun>> run = TrainingRun::create();
    QVERIFY2(run, run ? "" : run.error().message().c_str());
    QVERIFY((*run)->build(m_model, {}));
    QVERIFY((*run)->initializeAll().isOk());
    std::vector<train::StepRecord> records;
    while (!(*run)->isFinished())
        QVERIFY((*run)->advance(5, 1.0, records).isOk());
    QCOMPARE(static_cast<qsizetype>(records.size()), m_points.size());
    for (qsizetype i = 0; i < m_points.size(); ++i) {
        const train::StepRecord& record = records[static_cast<std::size_t>(i)];
        QVERIFY(record.loss == m_points[i].loss); // every bit
        QCOMPARE(record.test != nullptr, m_points[i].test != nullptr);
        if (record.test)
            QVERIFY(record.test->metrics[0] == m_points[i].test->metrics[0]);
    }
}

void TestRunController::pausesStepsAndStops()
{
    SmallTraining training;
    training.epochs = "1000000";
    start(training);
    m_run->step(3);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 3, kMilliseconds);
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    m_run->step(0);
    m_run->run();
    waitForPhase(RunPhase::Running);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > 10, kMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().stepsPerSecond > 0.0, kMilliseconds);
    m_run->pause();
    waitForPhase(RunPhase::Ready);
    const qint64 step = m_run->state().step;
    QTest::qWait(50);
    QCOMPARE(m_run->state().step, step);
    take();
    QCOMPARE(m_points.last().step, step);
    QSignalSpy reset(m_run.get(), &RunController::metricsReset);
    m_run->stop();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 0, kMilliseconds);
    QCOMPARE(reset.count(), 1);
    QVERIFY(m_points.isEmpty());
    QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Trained);
    m_run->step(1);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 1, kMilliseconds);
    take();
    QCOMPARE(m_points.size(), 1);
}

void TestRunController::changesTheRate()
{
    SmallTraining training;
    training.epochs = "1000000";
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Running);
    m_run->setLearningRate(0.001);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().learningRate, 0.001, kMilliseconds);
    QCOMPARE(m_run->state().phase, RunPhase::Running);
    QCOMPARE(m_events.last().kind, RunEvent::Kind::RateChanged);
    QCOMPARE(m_events.last().text, QStringLiteral("0.01 → 0.001"));
    const qint64 changedAt = m_events.last().step;
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > changedAt + 2, kMilliseconds);
    m_run->pause();
    waitForPhase(RunPhase::Ready);
    take();
    for (const MetricPoint& point : m_points)
        QCOMPARE(point.learningRate, point.step <= changedAt ? 0.01 : 0.001);
    for (const double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()})
        m_run->setLearningRate(bad);
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 3, kMilliseconds);
    QCOMPARE(m_run->state().learningRate, 0.001);
}

/// A rate that the script computes is shown as it is, and stays.
void TestRunController::keepsTheRateOfASchedule()
{
    SmallTraining training;
    training.optimizer = "tf.train.GradientDescentOptimizer(tf.train.inverse_time_decay(0.5, "
                         "tf.train.get_or_create_global_step(), 1, 1.0))";
    start(training);
    m_run->setLearningRate(0.001);
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kMilliseconds);
    QVERIFY2(m_failures.last().why.contains(QLatin1String("computes the learning rate")),
             qPrintable(m_failures.last().why));
    m_run->step(1);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 1, kMilliseconds);
    QCOMPARE(m_run->state().learningRate, 0.5);
    take();
    QCOMPARE(m_points.last().learningRate, 0.5);
}

void TestRunController::refusesWhatCannotBeDone()
{
    m_run->initializeAll(); // there is no model
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kMilliseconds);
    m_model = SmallTraining().model();
    m_run->setModel(m_model, m_folder->path(), m_folder->path());
    m_run->run(); // nothing is initialised
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 2, kMilliseconds);
    QVERIFY(m_failures.last().why.contains(QLatin1String("weights")));
    QVERIFY(m_failures.last().wayOut.contains(QLatin1String("Initialise")));
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    m_run->save(true); // nothing to save
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 3, kMilliseconds);
    m_run->initialize({QStringLiteral("nothing")});
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 4, kMilliseconds);
    QVERIFY(m_failures.last().why.contains(QLatin1String("nothing")));

    const auto bare = graph::buildModel(script::parse("w = tf.Variable(tf.zeros([2]), name=\"w\")\n"));
    m_run->setModel(bare, m_folder->path(), m_folder->path());
    m_run->initializeAll();
    m_run->run(); // no recipe
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 5, kMilliseconds);
    QVERIFY(!m_run->state().canTrain);
    QCOMPARE(m_run->variableLife(QStringLiteral("w")), VariableLife::Initialized);
    m_run->setModel(nullptr, {}, {});
    waitForPhase(RunPhase::Empty);
}

void TestRunController::keepsValuesWhenTheModelChanges()
{
    SmallTraining training;
    training.epochs = "1000000";
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Running);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > 3, kMilliseconds);

    // A comment: the training does not even pause.
    training.head = "# a comment";
    QSignalSpy reset(m_run.get(), &RunController::metricsReset);
    const qint64 before = m_run->state().step;
    m_run->setModel(training.model(), m_folder->path(), m_folder->path());
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > before + 3, kMilliseconds);
    QCOMPARE(m_run->state().phase, RunPhase::Running);
    QCOMPARE(reset.count(), 0);

    // Other shapes: what fits is kept, the rest waits for an initial value, and the training pauses.
    training.hidden = "24";
    m_run->setModel(training.model(), m_folder->path(), m_folder->path());
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().uninitialized > 0, kMilliseconds);
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    QCOMPARE(m_run->state().step, 0);
    QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Uninitialized);
    QCOMPARE(m_run->variableLife(QStringLiteral("out_biases")), VariableLife::Trained);
    QCOMPARE(reset.count(), 1);

    // Another project: names that happen to be the same mean nothing.
    m_run->setModel(training.model(), m_folder->filePath(QStringLiteral("other")), m_folder->path());
    QTRY_COMPARE_WITH_TIMEOUT(m_run->variableLife(QStringLiteral("out_biases")), VariableLife::Uninitialized,
                              kMilliseconds);
    QVERIFY(m_failures.isEmpty());
}

void TestRunController::newestModelWins()
{
    SmallTraining slow;
    slow.train = "60000"; // takes long to make
    QElapsedTimer timer;
    timer.start();
    m_run->setModel(slow.model(), m_folder->path(), m_folder->path());
    waitForPhase(RunPhase::Building);
    for (const char* hidden : {"4", "5", "6"}) {
        slow.hidden = hidden;
        m_run->setModel(slow.model(), m_folder->path(), m_folder->path());
    }
    SmallTraining last;
    last.hidden = "7";
    m_model = last.model();
    m_run->setModel(m_model, m_folder->path(), m_folder->path());
    m_run->initializeAll();
    m_run->step(1);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 1, kMilliseconds);
    QVERIFY2(m_failures.isEmpty(), m_failures.isEmpty() ? "" : qPrintable(m_failures.first().toText()));
    QVERIFY(m_run->state().dataset.contains(QLatin1String("200 train")));
}

void TestRunController::guardsAgainstNonFinite()
{
    SmallTraining training;
    training.optimizer = "tf.train.GradientDescentOptimizer(0.1)";
    training.epochs = "1000000";
    start(training);
    m_run->step(3);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 3, kMilliseconds);
    m_run->setLearningRate(1e30);
    m_run->run();
    QTRY_COMPARE_WITH_TIMEOUT(m_nonFinite.size(), 1, kMilliseconds);
    QVERIFY(m_failures.isEmpty());
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    QCOMPARE(m_events.last().kind, RunEvent::Kind::NonFinite);
    QVERIFY(!m_events.last().text.isEmpty());
    QVERIFY(m_nonFinite.last().explanation.wayOut.contains(QLatin1String("learning rate")));
    // What is left is finite and can be saved.
    m_run->save(true);
    const QString path = savedPath();
    QVERIFY(!path.isEmpty());
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    for (int i = 0; i < opened.file->tensorCount(); ++i) {
        const Result<Tensor> tensor = opened.file->reader().read(static_cast<std::size_t>(i));
        QVERIFY(tensor);
        for (std::int64_t j = 0; j < tensor->elementCount(); ++j)
            QVERIFY(std::isfinite(tensor->valueAt(j)));
    }
    // Back to what was kept while all went well, and on from there.
    QCOMPARE(m_nonFinite.last().goodStep, 0);
    QVERIFY(m_nonFinite.last().lowerRate > 0.0);
    m_run->goBack();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 0, kMilliseconds);
    QCOMPARE(m_run->state().phase, RunPhase::Ready);
    QCOMPARE(m_run->state().learningRate, 0.1);
    m_run->setLearningRate(1e30);
    m_run->run();
    QTRY_COMPARE_WITH_TIMEOUT(m_nonFinite.size(), 2, kMilliseconds);
    m_run->goBackAndLowerRate();
    QTRY_COMPARE_WITH_TIMEOUT(m_nonFinite.size(), 3, kMilliseconds); // 1e29 is no better
    m_run->initializeAll();                                          // a way on, with the recipe's rate
    m_run->step(2);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 2, kMilliseconds);
    QCOMPARE(m_run->state().learningRate, 0.1);
}

void TestRunController::endsQuickly_data()
{
    QTest::addColumn<QString>("when");
    QTest::newRow("at once") << QStringLiteral("start");
    QTest::newRow("loading data") << QStringLiteral("load");
    QTest::newRow("running") << QStringLiteral("run");
}

void TestRunController::endsQuickly()
{
    QFETCH(QString, when);
    SmallTraining training;
    training.epochs = "1000000";
    if (when == QLatin1String("load")) {
        training.train = "60000";
        m_run->setModel(training.model(), m_folder->path(), m_folder->path());
        waitForPhase(RunPhase::Building);
    } else if (when == QLatin1String("run")) {
        start(training);
        m_run->run();
        waitForPhase(RunPhase::Running);
    }
    QElapsedTimer timer;
    timer.start();
    m_run.reset();
    qInfo("ended after %lld ms", timer.elapsed());
    QVERIFY(timer.elapsed() < 2000); // a slice, on a busy machine and under sanitizers
}

QTEST_GUILESS_MAIN(TestRunController)
#include "tst_run_controller.moc"
