// SPDX-License-Identifier: GPL-3.0-or-later
// A training that is stopped after every step, and goes on in a new session from what a checkpoint holds,
// keeps the bits of one that never stopped: losses, weights and slots.
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QTest>

#include <cstring>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

class TestResume : public QObject {
    Q_OBJECT
private slots:
    void keepsTheBits_data();
    void keepsTheBits();
};

namespace {

constexpr int kSteps = 200;

std::string scriptOf(const std::string& optimizer)
{
    return "tf.set_random_seed(4)\n"
           "x = tf.placeholder(tf.float32, [None, 2])\ny = tf.placeholder(tf.int64, [None])\n"
           "w1 = tf.Variable(tf.random_normal([2, 9]), name=\"w1\")\nb1 = tf.Variable(tf.zeros([9]), "
           "name=\"b1\")\n"
           "w2 = tf.Variable(tf.random_normal([9, 2]), name=\"w2\")\n"
           "keep = tf.placeholder_with_default(1.0, [])\n"
           "hidden = tf.nn.dropout(tf.nn.elu(tf.matmul(x, w1) + b1), keep)\n"
           "loss = tf.losses.sparse_softmax_cross_entropy(y, tf.matmul(hidden, w2))\n"
           "op = tf.train." +
           optimizer +
           ".minimize(loss)\n"
           "data = wr.data.spiral(train=100, test=20, seed=2)\n"
           "wr.train(op, data=data, inputs=x, labels=y, batch_size=8, epochs=100, train_feeds={keep: 0.8})\n";
}

struct Training {
    explicit Training(const std::string& script) : f(script)
    {
        const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
        trainer = *Trainer::create(*f.session, *dataset);
    }
    SessionFixture f;
    std::unique_ptr<Trainer> trainer;
};

bool areEqual(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].name != b[i].name || a[i].tensor.byteSize() != b[i].tensor.byteSize() ||
            std::memcmp(a[i].tensor.bytes().data(), b[i].tensor.bytes().data(), a[i].tensor.byteSize()) != 0)
            return false;
    }
    return true;
}

} // namespace

void TestResume::keepsTheBits_data()
{
    QTest::addColumn<QString>("optimizer");
    for (const char* const optimizer :
         {"GradientDescentOptimizer(0.1)", "MomentumOptimizer(0.05, 0.9, use_nesterov=True)",
          "AdagradOptimizer(0.1)", "AdadeltaOptimizer(1.0)",
          "RMSPropOptimizer(0.01, momentum=0.5, centered=True)", "AdamOptimizer(0.01)", "FtrlOptimizer(0.1)"})
        QTest::newRow(optimizer) << QString::fromUtf8(optimizer);
}

void TestResume::keepsTheBits()
{
    QFETCH(QString, optimizer);
    const std::string script = scriptOf(optimizer.toStdString());
    Training whole(script);
    QVERIFY(whole.f.session->initializeAll().isOk());
    std::vector<double> losses;
    for (int step = 0; step < kSteps; ++step) {
        const auto record = whole.trainer->step();
        QVERIFY2(record.has_value(), record ? "" : record.error().toString().c_str());
        losses.push_back(record->loss);
    }

    auto part = std::make_unique<Training>(script);
    QVERIFY(part->f.session->initializeAll().isOk());
    for (int step = 0; step < kSteps; ++step) {
        const auto record = part->trainer->step();
        QVERIFY(record.has_value());
        QCOMPARE(record->loss, losses[static_cast<std::size_t>(step)]);
        // Looking at the test examples changes nothing of what comes.
        QVERIFY(part->trainer->evaluate().has_value());
        // What a checkpoint holds: values, the position by way of its text, the random streams.
        const std::vector<NamedTensor> values = *part->f.session->snapshot();
        const auto position = TrainerState::fromMetadata(part->trainer->state().toMetadata());
        const auto streams = part->f.session->randomStreams();
        part = std::make_unique<Training>(script);
        QVERIFY(part->f.session->assign(values, session::VariableState::Restored).isOk());
        part->f.session->setRandomStreams(streams);
        QVERIFY(part->trainer->setState(*position).isOk());
    }
    QVERIFY(areEqual(*part->f.session->snapshot(), *whole.f.session->snapshot()));
}

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
