// SPDX-License-Identifier: GPL-3.0-or-later
// What is looked at in a tensor: any two axes, the stored values, pictures that lose no outlier, exports that
// come back the same, and a tensor over several checkpoints.
#include "app/library/tensor_export.h"
#include "app/library/tensor_history.h"
#include "app/models/slice_grid_model.h"
#include "engine/train/npy_file.h"
#include "tests/app/checkpoint_fixture.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <limits>

using namespace wr;
using namespace wr::app;

class TestTensorSlice : public QObject {
    Q_OBJECT
private slots:
    void init();
    void takesAnyTwoAxes_data();
    void takesAnyTwoAxes();
    void losesNoOutlier();
    void holdsPartOfALongVector();
    void tellsStoredValues();
    void measures();
    void refuses();
    void exports();
    void followsATensor();

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    std::shared_ptr<const CheckpointFile> saved(const std::vector<NamedTensor>& tensors,
                                                const char* name = "a.wrck") const
    {
        if (const QString problem = writeCheckpoint(path(name), tensors); !problem.isEmpty())
            qFatal("%s", qPrintable(problem));
        return CheckpointFile::open(path(name)).file;
    }
    static TensorSlice::Loaded load(const CheckpointFile& file, int tensor, const SliceChoice& choice)
    {
        return TensorSlice::load(file, tensor, choice, [] { return true; });
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

Tensor counted(Shape shape)
{
    std::vector<float> values(static_cast<std::size_t>(*shape.elementCount()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i);
    return Tensor::of(values, std::move(shape));
}

} // namespace

void TestTensorSlice::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestTensorSlice::takesAnyTwoAxes_data()
{
    QTest::addColumn<int>("rowAxis");
    QTest::addColumn<int>("columnAxis");
    QTest::newRow("the last two") << 2 << 3;
    QTest::newRow("transposed") << 3 << 2;
    QTest::newRow("the first two") << 0 << 1;
    QTest::newRow("the outer ones") << 0 << 3;
    QTest::newRow("one row") << -1 << 1;
    QTest::newRow("one column") << 2 << -1;
    QTest::newRow("one element") << -1 << -1;
}

void TestTensorSlice::takesAnyTwoAxes()
{
    QFETCH(int, rowAxis);
    QFETCH(int, columnAxis);
    const qint64 dims[] = {3, 4, 5, 6};
    const auto file = saved({{"t", counted({3, 4, 5, 6})}});
    SliceChoice choice;
    choice.rowAxis = rowAxis;
    choice.columnAxis = columnAxis;
    choice.at = {2, 1, 3, 4};
    const TensorSlice::Loaded loaded = load(*file, 0, choice);
    QVERIFY2(loaded.slice, qPrintable(loaded.problem.toText()));
    QCOMPARE(loaded.slice->rows(), rowAxis < 0 ? 1 : dims[rowAxis]);
    QCOMPARE(loaded.slice->columns(), columnAxis < 0 ? 1 : dims[columnAxis]);
    for (qint64 row = 0; row < loaded.slice->rows(); ++row) {
        for (qint64 column = 0; column < loaded.slice->columns(); ++column) {
            QVector<qint64> at = choice.at;
            if (rowAxis >= 0)
                at[rowAxis] = row;
            if (columnAxis >= 0)
                at[columnAxis] = column;
            const qint64 expected = ((at[0] * 4 + at[1]) * 5 + at[2]) * 6 + at[3];
            QCOMPARE(loaded.slice->value(row, column), static_cast<double>(expected));
        }
    }
}

void TestTensorSlice::losesNoOutlier()
{
    Tensor values = *Tensor::zeros(DType::Float32, {700, 900});
    float* const data = values.data<float>();
    for (std::int64_t i = 0; i < values.elementCount(); ++i)
        data[i] = 0.001F * static_cast<float>(i % 7);
    data[123 * 900 + 456] = -50.0F;
    data[600 * 900 + 10] = std::numeric_limits<float>::infinity();
    data[600 * 900 + 11] = std::nanf("");
    const auto file = saved({{"t", values}});
    const auto slice = load(*file, 0, SliceChoice::of({700, 900})).slice;
    QVERIFY(slice);
    qint64 step = 1;
    for (const SliceLevel& level : slice->levels()) {
        QCOMPARE(level.rows, (700 + step - 1) / step);
        QCOMPARE(level.columns, (900 + step - 1) / step);
        QCOMPARE(level.cells[123 / step * level.columns + 456 / step], -50.0F);
        QVERIFY(std::isnan(level.cells[600 / step * level.columns + 11 / step]));
        step *= 2;
    }
    QVERIFY(slice->levels().last().rows <= 64 && slice->levels().last().columns <= 64);
}

/// A flattened model is one row of hundreds of millions.
void TestTensorSlice::holdsPartOfALongVector()
{
    constexpr std::int64_t kElements = (std::int64_t{1} << 24) + 5;
    Tensor values = *Tensor::zeros(DType::UInt8, {kElements});
    values.data<std::uint8_t>()[7] = 3;
    const auto file = saved({{"t", values}});
    const TensorSlice::Loaded loaded = load(*file, 0, SliceChoice::of({kElements}));
    QVERIFY2(loaded.slice, qPrintable(loaded.problem.toText()));
    QCOMPARE(loaded.slice->columns(), kElements - 5);
    QCOMPARE(loaded.columnsLeftOut, 5);
    QCOMPARE(loaded.slice->value(0, 7), 3.0);
}

void TestTensorSlice::tellsStoredValues()
{
    Tensor halves = *Tensor::create(DType::BFloat16, {2});
    const std::uint16_t bits[] = {0x3F81, 0x8000}; // 1.0078125 and -0
    std::memcpy(halves.mutableBytes().data(), bits, sizeof(bits));
    const auto file = saved({{"a", Tensor::of<float>({-0.1F, 1e-45F, 16777217.0F}, {3})},
                             {"b", halves},
                             {"c", Tensor::of<std::int64_t>({-7, (std::int64_t{1} << 60) + 1}, {2})},
                             {"d", Tensor::of<double>({0.1}, {})}});
    const auto text = [&](int tensor, qint64 column) {
        return load(*file, tensor, SliceChoice::of(file->tensor(tensor).dims)).slice->storedText(0, column);
    };
    QCOMPARE(text(0, 0), QStringLiteral("-0.1 · bdcccccd"));
    QCOMPARE(text(0, 1), QStringLiteral("1e-45 · 00000001"));
    QCOMPARE(text(0, 2), QStringLiteral("16777216 · 4b800000"));
    QCOMPARE(text(1, 0), QStringLiteral("1.0078125 · 3f81"));
    QCOMPARE(text(1, 1), QStringLiteral("-0 · 8000"));
    QCOMPARE(text(2, 0), QStringLiteral("-7 · fffffffffffffff9"));
    QCOMPARE(text(2, 1), QStringLiteral("1152921504606846977 · 1000000000000001"));
    QCOMPARE(text(3, 0), QStringLiteral("0.1 · 3fb999999999999a"));
}

void TestTensorSlice::measures()
{
    const float inf = std::numeric_limits<float>::infinity();
    const auto file = saved({{"t", Tensor::of<float>({3, 0, -4, 0, inf, std::nanf("")}, {2, 3})}});
    const auto slice = load(*file, 0, SliceChoice::of({2, 3})).slice;
    QCOMPARE(slice->low(), -4.0);
    QCOMPARE(slice->high(), 3.0);
    QCOMPARE(slice->nanCount(), 1);
    QCOMPARE(slice->infCount(), 1);
    QCOMPARE(slice->zeroCount(), 2);
    QCOMPARE(slice->rowNorms(), (QVector<double>{5.0, 0.0}));
    QCOMPARE(slice->columnNorms(), (QVector<double>{3.0, 0.0, 4.0}));
    QCOMPARE(slice->quantile(0.0), -4.0);
    QCOMPARE(slice->quantile(1.0), 3.0);
    double counted = 0.0;
    for (const double bin : slice->histogram())
        counted += bin;
    QCOMPARE(counted, 4.0);
    counted = 0.0;
    for (const double bin : slice->symlogHistogram())
        counted += bin;
    QCOMPARE(counted, 4.0);
    QCOMPARE(slice->symlogHistogram().first(), 1.0); // -4
    QCOMPARE(slice->symlogHistogram().last(), 1.0);  // 3
    for (const double value : {-4.0, -0.001, 0.0, 1e-6, 3.0})
        QVERIFY(std::abs(slice->fromSymlog(slice->symlog(value)) - value) < 1e-12);
    QVERIFY(slice->symlog(0.4) > 0.6 * slice->symlog(4.0)); // a tenth is no tenth of the way
    const auto empty = saved({{"e", *Tensor::zeros(DType::Float32, {0, 3})}}, "empty.wrck");
    const auto none = load(*empty, 0, SliceChoice::of({0, 3})).slice;
    QVERIFY(none);
    QCOMPARE(none->rows(), 0);
    SliceGridModel grid;
    const QAbstractItemModelTester tester(&grid, QAbstractItemModelTester::FailureReportingMode::QtTest);
    grid.setSlice(slice);
    QCOMPARE(grid.rowCount(), 2);
    QCOMPARE(grid.index(0, 2).data().toDouble(), -4.0);
    grid.setSlice(none);
    QCOMPARE(grid.rowCount(), 0);
}

void TestTensorSlice::refuses()
{
    const auto file = saved({{"t", counted({3, 4})}});
    SliceChoice choice = SliceChoice::of({3, 4, 5});
    QVERIFY(!load(*file, 0, choice).problem.isEmpty());
    choice = {0, 0, {0, 0}};
    QVERIFY(!load(*file, 0, choice).problem.isEmpty());
    choice = {-1, 1, {3, 0}};
    QVERIFY(!load(*file, 0, choice).problem.isEmpty());
    const TensorSlice::Loaded stopped =
        TensorSlice::load(*file, 0, SliceChoice::of({3, 4}), [] { return false; });
    QVERIFY(stopped.problem.cancelled && !stopped.slice);
    // A damaged frame is told, not shown.
    QFile bytes(path("a.wrck"));
    QVERIFY(bytes.open(QIODevice::ReadWrite));
    for (qint64 at = 0; at < bytes.size(); at += 97) {
        bytes.seek(at);
        const char before = bytes.read(1)[0];
        bytes.seek(at);
        bytes.putChar(static_cast<char>(before ^ 0x10));
        bytes.flush();
        const CheckpointFile::Opened opened = CheckpointFile::open(path("a.wrck"));
        if (opened.file && opened.file->tensorCount() == 1) {
            const TensorSlice::Loaded loaded = load(*opened.file, 0, SliceChoice::of({3, 4}));
            QVERIFY(!loaded.slice || loaded.slice->value(2, 3) == 11.0);
        }
        bytes.seek(at);
        bytes.putChar(before);
        bytes.flush();
    }
}

void TestTensorSlice::exports()
{
    Tensor values = counted({3, 4});
    values.data<float>()[1] = 0.1F;
    values.data<float>()[2] = std::nanf("");
    const auto file = saved({{"t", values}});
    const auto slice = load(*file, 0, {1, 0, {0, 0}}).slice; // transposed
    QVERIFY(exportSlice(*slice, path("t.npy")).isEmpty());
    const auto stream = train::openStream(Vfs::posix(), path("t.npy").toStdString());
    QVERIFY(stream.has_value());
    const Result<Tensor> back = train::readNpy(**stream, "t.npy");
    QVERIFY2(back.has_value(), back ? "" : back.error().toString().c_str());
    QCOMPARE(back->shape().toString(), Shape({4, 3}).toString());
    QCOMPARE(back->byteSize(), slice->values().byteSize());
    QCOMPARE(std::memcmp(back->bytes().data(), slice->values().bytes().data(), back->byteSize()), 0);
    QVERIFY(exportSlice(*slice, path("t.csv")).isEmpty());
    QFile csv(path("t.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll(), QByteArray("0,4,8\n0.1,5,9\nnan,6,10\n3,7,11\n"));
    QVERIFY(!exportSlice(*slice, path("nowhere/t.npy")).isEmpty());
}

void TestTensorSlice::followsATensor()
{
    QStringList paths;
    for (const int step : {30, 10, 20}) {
        const QString file = path(qPrintable(QStringLiteral("%1.wrck").arg(step)));
        std::vector<NamedTensor> tensors = digitsTensors(static_cast<float>(step));
        if (step == 20)
            tensors[0].tensor.data<float>()[0] = std::nanf("");
        QCOMPARE(writeCheckpoint(file, tensors, {{"step", std::to_string(step)}}), QString());
        paths += file;
    }
    paths += path("nowhere.wrck");
    const QVector<TensorMoment> moments =
        tensorHistory(paths, QStringLiteral("weights"), [] { return true; });
    QCOMPARE(moments.size(), 3);
    QCOMPARE(moments[0].step, 10);
    QCOMPARE(moments[2].step, 30);
    QVERIFY(moments[0].mean < moments[2].mean);
    QCOMPARE(moments[1].nonFinite, 1);
    QVERIFY(tensorHistory(paths, QStringLiteral("nobody"), [] { return true; }).isEmpty());
}

QTEST_GUILESS_MAIN(TestTensorSlice)
#include "tst_tensor_slice.moc"
