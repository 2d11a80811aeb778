// SPDX-License-Identifier: GPL-3.0-or-later
// What a run does by itself under the rules of its recipe: saves, ends, stops at once; and what it shows of
// itself.
#include "app/run/training_run.h"
#include "tests/app/controller_stage.h"

#include <QDir>
#include <QFileInfo>
#include <numeric>

using namespace wr;
using namespace wr::app;

class TestRunWatch : public QObject, private ControllerStage {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void stopsNow();
    void savesByRule();
    void keepsTheBest();
    void keepsTheBestBesideTheOthers();
    void countsMinutesFromTheLastRegularSave();
    void savesOnPauseAndAtTheEnd();
    void endsByPatience();
    void looksIntoTheModel();
};

void TestRunWatch::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    newController();
}

void TestRunWatch::cleanup()
{
    m_run.reset();
}

void TestRunWatch::stopsNow()
{
    SmallTraining training;
    training.hidden = "512";
    training.epochs = "1000000";
    start(training);
    m_run->run();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > 2, kMilliseconds);
    m_run->stopNow();
    waitForPhase(RunPhase::Ready);
    const qint64 stopped = m_run->state().step;
    QTest::qWait(50);
    QCOMPARE(m_run->state().step, stopped);
    QVERIFY(m_failures.isEmpty());
    // The step that was given up is done again, and with the same bits as if nothing had happened.
    m_run->step(1);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, stopped + 1, kMilliseconds);
    take();
    Result<std::unique_ptr<TrainingRun>> whole = TrainingRun::create();
    QVERIFY((*whole)->build(m_model, {}));
    QVERIFY((*whole)->initializeAll().isOk());
    std::vector<train::StepRecord> records;
    while ((*whole)->step() <= stopped)
        QVERIFY((*whole)->advance(1, 0.0, records).isOk());
    QCOMPARE(records.back().loss, m_points.last().loss);
}

void TestRunWatch::savesByRule()
{
    SmallTraining training;
    training.rules = ", checkpoint_steps=10";
    QStringList saved;
    connect(m_run.get(), &RunController::saved, this, [&](const QString& path, qint64, bool isAutomatic) {
        QVERIFY(isAutomatic);
        saved += QFileInfo(path).fileName();
    });
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    // Three epochs of 12 steps: each tenth step, and the last one.
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 4, kMilliseconds);
    saved.sort();
    QCOMPARE(saved,
             (QStringList{QStringLiteral("step-00000010.wrck"), QStringLiteral("step-00000020.wrck"),
                          QStringLiteral("step-00000030.wrck"), QStringLiteral("step-00000036.wrck")}));
    QCOMPARE(std::count_if(m_events.begin(), m_events.end(),
                           [](const RunEvent& event) { return event.kind == RunEvent::Kind::Saved; }),
             4);
    const CheckpointFile::Opened opened =
        CheckpointFile::open(m_folder->filePath(QStringLiteral("checkpoints/step-00000020.wrck")));
    QVERIFY(opened.file != nullptr);
    QCOMPARE(fromMetadata(opened.file->reader().metadata()).trainer->step, std::int64_t{20});
    // A new training of the same length saves its last step as well, beside the other one's.
    saved.clear();
    m_run->initializeAll();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 0, kMilliseconds);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 4, kMilliseconds);
    QVERIFY(saved.contains(QStringLiteral("step-00000036-2.wrck")));
}

void TestRunWatch::keepsTheBest()
{
    SmallTraining training;
    training.rules = ", validate_every=4, monitor=\"accuracy\", checkpoint_best=True";
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().activity.isEmpty(), kMilliseconds);
    take();
    qint64 bestStep = 0;
    double best = -1.0;
    int looks = 0;
    for (const MetricPoint& point : std::as_const(m_points)) {
        QCOMPARE(point.test != nullptr, point.step % 4 == 0);
        if (!point.test)
            continue;
        ++looks;
        QCOMPARE(point.test->isBest, point.test->metrics[0] > best);
        if (point.test->isBest)
            bestStep = point.step;
        best = std::max(best, point.test->metrics[0]);
    }
    QCOMPARE(looks, 9);
    const QDir folder(m_folder->filePath(QStringLiteral("checkpoints")));
    QCOMPARE(folder.entryList({QStringLiteral("*.wrck")}), QStringList{QStringLiteral("best.wrck")});
    const CheckpointFile::Opened opened = CheckpointFile::open(folder.filePath(QStringLiteral("best.wrck")));
    QVERIFY(opened.file != nullptr);
    const RunRecord record = fromMetadata(opened.file->reader().metadata());
    QCOMPARE(record.step, bestStep);
    QCOMPARE(record.testAccuracy.value_or(-1.0), best);
    QCOMPARE(record.trainer->bestStep, bestStep);
}

void TestRunWatch::keepsTheBestBesideTheOthers()
{
    SmallTraining training;
    training.rules = ", validate_every=2, monitor=\"accuracy\", checkpoint_best=True, checkpoint_steps=18";
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().activity.isEmpty(), kMilliseconds);
    const QDir folder(m_folder->filePath(QStringLiteral("checkpoints")));
    QCOMPARE(folder.entryList({QStringLiteral("*.wrck")}, QDir::Files, QDir::Name),
             (QStringList{QStringLiteral("best.wrck"), QStringLiteral("step-00000018.wrck"),
                          QStringLiteral("step-00000036.wrck")}));
}

void TestRunWatch::countsMinutesFromTheLastRegularSave()
{
    SmallTraining training;
    // A hundredth of a second; each look at the accuracy may be the best.
    training.rules = ", validate_every=1, monitor=\"accuracy\", checkpoint_best=True, "
                     "checkpoint_minutes=0.000166";
    training.epochs = "100000";
    Result<std::unique_ptr<TrainingRun>> run = TrainingRun::create();
    QVERIFY((*run)->build(training.model(), {}));
    QVERIFY((*run)->initializeAll().isOk());
    double savedAt = 0.0;
    bool wasBestBetween = false;
    int regular = 0;
    while (!(*run)->isFinished() && regular < 5) {
        std::vector<train::StepRecord> records;
        QVERIFY((*run)->advance(1, 0.0, records).isOk());
        const TrainingRun::DueSaves due = (*run)->dueSaves();
        QCOMPARE(due.best, records.back().isBest);
        QCOMPARE(due.regular == TrainingRun::SaveReason::Minutes,
                 (*run)->trainedSeconds() - savedAt >= 0.000166 * 60.0);
        wasBestBetween = wasBestBetween || (due.best && due.regular == TrainingRun::SaveReason::None);
        if (due.regular == TrainingRun::SaveReason::Minutes) {
            savedAt = (*run)->trainedSeconds();
            ++regular;
        }
        (*run)->noteSaves();
    }
    QCOMPARE(regular, 5);
    QVERIFY(wasBestBetween);
}

void TestRunWatch::savesOnPauseAndAtTheEnd()
{
    SmallTraining training;
    training.epochs = "1000000";
    training.rules = ", checkpoint_on_pause=True";
    QSignalSpy saved(m_run.get(), &RunController::saved);
    start(training);
    m_run->run();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().step > 2, kMilliseconds);
    m_run->pause();
    QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, kMilliseconds);
    m_run->pause(); // nothing has changed
    m_run->run();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().phase == RunPhase::Running, kMilliseconds);
    m_run->stopAndSave();
    waitForPhase(RunPhase::Ready);
    QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 2, kMilliseconds);
    m_run->stopAndSave(); // asked for, so once more
    QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 3, kMilliseconds);
    QVERIFY(m_failures.isEmpty());
}

void TestRunWatch::endsByPatience()
{
    SmallTraining training;
    training.optimizer = "tf.train.GradientDescentOptimizer(0.0000001)"; // nothing gets better
    training.epochs = "1000";
    training.rules = ", validate_every=2, patience=3, monitor=\"accuracy\"";
    start(training);
    m_run->run();
    waitForPhase(RunPhase::Finished);
    QCOMPARE(m_run->state().step, 8); // the first look is the best, three more are not
    QVERIFY2(m_run->state().ending.contains(QLatin1String("3 looks")), qPrintable(m_run->state().ending));
    m_run->run();
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kMilliseconds);
    QVERIFY(m_failures.last().wayOut.contains(QLatin1String("wr.train")));
}

void TestRunWatch::looksIntoTheModel()
{
    WeightReportPtr weights;
    TimingReportPtr timing;
    DataReportPtr data;
    connect(m_run.get(), &RunController::weightsProbed, this,
            [&](const WeightReportPtr& report) { weights = report; });
    connect(m_run.get(), &RunController::timingProbed, this,
            [&](const TimingReportPtr& report) { timing = report; });
    connect(m_run.get(), &RunController::dataProbed, this,
            [&](const DataReportPtr& report) { data = report; });
    SmallTraining training;
    training.epochs = "1000000";
    start(training);
    QTRY_VERIFY_WITH_TIMEOUT(data != nullptr, kMilliseconds);
    QCOMPARE(data->train, 200);
    QCOMPARE(data->shape, (QVector<qint64>{28, 28}));
    QCOMPARE(std::accumulate(data->trainCounts.begin(), data->trainCounts.end(), qint64{0}), 200);
    m_run->setProbes({true, false, true});
    m_run->run();
    QTRY_VERIFY_WITH_TIMEOUT(weights && weights->step > 0 && timing && timing->steps > 0, kMilliseconds);
    QCOMPARE(weights->variables.size(), 4);
    QCOMPARE(weights->variables[0].name, QStringLiteral("weights"));
    QVERIFY(weights->variables[0].updateRatio > 0.0);
    QCOMPARE(*std::max_element(weights->variables[0].counts.begin(), weights->variables[0].counts.end()),
             1.0F);
    QCOMPARE(weights->activations.size(), 1);
    QCOMPARE(weights->activations[0].units, 16);
    double total = 0.0;
    for (const TimingReport::Share& share : timing->shares)
        total += share.seconds;
    QVERIFY(total > 0.0);
    QVERIFY(total <= timing->secondsPerStep * 1.5); // test looks use the same kernels
    m_run->stopNow();
    waitForPhase(RunPhase::Ready);
}

QTEST_GUILESS_MAIN(TestRunWatch)
#include "tst_run_watch.moc"
