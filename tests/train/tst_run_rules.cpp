// SPDX-License-Identifier: GPL-3.0-or-later
// When a training ends, when it looks at the test examples, what counts as better; and what the script may
// say of it.
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QTest>

#include <cmath>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

namespace {

std::string scriptWith(const std::string& rules)
{
    return R"(
tf.set_random_seed(3)
x = tf.placeholder(tf.float32, [None, 2])
y = tf.placeholder(tf.int64, [None])
w = tf.Variable(tf.random_normal([2, 8], stddev=0.5), name="w")
v = tf.Variable(tf.random_normal([8, 2], stddev=0.5), name="v")
logits = tf.matmul(tf.nn.tanh(tf.matmul(x, w)), v)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
error = 1.0 - accuracy
train_op = tf.train.AdamOptimizer(0.01).minimize(loss)
wr.train(train_op, data=wr.data.moons(train=100, test=40), inputs=x, labels=y, batch_size=10,
         metrics={"accuracy": accuracy, "error": error})" +
           rules + ")\n";
}

struct Training {
    SessionFixture f;
    std::unique_ptr<Trainer> trainer;

    explicit Training(const std::string& rules) : f(scriptWith(rules))
    {
        const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
        auto made = Trainer::create(*f.session, *dataset);
        if (!made || !f.session->initializeAll().isOk())
            qFatal("%s", made ? "not initialised" : made.error().toString().c_str());
        trainer = std::move(*made);
    }
    std::vector<StepRecord> run(std::int64_t most = 10000)
    {
        std::vector<StepRecord> records;
        while (!trainer->isFinished() && static_cast<std::int64_t>(records.size()) < most) {
            const auto record = trainer->step();
            if (!record)
                qFatal("%s", record.error().toString().c_str());
            records.push_back(*record);
        }
        return records;
    }
};

} // namespace

class TestRunRules : public QObject {
    Q_OBJECT
private slots:
    void ends_data();
    void ends();
    void looksAsOften();
    void monitors();
    void keepsItsCourseOverARestart();
    void measuresGradients();
    void refuses_data();
    void refuses();
};

void TestRunRules::ends_data()
{
    QTest::addColumn<QString>("rules");
    QTest::addColumn<int>("end");
    QTest::addColumn<qint64>("steps");
    QTest::newRow("one epoch") << QString() << static_cast<int>(RunEnd::Epochs) << qint64{10};
    QTest::newRow("epochs") << QStringLiteral(", epochs=3") << static_cast<int>(RunEnd::Epochs) << qint64{30};
    QTest::newRow("steps alone") << QStringLiteral(", steps=47") << static_cast<int>(RunEnd::Steps)
                                 << qint64{47};
    QTest::newRow("steps first") << QStringLiteral(", epochs=3, steps=12") << static_cast<int>(RunEnd::Steps)
                                 << qint64{12};
    QTest::newRow("epochs first") << QStringLiteral(", epochs=2, steps=99")
                                  << static_cast<int>(RunEnd::Epochs) << qint64{20};
    QTest::newRow("minutes") << QStringLiteral(", minutes=0.0005") << static_cast<int>(RunEnd::Minutes)
                             << qint64{-1};
    QTest::newRow("patience") << QStringLiteral(", epochs=5000, patience=1, monitor=\"accuracy\"")
                              << static_cast<int>(RunEnd::Patience) << qint64{-1};
}

void TestRunRules::ends()
{
    QFETCH(QString, rules);
    QFETCH(int, end);
    QFETCH(qint64, steps);
    Training t(rules.toStdString());
    const std::vector<StepRecord> records = t.run(200000);
    QCOMPARE(static_cast<int>(t.trainer->end()), end);
    if (steps >= 0)
        QCOMPARE(static_cast<qint64>(records.size()), steps);
    // The end is always looked at, and no step goes past it.
    QVERIFY(records.back().test != nullptr);
    const auto beyond = t.trainer->step();
    QVERIFY(!beyond);
    QCOMPARE(beyond.error().code(), StatusCode::OutOfRange);
    if (end == static_cast<int>(RunEnd::Minutes))
        QVERIFY(t.trainer->state().seconds >= 0.03);
}

void TestRunRules::looksAsOften()
{
    Training t(", steps=25, validate_every=7");
    for (const StepRecord& record : t.run())
        QCOMPARE(record.test != nullptr, record.step % 7 == 0 || record.step == 25);
}

void TestRunRules::monitors()
{
    // "error" falls, "accuracy" grows: both know the same best step.
    Training byAccuracy(", steps=60, validate_every=3, monitor=\"accuracy\"");
    Training byError(", steps=60, validate_every=3, monitor=\"error\"");
    const std::vector<StepRecord> a = byAccuracy.run();
    const std::vector<StepRecord> b = byError.run();
    for (std::size_t i = 0; i < a.size(); ++i)
        QCOMPARE(a[i].isBest, b[i].isBest);
    QCOMPARE(byAccuracy.trainer->state().bestStep, byError.trainer->state().bestStep);
    // The other way about the first look stays the best, or worse ones follow.
    Training turned(", steps=60, validate_every=3, monitor=\"accuracy\", mode=\"min\"");
    double least = 2.0;
    for (const StepRecord& record : turned.run()) {
        if (!record.test)
            continue;
        QCOMPARE(record.isBest, record.test->metrics[0] < least);
        least = std::min(least, record.test->metrics[0]);
    }
}

void TestRunRules::keepsItsCourseOverARestart()
{
    const std::string rules = ", epochs=400, validate_every=5, patience=4, monitor=\"accuracy\"";
    Training whole(rules);
    const std::size_t steps = whole.run().size();
    QCOMPARE(whole.trainer->end(), RunEnd::Patience);
    // Stopped within the patience, between two looks.
    Training first(rules);
    const auto stop = static_cast<std::int64_t>(steps) - 8;
    first.run(stop);
    Training second(rules);
    QVERIFY(second.f.session->assign(*first.f.session->snapshot(), session::VariableState::Restored).isOk());
    const auto state = TrainerState::fromMetadata(first.trainer->state().toMetadata());
    QVERIFY(state.has_value());
    QVERIFY(second.trainer->setState(*state).isOk());
    second.run();
    QCOMPARE(second.trainer->state().step, static_cast<std::int64_t>(steps));
    QCOMPARE(second.trainer->state().bestStep, whole.trainer->state().bestStep);
    QCOMPARE(second.trainer->end(), RunEnd::Patience);
    // A checkpoint from before there were rules has none of this, and is read.
    auto metadata = first.trainer->state().toMetadata();
    for (const char* const key : {"train.seconds", "train.best", "train.best_step", "train.looks_since_best"})
        metadata.erase(key);
    QVERIFY(TrainerState::fromMetadata(metadata).has_value());
    metadata["train.seconds"] = "-1";
    QVERIFY(!TrainerState::fromMetadata(metadata).has_value());
}

void TestRunRules::measuresGradients()
{
    // d/dw of 0.5 * sum((w - 3)^2) is w - 3: its norm is known.
    SessionFixture f(R"(
x = tf.placeholder(tf.float32, [None, 1])
w = tf.Variable(tf.constant([1.0, 3.0, 7.0]), name="w")
loss = 0.5 * tf.reduce_sum(tf.square(w - 3.0)) + 0.0 * tf.reduce_sum(x)
wr.train(tf.train.GradientDescentOptimizer(0.5).minimize(loss), data=wr.data.sine(train=8, test=4), inputs=x,
         batch_size=4, steps=2)
)");
    const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer.has_value(), trainer ? "" : trainer.error().toString().c_str());
    QVERIFY(f.session->initializeAll().isOk());
    QCOMPARE((*trainer)->step()->gradientNorm, std::sqrt(4.0 + 0.0 + 16.0));
    QCOMPARE((*trainer)->step()->gradientNorm, std::sqrt(1.0 + 0.0 + 4.0));
}

void TestRunRules::refuses_data()
{
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* rules, const char* message) {
        QTest::newRow(rules) << QString::fromUtf8(rules) << QString::fromUtf8(message);
    };
    row(", steps=0", "steps must be a whole number above 0");
    row(", minutes=-1", "minutes must be a number above 0");
    row(", validate_every=0", "validate_every must be a whole number above 0");
    row(", patience=0", "patience must be a whole number above 0");
    row(", monitor=\"mae\"", "monitor is \"loss\" or the name of one of the metrics");
    row(", mode=\"up\"", "mode is \"min\" or \"max\"");
    row(", checkpoint_steps=-5", "checkpoint_steps must be a whole number above 0");
    row(", checkpoint_keep=0", "checkpoint_keep must be a whole number above 0");
    row(", checkpoint_keep=3, checkpoint_keep_best=-1",
        "checkpoint_keep_best must be a whole number above 0");
    row(", checkpoint_keep_every_hours=2", "say with checkpoint_keep= how many");
    row(", checkpoint_minutes=0", "checkpoint_minutes must be a number above 0");
    row(", epochs=0", "batch_size and epochs must be from 1");
}

void TestRunRules::refuses()
{
    QFETCH(QString, rules);
    QFETCH(QString, message);
    const auto model = graph::buildModel(script::parse(scriptWith(rules.toStdString())));
    QVERIFY(!model->recipe);
    QString all;
    for (const script::Diagnostic& diagnostic : model->diagnostics)
        all += QString::fromStdString(diagnostic.message) + u'\n';
    QVERIFY2(all.contains(message), qPrintable(all));
}

QTEST_GUILESS_MAIN(TestRunRules)
#include "tst_run_rules.moc"
