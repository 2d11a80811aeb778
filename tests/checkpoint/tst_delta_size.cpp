// SPDX-License-Identifier: GPL-3.0-or-later
// How small deltas are: distances to a base are exact, near steps take little, and no file is larger for
// having a base.
#include "engine/checkpoint/subtraction.h"
#include "tests/checkpoint/sample_tensors.h"
#include "tests/checkpoint/saved_checkpoints.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace wr;
using namespace wr::checkpoint;

class TestDeltaSize : public QObject {
    Q_OBJECT
private slots:
    void init();
    void distancesAreExact_data();
    void distancesAreExact();
    void nearStepsTakeLittle_data();
    void nearStepsTakeLittle();
    void isNeverLarger_data();
    void isNeverLarger();
    void sameTakesNothing();

private:
    std::string path(const char* name) const { return m_files->path(name); }
    std::shared_ptr<const CheckpointReader> save(const char* name, const std::vector<NamedTensor>& tensors,
                                                 const SaveOptions& options = {}) const
    {
        return m_files->save(name, tensors, options);
    }
    std::unique_ptr<SavedCheckpoints> m_files;
};

void TestDeltaSize::init()
{
    m_files = std::make_unique<SavedCheckpoints>();
}

void TestDeltaSize::distancesAreExact_data()
{
    QTest::addColumn<int>("dtype");
    for (int i = 1; i <= static_cast<int>(DType::Bool); ++i) {
        if (dtypeSize(static_cast<DType>(i)) > 1)
            QTest::newRow(std::string(dtypeName(static_cast<DType>(i))).c_str()) << i;
    }
}

void TestDeltaSize::distancesAreExact()
{
    QFETCH(int, dtype);
    const auto type = static_cast<DType>(dtype);
    std::mt19937_64 random(7);
    std::vector<std::byte> values(std::size_t{1} << 16U);
    std::vector<std::byte> base(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<std::byte>(random());
        base[i] = static_cast<std::byte>(random());
    }
    // Signs, zeros, infinities and NaN stand at the ends of the range of bits.
    for (std::size_t i = 0; i < 4096; ++i) {
        values[i] = static_cast<std::byte>(i % 3 == 0 ? 0xFF : 0);
        base[i] = static_cast<std::byte>(i % 7 == 0 ? 0x80 : 0);
    }
    std::vector<std::byte> distances(values.size());
    subtractBase(type, values, base, distances.data());
    QVERIFY(distances != values);
    addBase(type, distances, base);
    QVERIFY(distances == values);
    subtractBase(type, base, base, distances.data());
    QVERIFY(std::all_of(distances.begin(), distances.end(), [](std::byte b) { return b == std::byte{0}; }));
    if (type == DType::Float32) {
        // Neighbours across zero are near: −0 and +0 stand beside each other.
        const Tensor a = Tensor::of<float>({-0.0F, 1.0F, -1.0F}, Shape{3});
        const Tensor b =
            Tensor::of<float>({0.0F, std::nextafter(1.0F, 2.0F), std::nextafter(-1.0F, -2.0F)}, Shape{3});
        std::uint32_t near[3];
        subtractBase(type, a.bytes(), b.bytes(), reinterpret_cast<std::byte*>(near));
        for (const std::uint32_t distance : near)
            QVERIFY(distance == 1 || distance == 2);
    }
}

void TestDeltaSize::nearStepsTakeLittle_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<float>("rate");
    QTest::addColumn<double>("least"); ///< bytes of the values / bytes of the file
    QTest::newRow("bfloat16, a step") << static_cast<int>(DType::BFloat16) << 2e-5F << 4.0;
    QTest::newRow("bfloat16, many steps") << static_cast<int>(DType::BFloat16) << 3e-4F << 2.0;
    QTest::newRow("float32, a step") << static_cast<int>(DType::Float32) << 2e-6F << 1.7;
    QTest::newRow("float32, many steps") << static_cast<int>(DType::Float32) << 1e-4F << 1.3;
}

void TestDeltaSize::nearStepsTakeLittle()
{
    QFETCH(int, dtype);
    QFETCH(float, rate);
    QFETCH(double, least);
    const std::vector<NamedTensor> first{{"w", weightsOf(static_cast<DType>(dtype), Shape{1024, 1024}, 5)}};
    const std::vector<NamedTensor> second = later(first, rate, 6);
    SaveOptions options;
    options.base = save("base", first);
    const auto delta = save("delta", second, options);
    QVERIFY(delta && delta->base());
    QCOMPARE(differenceFrom(*delta, second), QString());
    const double ratio =
        static_cast<double>(second[0].tensor.byteSize()) / static_cast<double>(delta->fileBytes());
    qInfo("%s: %.2f", QTest::currentDataTag(), ratio);
    QVERIFY2(ratio >= least, qPrintable(QString::number(ratio)));
}

void TestDeltaSize::isNeverLarger_data()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("other weights") << 0;
    QTest::newRow("patterns that repeat") << 1;
    QTest::newRow("base of noise") << 2;
    QTest::newRow("half moved far") << 3;
    QTest::newRow("integers") << 4;
    QTest::newRow("moved a little") << 5;
}

void TestDeltaSize::isNeverLarger()
{
    QFETCH(int, kind);
    std::vector<NamedTensor> first;
    std::vector<NamedTensor> second;
    for (std::uint32_t i = 0; i < 3; ++i) {
        const std::string name = "w" + std::to_string(i);
        const DType dtype = i == 0 ? DType::BFloat16 : i == 1 ? DType::Float32 : DType::Float64;
        Tensor a = weightsOf(kind == 4 ? DType::Int32 : dtype, Shape{300, 512}, 30 + i);
        Tensor b = weightsOf(a.dtype(), Shape{300, 512}, 60 + i);
        const std::span<std::byte> bytes = b.mutableBytes();
        if (kind == 1) {
            for (std::size_t k = 0; k < bytes.size(); ++k)
                bytes[k] = static_cast<std::byte>(k % 24 * 7);
        } else if (kind == 2) {
            std::mt19937 random(i);
            for (std::byte& byte : a.mutableBytes())
                byte = static_cast<std::byte>(random());
        } else if (kind == 3) {
            std::copy_n(a.bytes().begin(), bytes.size() / 2, bytes.begin());
        } else if (kind == 5) {
            b = later({{name, a}}, 1e-3F, i)[0].tensor;
        }
        first.push_back({name, a});
        second.push_back({name, b});
    }
    const auto base = save("base", first);
    const auto alone = save("alone", second);
    SaveOptions options;
    options.base = base;
    const auto delta = save("delta", second, options);
    QVERIFY(delta && alone);
    QCOMPARE(differenceFrom(*delta, second), QString());
    // The identity differs, so that a header packs a few bytes differently.
    QVERIFY2(delta->fileBytes() <= alone->fileBytes() + 64,
             qPrintable(QStringLiteral("%1 against %2").arg(delta->fileBytes()).arg(alone->fileBytes())));
    if (kind == 0 || kind == 2)
        QVERIFY(!delta->base());
}

void TestDeltaSize::sameTakesNothing()
{
    const std::vector<NamedTensor> tensors = largeTensors();
    SaveOptions options;
    options.base = save("base", tensors);
    const auto delta = save("delta", tensors, options);
    QVERIFY(delta && delta->base());
    QCOMPARE(differenceFrom(*delta, tensors), QString());
    QVERIFY2(delta->fileBytes() < 32768, qPrintable(QString::number(delta->fileBytes())));
    for (std::size_t i = 0; i < delta->tensors().size(); ++i) {
        QVERIFY(delta->needsBase(i));
        QVERIFY(delta->tensors()[i].digest == options.base->tensors()[i].digest);
        QVERIFY(delta->tensors()[i].logicalBytes == options.base->tensors()[i].logicalBytes);
    }
}

QTEST_GUILESS_MAIN(TestDeltaSize)
#include "tst_delta_size.moc"
