// SPDX-License-Identifier: GPL-3.0-or-later
// A step of a training asks for no memory: everything was laid out when the plan was made. Counts every
// allocation of the program while steps run, on all threads.
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"

#include <QTest>

#include <atomic>
#include <cstdlib>
#include <new>

using namespace wr;
using namespace wr::train;
using session::SessionFixture;

namespace {

std::atomic<bool> isCounting{false};
std::atomic<std::int64_t> allocations{0};

[[maybe_unused]] void* counted(std::size_t size, std::size_t alignment)
{
    if (isCounting.load(std::memory_order_relaxed))
        allocations.fetch_add(1, std::memory_order_relaxed);
    void* const memory = alignment > alignof(std::max_align_t)
                             ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                             : std::malloc(size > 0 ? size : 1);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

} // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCounts = false; // a sanitizer has allocators of its own
#else
constexpr bool kCounts = true;

void* operator new(std::size_t size)
{
    return counted(size, 0);
}
void* operator new[](std::size_t size)
{
    return counted(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment)
{
    return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept
{
    std::free(memory);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
    return std::malloc(size > 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
    return std::malloc(size > 0 ? size : 1);
}
#endif

class TestStepMemory : public QObject {
    Q_OBJECT
private slots:
    void allocatesNothing_data();
    void allocatesNothing();
};

void TestStepMemory::allocatesNothing_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("optimizer");
    const QString dense =
        QStringLiteral("w1 = tf.Variable(tf.random_normal([784, 50], stddev=0.05), name=\"w1\")\n"
                       "b1 = tf.Variable(tf.zeros([50]), name=\"b1\")\n"
                       "w2 = tf.Variable(tf.random_normal([50, 10], stddev=0.1), name=\"w2\")\n"
                       "logits = tf.matmul(tf.nn.dropout(tf.nn.relu(tf.matmul(x, w1) + b1), 0.9), w2)\n");
    const QString convolution = QStringLiteral(
        "k1 = tf.Variable(tf.truncated_normal([5, 5, 1, 6], stddev=0.1))\nb1 = tf.Variable(tf.zeros([6]))\n"
        "k2 = tf.Variable(tf.truncated_normal([3, 3, 6, 8], stddev=0.1))\n"
        "v = tf.nn.relu(tf.nn.conv2d(tf.reshape(x, [-1, 28, 28, 1]), k1, [1, 1, 1, 1], \"SAME\") + b1)\n"
        "v = tf.nn.max_pool(v, [1, 2, 2, 1], [1, 2, 2, 1], \"SAME\")\n"
        "v = tf.layers.flatten(tf.nn.relu(tf.nn.conv2d(v, k2, [1, 2, 2, 1], \"SAME\")))\n"
        "logits = tf.matmul(v, tf.Variable(tf.random_normal([392, 10], stddev=0.05)))\n");
    QTest::newRow("dense, gradient descent") << dense << QStringLiteral("GradientDescentOptimizer(0.1)");
    QTest::newRow("dense, Adam") << dense << QStringLiteral("AdamOptimizer(0.01)");
    QTest::newRow("convolutions, momentum") << convolution << QStringLiteral("MomentumOptimizer(0.01, 0.9)");
}

void TestStepMemory::allocatesNothing()
{
    if (!kCounts)
        QSKIP("a sanitizer has allocators of its own");
    QFETCH(QString, model);
    QFETCH(QString, optimizer);
    const QString script =
        QStringLiteral(
            "tf.set_random_seed(3)\nx = tf.placeholder(tf.float32, [None, 784])\n"
            "y = tf.placeholder(tf.int64, [None])\n%1"
            "loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))\n"
            "accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))\n"
            "op = tf.train.%2.minimize(loss)\n"
            "wr.train(op, data=wr.data.digits(train=6400, test=64, seed=2), inputs=x, labels=y,\n"
            "         batch_size=16, epochs=100, metrics={\"accuracy\": accuracy})\n")
            .arg(model, optimizer);
    const SessionFixture f(script.toStdString());
    const auto dataset = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer.has_value(), trainer ? "" : trainer.error().toString().c_str());
    QVERIFY(f.session->initializeAll().isOk());
    for (int step = 0; step < 30; ++step)
        QVERIFY((*trainer)->step().has_value());
    // A thread makes its buffers when it first gets such work, which may be late on a busy machine: but then
    // it has them. No epoch of 400 batches ends here.
    for (int attempt = 0; attempt < 10; ++attempt) {
        bool isGood = true;
        allocations = 0;
        isCounting = true;
        for (int step = 0; step < 9; ++step)
            isGood = (*trainer)->step().has_value() && isGood;
        isCounting = false;
        QVERIFY(isGood);
        if (allocations.load() == 0)
            break;
    }
    QCOMPARE(allocations.load(), std::int64_t{0});
    // The count itself works.
    isCounting = true;
    QVERIFY((*trainer)->evaluate().has_value());
    isCounting = false;
    QVERIFY(allocations.load() > 0);
}

QTEST_GUILESS_MAIN(TestStepMemory)
#include "tst_step_memory.moc"
