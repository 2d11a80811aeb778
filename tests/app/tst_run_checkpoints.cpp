// SPDX-License-Identifier: GPL-3.0-or-later
// Saving and restoring through the controller, while the training may go on.
#include "app/library/restore_session.h"
#include "app/run/run_controller.h"
#include "tests/app/run_fixture.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

constexpr int kMilliseconds = 30000; // sanitizers are slow

} // namespace

class TestRunCheckpoints : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void savesAndRestoresWithTheSameBits();
    void undoesARestore();
    void restoresUnderAnotherName();
    void reportsAFailedSave();
    void endsAfterASave();

private:
    void newController();
    void start(const SmallTraining& training = {});
    void take();
    void waitForPhase(RunPhase phase);
    std::shared_ptr<RestoreSession> openRestore(const QString& path,
                                                const std::shared_ptr<const graph::Model>& model);
    QString savedPath();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunController> m_run;
    std::shared_ptr<const graph::Model> m_model;
    QVector<MetricPoint> m_points;
    QVector<Explanation> m_failures;
    QVector<RunEvent> m_events;
};

void TestRunCheckpoints::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    newController();
}

void TestRunCheckpoints::newController()
{
    m_points.clear();
    m_failures.clear();
    m_events.clear();
    m_run = std::make_unique<RunController>();
    connect(m_run.get(), &RunController::metricsReset, this, [this] { m_points.clear(); });
    connect(m_run.get(), &RunController::failed, this,
            [this](const Explanation& explanation) { m_failures.append(explanation); });
    connect(m_run.get(), &RunController::event, this,
            [this](const RunEvent& event) { m_events.append(event); });
}

void TestRunCheckpoints::cleanup()
{
    m_run.reset();
}

void TestRunCheckpoints::take()
{
    m_points += m_run->takeMetrics();
}

QString TestRunCheckpoints::savedPath()
{
    QSignalSpy saved(m_run.get(), &RunController::saved);
    if (!saved.wait(kMilliseconds))
        return {};
    return saved.first().first().toString();
}

void TestRunCheckpoints::start(const SmallTraining& training)
{
    m_model = training.model();
    m_run->setModel(m_model, m_folder->path(), m_folder->filePath(QStringLiteral("checkpoints")));
    m_run->initializeAll();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().canTrain && m_run->state().uninitialized == 0, kMilliseconds);
}

void TestRunCheckpoints::waitForPhase(RunPhase phase)
{
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().phase, phase, kMilliseconds);
}

std::shared_ptr<RestoreSession>
TestRunCheckpoints::openRestore(const QString& path, const std::shared_ptr<const graph::Model>& model)
{
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    if (!opened.file)
        qFatal("%s", qPrintable(opened.problem.toText()));
    QHash<QString, VariableLife> lives;
    for (const graph::Variable& variable : model->variables) {
        const QString name = QString::fromStdString(variable.name);
        lives.insert(name, m_run->variableLife(name));
    }
    return std::make_shared<RestoreSession>(opened.file, model, lives);
}

void TestRunCheckpoints::savesAndRestoresWithTheSameBits()
{
    start();
    m_run->step(20);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 20, kMilliseconds);
    m_run->save(true);
    const QString first = savedPath();
    QCOMPARE(QFileInfo(first).fileName(), QStringLiteral("step-00000020.wrck"));
    m_run->save(true);
    QCOMPARE(QFileInfo(savedPath()).fileName(), QStringLiteral("step-00000020-2.wrck"));
    m_run->save(false);
    const QString plain = savedPath();
    QCOMPARE(QFileInfo(plain).fileName(), QStringLiteral("step-00000020.safetensors.zst"));
    QCOMPARE(m_events.last().kind, RunEvent::Kind::Saved);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().activity.isEmpty(), kMilliseconds);
    const QMap<QString, QString> metadata = CheckpointFile::open(plain).file->metadata();
    QCOMPARE(metadata.value(QStringLiteral("step")), QStringLiteral("20"));
    QCOMPARE(metadata.value(QStringLiteral("epoch")), QStringLiteral("1"));
    QVERIFY(metadata.value(QStringLiteral("loss")).toDouble() > 0.0);
    QVERIFY(metadata.value(QStringLiteral("test_accuracy")).toDouble() > 0.0);
    QCOMPARE(metadata.value(QStringLiteral("script")), SmallTraining().script());
    QVERIFY(metadata.value(QStringLiteral("parent")).endsWith(QLatin1String("step-00000020-2.wrck")));
    QVERIFY(!metadata.value(QStringLiteral("saved_at")).isEmpty());
    QVERIFY(!metadata.value(QStringLiteral("app_version")).isEmpty());
    m_run->run();
    waitForPhase(RunPhase::Finished);
    take();
    const QVector<MetricPoint> whole = m_points;

    for (const QString& path : {first, plain}) {
        newController(); // as after a restart
        m_run->setModel(m_model, m_folder->path(), m_folder->path());
        QSignalSpy restored(m_run.get(), &RunController::restored);
        m_run->restore(openRestore(path, m_model));
        QTRY_COMPARE_WITH_TIMEOUT(restored.count(), 1, kMilliseconds);
        QCOMPARE(restored.first()[0].toInt(), static_cast<int>(m_model->variables.size()));
        QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 20, kMilliseconds);
        QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Restored);
        m_run->run();
        waitForPhase(RunPhase::Finished);
        take();
        QCOMPARE(m_points.size(), whole.size() - 20);
        for (qsizetype i = 0; i < m_points.size(); ++i) {
            QCOMPARE(m_points[i].step, whole[i + 20].step);
            QVERIFY(m_points[i].loss == whole[i + 20].loss); // every bit
        }
    }
}

void TestRunCheckpoints::undoesARestore()
{
    start();
    m_run->step(5);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 5, kMilliseconds);
    m_run->save(true);
    const QString path = savedPath();
    QVERIFY(!path.isEmpty());
    m_run->step(5);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 10, kMilliseconds);
    m_run->save(true);
    const QString ten = savedPath();
    m_run->restore(openRestore(path, m_model));
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 5, kMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(m_run->canUndoRestore(), kMilliseconds);
    m_run->undoRestore();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 10, kMilliseconds);
    QVERIFY(!m_run->canUndoRestore());
    QCOMPARE(m_run->variableLife(QStringLiteral("weights")), VariableLife::Trained);
    m_run->save(true);
    const QString again = savedPath();
    const auto before = CheckpointFile::open(ten).file;
    const auto after = CheckpointFile::open(again).file;
    QCOMPARE(after->tensorCount(), before->tensorCount());
    for (int i = 0; i < before->tensorCount(); ++i)
        QCOMPARE(after->tensor(i).digest, before->tensor(i).digest);
    m_run->undoRestore(); // nothing left to undo
    m_run->step(1);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 11, kMilliseconds);
    QVERIFY(m_failures.isEmpty());
}

void TestRunCheckpoints::restoresUnderAnotherName()
{
    start();
    m_run->step(5);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 5, kMilliseconds);
    m_run->save(true);
    const QString path = savedPath();
    QVERIFY(!path.isEmpty());
    take();

    // "weights" is there under another name only; its slots and the output layer begin anew.
    SmallTraining renamed;
    auto text = renamed.script().replace(QLatin1String("name=\"weights\""), QLatin1String("name=\"kernel\""));
    const auto model = graph::buildModel(script::parse(text.toStdString()));
    QVERIFY(!model->hasErrors());
    m_run->setModel(model, m_folder->path(), m_folder->path());
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().uninitialized > 0, kMilliseconds);
    auto session = openRestore(path, model);
    int source = -1;
    for (int i = 0; i < session->sources().size(); ++i) {
        if (session->sources()[i].name == QLatin1String("weights"))
            source = i;
    }
    QVERIFY(source >= 0);
    for (int i = 0; i < session->targets().size(); ++i) {
        if (session->targets()[i].name == QLatin1String("kernel"))
            QVERIFY(session->link(source, i).isEmpty());
    }
    QSignalSpy restored(m_run.get(), &RunController::restored);
    m_run->restore(session);
    QTRY_COMPARE_WITH_TIMEOUT(restored.count(), 1, kMilliseconds);
    QVERIFY(restored.first()[1].toInt() > 0); // the slots of "kernel"
    QCOMPARE(m_run->variableLife(QStringLiteral("kernel")), VariableLife::Restored);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().uninitialized, 0, kMilliseconds);
    QCOMPARE(m_run->state().step, 0); // not the same training
    QVERIFY(m_points.isEmpty());
    m_run->step(2);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 2, kMilliseconds);
}

void TestRunCheckpoints::reportsAFailedSave()
{
    start();
    QFile file(m_folder->filePath(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    m_run->save(true, m_folder->filePath(QStringLiteral("file/below.wrck")));
    QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kMilliseconds);
    QVERIFY(m_failures.last().what.contains(QLatin1String("below.wrck")));
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().activity.isEmpty(), kMilliseconds);
    m_run->step(1); // the run goes on
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 1, kMilliseconds);
}

void TestRunCheckpoints::endsAfterASave()
{
    start();
    m_run->step(2);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, 2, kMilliseconds);
    const QString path = m_folder->filePath(QStringLiteral("last.wrck"));
    m_run->save(true, path);
    m_run.reset();
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    QVERIFY2(opened.file, qPrintable(opened.problem.toText()));
    QCOMPARE(opened.file->tensorCount(), static_cast<qsizetype>(m_model->variables.size()));
}

QTEST_GUILESS_MAIN(TestRunCheckpoints)
#include "tst_run_checkpoints.moc"
