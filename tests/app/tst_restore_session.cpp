// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/restore_session.h"
#include "app/models/restore_models.h"
#include "engine/graph/model.h"
#include "engine/remap/restore_plan.h"
#include "tests/app/checkpoint_fixture.h"

#include <QAbstractItemModelTester>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

constexpr const char* kScript = R"(
w = tf.Variable(tf.zeros([784, 20]), name="layer1/weights")
b = tf.Variable(tf.zeros([20]), name="biases")
out_w = tf.Variable(tf.zeros([20, 10]), name="out_weights")
out_b = tf.Variable(tf.zeros([12]), name="out_biases")
)";

} // namespace

class TestRestoreSession : public QObject {
    Q_OBJECT
private slots:
    void init();
    void startsWithExactMatches();
    void linksByDragKeyboardAndShape();
    void refusesWhatDoesNotFit();
    void undoesAndRedoes();
    void decidesForManyAtOnce();
    void writesTheCommand();
    void matchesNames();

private:
    int target(const char* name) const;
    int source(const char* name) const;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RestoreSession> m_session;
};

void TestRestoreSession::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const QString path = m_folder->filePath(QStringLiteral("a.wrck"));
    QCOMPARE(writeCheckpoint(path, digitsTensors(0.0F)), QString());
    const CheckpointFile::Opened opened = CheckpointFile::open(path);
    QVERIFY2(opened.file, qPrintable(opened.problem.toText()));
    const auto model = graph::buildModel(script::parse(kScript));
    QVERIFY(!model->hasErrors());
    const QHash<QString, VariableLife> lives{{QStringLiteral("layer1/weights"), VariableLife::Trained}};
    m_session = std::make_unique<RestoreSession>(opened.file, model, lives);
}

int TestRestoreSession::target(const char* name) const
{
    for (int i = 0; i < m_session->targets().size(); ++i) {
        if (m_session->targets()[i].name == QLatin1String(name))
            return i;
    }
    return -1;
}

int TestRestoreSession::source(const char* name) const
{
    for (int i = 0; i < m_session->sources().size(); ++i) {
        if (m_session->sources()[i].name == QLatin1String(name))
            return i;
    }
    return -1;
}

void TestRestoreSession::startsWithExactMatches()
{
    const RestoreSession::Counts counts = m_session->counts();
    QCOMPARE(counts.restore, 2);
    QCOMPARE(counts.keep, 1);
    QCOMPARE(counts.initialize, 0);
    QCOMPARE(counts.unresolved, 1);
    QCOMPARE(counts.unused, 2);
    QCOMPARE(m_session->targets()[target("layer1/weights")].fate, VariableFate::Keep);
    QVERIFY(m_session->targets()[target("out_biases")].problem.contains(QLatin1String("10")));
}

void TestRestoreSession::linksByDragKeyboardAndShape()
{
    RestoreSourceModel sources(m_session.get());
    RestoreTargetModel targets(m_session.get());
    QAbstractItemModelTester sourceTester(&sources, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester targetTester(&targets, QAbstractItemModelTester::FailureReportingMode::QtTest);

    const std::unique_ptr<QMimeData> dragged(sources.mimeData({sources.index(source("weights"), 0)}));
    const QModelIndex onto = targets.index(target("layer1/weights"), 0);
    QVERIFY(targets.canDropMimeData(dragged.get(), Qt::LinkAction, -1, -1, onto));
    QVERIFY(targets.dropMimeData(dragged.get(), Qt::LinkAction, -1, -1, onto));
    QCOMPARE(m_session->counts().restore, 3);
    QVERIFY(sources.index(source("weights"), 0).data(RestoreSourceModel::UsedRole).toBool());

    m_session->undo();
    QCOMPARE(m_session->linkByShape(), 1);
    QCOMPARE(m_session->targets()[target("layer1/weights")].source, QStringLiteral("weights"));
}

void TestRestoreSession::refusesWhatDoesNotFit()
{
    RestoreSourceModel sources(m_session.get());
    RestoreTargetModel targets(m_session.get());
    const std::unique_ptr<QMimeData> dragged(sources.mimeData({sources.index(source("out_biases"), 0)}));
    const QModelIndex onto = targets.index(target("out_biases"), 0);
    QVERIFY(!targets.canDropMimeData(dragged.get(), Qt::LinkAction, -1, -1, onto));
    QSignalSpy refused(&targets, &RestoreTargetModel::dropRefused);
    QVERIFY(!targets.dropMimeData(dragged.get(), Qt::LinkAction, -1, -1, onto));
    QCOMPARE(refused.count(), 1);
    QVERIFY(!m_session->setFate(target("out_biases"), VariableFate::Keep).isEmpty()); // it holds no value
    QVERIFY(m_session->setFate(target("out_biases"), VariableFate::Initialize).isEmpty());
    QCOMPARE(m_session->counts().unresolved, 0);

    QMimeData hostile;
    hostile.setData(QLatin1String(kRestoreSourceMime), "99,-1,abc,2147483648");
    QVERIFY(!targets.canDropMimeData(&hostile, Qt::LinkAction, -1, -1, onto));
    QVERIFY(!targets.dropMimeData(&hostile, Qt::LinkAction, -1, -1, onto));
}

void TestRestoreSession::undoesAndRedoes()
{
    QVERIFY(!m_session->canUndo());
    QVERIFY(m_session->link(source("weights"), target("layer1/weights")).isEmpty());
    QVERIFY(m_session->canUndo());
    m_session->undo();
    QCOMPARE(m_session->counts().restore, 2);
    m_session->redo();
    QCOMPARE(m_session->counts().restore, 3);
    QVERIFY(!m_session->canRedo());
}

void TestRestoreSession::decidesForManyAtOnce()
{
    const QVector<int> open{target("out_weights"), target("out_biases")};
    QVERIFY(m_session->setFate(open, VariableFate::Initialize).isEmpty());
    QCOMPARE(m_session->counts().initialize, 2);
    m_session->undo();
    QCOMPARE(m_session->counts().initialize, 0);
    QVERIFY(!m_session->canUndo());

    // One that does not fit, and none is linked; the message says which one.
    const int weights = source("weights");
    const Explanation refused =
        m_session->link({{weights, target("layer1/weights")}, {weights, target("biases")}});
    QVERIFY2(refused.why.contains(QStringLiteral("weights → biases")), qPrintable(refused.why));
    QVERIFY(!m_session->canUndo());
    QCOMPARE(m_session->targets()[target("layer1/weights")].fate, VariableFate::Keep);
    QVERIFY(m_session->link({{weights, target("layer1/weights")}}).isEmpty());
    QCOMPARE(m_session->targets()[target("layer1/weights")].sourceRow, weights);
    QCOMPARE(m_session->targets()[target("out_biases")].sourceRow, -1);
}

/// The file of another program: a prefix before all names, and weights the other way round.
void TestRestoreSession::matchesNames()
{
    std::vector<NamedTensor> tensors;
    const auto ramp = [](std::int64_t rows, std::int64_t columns) {
        std::vector<float> values(static_cast<std::size_t>(rows * columns));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(i);
        return Tensor::of(values, columns == 1 ? Shape{rows} : Shape{rows, columns});
    };
    tensors.push_back({"module.hidden.weight", ramp(20, 784)});
    tensors.push_back({"module.hidden.bias", ramp(20, 1)});
    tensors.push_back({"module.output.weight", ramp(10, 20)});
    tensors.push_back({"module.output.bias", ramp(10, 1)});
    const QString path = m_folder->filePath(QStringLiteral("torch.wrck"));
    QCOMPARE(writeCheckpoint(path, tensors), QString());
    const auto model =
        graph::buildModel(script::parse("a = tf.Variable(tf.zeros([784, 20]), name=\"hidden/kernel\")\n"
                                        "b = tf.Variable(tf.zeros([20]), name=\"hidden/bias\")\n"
                                        "c = tf.Variable(tf.zeros([20, 10]), name=\"output/kernel\")\n"
                                        "d = tf.Variable(tf.zeros([10]), name=\"output/bias\")\n"));
    RestoreSession session(CheckpointFile::open(path).file, model, {});
    QCOMPARE(session.counts().restore, 0);
    const RestoreSession::MatchReport report = session.take(session.matcher()());
    QCOMPARE(report.linked, 4);
    QCOMPARE(report.asked, 0);
    QCOMPARE(session.counts().restore, 4);
    QCOMPARE(session.counts().unused, 0);
    for (const RestoreTarget& target : session.targets())
        QVERIFY2(!target.reason.isEmpty(), qPrintable(target.name));
    QVERIFY(session.asCommand(QStringLiteral("p")).contains(QLatin1String("--match")));
    session.undo();
    QCOMPARE(session.counts().restore, 0);
    session.redo();
    const auto values = remap::readPlan(session.file()->reader(), session.plan());
    QVERIFY2(values.has_value(), values ? "" : values.error().toString().c_str());
    for (const NamedTensor& value : *values) {
        if (value.name == "hidden/kernel")
            QCOMPARE(value.tensor.valueAt(1), 784.0); // [0, 1] was [1, 0]
    }
    // A second time there is nothing to do.
    QCOMPARE(session.take(session.matcher()()).linked, 0);
}

void TestRestoreSession::writesTheCommand()
{
    QVERIFY(m_session->link(source("weights"), target("layer1/weights")).isEmpty());
    QVERIFY(m_session->setFate(target("out_biases"), VariableFate::Initialize).isEmpty());
    const QString command = m_session->asCommand(QStringLiteral("/tmp/it's here"));
    QVERIFY2(command.contains(QLatin1String("--map 'weights=layer1/weights'")), qPrintable(command));
    QVERIFY(command.contains(QLatin1String("--initialize 'out_biases'")));
    QVERIFY(command.contains(QLatin1String("'/tmp/it'\\''s here'")));
}

QTEST_GUILESS_MAIN(TestRestoreSession)
#include "tst_restore_session.moc"
