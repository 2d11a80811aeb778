// SPDX-License-Identifier: GPL-3.0-or-later
// Learning rates that follow the global step, at chosen steps, and a training by them: what it reports, what
// changing the rate by hand does, and that it goes on with the same bits after a pause.
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QTest>
#include <cmath>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

namespace {

constexpr double kPi = 3.14159265358979323846;

std::string training(const std::string& rate, const char* optimizer, const char* extra = "")
{
    return "tf.set_random_seed(5)\n"
           "images = tf.placeholder(tf.float32, [None, 784])\nlabels = tf.placeholder(tf.int64, [None])\n"
           "w = tf.Variable(tf.random_normal([784, 10], stddev=0.05))\n"
           "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, "
           "logits=tf.matmul(images, w)))\n"
           "step = tf.train.get_or_create_global_step()\nrate = " +
           rate + "\ntrain = " + optimizer + ".minimize(loss, global_step=step)\n" + extra +
           "wr.train(train, data=wr.data.digits(train=200, test=0, seed=3), inputs=images, labels=labels, "
           "batch_size=20, epochs=3)\n";
}

struct Training {
    explicit Training(const std::string& text) : f(text)
    {
        const auto loaded = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
        if (!loaded || !f.session->initializeAll().isOk())
            qFatal("no data or no values");
        auto made = Trainer::create(*f.session, *loaded);
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        trainer = std::move(*made);
    }
    SessionFixture f;
    std::unique_ptr<Trainer> trainer;
};

struct Schedule {
    const char* name;
    const char* text;
    double (*rate)(double step);
};

const Schedule kSchedules[] = {
    {"exponential", "tf.train.exponential_decay(0.1, step, 100, 0.96)",
     [](double s) { return 0.1 * std::pow(0.96, s / 100); }},
    {"exponential in stairs", "tf.train.exponential_decay(0.1, step, 100, 0.5, staircase=True)",
     [](double s) { return 0.1 * std::pow(0.5, std::floor(s / 100)); }},
    {"natural", "tf.train.natural_exp_decay(0.1, step, 50, 0.3)",
     [](double s) { return 0.1 * std::exp(-0.3 * s / 50); }},
    {"natural in stairs", "tf.train.natural_exp_decay(0.1, step, 50, 0.3, True)",
     [](double s) { return 0.1 * std::exp(-0.3 * std::floor(s / 50)); }},
    {"inverse time", "tf.train.inverse_time_decay(0.1, step, 50, 0.3)",
     [](double s) { return 0.1 / (1 + 0.3 * s / 50); }},
    {"inverse time in stairs", "tf.train.inverse_time_decay(0.1, step, 50, 0.3, staircase=True)",
     [](double s) { return 0.1 / (1 + 0.3 * std::floor(s / 50)); }},
    {"pieces", "tf.train.piecewise_constant(step, [100, 250], [0.1, 0.01, 0.003])",
     [](double s) { return s <= 100   ? 0.1
                           : s <= 250 ? 0.01
                                      : 0.003; }},
    {"one piece", "tf.train.piecewise_constant(x=step, boundaries=[], values=[0.1])",
     [](double) { return 0.1; }},
    {"polynomial", "tf.train.polynomial_decay(0.1, step, 200, 0.01, power=2.0)",
     [](double s) { return 0.09 * std::pow(1 - std::min(s, 200.0) / 200, 2) + 0.01; }},
    {"polynomial by default", "tf.train.polynomial_decay(0.1, step, 200)",
     [](double s) { return (0.1 - 0.0001) * (1 - std::min(s, 200.0) / 200) + 0.0001; }},
    {"polynomial in cycles", "tf.train.polynomial_decay(0.1, step, 100, 0.01, cycle=True)",
     [](double s) {
         const double steps = 100 * std::max(1.0, std::ceil(s / 100));
         return 0.09 * (1 - s / steps) + 0.01;
     }},
    {"cosine", "tf.train.cosine_decay(0.1, step, 300, alpha=0.1)",
     [](double s) { return 0.1 * (0.9 * 0.5 * (1 + std::cos(kPi * std::min(s, 300.0) / 300)) + 0.1); }},
    {"cosine to zero", "tf.train.cosine_decay(learning_rate=0.1, global_step=step, decay_steps=101)",
     [](double s) { return 0.1 * 0.5 * (1 + std::cos(kPi * std::min(s, 101.0) / 101)); }},
    {"cosine with restarts", "tf.train.cosine_decay_restarts(0.1, step, 50, t_mul=2.0, m_mul=0.5, alpha=0.1)",
     [](double s) {
         double length = 50;
         double scale = 1;
         for (; s >= length; length *= 2, scale *= 0.5)
             s -= length;
         return 0.1 * (0.9 * 0.5 * scale * (1 + std::cos(kPi * s / length)) + 0.1);
     }},
    {"cosine with equal restarts", "tf.train.cosine_decay_restarts(0.1, step, 50, 1.0)",
     [](double s) { return 0.1 * 0.5 * (1 + std::cos(kPi * std::fmod(s, 50.0) / 50)); }},
    {"warm-up", "wr.warmup(0.1, 100, step)", [](double s) { return 0.1 * std::min(1.0, (s + 1) / 100); }},
    {"warm-up of a decay", "wr.warmup(tf.train.exponential_decay(0.1, step, 100, 0.5), 50, step)",
     [](double s) { return 0.1 * std::pow(0.5, s / 100) * std::min(1.0, (s + 1) / 50); }},
    {"warm-up as TensorFlow's users write it",
     "tf.minimum(1.0, tf.cast(step, tf.float32) / 100.0) * tf.train.polynomial_decay(0.1, step, 200, 0.0)",
     [](double s) { return std::min(1.0, s / 100) * 0.1 * (1 - std::min(s, 200.0) / 200); }}};

} // namespace

class TestSchedules : public QObject {
    Q_OBJECT
private slots:
    void ratesAtSteps_data();
    void ratesAtSteps();
    void keepsTheType();
    void reportsTheRate();
    void refusesAnotherRate();
    void refusesOneOfTwoRates();
    void takesAnotherConstant();
    void waitsForARate();
    void resumesWithTheSameBits_data();
    void resumesWithTheSameBits();
};

void TestSchedules::ratesAtSteps_data()
{
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Schedule& schedule : kSchedules)
        QTest::newRow(schedule.name) << index++;
}

void TestSchedules::ratesAtSteps()
{
    QFETCH(int, index);
    const Schedule& schedule = kSchedules[index];
    SessionFixture f("step = tf.train.create_global_step()\nrate = tf.identity(" +
                     std::string(schedule.text) + ", name=\"rate\")\n");
    QVERIFY(f.session->initializeAll().isOk());
    const graph::NodeId node[] = {f.node("rate")};
    for (const int step : {0, 1, 49, 50, 51, 99, 100, 101, 149, 200, 250, 251, 300, 1000}) {
        const NamedTensor value{"global_step", Tensor::scalar(static_cast<std::int64_t>(step))};
        QVERIFY(f.session->assign({&value, 1}, session::VariableState::Restored).isOk());
        const auto found = f.session->evaluate(node, {});
        QVERIFY2(found, found ? "" : found.error().toString().c_str());
        const double expected = schedule.rate(step);
        QVERIFY2(std::abs((*found)[0].valueAt(0) - expected) <= 3e-7 * (0.1 + expected),
                 qPrintable(QStringLiteral("step %1: %2, not %3")
                                .arg(step)
                                .arg((*found)[0].valueAt(0), 0, 'g', 9)
                                .arg(expected, 0, 'g', 9)));
    }
}

void TestSchedules::keepsTheType()
{
    SessionFixture f("step = tf.train.create_global_step()\n"
                     "base = tf.constant(0.1, tf.float64)\n"
                     "rate = tf.train.cosine_decay(base, step, 7, name=\"rate\")\n");
    QVERIFY(f.session->initializeAll().isOk());
    const NamedTensor value{"global_step", Tensor::scalar(std::int64_t{3})};
    QVERIFY(f.session->assign({&value, 1}, session::VariableState::Restored).isOk());
    const graph::NodeId node[] = {f.node("rate")};
    const Tensor rate = f.session->evaluate(node, {}).value()[0];
    QCOMPARE(rate.dtype(), DType::Float64);
    QVERIFY(std::abs(rate.valueAt(0) - 0.05 * (1 + std::cos(kPi * 3 / 7))) < 1e-16);
}

void TestSchedules::reportsTheRate()
{
    const Training t(training("tf.train.exponential_decay(0.4, step, 2, 0.5, staircase=True)",
                              "tf.train.GradientDescentOptimizer(rate)"));
    QVERIFY(std::abs(t.trainer->learningRate() - 0.4) < 1e-7); // of the step to come
    for (int i = 0; i < 6; ++i) {
        const std::vector<float> before = t.f.values("w");
        const Result<StepRecord> record = t.trainer->step();
        QVERIFY2(record, record ? "" : record.error().toString().c_str());
        QVERIFY(std::abs(record->learningRate - 0.4 * std::pow(0.5, i / 2)) < 1e-7);
        QCOMPARE(t.trainer->learningRate(), record->learningRate);
        QVERIFY(t.f.values("w") != before);
    }
    QCOMPARE(t.f.session->value("global_step").value().valueAt(0), 6.0);
}

void TestSchedules::refusesAnotherRate()
{
    const Training t(
        training("tf.train.cosine_decay(0.4, step, 30)", "tf.train.MomentumOptimizer(rate, 0.9)"));
    const Status status = t.trainer->setLearningRate(0.1);
    QCOMPARE(status.code(), StatusCode::FailedPrecondition);
    QVERIFY2(status.message().find("line 7") != std::string::npos, status.message().c_str());
    QVERIFY(std::abs(t.trainer->step().value().learningRate - 0.4) < 1e-7);
}

void TestSchedules::refusesOneOfTwoRates()
{
    const Training t(training("0.1", "tf.train.GradientDescentOptimizer(rate)",
                              "other = tf.train.GradientDescentOptimizer(0.01).minimize(loss)\n"
                              "train = tf.group(train, other)\n"));
    const Status status = t.trainer->setLearningRate(0.1);
    QCOMPARE(status.code(), StatusCode::FailedPrecondition);
    QVERIFY2(status.message().find("2 learning rates") != std::string::npos, status.message().c_str());
    QVERIFY(t.trainer->step());
}

/// A rate that the script gives as a constant tensor is a number like any other.
void TestSchedules::takesAnotherConstant()
{
    const Training t(training("tf.constant(0.25)", "tf.train.GradientDescentOptimizer(rate)"));
    QCOMPARE(t.trainer->learningRate(), 0.25);
    QVERIFY(t.trainer->setLearningRate(0.0).isOk());
    const std::vector<float> before = t.f.values("w");
    QCOMPARE(t.trainer->step().value().learningRate, 0.0);
    QCOMPARE(t.f.values("w"), before);
}

/// What TensorFlow's scripts feed by feed_dict is given by hand here.
void TestSchedules::waitsForARate()
{
    const Training t(
        training("tf.placeholder(tf.float32, [], name=\"lr\")", "tf.train.GradientDescentOptimizer(rate)"));
    const Result<StepRecord> refused = t.trainer->step();
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), StatusCode::FailedPrecondition);
    QVERIFY2(refused.error().message().find("\"lr\"") != std::string::npos,
             refused.error().message().c_str());
    QVERIFY(t.trainer->setLearningRate(0.5).isOk());
    const std::vector<float> before = t.f.values("w");
    QCOMPARE(t.trainer->step().value().learningRate, 0.5);
    QVERIFY(t.f.values("w") != before);
}

void TestSchedules::resumesWithTheSameBits_data()
{
    QTest::addColumn<QString>("optimizer");
    for (const char* const optimizer :
         {"tf.train.MomentumOptimizer(rate, 0.9, use_nesterov=True)", "tf.train.AdagradOptimizer(rate)",
          "tf.train.AdadeltaOptimizer(rate)", "tf.train.RMSPropOptimizer(rate, momentum=0.5)",
          "tf.train.RMSPropOptimizer(rate, centered=True)",
          "tf.train.FtrlOptimizer(rate, l1_regularization_strength=0.01)", "tf.train.AdamOptimizer(rate)",
          "tf.contrib.opt.AdamWOptimizer(0.001, rate)"})
        QTest::newRow(optimizer) << QString::fromUtf8(optimizer);
}

void TestSchedules::resumesWithTheSameBits()
{
    QFETCH(QString, optimizer);
    const std::string text =
        training("tf.train.polynomial_decay(0.1, step, 25, 0.01)", qPrintable(optimizer),
                 "with tf.control_dependencies([train]):\n"
                 "  train = tf.train.ExponentialMovingAverage(0.99, num_updates=step).apply()\n");
    const Training whole(text);
    const Training first(text);
    for (int i = 0; i < 20; ++i)
        QVERIFY(whole.trainer->step());
    for (int i = 0; i < 7; ++i)
        QVERIFY(first.trainer->step());
    const auto kept = first.f.session->snapshot();
    const auto metadata = first.trainer->state().toMetadata();

    const Training second(text);
    QVERIFY(second.f.session->assign(*kept, session::VariableState::Restored).isOk());
    QVERIFY(second.trainer->setState(*TrainerState::fromMetadata(metadata)).isOk());
    double rate = 0.0;
    for (int i = 7; i < 20; ++i)
        rate = second.trainer->step().value().learningRate;
    QVERIFY(std::abs(rate - (0.09 * (1 - 19.0 / 25) + 0.01)) < 1e-7);
    const auto a = whole.f.session->snapshot().value();
    const auto b = second.f.session->snapshot().value();
    QCOMPARE(a.size(), b.size());
    QVERIFY(a.size() >= 4); // w, a slot, the average, the step
    for (std::size_t i = 0; i < a.size(); ++i) {
        QCOMPARE(a[i].name, b[i].name);
        QVERIFY2(std::equal(a[i].tensor.bytes().begin(), a[i].tensor.bytes().end(),
                            b[i].tensor.bytes().begin(), b[i].tensor.bytes().end()),
                 a[i].name.c_str());
    }
}

QTEST_GUILESS_MAIN(TestSchedules)
#include "tst_schedules.moc"
