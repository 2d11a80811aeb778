// SPDX-License-Identifier: GPL-3.0-or-later
// Examples that stay in their file: the same rows, the same training, bit by bit, as from memory; batches
// read ahead, out of turn and after a failure; files that are refused or go away.
#include "engine/train/batch_reader.h"
#include "engine/train/batches.h"
#include "engine/train/file_rows.h"
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"
#include "tests/train/npy_bytes.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <limits>

using namespace wr;
using namespace wr::train;

class TestFileRows : public QObject {
    Q_OBJECT
private slots:
    void readsRows_data();
    void readsRows();
    void leavesSmallAndOtherFiles();
    void refuses_data();
    void refuses();
    void trainsWithTheSameBits_data();
    void trainsWithTheSameBits();
    void readsOutOfTurn();
    void goesOnAfterAFailure();
    void tellsOfAFileThatBecameShorter();
};

namespace {

QByteArray bigEndian(quint32 value)
{
    QByteArray bytes;
    for (int i = 3; i >= 0; --i)
        bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

QByteArray idx(const std::vector<quint32>& dims, const QByteArray& values)
{
    QByteArray bytes = bigEndian(0x00000800U + static_cast<quint32>(dims.size()));
    for (const quint32 dim : dims)
        bytes += bigEndian(dim);
    return bytes + values;
}

/// 60 pictures of 4 × 4 and labels, as IDX and as NPY of several types.
void writePictures(const WrittenFiles& files)
{
    QByteArray pixels;
    QByteArray labels;
    std::vector<quint8> bytes;
    std::vector<float> floats;
    std::vector<double> doubles;
    for (int i = 0; i < 60; ++i) {
        labels += static_cast<char>(i % 3);
        for (int k = 0; k < 16; ++k) {
            const int value = (k % 3 == i % 3 ? 150 : 20) + (i * 31 + k * 17) % 60;
            pixels += static_cast<char>(value);
            bytes.push_back(static_cast<quint8>(value));
            floats.push_back(static_cast<float>(value) / 64.0F);
            doubles.push_back(static_cast<double>(value) / 64.0);
        }
    }
    files.write("images", idx({60, 4, 4}, pixels));
    files.write("labels", idx({60}, labels));
    files.write("y.npy", npy<qint64>("<i8", "(60,)", [] {
                    std::vector<qint64> all;
                    for (int i = 0; i < 60; ++i)
                        all.push_back(i % 3);
                    return all;
                }()));
    files.write("bytes.npy", npy("|u1", "(60, 4, 4)", bytes));
    files.write("floats.npy", npy("<f4", "(60, 4, 4)", floats));
    files.write("doubles.npy", npy("<f8", "(60, 16)", doubles));
}

std::string scriptOf(const QString& data, const QString& more)
{
    return ("tf.set_random_seed(5)\n"
            "x = tf.placeholder(tf.float32, [None, 16])\n"
            "y = tf.placeholder(tf.int64, [None])\n"
            "w = tf.Variable(tf.random_normal([16, 3], stddev=0.1), name=\"w\")\n"
            "loss = tf.losses.sparse_softmax_cross_entropy(y, tf.matmul(x, w))\n"
            "op = tf.train.AdamOptimizer(0.05).minimize(loss)\n"
            "wr.train(op, data=" +
            data + ", inputs=x, labels=y, batch_size=8, epochs=5" + more + ")\n")
        .toStdString();
}

struct Training {
    Training(const std::string& text, const DataSource& source) : f(text)
    {
        const auto loaded = loadDataset(f.session->model().recipe->data, source, Vfs::posix());
        if (!loaded)
            qFatal("%s", loaded.error().toString().c_str());
        dataset = *loaded;
        if (!f.session->initializeAll().isOk())
            qFatal("no values");
        auto made = Trainer::create(*f.session, *loaded);
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        trainer = std::move(*made);
    }
    session::SessionFixture f;
    std::shared_ptr<const Dataset> dataset;
    std::unique_ptr<Trainer> trainer;
};

/// Rows 0, 1, 2, … of one number each; row `bad` cannot be read while it is set.
class CountedRows final : public RowSource {
public:
    explicit CountedRows(std::int64_t count) : m_shape{count, 1} {}
    const Shape& shape() const override { return m_shape; }
    DType dtype() const override { return DType::Float32; }
    const std::string& name() const override { return m_name; }
    Status read(std::int64_t row, std::span<float> into) const override
    {
        if (row == bad)
            return dataLoss("row " + std::to_string(row));
        into[0] = static_cast<float>(row);
        return {};
    }
    std::atomic<std::int64_t> bad = -1;

private:
    Shape m_shape;
    std::string m_name = "counted";
};

struct CountedBatches {
    CountedBatches()
    {
        examples.source = rows;
        examples.labels = *Tensor::create(DType::Int64, Shape{20});
        for (std::int64_t i = 0; i < 20; ++i)
            examples.labels.data<std::int64_t>()[i] = 100 + i;
        reader = std::make_unique<BatchReader>(examples, 6, features, &labels);
    }
    /// What a batch must hold: rows of the shuffled epoch and their labels.
    QString expected(const BatchPlace& place) const
    {
        const auto order = shuffled(20, place.seed, static_cast<std::uint64_t>(place.epoch));
        QStringList all;
        for (int i = 0; i < 6; ++i)
            all.push_back(QString::number(order[static_cast<std::size_t>(place.batch * 6 + i)]));
        for (int i = 0; i < 6; ++i)
            all.push_back(QString::number(100 + all[i].toInt()));
        return all.join(' ');
    }
    QString taken(const BatchPlace& place)
    {
        const Status status = reader->take(place, features, &labels);
        return status.isOk() ? valuesOf(features) + ' ' + valuesOf(labels)
                             : QString::fromStdString(status.message());
    }
    std::shared_ptr<CountedRows> rows = std::make_shared<CountedRows>(20);
    Examples examples;
    Tensor features = *Tensor::create(DType::Float32, Shape{6, 1});
    Tensor labels = *Tensor::create(DType::Int32, Shape{6});
    std::unique_ptr<BatchReader> reader;
};

} // namespace

void TestFileRows::readsRows_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("second"); // row 1 of [3, 2]
    QTest::newRow("float32") << npy<float>("<f4", "(3, 2)", {0, 0, 1.5F, -2, 0, 0}) << "1.5 -2";
    QTest::newRow("float64") << npy<double>("<f8", "(3, 2)", {0, 0, 1.5, -2, 0, 0}) << "1.5 -2";
    QTest::newRow("uint8") << npy<quint8>("|u1", "(3, 2)", {0, 0, 51, 255, 0, 0}) << "0.2 1";
    QTest::newRow("int8") << npy<qint8>("|i1", "(3, 2)", {0, 0, -1, 7, 0, 0}) << "-1 7";
    QTest::newRow("int16") << npy<qint16>("<i2", "(3, 2)", {0, 0, -300, 7, 0, 0}) << "-300 7";
    QTest::newRow("uint16") << npy<quint16>("<u2", "(3, 2)", {0, 0, 65535, 7, 0, 0}) << "65535 7";
    QTest::newRow("int32") << npy<qint32>("<i4", "(3, 2)", {0, 0, -70000, 7, 0, 0}) << "-70000 7";
    QTest::newRow("int64") << npy<qint64>("<i8", "(3, 2)", {0, 0, -70000, 7, 0, 0}) << "-70000 7";
    QTest::newRow("big-endian") << npy<quint8>(">i2", "(3, 2)", {0, 0, 0, 0, 1, 0, 0xFF, 0xFE, 0, 0, 0, 0})
                                << "256 -2";
}

void TestFileRows::readsRows()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, second);
    const WrittenFiles files;
    files.write("x.npy", bytes);
    const auto rows = openNpyRows(Vfs::posix(), files.path("x.npy").toStdString(), 0);
    QVERIFY2(rows, rows ? "" : rows.error().toString().c_str());
    QVERIFY(*rows != nullptr);
    QCOMPARE((*rows)->shape(), (Shape{3, 2}));
    Tensor row = *Tensor::create(DType::Float32, Shape{2});
    const std::span<float> into(row.data<float>(), 2);
    QVERIFY((*rows)->read(1, into).isOk());
    QCOMPARE(valuesOf(row), second);
    const auto chosen = chooseRows(*rows, {2, 1});
    QCOMPARE(chosen->shape(), (Shape{2, 2}));
    QVERIFY(chosen->read(1, into).isOk());
    QCOMPARE(valuesOf(row), second);
}

/// Null: the whole is read, or refused, as ever.
void TestFileRows::leavesSmallAndOtherFiles()
{
    const WrittenFiles files;
    files.write("x.npy", npy<float>("<f4", "(2,)", {1, 2}));
    files.write("images", idx({2, 1, 2}, "abcd"));
    files.write("short", idx({2, 1, 2}, "abc"));
    files.write("rank", idx({2, 2}, "abcdefgh"));
    files.write("packed", QByteArray("\x1f\x8b") + QByteArray(40, 'x'));
    const auto path = [&](const char* name) { return files.path(name).toStdString(); };
    QVERIFY(*openNpyRows(Vfs::posix(), path("x.npy"), 1000) == nullptr);
    QVERIFY(*openIdxRows(Vfs::posix(), path("images"), 1000) == nullptr);
    QVERIFY(*openIdxRows(Vfs::posix(), path("images"), 0) != nullptr);
    for (const char* const name : {"short", "rank", "packed"})
        QVERIFY2(*openIdxRows(Vfs::posix(), path(name), 0) == nullptr, name);
}

void TestFileRows::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("Fortran") << npy<float>("<f4", "(2, 2)", {1, 2, 3, 4}, true) << "stored column by column";
    QTest::newRow("bool") << npy<quint8>("|b1", "(2, 2)", {1, 0, 0, 1}) << "bool are not read row by row";
    QTest::newRow("short") << npy<float>("<f4", "(2, 2)", {1, 2, 3}) << "but 12 bytes follow";
    QTest::newRow("other") << QByteArray("no array") << "it is no NPY file";
    QTest::newRow("NaN") << npy<float>("<f4", "(2, 2)", {1, 2, 3, std::numeric_limits<float>::quiet_NaN()})
                         << "x.npy: example 1, feature 1: NaN";
    QTest::newRow("too large") << npy<double>("<f8", "(2, 2)", {1, 1e300, 3, 4})
                               << "x.npy: example 0, feature 1: infinite, or too large for float32";
}

void TestFileRows::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const WrittenFiles files;
    files.write("x.npy", bytes);
    const auto rows = openNpyRows(Vfs::posix(), files.path("x.npy").toStdString(), 0);
    QVERIFY(!rows);
    const QString found = QString::fromStdString(rows.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
    files.write("x.npy", npy<float>("<f4", "(2, 2)", {1, 2, 3, 4}));
    const auto stopped = openNpyRows(Vfs::posix(), files.path("x.npy").toStdString(), 0,
                                     [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!stopped);
    QCOMPARE(stopped.error().code(), StatusCode::Cancelled);
}

void TestFileRows::trainsWithTheSameBits_data()
{
    QTest::addColumn<QString>("data");
    QTest::addColumn<QString>("more");
    QTest::newRow("IDX") << "wr.data.idx('images', 'labels')"
                         << "";
    QTest::newRow("bytes") << "wr.data.npy('bytes.npy', 'y.npy')"
                           << "";
    QTest::newRow("floats, shuffled") << "wr.data.npy('floats.npy', 'y.npy', seed=4)"
                                      << "";
    QTest::newRow("doubles, scaled") << "wr.data.npy('doubles.npy', 'y.npy', normalize=True)"
                                     << "";
    QTest::newRow("pictures, scaled") << "wr.data.npy('bytes.npy', 'y.npy', seed=2, normalize=True)"
                                      << "";
    QTest::newRow("augmented") << "wr.data.npy('bytes.npy', 'y.npy', seed=2)"
                               << ", augment={'flip': True, 'shift': 1}";
}

void TestFileRows::trainsWithTheSameBits()
{
    QFETCH(QString, data);
    QFETCH(QString, more);
    const WrittenFiles files;
    writePictures(files);
    const std::string text = scriptOf(data, more);
    const Training inMemory(text, {files.folder(), {}, std::uint64_t{1} << 30U});
    const Training inFile(text, {files.folder(), {}, 1});
    QVERIFY(!inMemory.dataset->train.source && inFile.dataset->train.source && inFile.dataset->test.source);
    QVERIFY(!inFile.dataset->train.features.isValid());
    StepRecord last;
    while (!inMemory.trainer->isFinished()) {
        const Result<StepRecord> a = inMemory.trainer->step();
        const Result<StepRecord> b = inFile.trainer->step();
        QVERIFY2(a && b, b ? "" : b.error().toString().c_str());
        QCOMPARE(a->loss, b->loss);
        QCOMPARE(a->test != nullptr, b->test != nullptr);
        if (a->test)
            QCOMPARE(a->test->loss, b->test->loss);
        last = *b;
    }
    QCOMPARE(inFile.trainer->totalSteps(), std::int64_t{30});
    QVERIFY(inFile.trainer->isFinished() && last.epochEnd);
    QCOMPARE(inFile.f.values("w"), inMemory.f.values("w"));
    // From the middle, as after a restore.
    TrainerState state = inMemory.trainer->state();
    state.epoch = 2;
    state.batchInEpoch = 3;
    for (const Training* const training : {&inMemory, &inFile})
        QVERIFY(training->trainer->setState(state).isOk() && training->trainer->step());
    QCOMPARE(inFile.f.values("w"), inMemory.f.values("w"));
}

/// Whatever is asked for, however often, in whatever order.
void TestFileRows::readsOutOfTurn()
{
    CountedBatches batches;
    for (const BatchPlace& place :
         {BatchPlace{1, 0, 0}, BatchPlace{1, 0, 1}, BatchPlace{1, 0, 2}, BatchPlace{1, 1, 0},
          BatchPlace{1, 1, 0}, BatchPlace{1, 0, 2}, BatchPlace{1, 1, 0}, BatchPlace{2, 1, 0},
          BatchPlace{2, 1, 1}, BatchPlace{1, 7, 2}, BatchPlace{1, 8, 0}, BatchPlace{1, 8, 1}})
        QCOMPARE(batches.taken(place), batches.expected(place));
    for (std::int64_t i = 0; i < 300; ++i)
        QCOMPARE(batches.taken({3, i / 3, i % 3}), batches.expected({3, i / 3, i % 3}));
}

void TestFileRows::goesOnAfterAFailure()
{
    CountedBatches batches;
    const BatchPlace places[] = {{1, 0, 0}, {1, 0, 1}, {1, 0, 2}};
    const std::int64_t bad = shuffled(20, 1, 0)[8]; // in the second batch
    batches.rows->bad = bad;
    QCOMPARE(batches.taken(places[0]), batches.expected(places[0]));
    const QString message = QStringLiteral("row %1").arg(bad);
    QCOMPARE(batches.taken(places[1]), message);
    QCOMPARE(batches.taken(places[1]), message);
    batches.rows->bad = -1;
    QCOMPARE(batches.taken(places[1]), batches.expected(places[1]));
    QCOMPARE(batches.taken(places[2]), batches.expected(places[2]));
}

void TestFileRows::tellsOfAFileThatBecameShorter()
{
    const WrittenFiles files;
    writePictures(files);
    const Training training(scriptOf("wr.data.npy('floats.npy', 'y.npy')", {}), {files.folder(), {}, 1});
    QVERIFY(QFile::resize(files.path("floats.npy"), 1000));
    Result<StepRecord> record = training.trainer->step();
    while (record && !training.trainer->isFinished())
        record = training.trainer->step();
    QVERIFY(!record);
    QCOMPARE(record.error().code(), StatusCode::Unavailable); // DataLoss would mean NaN
    QVERIFY2(record.error().message().find("floats.npy: it ends before example") != std::string::npos,
             record.error().message().c_str());
}

QTEST_GUILESS_MAIN(TestFileRows)
#include "tst_file_rows.moc"
