// SPDX-License-Identifier: GPL-3.0-or-later
// Made points: the same bits for a seed, whatever the count; on the shapes that they are named after.
#include "engine/train/points.h"
#include "tests/graph/model_text.h"

#include <QTest>

#include <cmath>
#include <cstring>

using namespace wr;
using namespace wr::train;
using graph::DataKind;

class TestPoints : public QObject {
    Q_OBJECT
private slots:
    void followTheSeed_data() { kinds(); }
    void followTheSeed();
    void lieOnTheirShapes();
    void areReadFromScripts();
    void refusesSettings_data();
    void refusesSettings();

private:
    static void kinds();
};

namespace {

graph::DataSpec specOf(DataKind kind, std::int64_t classes, double noise)
{
    graph::DataSpec spec;
    spec.kind = kind;
    spec.classes = classes;
    spec.noise = noise;
    return spec;
}

} // namespace

void TestPoints::kinds()
{
    QTest::addColumn<int>("kind");
    for (const DataKind kind :
         {DataKind::Spiral, DataKind::Xor, DataKind::Blobs, DataKind::Moons, DataKind::Sine})
        QTest::addRow("%d", static_cast<int>(kind)) << static_cast<int>(kind);
}

void TestPoints::followTheSeed()
{
    QFETCH(int, kind);
    const graph::DataSpec spec = specOf(static_cast<DataKind>(kind), 2, 0.1);
    const Examples many = *makePoints(spec, 200, 7);
    const Examples few = *makePoints(spec, 50, 7);
    const Examples other = *makePoints(spec, 200, 8);
    QCOMPARE(many.count(), std::int64_t{200});
    QCOMPARE(std::memcmp(many.features.bytes().data(), few.features.bytes().data(), few.features.byteSize()),
             0);
    QCOMPARE(std::memcmp(many.labels.bytes().data(), few.labels.bytes().data(), few.labels.byteSize()), 0);
    QVERIFY(std::memcmp(many.features.bytes().data(), other.features.bytes().data(),
                        many.features.byteSize()) != 0);
}

/// Without noise each point lies exactly where its class says.
void TestPoints::lieOnTheirShapes()
{
    constexpr double kTiny = 1e-6;
    constexpr double kTurn = 6.283185307179586;
    const auto at = [](const Examples& examples, std::int64_t i) {
        return std::pair{examples.features.valueAt(2 * i), examples.features.valueAt(2 * i + 1)};
    };
    const Examples spiral = *makePoints(specOf(DataKind::Spiral, 3, 0.0), 300, 1);
    const Examples blobs = *makePoints(specOf(DataKind::Blobs, 5, 0.0), 300, 1);
    const Examples exclusive = *makePoints(specOf(DataKind::Xor, 2, 0.0), 300, 1);
    const Examples moons = *makePoints(specOf(DataKind::Moons, 2, 0.0), 300, 1);
    const Examples sine = *makePoints(specOf(DataKind::Sine, 0, 0.0), 300, 1);
    int ones = 0;
    for (std::int64_t i = 0; i < 300; ++i) {
        const auto [sx, sy] = at(spiral, i);
        const double radius = std::hypot(sx, sy);
        QCOMPARE(spiral.labels.valueAt(i), static_cast<double>(i % 3));
        const double angle = std::atan2(sy, sx) - kTurn * static_cast<double>(i % 3) / 3 - 4.0 * radius;
        QVERIFY(std::abs(std::remainder(angle, kTurn)) < 1e-5);
        QVERIFY(radius > 0.049 && radius < 1.0 + kTiny);
        const auto [bx, by] = at(blobs, i);
        QVERIFY(std::abs(bx - std::cos(kTurn * static_cast<double>(i % 5) / 5)) < kTiny);
        QVERIFY(std::abs(by - std::sin(kTurn * static_cast<double>(i % 5) / 5)) < kTiny);
        const auto [xx, xy] = at(exclusive, i);
        QCOMPARE(exclusive.labels.valueAt(i), (xx > 0) != (xy > 0) ? 1.0 : 0.0);
        ones += exclusive.labels.valueAt(i) > 0 ? 1 : 0;
        const auto [mx, my] = at(moons, i);
        const bool isUpper = moons.labels.valueAt(i) == 0;
        QVERIFY(std::abs(std::hypot(mx + (isUpper ? 0.5 : -0.5), my + (isUpper ? 0.25 : -0.25)) - 1) < kTiny);
        QVERIFY(std::abs(sine.labels.valueAt(i) - std::sin(sine.features.valueAt(i))) < kTiny);
    }
    QVERIFY(ones > 100 && ones < 200);
}

void TestPoints::areReadFromScripts()
{
    const auto model = graph::modelOf("x = tf.placeholder(tf.float32, [None, 2])\n"
                                      "y = tf.placeholder(tf.int64, [None])\n"
                                      "w = tf.Variable(tf.zeros([2, 4]))\n"
                                      "loss = tf.losses.sparse_softmax_cross_entropy(y, tf.matmul(x, w))\n"
                                      "op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
                                      "data = wr.data.blobs(train=40, test=8, classes=4, noise=0.2, seed=9)\n"
                                      "wr.train(op, data=data, inputs=x, labels=y, batch_size=8)\n");
    QCOMPARE(graph::problems(*model), QString());
    const graph::DataSpec& spec = model->recipe->data;
    QCOMPARE(spec.kind, DataKind::Blobs);
    QCOMPARE(spec.classes, std::int64_t{4});
    QCOMPARE(spec.noise, 0.2);
    const auto dataset = loadDataset(spec, {}, Vfs::posix());
    QVERIFY(dataset.has_value());
    QCOMPARE((*dataset)->train.count(), std::int64_t{40});
    QCOMPARE((*dataset)->test.count(), std::int64_t{8});
    QCOMPARE((*dataset)->classes, std::int64_t{4});
}

void TestPoints::refusesSettings_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<QString>("message");
    QTest::newRow("classes") << "wr.data.spiral(classes=1)"
                             << "classes must be from 2 to 100";
    QTest::newRow("noise") << "wr.data.moons(noise=-1.0)"
                           << "noise must be from 0 to 10";
    QTest::newRow("train") << "wr.data.xor(train=0)"
                           << "train must be from 1";
    QTest::newRow("sine has no classes") << "wr.data.sine(classes=3)"
                                         << "classes";
}

void TestPoints::refusesSettings()
{
    QFETCH(QString, call);
    QFETCH(QString, message);
    const QStringList found = graph::placed(*graph::modelOf("data = " + call.toStdString() + "\n"));
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestPoints)
#include "tst_points.moc"
