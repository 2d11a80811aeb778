// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures mirrored and moved at random: what becomes of pixels, that the draws follow seed, epoch and place
// alone, that a resumed training draws the same, that test pictures stay as they are.
#include "engine/train/augmentation.h"
#include "engine/train/trainer.h"
#include "tests/graph/model_text.h"
#include "tests/session/session_fixture.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace wr;
using namespace wr::train;

class TestAugmentation : public QObject {
    Q_OBJECT
private slots:
    void changesPictures_data();
    void changesPictures();
    void keepsChannelsTogether();
    void followsThePlace();
    void resumesWithTheSameBits();
    void leavesTestPicturesAlone();
    void givesOtherFormsToDigits();
    void refusesOtherData_data();
    void refusesOtherData();
};

namespace {

graph::AugmentSettings settingsOf(bool flip, std::int64_t shift)
{
    graph::AugmentSettings settings;
    settings.flip = flip;
    settings.shift = shift;
    return settings;
}

std::string scriptWith(const char* augmentation)
{
    return std::string("tf.set_random_seed(5)\n"
                       "x = tf.placeholder(tf.float32, [None, 784])\n"
                       "y = tf.placeholder(tf.int64, [None])\n"
                       "w = tf.Variable(tf.random_normal([784, 10], stddev=0.05), name=\"w\")\n"
                       "loss = tf.losses.sparse_softmax_cross_entropy(y, tf.matmul(x, w))\n"
                       "op = tf.train.AdamOptimizer(0.01).minimize(loss)\n"
                       "data = wr.data.digits(train=120, test=40, seed=3)\n"
                       "wr.train(op, data=data, inputs=x, labels=y, batch_size=20, epochs=4") +
           augmentation + ")\n";
}

struct Training {
    explicit Training(const std::string& text) : f(text)
    {
        const auto loaded = loadDataset(f.session->model().recipe->data, {}, Vfs::posix());
        if (!loaded || !f.session->initializeAll().isOk())
            qFatal("no data");
        auto made = Trainer::create(*f.session, *loaded);
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        trainer = std::move(*made);
    }
    session::SessionFixture f;
    std::unique_ptr<Trainer> trainer;
};

} // namespace

void TestAugmentation::changesPictures_data()
{
    QTest::addColumn<bool>("flip");
    QTest::addColumn<int>("shift");
    QTest::addColumn<int>("kinds");
    QTest::newRow("flip") << true << 0 << 2;
    QTest::newRow("shift") << false << 1 << 9;
    QTest::newRow("both") << true << 1 << 18;
    QTest::newRow("far") << false << 2 << 25;
}

/// All the pictures that can be, and no others.
void TestAugmentation::changesPictures()
{
    QFETCH(bool, flip);
    QFETCH(int, shift);
    QFETCH(int, kinds);
    constexpr int kHeight = 3;
    constexpr int kWidth = 4;
    const auto pixel = [](int y, int x) { return static_cast<float>(10 * y + x + 1); };
    std::set<std::vector<float>> possible;
    for (const bool isFlipped : {false, true}) {
        for (int down = -shift; down <= shift; ++down) {
            for (int right = -shift; right <= shift; ++right) {
                std::vector<float> picture;
                for (int y = 0; y < kHeight; ++y) {
                    for (int x = 0; x < kWidth; ++x) {
                        const int fromY = y - down;
                        const int fromX = x - right;
                        const bool isInside = fromY >= 0 && fromY < kHeight && fromX >= 0 && fromX < kWidth;
                        picture.push_back(isInside ? pixel(fromY, isFlipped ? kWidth - 1 - fromX : fromX)
                                                   : 0.0F);
                    }
                }
                if (flip || !isFlipped)
                    possible.insert(picture);
            }
        }
    }
    constexpr std::int64_t kCount = 2000;
    Tensor batch = *Tensor::create(DType::Float32, Shape{kCount, kHeight * kWidth});
    for (std::int64_t i = 0; i < batch.elementCount(); ++i)
        batch.data<float>()[i] = pixel(static_cast<int>(i % 12 / kWidth), static_cast<int>(i % kWidth));
    augment(settingsOf(flip, shift), {kHeight, kWidth, 1}, 7, 0, 0, batch);
    std::set<std::vector<float>> found;
    for (std::int64_t i = 0; i < kCount; ++i) {
        const float* const at = batch.data<float>() + i * 12;
        found.insert({at, at + 12});
    }
    QCOMPARE(found.size(), static_cast<std::size_t>(kinds));
    QVERIFY(found == possible);
}

void TestAugmentation::keepsChannelsTogether()
{
    Tensor batch = *Tensor::create(DType::Float32, Shape{50, 1, 2, 3});
    for (std::int64_t i = 0; i < batch.elementCount(); ++i)
        batch.data<float>()[i] = static_cast<float>(i % 6 + 1);
    augment(settingsOf(true, 0), {1, 2, 3}, 1, 0, 0, batch);
    std::set<QString> found;
    for (std::int64_t i = 0; i < 50; ++i) {
        QString row;
        for (std::int64_t k = 0; k < 6; ++k)
            row += QString::number(batch.valueAt(6 * i + k));
        found.insert(row);
    }
    QVERIFY((found == std::set<QString>{"123456", "456123"}));
}

void TestAugmentation::followsThePlace()
{
    const auto drawn = [](std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::int64_t count) {
        Tensor batch = *Tensor::create(DType::Float32, Shape{count, 25});
        for (std::int64_t i = 0; i < batch.elementCount(); ++i)
            batch.data<float>()[i] = static_cast<float>(i % 25);
        augment(settingsOf(true, 2), {5, 5, 1}, seed, epoch, first, batch);
        return valuesOf(batch);
    };
    const QString whole = drawn(1, 2, 0, 30);
    QCOMPARE(drawn(1, 2, 0, 10) + ' ' + drawn(1, 2, 10, 20), whole);
    QVERIFY(drawn(2, 2, 0, 30) != whole);
    QVERIFY(drawn(1, 3, 0, 30) != whole);
    QVERIFY(drawn(1, 2, 1, 30) != whole);
}

void TestAugmentation::resumesWithTheSameBits()
{
    const std::string text = scriptWith(", augment={'flip': True, 'shift': 2}");
    const Training whole(text);
    const Training first(text);
    const Training plain(scriptWith(""));
    for (int i = 0; i < 16; ++i) {
        QVERIFY(whole.trainer->step());
        QVERIFY(plain.trainer->step());
    }
    for (int i = 0; i < 9; ++i)
        QVERIFY(first.trainer->step());
    const Training second(text);
    QVERIFY(second.f.session->assign(*first.f.session->snapshot(), session::VariableState::Restored).isOk());
    QVERIFY(second.trainer->setState(first.trainer->state()).isOk());
    for (int i = 9; i < 16; ++i)
        QVERIFY(second.trainer->step());
    QCOMPARE(second.f.values("w"), whole.f.values("w"));
    QVERIFY(plain.f.values("w") != whole.f.values("w"));
}

void TestAugmentation::leavesTestPicturesAlone()
{
    const Training augmented(scriptWith(", augment={'shift': 3}"));
    const Training plain(scriptWith(""));
    const Result<Evaluation> a = augmented.trainer->evaluate();
    const Result<Evaluation> b = plain.trainer->evaluate();
    QVERIFY(a && b);
    QCOMPARE(a->loss, b->loss);
}

/// normalize and one_hot of made digits.
void TestAugmentation::givesOtherFormsToDigits()
{
    const WrittenFiles files;
    const auto plain = *files.load("wr.data.digits(train=30, test=10)");
    const auto other =
        files.load("wr.data.digits(train=30, test=10, normalize=True, one_hot=True)", "tf.float32");
    QVERIFY2(other, other ? "" : other.error().toString().c_str());
    QCOMPARE((*other)->test.labels.shape(), (Shape{10, 10}));
    double sum = 0.0;
    double squares = 0.0;
    const Tensor& features = (*other)->train.features;
    for (std::int64_t i = 0; i < features.elementCount(); ++i) {
        sum += features.valueAt(i);
        squares += features.valueAt(i) * features.valueAt(i);
    }
    const auto count = static_cast<double>(features.elementCount());
    QVERIFY(std::abs(sum / count) < 1e-4 && std::abs(squares / count - 1.0) < 1e-4);
    for (std::int64_t i = 0; i < 10; ++i)
        QCOMPARE(
            (*other)->test.labels.valueAt(10 * i + static_cast<std::int64_t>(plain->test.labels.valueAt(i))),
            1.0);
}

void TestAugmentation::refusesOtherData_data()
{
    QTest::addColumn<QString>("data");
    QTest::addColumn<QString>("augmentation");
    QTest::addColumn<QString>("message");
    const QString digits = QStringLiteral("wr.data.digits()");
    QTest::newRow("points") << QStringLiteral("wr.data.moons()") << "{'flip': True}"
                            << "augment changes pictures, and the examples of this data are none";
    QTest::newRow("table") << QStringLiteral("wr.data.csv('t.csv', label='y')") << "{'shift': 1}"
                           << "augment changes pictures, and the examples of this data are none";
    QTest::newRow("list") << digits << "[1, 2]"
                          << "augment is {";
    QTest::newRow("key") << digits << "{'turn': 10}"
                         << "augment knows \"flip\" and \"shift\"";
    QTest::newRow("flip") << digits << "{'flip': 1}"
                          << "flip is True or False";
    QTest::newRow("shift") << digits << "{'shift': 1.5}"
                           << "shift is a number of pixels";
    QTest::newRow("negative") << digits << "{'shift': -1}"
                              << "shift is a number of pixels";
}

void TestAugmentation::refusesOtherData()
{
    QFETCH(QString, data);
    QFETCH(QString, augmentation);
    QFETCH(QString, message);
    const QString text = QStringLiteral("x = tf.placeholder(tf.float32, [None, 2])\n"
                                        "w = tf.Variable(tf.zeros([2, 4]))\n"
                                        "loss = tf.reduce_mean(tf.matmul(x, w))\n"
                                        "op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
                                        "wr.train(op, data=%1, inputs=x, augment=%2)\n")
                             .arg(data, augmentation);
    const QStringList found = graph::placed(*graph::modelOf(text.toStdString()));
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
    // What only the file tells.
    Dataset dataset;
    dataset.name = "x.npy";
    dataset.train.features = *Tensor::zeros(DType::Float32, Shape{2, 784});
    QVERIFY(
        pictureLayout(dataset, settingsOf(true, 0)).error().message().find("x.npy have the shape [784]") !=
        std::string::npos);
    dataset.train.features = *Tensor::zeros(DType::UInt8, Shape{2, 8, 4});
    QVERIFY(pictureLayout(dataset, settingsOf(true, 3)).has_value());
    QVERIFY(!pictureLayout(dataset, settingsOf(false, 4)).has_value());
}

QTEST_GUILESS_MAIN(TestAugmentation)
#include "tst_augmentation.moc"
