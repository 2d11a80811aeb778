// SPDX-License-Identifier: GPL-3.0-or-later
// Floating types into each other: every half and bfloat16 there and back, roundings compared with the two
// neighbours of a value, and what a cast says that it cost.
#include "engine/formats/cast/float_cast.h"

#include "engine/formats/cast/cast_reader.h"
#include "engine/tensor/tensor.h"

#include <QTemporaryDir>
#include <QTest>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

using namespace wr;
using namespace wr::formats;

class TestFloatCast : public QObject {
    Q_OBJECT
private slots:
    void wideningIsExact();
    void roundsToTheNearest();
    void tellsWhatIsLost();
    void countsEachValueOnce();

private:
    /// Independent of the code under test: the engine's own way to look at an element.
    static double valueOf(DType dtype, std::uint16_t bits)
    {
        Tensor tensor = *Tensor::create(dtype, Shape{1});
        std::memcpy(tensor.mutableBytes().data(), &bits, sizeof(bits));
        return tensor.valueAt(0);
    }
    template <typename T>
    static std::uint16_t narrowed(T value, DType from, DType to, CastLoss* loss = nullptr)
    {
        std::uint16_t bits = 0;
        const CastLoss found = castFloats(from, std::as_bytes(std::span(&value, 1)), to,
                                          std::as_writable_bytes(std::span(&bits, 1)));
        if (loss != nullptr)
            loss->add(found);
        return bits;
    }
};

void TestFloatCast::wideningIsExact()
{
    for (const DType dtype : {DType::Float16, DType::BFloat16}) {
        for (std::uint32_t i = 0; i < 0x10000; ++i) {
            const auto bits = static_cast<std::uint16_t>(i);
            float wide = 0;
            double wider = 0;
            castFloats(dtype, std::as_bytes(std::span(&bits, 1)), DType::Float32,
                       std::as_writable_bytes(std::span(&wide, 1)));
            castFloats(dtype, std::as_bytes(std::span(&bits, 1)), DType::Float64,
                       std::as_writable_bytes(std::span(&wider, 1)));
            const double expected = valueOf(dtype, bits);
            if (std::isnan(expected)) {
                QVERIFY(std::isnan(wide) && std::isnan(wider));
                QVERIFY(std::isnan(valueOf(dtype, narrowed(wide, DType::Float32, dtype))));
                continue;
            }
            QVERIFY(static_cast<double>(wide) == expected && wider == expected);
            QCOMPARE(std::signbit(wide), (bits & 0x8000U) != 0);
            QCOMPARE(narrowed(wide, DType::Float32, dtype), bits);
            QCOMPARE(narrowed(wider, DType::Float64, dtype), bits);
        }
    }
}

void TestFloatCast::roundsToTheNearest()
{
    std::mt19937_64 random(5);
    for (const DType dtype : {DType::Float16, DType::BFloat16}) {
        const auto inf = static_cast<std::uint16_t>(dtype == DType::Float16 ? 0x7C00 : 0x7F80);
        for (int i = 0; i < 200'000; ++i) {
            // Between two neighbours, at both and in their middle.
            const auto low = static_cast<std::uint16_t>(random() % inf);
            const auto high = static_cast<std::uint16_t>(low + 1);
            const double a = valueOf(dtype, low);
            const double b = high == inf ? 2 * a - valueOf(dtype, static_cast<std::uint16_t>(low - 1))
                                         : valueOf(dtype, high);
            const double middle = a + (b - a) / 2;
            const std::uint16_t even = (low & 1U) == 0 ? low : high;
            QCOMPARE(narrowed(middle, DType::Float64, dtype), even);
            QCOMPARE(narrowed(std::nextafter(middle, a), DType::Float64, dtype), low);
            QCOMPARE(narrowed(std::nextafter(middle, 2 * b), DType::Float64, dtype), high);
            QCOMPARE(narrowed(-middle, DType::Float64, dtype), static_cast<std::uint16_t>(even | 0x8000U));
        }
        QCOMPARE(narrowed(std::numeric_limits<double>::max(), DType::Float64, dtype), inf);
        QCOMPARE(narrowed(std::numeric_limits<double>::infinity(), DType::Float64, dtype), inf);
        QCOMPARE(narrowed(std::numeric_limits<double>::denorm_min(), DType::Float64, dtype),
                 std::uint16_t{0});
    }
}

void TestFloatCast::tellsWhatIsLost()
{
    const std::vector<float> values{1.0F,
                                    65504.0F,
                                    70000.0F,
                                    -1e9F,
                                    1e-9F,
                                    0.0F,
                                    1.0F + 0x1p-11F * 1.5F,
                                    std::numeric_limits<float>::infinity(),
                                    std::numeric_limits<float>::quiet_NaN()};
    std::vector<std::uint16_t> halves(values.size());
    const CastLoss loss = castFloats(DType::Float32, std::as_bytes(std::span(values)), DType::Float16,
                                     std::as_writable_bytes(std::span(halves)));
    QCOMPARE(loss.values, std::uint64_t{9});
    QCOMPARE(loss.overflowed, std::uint64_t{2});
    QCOMPARE(loss.vanished, std::uint64_t{1});
    QCOMPARE(loss.rounded, std::uint64_t{1});
    QVERIFY(std::abs(loss.largestError - 0x1p-12 / (1.0 + 0x1p-11 * 1.5)) < 1e-9);
    std::vector<double> wide(values.size());
    QVERIFY(castFloats(DType::Float32, std::as_bytes(std::span(values)), DType::Float64,
                       std::as_writable_bytes(std::span(wide)))
                .isNone());
    double large = 1e300;
    float single = 0;
    QCOMPARE(castFloats(DType::Float64, std::as_bytes(std::span(&large, 1)), DType::Float32,
                        std::as_writable_bytes(std::span(&single, 1)))
                 .overflowed,
             std::uint64_t{1});
}

void TestFloatCast::countsEachValueOnce()
{
    const QTemporaryDir folder;
    std::vector<float> values(5000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = 1.0F + static_cast<float>(i) * 0x1p-20F;
    const std::string path = folder.filePath("a.wrck").toStdString();
    QVERIFY(checkpoint::saveCheckpoint(Vfs::posix(), path,
                                       std::vector<NamedTensor>{{"w", Tensor::of(values, {5000})}}, {}, {}));
    const auto reader = *checkpoint::openCheckpoint(Vfs::posix(), path);
    const CastReader whole(*reader, [](const TensorSpec&) { return DType::BFloat16; });
    const Tensor expected = *whole.read(0, {}, 1);
    const CastLoss all = whole.casts().front().loss;
    QCOMPARE(all.values, std::uint64_t{5000});
    const CastReader parts(*reader, [](const TensorSpec&) { return DType::BFloat16; });
    std::mt19937 random(2);
    std::vector<std::byte> read(expected.byteSize());
    for (int i = 0; i < 400; ++i) { // over each other, and at odd places
        const std::size_t at = random() % read.size();
        const std::size_t size = std::min<std::size_t>(random() % 300, read.size() - at);
        QVERIFY(parts.readPart(0, at, std::span(read).subspan(at, size)).isOk());
        QVERIFY(std::memcmp(read.data() + at, expected.bytes().data() + at, size) == 0);
    }
    QVERIFY(parts.readPart(0, 0, read).isOk());
    const CastLoss counted = parts.casts().front().loss;
    QCOMPARE(counted.values, all.values);
    QCOMPARE(counted.rounded, all.rounded);
}

QTEST_GUILESS_MAIN(TestFloatCast)
#include "tst_float_cast.moc"
