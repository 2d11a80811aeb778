// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of pictures with a subfolder a class: order, parts, what is passed over, which damaged file is
// told; and a training on one.
#include "engine/base/philox.h"
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"
#include "tests/train/picture_bytes.h"
#include "tests/train/written_files.h"

#include <QTest>

using namespace wr;
using namespace wr::train;

class TestImageFolder : public QObject {
    Q_OBJECT
private slots:
    void reads();
    void readsGrey();
    void cutsByTheSeed();
    void refuses_data();
    void refuses();
    void tellsTheFirstDamagedFile();
    void canBeCancelled();
    void refusesSettings_data();
    void refusesSettings();
    void learns();
};

void TestImageFolder::reads()
{
    const WrittenFiles files;
    files.write("p/dogs/1.png", pngOf(2, 2, plainPixels(2, 2, 10, 20, 30)));
    files.write("p/cats/b.jpg", pngOf(4, 4, plainPixels(4, 4, 40, 50, 60))); // told by its content
    files.write("p/cats/a", jpegOf(16, 16, plainPixels(16, 16, 90, 90, 90)));
    files.write("p/cats/.hidden", "no picture");
    files.write("p/.cache/x", "no class");
    files.write("p/README", "no class either");
    const auto loaded = files.load("wr.data.images('p', size=[2, 1], train=3)");
    QVERIFY2(loaded, loaded ? "" : loaded.error().toString().c_str());
    const Dataset& dataset = **loaded;
    QCOMPARE(dataset.name, std::string("p"));
    QCOMPARE(dataset.classNames, (std::vector<std::string>{"cats", "dogs"}));
    QCOMPARE(dataset.classes, std::int64_t{2});
    QCOMPARE(dataset.train.features.shape(), (Shape{3, 2, 1, 3}));
    for (std::int64_t i = 0; i < 3; ++i) {
        const int red = static_cast<int>(dataset.train.features.valueAt(i * 6));
        QCOMPARE(dataset.train.labels.valueAt(i), red == 10 ? 1.0 : 0.0);
        QVERIFY(red == 10 || red == 40 || red == 90);
        QCOMPARE(dataset.train.features.valueAt(i * 6 + 4), red == 90 ? 90.0 : red + 10.0);
    }
}

void TestImageFolder::readsGrey()
{
    const WrittenFiles files;
    files.write("p/a/1.png", pngOf(2, 2, plainPixels(2, 2, 100, 100, 100)));
    files.write("p/b/1.png", pngOf(1, 1, QByteArray("\x20", 1), PNG_FORMAT_GRAY));
    const auto grey = files.load("wr.data.images('p/', size=[1, 2], channels=1, train=2)");
    QVERIFY2(grey, grey ? "" : grey.error().toString().c_str());
    QCOMPARE((*grey)->name, std::string("p"));
    QCOMPARE((*grey)->train.features.shape(), (Shape{2, 1, 2}));
    QStringList rows = valuesOf((*grey)->train.features).split(' ');
    rows.sort();
    QCOMPARE(rows.join(' '), QStringLiteral("100 100 32 32"));
    const auto scaled = files.load(
        "wr.data.images('p', size=[1, 1], channels=1, train=2, normalize=True, one_hot=True)", "tf.float32");
    QVERIFY2(scaled, scaled ? "" : scaled.error().toString().c_str());
    rows = valuesOf((*scaled)->train.features).split(' ');
    rows.sort();
    QCOMPARE(rows.join(' '), QStringLiteral("-1 1"));
    QCOMPARE((*scaled)->train.labels.shape(), (Shape{2, 2}));
}

void TestImageFolder::cutsByTheSeed()
{
    const WrittenFiles files;
    for (int i = 0; i < 40; ++i)
        files.write(QStringLiteral("p/%1/%2.png").arg(i % 2 == 0 ? "even" : "odd").arg(i),
                    pngOf(1, 1, QByteArray(1, static_cast<char>(i)), PNG_FORMAT_GRAY));
    const auto first = *files.load("wr.data.images('p', size=[1, 1], channels=1)");
    const auto again = *files.load("wr.data.images('p', size=[1, 1], channels=1)");
    const auto other = *files.load("wr.data.images('p', size=[1, 1], channels=1, seed=2)");
    QCOMPARE(first->train.count(), std::int64_t{32});
    QCOMPARE(first->test.count(), std::int64_t{8});
    QCOMPARE(valuesOf(first->train.features), valuesOf(again->train.features));
    QVERIFY(valuesOf(first->train.features) != valuesOf(other->train.features));
    std::set<int> seen;
    for (const Examples* const part : {&first->train, &first->test}) {
        for (std::int64_t i = 0; i < part->count(); ++i) {
            const int value = static_cast<int>(part->features.valueAt(i));
            seen.insert(value);
            QCOMPARE(part->labels.valueAt(i), static_cast<double>(value % 2));
        }
    }
    QCOMPARE(seen.size(), std::size_t{40});
}

void TestImageFolder::refuses_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("message");
    const QByteArray good = pngOf(1, 1, QByteArray("\1\2\3", 3));
    QTest::newRow("no folder") << QStringList{} << good << ""
                               << "/p";
    QTest::newRow("no classes") << QStringList{"p/1.png"} << good << ""
                                << "/p: it holds no subfolders";
    QTest::newRow("empty class") << QStringList{"p/a/1.png", "p/b/.hidden"} << good << ""
                                 << "/p/b: it holds no pictures";
    QTest::newRow("no picture") << QStringList{"p/a/notes.txt", "p/b/x"} << QByteArray("notes") << ""
                                << "/p/a/notes.txt: it is neither a PNG nor a JPEG picture";
    QTest::newRow("damaged") << QStringList{"p/a/1.png", "p/b/x"} << good.left(50) << ""
                             << "/p/a/1.png: the PNG picture is damaged";
    QTest::newRow("too few") << QStringList{"p/a/1.png", "p/b/1.png"} << good << ", train=2, test=1"
                             << "/p: it holds 2 examples, fewer than the 2 to train and 1 to test";
}

void TestImageFolder::refuses()
{
    QFETCH(QStringList, names);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, more);
    QFETCH(QString, message);
    const WrittenFiles files;
    for (const QString& name : names)
        files.write(name, bytes);
    const auto dataset = files.load("wr.data.images('p', size=[4, 4]" + more + ")");
    QVERIFY(!dataset);
    const QString found = QString::fromStdString(dataset.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
}

/// Whatever the order in which threads come upon them.
void TestImageFolder::tellsTheFirstDamagedFile()
{
    const WrittenFiles files;
    const QByteArray good = pngOf(64, 64, plainPixels(64, 64, 1, 2, 3));
    for (int i = 100; i < 200; ++i)
        files.write(QStringLiteral("p/a/%1.png").arg(i), i >= 140 && i % 3 == 0 ? good.left(70) : good);
    for (int seed = 0; seed < 20; ++seed) {
        const auto dataset =
            files.load(QStringLiteral("wr.data.images('p', size=[8, 8], train=100, seed=%1)").arg(seed));
        QVERIFY(!dataset);
        QCOMPARE(dataset.error().code(), StatusCode::DataLoss);
        QVERIFY2(dataset.error().message().find("/p/a/141.png: ") != std::string::npos,
                 dataset.error().message().c_str());
    }
}

void TestImageFolder::canBeCancelled()
{
    const WrittenFiles files;
    for (int i = 0; i < 200; ++i)
        files.write(QStringLiteral("p/a/%1.png").arg(i), pngOf(1, 1, QByteArray("\1\2\3", 3)));
    const auto dataset = files.load("wr.data.images('p', size=[1, 1])", "tf.int64",
                                    [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!dataset);
    QCOMPARE(dataset.error().code(), StatusCode::Cancelled);
    std::uint64_t last = 0;
    const auto whole = files.load("wr.data.images('p', size=[1, 1])", "tf.int64",
                                  [&](std::uint64_t done, std::uint64_t total) {
                                      const bool isRight = done >= last && done <= total && total == 200;
                                      last = done;
                                      return isRight;
                                  });
    QVERIFY2(whole, whole ? "" : whole.error().toString().c_str());
    QCOMPARE(last, std::uint64_t{200});
}

void TestImageFolder::refusesSettings_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("no size") << "'p'"
                             << "needs the argument \"size\"";
    QTest::newRow("a number") << "'p', size=32"
                              << "size is [height, width] in pixels";
    QTest::newRow("three") << "'p', size=[32, 32, 3]"
                           << "size is [height, width] in pixels";
    QTest::newRow("nothing") << "'p', size=[0, 32]"
                             << "each from 1 to 4096";
    QTest::newRow("large") << "'p', size=[32, 4097]"
                           << "each from 1 to 4096";
    QTest::newRow("channels") << "'p', size=[32, 32], channels=4"
                              << "channels is 1 (grey) or 3 (colours)";
}

void TestImageFolder::refusesSettings()
{
    QFETCH(QString, arguments);
    QFETCH(QString, message);
    const QStringList found =
        graph::placed(*graph::modelOf("data = wr.data.images(" + arguments.toStdString() + ")\n"));
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
}

/// Bars that stand and bars that lie, anywhere, in noise, of two sizes and both formats: 95 of 100 are told
/// apart.
void TestImageFolder::learns()
{
    const WrittenFiles files;
    Philox stream(8, 3);
    for (int i = 0; i < 300; ++i) {
        const bool stands = i % 2 == 0;
        const int side = i % 3 == 0 ? 24 : 16;
        const PhiloxBlock words = stream.next();
        const int at = side / 8 + static_cast<int>(words[0] % static_cast<unsigned>(side * 3 / 4));
        QByteArray pixels;
        for (int y = 0; y < side; ++y) {
            for (int x = 0; x < side; ++x) {
                const int off = (stands ? x : y) - at;
                const int noise = static_cast<int>(stream.next()[0] % 40);
                pixels += QByteArray(3, static_cast<char>(off >= 0 && off < side / 8 ? 200 + noise : noise));
            }
        }
        files.write(QStringLiteral("bars/%1/%2").arg(stands ? "stand" : "lie").arg(i),
                    i % 5 == 0 ? jpegOf(side, side, pixels) : pngOf(side, side, pixels));
    }
    const session::SessionFixture f(
        "tf.set_random_seed(1)\n"
        "x = tf.placeholder(tf.float32, [None, 8, 8, 1])\n"
        "y = tf.placeholder(tf.int64, [None])\n"
        "w1 = tf.Variable(tf.random_normal([64, 32], stddev=0.2))\n"
        "b1 = tf.Variable(tf.zeros([32]))\n"
        "w2 = tf.Variable(tf.random_normal([32, 2], stddev=0.2))\n"
        "logits = tf.matmul(tf.nn.relu(tf.matmul(tf.reshape(x, [-1, 64]), w1) + b1), w2)\n"
        "loss = tf.losses.sparse_softmax_cross_entropy(y, logits)\n"
        "accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))\n"
        "op = tf.train.AdamOptimizer(0.01).minimize(loss)\n"
        "data = wr.data.images('bars', size=[8, 8], channels=1)\n"
        "wr.train(op, data=data, inputs=x, labels=y, batch_size=20, epochs=20, metrics={'accuracy': "
        "accuracy})\n");
    const auto dataset = loadDataset(f.session->model().recipe->data, {files.folder(), {}}, Vfs::posix());
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QVERIFY(f.session->initializeAll().isOk());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer, trainer ? "" : trainer.error().toString().c_str());
    while (!(*trainer)->isFinished())
        QVERIFY((*trainer)->step());
    const Result<Evaluation> test = (*trainer)->evaluate();
    QVERIFY(test);
    QCOMPARE(test->count, std::int64_t{60});
    QVERIFY2(test->metrics[0] >= 0.95, qPrintable(QString::number(test->metrics[0])));
}

QTEST_GUILESS_MAIN(TestImageFolder)
#include "tst_image_folder.moc"
