// SPDX-License-Identifier: GPL-3.0-or-later
// Training: it learns, it goes on with the same bits after a pause, and it stops before NaN reaches a
// variable. With MNIST's own files, the bundled example reaches what it promises.
#include "engine/train/batches.h"
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QDir>
#include <QFile>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

namespace {

std::string smallScript(const char* optimizer, const char* extra = "")
{
    return std::string("tf.set_random_seed(5)\n"
                       "images = tf.placeholder(tf.float32, [None, 784], name=\"images\")\n"
                       "labels = tf.placeholder(tf.int64, [None], name=\"labels\")\n"
                       "weights = tf.Variable(tf.random_normal([784, 16], stddev=0.05), name=\"weights\")\n"
                       "biases = tf.Variable(tf.zeros([16]), name=\"biases\")\n"
                       "out = tf.Variable(tf.random_normal([16, 10], stddev=0.1), name=\"out\")\n"
                       "logits = tf.matmul(tf.nn.relu(tf.matmul(images, weights) + biases), out)\n"
                       "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, "
                       "logits=logits))\n") +
           extra +
           "accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))\n"
           "train_op = " +
           optimizer +
           ".minimize(loss)\n"
           "digits = wr.data.digits(train=300, test=100, seed=3)\n"
           "wr.train(train_op, data=digits, inputs=images, labels=labels, batch_size=20, epochs=4, "
           "metrics={\"accuracy\": accuracy})\n";
}

struct Training {
    explicit Training(const std::string& text, const DataSource& source = {}) : f(text)
    {
        const auto loaded = loadDataset(f.session->model().recipe->data, source, Vfs::posix());
        if (!loaded)
            qFatal("%s", loaded.error().toString().c_str());
        const Status initialized = f.session->initializeAll();
        if (!initialized.isOk())
            qFatal("%s", initialized.toString().c_str());
        auto made = Trainer::create(*f.session, *loaded);
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        trainer = std::move(*made);
    }
    SessionFixture f;
    std::unique_ptr<Trainer> trainer;
};

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT
private slots:
    void shufflesEveryEpochAnew();
    void gathersRows();
    void learns_data();
    void learns();
    void resumesWithTheSameBits();
    void stopsBeforeNaN();
    void changesTheRate();
    void needsValues();
    void refusesOtherStates();
    void bundledExampleReadsMnist();
};

void TestTrainer::shufflesEveryEpochAnew()
{
    const std::vector<std::int64_t> first = shuffled(1000, 9, 0);
    const std::vector<std::int64_t> second = shuffled(1000, 9, 1);
    QVERIFY(first != second);
    QVERIFY(first == shuffled(1000, 9, 0));
    QCOMPARE(std::set<std::int64_t>(first.begin(), first.end()).size(), std::size_t{1000});
    QCOMPARE(*std::max_element(first.begin(), first.end()), std::int64_t{999});
}

void TestTrainer::gathersRows()
{
    Examples examples;
    examples.features = Tensor::of<std::uint8_t>({0, 51, 102, 255}, {2, 1, 2});
    examples.labels = Tensor::of<std::int64_t>({4, 7}, {2});
    Tensor inputs = *Tensor::create(DType::Float32, {3, 2});
    Tensor labels = *Tensor::create(DType::Int32, {3});
    const std::int64_t chosen[] = {1, 0, 1};
    QVERIFY(gatherFeatures(examples, chosen, inputs).isOk());
    gatherLabels(examples, chosen, labels);
    const auto x = inputs.values<float>();
    QCOMPARE(std::vector<float>(x.begin(), x.end()),
             (std::vector<float>{102.0F / 255, 1.0F, 0.0F, 51.0F / 255, 102.0F / 255, 1.0F}));
    QCOMPARE(labels.data<std::int32_t>()[1], 4);
}

void TestTrainer::learns_data()
{
    QTest::addColumn<QString>("optimizer");
    QTest::newRow("gradient descent") << QStringLiteral("tf.train.GradientDescentOptimizer(0.2)");
    QTest::newRow("momentum") << QStringLiteral("tf.train.MomentumOptimizer(0.05, 0.9)");
    QTest::newRow("Adam") << QStringLiteral("tf.train.AdamOptimizer(0.01)");
}

void TestTrainer::learns()
{
    QFETCH(QString, optimizer);
    const Training t(smallScript(qPrintable(optimizer)));
    QCOMPARE(t.trainer->stepsPerEpoch(), std::int64_t{15});
    QCOMPARE(t.trainer->totalSteps(), std::int64_t{60});
    const Result<Evaluation> before = t.trainer->evaluate();
    QVERIFY(before);
    QCOMPARE(before->count, std::int64_t{100});
    std::int64_t steps = 0;
    StepRecord last;
    while (!t.trainer->isFinished()) {
        const Result<StepRecord> record = t.trainer->step();
        QVERIFY2(record, record ? "" : record.error().toString().c_str());
        QCOMPARE(record->step, ++steps);
        QCOMPARE(record->epochEnd, steps % 15 == 0);
        last = *record;
    }
    QCOMPARE(steps, std::int64_t{60});
    QCOMPARE(last.epoch, std::int64_t{4});
    QVERIFY(last.test != nullptr);
    QVERIFY2(last.test->metrics[0] > 0.6, qPrintable(QString::number(last.test->metrics[0])));
    QVERIFY(last.test->loss < before->loss / 1.5);
    QVERIFY(last.gradientNorm > 0.0);
    const Result<StepRecord> beyond = t.trainer->step();
    QVERIFY(!beyond);
    QCOMPARE(beyond.error().code(), StatusCode::OutOfRange);
}

void TestTrainer::resumesWithTheSameBits()
{
    const std::string text = smallScript("tf.train.AdamOptimizer(0.01)");
    const Training whole(text);
    const Training first(text);
    for (int i = 0; i < 40; ++i)
        QVERIFY(whole.trainer->step());
    for (int i = 0; i < 22; ++i)
        QVERIFY(first.trainer->step());
    const auto kept = first.f.session->snapshot();
    const auto metadata = first.trainer->state().toMetadata();

    const Training second(text);
    QVERIFY(second.f.session->assign(*kept, session::VariableState::Restored).isOk());
    QVERIFY(second.trainer->setState(*TrainerState::fromMetadata(metadata)).isOk());
    for (int i = 22; i < 40; ++i)
        QVERIFY(second.trainer->step());
    for (const char* name : {"weights", "biases", "out"})
        QCOMPARE(second.f.values(name), whole.f.values(name));
    QCOMPARE(second.trainer->state().step, std::int64_t{40});
}

void TestTrainer::stopsBeforeNaN()
{
    const Training t(
        smallScript("tf.train.GradientDescentOptimizer(0.2)", "loss = tf.log(tf.negative(loss))\n"));
    const std::vector<float> before = t.f.values("weights");
    const Result<StepRecord> record = t.trainer->step();
    QVERIFY(!record);
    QCOMPARE(record.error().code(), StatusCode::DataLoss);
    QVERIFY2(record.error().message().find("Log") != std::string::npos, record.error().message().c_str());
    QCOMPARE(t.f.values("weights"), before);
    QCOMPARE(t.trainer->state().step, std::int64_t{0});
}

void TestTrainer::changesTheRate()
{
    const std::string text = smallScript("tf.train.GradientDescentOptimizer(0.2)");
    const Training a(text);
    QCOMPARE(a.trainer->learningRate(), 0.2);
    QVERIFY(a.trainer->setLearningRate(0.0).isOk());
    const std::vector<float> before = a.f.values("weights");
    const Result<StepRecord> still = a.trainer->step();
    QVERIFY(still);
    QCOMPARE(still->learningRate, 0.0);
    QCOMPARE(a.f.values("weights"), before);
    QVERIFY(a.trainer->setLearningRate(0.1).isOk());
    QVERIFY(a.trainer->step());
    QVERIFY(a.f.values("weights") != before);
}

void TestTrainer::needsValues()
{
    const SessionFixture f(smallScript("tf.train.GradientDescentOptimizer(0.2)"));
    const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY(trainer);
    const Result<StepRecord> record = (*trainer)->step();
    QVERIFY(!record);
    QCOMPARE(record.error().code(), StatusCode::FailedPrecondition);
    for (const char* name : {"weights", "biases", "out"})
        QVERIFY2(record.error().message().find(name) != std::string::npos, record.error().message().c_str());
}

void TestTrainer::refusesOtherStates()
{
    const Training t(smallScript("tf.train.GradientDescentOptimizer(0.2)"));
    TrainerState state = t.trainer->state();
    state.step = -1;
    QVERIFY(!t.trainer->setState(state).isOk());
    QVERIFY(!TrainerState::fromMetadata({{"train.step", "many"}}));
    QVERIFY(!TrainerState::fromMetadata({}));
}

void TestTrainer::bundledExampleReadsMnist()
{
#if defined(__SANITIZE_THREAD__)
    QSKIP("too long a training for the thread sanitizer");
#endif
    const QString data = qEnvironmentVariable("WEIGHTROOM_DATA_DIR") + QStringLiteral("/mnist-t10k");
    if (!QDir(data).exists())
        QSKIP("WEIGHTROOM_DATA_DIR names no folder with mnist-t10k/");
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/digits/model.wr"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const Training t(file.readAll().toStdString(), {{}, data.toStdString()});
    QCOMPARE(t.trainer->totalSteps(), std::int64_t{20 * 8000 / 32});
    double accuracy = 0.0;
    while (!t.trainer->isFinished()) {
        const Result<StepRecord> record = t.trainer->step();
        QVERIFY2(record, record ? "" : record.error().toString().c_str());
        if (record->test)
            accuracy = record->test->metrics[0];
    }
    QVERIFY2(accuracy >= 0.93, qPrintable(QString::number(accuracy)));
    qInfo("test accuracy %.4f", accuracy);
}

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
