// SPDX-License-Identifier: GPL-3.0-or-later
// A training that goes through a checkpoint file after every step keeps the bits of one that never stopped;
// and the window's training those of the terminal's, for each bundled example.
#include "app/run/resume_check.h"
#include "app/run/training_run.h"
#include "tests/app/checkpoint_fixture.h"
#include "tests/app/controller_stage.h"

#include <QDir>
#include <QFile>
#include <cstring>

using namespace wr;
using namespace wr::app;

class TestExactResume : public QObject, private ControllerStage {
    Q_OBJECT
private slots:
    void goesThroughFiles_data();
    void goesThroughFiles();
    void theCheckTellsTheSameFromAnother();
    void randomStreamsGoOn();
    void windowAndTerminalAgree_data();
    void windowAndTerminalAgree();
};

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kSteps = 40;
#else
constexpr int kSteps = 200;
#endif

struct Started {
    std::unique_ptr<TrainingRun> run;

    explicit Started(const std::shared_ptr<const graph::Model>& model)
    {
        Result<std::unique_ptr<TrainingRun>> made = TrainingRun::create();
        if (!made || !(*made)->build(model, {}))
            qFatal("the training cannot be made");
        run = std::move(*made);
    }
    double step() const
    {
        std::vector<train::StepRecord> records;
        const Status status = run->advance(1, 0.0, records);
        if (!status.isOk() || records.size() != 1)
            qFatal("no step: %s", status.toString().c_str());
        return records.front().loss;
    }
    void restore(const QString& path) const
    {
        const CheckpointFile::Opened opened = CheckpointFile::open(path);
        if (!opened.file)
            qFatal("%s", qPrintable(opened.problem.toText()));
        std::vector<TensorSpec> sources;
        for (const checkpoint::TensorEntry& entry : opened.file->reader().tensors())
            sources.push_back(entry.spec);
        std::vector<remap::PlanTarget> targets;
        for (const graph::Variable& variable : run->model()->variables)
            targets.push_back({{variable.name, variable.dtype, variable.shape},
                               false,
                               remap::Fate::Unresolved,
                               {},
                               {},
                               {}});
        const auto report =
            run->restore(opened.file->reader(), remap::RestorePlan(std::move(sources), std::move(targets)));
        if (!report || !report->continues)
            qFatal("it does not go on");
    }
};

/// Names and bytes of all that a snapshot holds.
QByteArray bitsOf(const TrainingRun& run)
{
    const Result<ModelSnapshot> snapshot = run.snapshot();
    if (!snapshot)
        qFatal("%s", snapshot.error().toString().c_str());
    QByteArray bits;
    for (const NamedTensor& tensor : snapshot->tensors) {
        bits += QByteArray::fromStdString(tensor.name);
        const auto bytes = tensor.tensor.bytes();
        bits.append(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size()));
    }
    return bits;
}

} // namespace

void TestExactResume::goesThroughFiles_data()
{
    QTest::addColumn<QByteArray>("optimizer");
    QTest::addColumn<checkpoint::Profile>("profile");
    QTest::newRow("Adam, compact") << QByteArray("tf.train.AdamOptimizer(0.01)")
                                   << checkpoint::Profile::Compact;
    QTest::newRow("Momentum, plain") << QByteArray("tf.train.MomentumOptimizer(0.01, 0.9)")
                                     << checkpoint::Profile::Plain;
    QTest::newRow("a schedule, compact")
        << QByteArray("tf.train.RMSPropOptimizer(tf.train.exponential_decay(0.01, "
                      "tf.train.create_global_step(), 10, 0.9))")
        << checkpoint::Profile::Compact;
}

void TestExactResume::goesThroughFiles()
{
    QFETCH(QByteArray, optimizer);
    QFETCH(checkpoint::Profile, profile);
    SmallTraining training;
    training.optimizer = optimizer.constData();
    training.epochs = "1000";
    const auto model = training.model();
    const Started whole(model);
    QVERIFY(whole.run->initializeAll().isOk());
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("state.wrck"));
    {
        const Started first(model);
        QVERIFY(first.run->initializeAll().isOk());
        QVERIFY(first.run->save(folder.path(), path, profile));
    }
    for (int step = 0; step < kSteps; ++step) {
        const double loss = whole.step();
        const Started part(model);
        part.restore(path);
        QCOMPARE(part.run->step(), step);
        QVERIFY(part.step() == loss); // every bit
        QVERIFY(part.run->save(folder.path(), path, profile));
        if (step + 1 == kSteps)
            QVERIFY(bitsOf(*part.run) == bitsOf(*whole.run));
    }
}

void TestExactResume::theCheckTellsTheSameFromAnother()
{
    SmallTraining training;
    training.optimizer = "tf.train.AdamOptimizer(0.01)";
    training.epochs = "1000";
    const Started started(training.model());
    QVERIFY(started.run->initializeAll().isOk());
    const QTemporaryDir folder;
    const auto path = [&](const char* name) { return folder.filePath(QLatin1String(name)); };
    const auto train = [&](int steps) {
        for (int i = 0; i < steps; ++i)
            started.step();
    };
    const auto save = [&](const char* name) {
        return started.run->save(folder.path(), path(name), checkpoint::Profile::Compact).has_value();
    };
    train(5);
    QVERIFY(save("five.wrck"));
    train(9);
    QVERIFY(save("fourteen.wrck"));
    QVERIFY(started.run->setLearningRate(0.02).isOk());
    train(3);
    QVERIFY(save("other.wrck"));

    const CheckpointFile::Opened first = CheckpointFile::open(path("five.wrck"));
    const CheckpointFile::Opened second = CheckpointFile::open(path("fourteen.wrck"));
    const QMap<QString, QString> before = first.file->metadata();
    const QMap<QString, QString> after = second.file->metadata();
    QVERIFY(!before.value(QStringLiteral("run_id")).isEmpty());
    QCOMPARE(after.value(QStringLiteral("run_id")), before.value(QStringLiteral("run_id")));
    QCOMPARE(after.value(QStringLiteral("parent_uuid")), QString::fromStdString(first.file->reader().uuid()));

    ResumeRequest request;
    request.path = path("five.wrck");
    request.later = path("fourteen.wrck");
    ResumeReport report = checkResume(request);
    QVERIFY2(report.isSame(), qPrintable(report.problem.toText() + report.toText()));
    QCOMPARE(report.fromStep, 5);
    QCOMPARE(report.toStep, 14);
    QVERIFY(report.tensors >= 6);           // weights and Adam's slots
    std::swap(request.path, request.later); // the order is found
    QVERIFY(checkResume(request).isSame());
    QCOMPARE(checkResume(request).against, QStringLiteral("fourteen.wrck"));

    request.path = path("five.wrck");
    request.later = path("other.wrck"); // whose rate was changed on the way
    report = checkResume(request);
    QVERIFY(report.problem.isEmpty());
    QVERIFY(!report.different.isEmpty());
    QVERIFY(report.toText().contains(QLatin1String("differ in")));

    request.later.clear();
    request.steps = 8;
    report = checkResume(request);
    QVERIFY2(report.isSame(), qPrintable(report.problem.toText() + report.toText()));
    QCOMPARE(report.toStep, 13);
    QVERIFY(report.against.isEmpty());

    request.later = request.path;
    QVERIFY(checkResume(request).problem.why.contains(QLatin1String("same step")));
    request.later.clear();
    int asked = 0;
    report = checkResume(request, [&](std::uint64_t, std::uint64_t) { return ++asked < 2; });
    QVERIFY(!report.problem.isEmpty()); // cancelled
    QCOMPARE(writeCheckpoint(path("bare.wrck"), digitsTensors(0.0F)), QString());
    request.path = path("bare.wrck");
    QVERIFY(checkResume(request).problem.why.contains(QLatin1String("no script")));
}

/// What draws in every step draws on in a session that has drawn nothing yet, and goes back in one that has.
void TestExactResume::randomStreamsGoOn()
{
    SmallTraining training;
    training.epochs = "1000";
    QString script = training.script();
    script.replace(QStringLiteral("tf.nn.relu(tf.matmul(images, weights) + biases)"),
                   QStringLiteral("tf.nn.dropout(tf.nn.relu(tf.matmul(images, weights) + biases), 0.5)"));
    QVERIFY(script != training.script());
    const auto model = graph::buildModel(script::parse(script.toStdString()));
    const Started whole(model);
    QVERIFY(whole.run->initializeAll().isOk());
    const QTemporaryDir folder;
    std::vector<double> losses;
    constexpr int kSaves = 4;
    for (int step = 0; step < 2 * kSaves; ++step) {
        if (step % 2 == 0) {
            const QString path = folder.filePath(QString::number(step));
            QVERIFY(whole.run->save(folder.path(), path, checkpoint::Profile::Compact));
        }
        losses.push_back(whole.step());
    }
    for (int from = 0; from < 2 * kSaves; from += 2) {
        const Started fresh(model);
        for (const Started* const part : {&fresh, &whole}) {
            part->restore(folder.filePath(QString::number(from)));
            for (int step = from; step < 2 * kSaves; ++step)
                QVERIFY2(part->step() == losses[static_cast<std::size_t>(step)],
                         qPrintable(QStringLiteral("step %1 from %2").arg(step).arg(from)));
        }
    }
}

void TestExactResume::windowAndTerminalAgree_data()
{
    QTest::addColumn<int>("steps");
    for (const char* const name :
         {"digits", "parameter_servers", "lenet", "resnet", "transformer", "spiral", "sine", "autoencoder"})
        QTest::newRow(name) << (kSteps >= 200 ? 30 : 3);
}

void TestExactResume::windowAndTerminalAgree()
{
    QFETCH(int, steps);
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/%1/model.wr")
                   .arg(QLatin1String(QTest::currentDataTag())));
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_model = graph::buildModel(script::parse(file.readAll().toStdString()));
    m_folder = std::make_unique<QTemporaryDir>();
    newController();
    m_run->setModel(m_model, m_folder->path(), m_folder->path());
    m_run->initializeAll();
    QTRY_VERIFY_WITH_TIMEOUT(m_run->state().canTrain && m_run->state().uninitialized == 0, kMilliseconds);
    m_run->step(steps);
    QTRY_COMPARE_WITH_TIMEOUT(m_run->state().step, steps, kMilliseconds);
    take();
    m_run->save(true);
    const QString saved = savedPath();
    QVERIFY2(!saved.isEmpty(), m_failures.isEmpty() ? "" : qPrintable(m_failures.last().toText()));

    const Started terminal(m_model);
    QVERIFY(terminal.run->initializeAll().isOk());
    QCOMPARE(m_points.size(), steps);
    for (int i = 0; i < steps; ++i)
        QVERIFY(terminal.step() == m_points[i].loss);
    const Started restored(m_model);
    restored.restore(saved);
    QVERIFY(bitsOf(*restored.run) == bitsOf(*terminal.run));
    m_run.reset();
}

QTEST_GUILESS_MAIN(TestExactResume)
#include "tst_exact_resume.moc"
