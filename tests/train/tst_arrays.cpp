// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets from NPY files and NPZ archives: types, parts, scaling, what does not belong together, damaged
// archives; NaN and Inf found before a first step; and a training on one.
#include "engine/base/philox.h"
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"
#include "tests/train/npy_bytes.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace wr;
using namespace wr::train;

class TestArrays : public QObject {
    Q_OBJECT
private slots:
    void readsPairs_data();
    void readsPairs();
    void readsArchives_data();
    void readsArchives();
    void refusesPairs_data();
    void refusesPairs();
    void refusesArchives_data();
    void refusesArchives();
    void everyByteOfAnArchiveFlipped();
    void everyTruncationOfAnArchive();
    void scales();
    void refusesSettings_data();
    void refusesSettings();
    void learns();

private:
    WrittenFiles m_files;
};

namespace {

/// "uint8 [2, 2]: 1 2 3 4 → int64 [2]: 0 1" of the part to train on, and the test part if there is one.
QString spelled(const Dataset& dataset)
{
    QStringList parts;
    for (const Examples* const part : {&dataset.train, &dataset.test}) {
        QStringList tensors;
        for (const Tensor* const tensor : {&part->features, &part->labels}) {
            if (tensor->isValid())
                tensors.push_back(QString::fromStdString(std::string(dtypeName(tensor->dtype())) + " " +
                                                         tensor->shape().toString()) +
                                  QStringLiteral(": ") + valuesOf(*tensor));
        }
        if (!tensors.isEmpty())
            parts.push_back(tensors.join(QStringLiteral(" → ")));
    }
    return parts.join(QStringLiteral(" | "));
}

QByteArray pixels()
{
    return npy<quint8>("|u1", "(3, 2)", {1, 2, 3, 4, 5, 6});
}

QByteArray classes()
{
    return npy<qint64>("<i8", "(3,)", {2, 0, 1});
}

const float kNaN = std::numeric_limits<float>::quiet_NaN();

} // namespace

void TestArrays::readsPairs_data()
{
    QTest::addColumn<QByteArray>("features");
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("expected");
    QTest::newRow("bytes") << pixels() << classes() << ", train=3"
                           << "uint8 [3, 2]: 1 2 3 4 5 6 → int64 [3]: 2 0 1";
    QTest::newRow("in order") << pixels() << classes() << ", train=2, test=1"
                              << "uint8 [2, 2]: 1 2 3 4 → int64 [2]: 2 0 | uint8 [1, 2]: 5 6 → int64 [1]: 1";
    QTest::newRow("float64") << npy<double>("<f8", "(2, 1)", {0.5, -1.0})
                             << npy<qint32>("<i4", "(2, 1)", {1, 0}) << ", train=2"
                             << "float32 [2, 1]: 0.5 -1 → int64 [2]: 1 0";
    QTest::newRow("whole features") << npy<qint32>("<i4", "(2,)", {300, -1})
                                    << npy<quint8>("|u1", "(2,)", {1, 0}) << ", train=2"
                                    << "float32 [2]: 300 -1 → int64 [2]: 1 0";
    QTest::newRow("targets") << pixels() << npy<float>("<f4", "(3,)", {0.5, 1, 2}) << ", train=3"
                             << "uint8 [3, 2]: 1 2 3 4 5 6 → float32 [3]: 0.5 1 2";
    QTest::newRow("rows of targets") << pixels() << npy<quint8>("|u1", "(3, 2)", {1, 0, 0, 1, 1, 0})
                                     << ", train=3"
                                     << "uint8 [3, 2]: 1 2 3 4 5 6 → float32 [3, 2]: 1 0 0 1 1 0";
    QTest::newRow("negative labels are targets")
        << pixels() << npy<qint8>("|i1", "(3,)", {-1, 1, -1}) << ", train=3"
        << "uint8 [3, 2]: 1 2 3 4 5 6 → float32 [3]: -1 1 -1";
    QTest::newRow("one hot") << pixels() << classes() << ", train=3, one_hot=True"
                             << "uint8 [3, 2]: 1 2 3 4 5 6 → float32 [3, 3]: 0 0 1 1 0 0 0 1 0";
    QTest::newRow("bools") << pixels() << npy<quint8>("|b1", "(3,)", {1, 0, 1}) << ", train=3"
                           << "uint8 [3, 2]: 1 2 3 4 5 6 → int64 [3]: 1 0 1";
}

void TestArrays::readsPairs()
{
    QFETCH(QByteArray, features);
    QFETCH(QByteArray, labels);
    QFETCH(QString, more);
    QFETCH(QString, expected);
    m_files.write("x.npy", features);
    m_files.write("y.npy", labels);
    const auto dataset = m_files.load("wr.data.npy(features='x.npy', labels='y.npy'" + more + ")",
                                      more.contains("one_hot") ? "tf.float32" : "tf.int64");
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QCOMPARE(spelled(**dataset), expected);
    QCOMPARE(QString::fromStdString((*dataset)->name), QStringLiteral("x.npy"));
}

void TestArrays::readsArchives_data()
{
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("expected");
    QTest::newRow("default names") << ", train=3"
                                   << "uint8 [3, 2]: 1 2 3 4 5 6 → int64 [3]: 2 0 1";
    QTest::newRow("a test part of its own")
        << ", test_features='x_test', test_labels='y_test'"
        << "uint8 [3, 2]: 1 2 3 4 5 6 → int64 [3]: 2 0 1 | uint8 [2, 2]: 7 8 9 10 → int64 [2]: 3 0";
    QTest::newRow("fewer") << ", test_features='x_test', test_labels='y_test', train=1, test=1"
                           << "uint8 [1, 2]: 1 2 → int64 [1]: 2 | uint8 [1, 2]: 7 8 → int64 [1]: 3";
    QTest::newRow("other names") << ", features='x_test', labels='y_test', train=2"
                                 << "uint8 [2, 2]: 7 8 9 10 → int64 [2]: 3 0";
}

void TestArrays::readsArchives()
{
    QFETCH(QString, more);
    QFETCH(QString, expected);
    for (const int method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
        writeZip(m_files.path("a.npz"),
                 {{"x_train.npy", pixels()},
                  {"y_train.npy", classes()},
                  {"x_test.npy", npy<quint8>("|u1", "(2, 2)", {7, 8, 9, 10})},
                  {"y_test.npy", npy<quint8>("|u1", "(2,)", {3, 0})}},
                 method);
        const auto dataset = m_files.load("wr.data.npz('a.npz'" + more + ")");
        QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
        QCOMPARE(spelled(**dataset), expected);
    }
}

void TestArrays::refusesPairs_data()
{
    QTest::addColumn<QByteArray>("features");
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QString>("message");
    QTest::newRow("counts") << pixels() << npy<quint8>("|u1", "(2,)", {0, 1})
                            << "x.npy holds 3 examples, but ";
    QTest::newRow("no file") << QByteArray() << classes() << "x.npy";
    QTest::newRow("scalar") << npy<float>("<f4", "()", {1}) << classes()
                            << "x.npy: an array of shape [] holds no examples";
    QTest::newRow("nothing") << npy<float>("<f4", "(0, 2)", {}) << classes()
                             << "x.npy: an array of shape [0, 2] holds no examples";
    QTest::newRow("no labels") << pixels() << npy<float>("<f4", "(3, 0)", {})
                               << "y.npy: an array of shape [3, 0] holds no labels";
    QTest::newRow("NaN") << npy<float>("<f4", "(3, 2)", {1, 2, 3, kNaN, 5, kNaN}) << classes()
                         << "x.npy: example 1, feature 1: NaN, and 1 more such numbers";
    QTest::newRow("infinite") << npy<float>("<f4", "(3, 1)", {1, 2, INFINITY}) << classes()
                              << "x.npy: example 2: infinite";
    QTest::newRow("too large") << npy<double>("<f8", "(3, 1)", {1, 1e300, 2}) << classes()
                               << "x.npy: example 1: infinite, or too large for float32";
    QTest::newRow("NaN target") << pixels() << npy<float>("<f4", "(3, 2)", {1, kNaN, 3, 4, 5, 6})
                                << "y.npy: example 0, target 1: NaN";
    QTest::newRow("texts") << pixels()
                           << npyWithHeader("{'descr': '<U1', 'fortran_order': False, 'shape': (3,)}", "")
                           << "texts; numbers are needed";
}

void TestArrays::refusesPairs()
{
    QFETCH(QByteArray, features);
    QFETCH(QByteArray, labels);
    QFETCH(QString, message);
    QFile::remove(m_files.path("x.npy"));
    if (!features.isEmpty())
        m_files.write("x.npy", features);
    m_files.write("y.npy", labels);
    const auto dataset = m_files.load("wr.data.npy('x.npy', 'y.npy', train=3)");
    QVERIFY(!dataset);
    const QString found = QString::fromStdString(dataset.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
}

void TestArrays::refusesArchives_data()
{
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("message");
    QTest::newRow("no such array") << ", features='x'"
                                   << "it holds no array \"x\"; it holds x_train, y_train, wide, floats, bad";
    QTest::newRow("way out of the archive") << ", features='../../x'"
                                            << "it holds no array \"../../x\"";
    QTest::newRow("other shape") << ", test_features='wide', test_labels='y_train'"
                                 << "wide holds examples of uint8 [3], but ";
    QTest::newRow("other type") << ", test_features='floats', test_labels='y_train'"
                                << "floats holds examples of float32 [2], but ";
    QTest::newRow("other labels") << ", test_features='x_train', test_labels='floats'"
                                  << "floats is of another kind than ";
    QTest::newRow("no array") << ", features='bad'"
                              << "bad: it is no NPY file";
    QTest::newRow("too few") << ", test_features='x_train', test_labels='y_train', train=4"
                             << "it holds 3 examples, fewer than the 4";
}

void TestArrays::refusesArchives()
{
    QFETCH(QString, more);
    QFETCH(QString, message);
    writeZip(m_files.path("a.npz"), {{"x_train.npy", pixels()},
                                     {"y_train.npy", classes()},
                                     {"wide.npy", npy<quint8>("|u1", "(3, 3)", {1, 2, 3, 4, 5, 6, 7, 8, 9})},
                                     {"floats.npy", npy<float>("<f4", "(3, 2)", {1, 2, 3, 4, 5, 6})},
                                     {"bad.npy", "no array"}});
    const auto dataset = m_files.load("wr.data.npz('a.npz'" + more + ")");
    QVERIFY(!dataset);
    const QString found = QString::fromStdString(dataset.error().message());
    QVERIFY2(found.contains("a.npz") && found.contains(message), qPrintable(found));
}

/// Damage anywhere ends in an error or in the right values: checksums stand over the data.
void TestArrays::everyByteOfAnArchiveFlipped()
{
    const QString expected = QStringLiteral("uint8 [3, 2]: 1 2 3 4 5 6 → int64 [3]: 2 0 1");
    for (const int method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
        writeZip(m_files.path("a.npz"), {{"x_train.npy", pixels()}, {"y_train.npy", classes()}}, method);
        QFile file(m_files.path("a.npz"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray whole = file.readAll();
        const graph::DataSpec spec = WrittenFiles::specOf("wr.data.npz('b.npz', train=3)");
        for (qsizetype at = 0; at < whole.size(); ++at) {
            QByteArray bytes = whole;
            bytes[at] = static_cast<char>(~bytes[at]);
            m_files.write("b.npz", bytes);
            const auto dataset = loadDataset(spec, {m_files.folder(), {}}, Vfs::posix());
            if (dataset)
                QCOMPARE(spelled(**dataset), expected);
        }
    }
}

void TestArrays::everyTruncationOfAnArchive()
{
    writeZip(m_files.path("a.npz"), {{"x_train.npy", pixels()}, {"y_train.npy", classes()}});
    QFile file(m_files.path("a.npz"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    const graph::DataSpec spec = WrittenFiles::specOf("wr.data.npz('b.npz', train=3)");
    for (qsizetype size = 0; size < whole.size(); ++size) {
        m_files.write("b.npz", whole.left(size));
        const auto dataset = loadDataset(spec, {m_files.folder(), {}}, Vfs::posix());
        QVERIFY2(!dataset, qPrintable(QString::number(size)));
        QVERIFY(dataset.error().message().find("b.npz") != std::string::npos);
    }
}

/// Numbers by themselves, pictures by channel; with what the training part tells.
void TestArrays::scales()
{
    m_files.write("y.npy", npy<quint8>("|u1", "(3,)", {0, 1, 0}));
    m_files.write("x.npy", npy<float>("<f4", "(3, 2)", {1, 0.1F, 3, 0.1F, 7, 0.2F}));
    const auto numbers = m_files.load("wr.data.npy('x.npy', 'y.npy', train=2, test=1, normalize=True)");
    QVERIFY2(numbers, numbers ? "" : numbers.error().toString().c_str());
    QCOMPARE(valuesOf((*numbers)->train.features), QStringLiteral("-1 0 1 0"));
    QCOMPARE(valuesOf((*numbers)->test.features), QStringLiteral("5 0.1"));
    m_files.write("x.npy", npy<quint8>("|u1", "(3, 1, 2, 1)", {0, 51, 0, 51, 102, 0}));
    const auto pictures = m_files.load("wr.data.npy('x.npy', 'y.npy', train=2, test=1, normalize=True)");
    QVERIFY2(pictures, pictures ? "" : pictures.error().toString().c_str());
    QCOMPARE(valuesOf((*pictures)->train.features), QStringLiteral("-1 1 -1 1"));
    QCOMPARE(valuesOf((*pictures)->test.features), QStringLiteral("3 -1"));
}

void TestArrays::refusesSettings_data()
{
    QTest::addColumn<QString>("call");
    QTest::addColumn<QString>("message");
    QTest::newRow("no labels") << "wr.data.npy('x.npy')"
                               << "needs the argument \"labels\"";
    QTest::newRow("empty") << "wr.data.npy('', 'y.npy')"
                           << "features is empty";
    QTest::newRow("number") << "wr.data.npy('x.npy', 3)"
                            << "a string in quotes";
    QTest::newRow("no path") << "wr.data.npz()"
                             << "needs the argument \"path\"";
    QTest::newRow("half a test part") << "wr.data.npz('a.npz', test_features='x')"
                                      << "test_features and test_labels go together";
    QTest::newRow("seed") << "wr.data.npz('a.npz', test_features='x', test_labels='y', seed=1)"
                          << "seed is for cutting";
}

void TestArrays::refusesSettings()
{
    QFETCH(QString, call);
    QFETCH(QString, message);
    const QStringList found = graph::placed(*graph::modelOf("data = " + call.toStdString() + "\n"));
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
}

/// y = 2 a − b + 1, without noise: the mean square falls below a thousandth.
void TestArrays::learns()
{
    std::vector<float> features;
    std::vector<double> targets;
    Philox stream(4, 2);
    for (int i = 0; i < 400; ++i) {
        const auto normals = normalFloats(stream.next());
        features.insert(features.end(), {normals[0], normals[1]});
        targets.push_back(2.0 * static_cast<double>(normals[0]) - static_cast<double>(normals[1]) + 1.0);
    }
    writeZip(m_files.path("line.npz"),
             {{"x.npy", npy("<f4", "(400, 2)", features)}, {"y.npy", npy("<f8", "(400,)", targets)}});
    const session::SessionFixture f(
        "tf.set_random_seed(1)\n"
        "x = tf.placeholder(tf.float32, [None, 2])\n"
        "y = tf.placeholder(tf.float32, [None, 1])\n"
        "w = tf.Variable(tf.zeros([2, 1]))\n"
        "b = tf.Variable(tf.zeros([1]))\n"
        "loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))\n"
        "op = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
        "data = wr.data.npz('line.npz', features='x', labels='y', seed=3)\n"
        "wr.train(op, data=data, inputs=x, labels=y, batch_size=20, epochs=10)\n");
    const auto dataset = loadDataset(f.session->model().recipe->data, {m_files.folder(), {}}, Vfs::posix());
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QVERIFY(f.session->initializeAll().isOk());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer, trainer ? "" : trainer.error().toString().c_str());
    while (!(*trainer)->isFinished())
        QVERIFY((*trainer)->step());
    const Result<Evaluation> test = (*trainer)->evaluate();
    QVERIFY(test);
    QCOMPARE(test->count, std::int64_t{80});
    QVERIFY2(test->loss < 0.001, qPrintable(QString::number(test->loss)));
}

QTEST_GUILESS_MAIN(TestArrays)
#include "tst_arrays.moc"
