// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics against a slow count in double precision, at every length around the width of the lanes, with
// every odd value at every place.
#include "engine/tensor/statistics.h"

#include <QTest>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace wr;

namespace {

std::uint64_t mixed(std::uint64_t bits)
{
    bits += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
}

/// Element bits of a float32 or bfloat16 tensor.
std::uint32_t bitsOf(const Tensor& tensor, std::int64_t index)
{
    const std::size_t size = dtypeSize(tensor.dtype());
    std::uint32_t bits = 0;
    std::memcpy(&bits, tensor.bytes().data() + static_cast<std::size_t>(index) * size, size);
    return bits;
}

Statistics slow(const Tensor& tensor)
{
    Statistics s;
    s.min = std::numeric_limits<double>::infinity();
    s.max = -s.min;
    long double sum = 0;
    long double squares = 0;
    std::int64_t finite = 0;
    for (std::int64_t i = 0; i < tensor.elementCount(); ++i) {
        const std::uint32_t own = bitsOf(tensor, i);
        const std::uint32_t bits = tensor.dtype() == DType::Float32 ? own : own << 16U;
        const double value = static_cast<double>(std::bit_cast<float>(bits));
        s.nanCount += std::isnan(value) ? 1U : 0U;
        s.infCount += std::isinf(value) ? 1U : 0U;
        s.zeroCount += value == 0.0 ? 1U : 0U;
        s.fingerprint += mixed(value == 0.0 ? 0 : own);
        const std::uint32_t rounded = (bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U;
        s.fingerprintBf16 += mixed(value == 0.0 ? 0 : std::isnan(value) ? 0x7FC0U : rounded);
        if (!std::isfinite(value))
            continue;
        ++finite;
        s.min = std::min(s.min, value);
        s.max = std::max(s.max, value);
        sum += value;
        squares += static_cast<long double>(value) * value;
    }
    if (finite == 0) {
        s.min = s.max = 0.0;
        return s;
    }
    s.mean = static_cast<double>(sum / finite);
    s.l2 = std::sqrt(static_cast<double>(squares));
    s.absMax = std::max(std::abs(s.min), std::abs(s.max));
    s.stddev =
        std::sqrt(std::max(0.0, static_cast<double>(squares / finite - (sum / finite) * (sum / finite))));
    return s;
}

bool isNear(double a, double b, double scale)
{
    return a == b || std::abs(a - b) <= 1e-9 * scale;
}

} // namespace

class TestStatistics : public QObject {
    Q_OBJECT
private slots:
    void isWhatASlowCountFinds_data();
    void isWhatASlowCountFinds();
    void fingerprintIgnoresOrder();
    void isTheSameInParts_data();
    void isTheSameInParts();

private:
    static void check(const Tensor& tensor);
};

void TestStatistics::check(const Tensor& tensor)
{
    const Statistics fast = computeStatistics(tensor);
    const Statistics expected = slow(tensor);
    QCOMPARE(fast.nanCount, expected.nanCount);
    QCOMPARE(fast.infCount, expected.infCount);
    QCOMPARE(fast.zeroCount, expected.zeroCount);
    QCOMPARE(fast.fingerprint, expected.fingerprint);
    QCOMPARE(fast.fingerprintBf16, expected.fingerprintBf16);
    QVERIFY(fast.min == expected.min && fast.max == expected.max && fast.absMax == expected.absMax);
    QVERIFY(isNear(fast.mean, expected.mean, expected.absMax));
    QVERIFY(isNear(fast.l2, expected.l2, expected.l2));
    QVERIFY(std::abs(fast.stddev - expected.stddev) <= 1e-6 * expected.absMax);
}

void TestStatistics::isWhatASlowCountFinds_data()
{
    QTest::addColumn<int>("dtype");
    QTest::newRow("float32") << static_cast<int>(DType::Float32);
    QTest::newRow("bfloat16") << static_cast<int>(DType::BFloat16);
}

void TestStatistics::isWhatASlowCountFinds()
{
    QFETCH(int, dtype);
    const auto type = static_cast<DType>(dtype);
    std::mt19937 random(4);
    std::normal_distribution<float> normal(0.3F, 2.0F);
    const std::uint32_t odd[] = {0x00000000U, 0x80000000U, 0x7F800000U, 0xFF800000U, 0x7FC00000U,
                                 0x7F810000U, 0xFFFFFFFFU, 0x00010000U, 0x80010000U, 0x7F7F0000U};
    for (std::int64_t length = 0; length < 70; ++length) {
        Tensor tensor = *Tensor::create(type, Shape{length});
        const std::size_t size = dtypeSize(type);
        const auto put = [&](std::int64_t at, std::uint32_t bits) {
            if (type == DType::BFloat16)
                bits >>= 16U;
            std::memcpy(tensor.mutableBytes().data() + static_cast<std::size_t>(at) * size, &bits, size);
        };
        for (std::int64_t i = 0; i < length; ++i)
            put(i, std::bit_cast<std::uint32_t>(normal(random)));
        check(tensor);
        for (const std::uint32_t bits : odd) {
            if (length == 0)
                break;
            const std::int64_t at = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length));
            const std::uint32_t before =
                type == DType::BFloat16 ? bitsOf(tensor, at) << 16U : bitsOf(tensor, at);
            put(at, bits);
            if (bits != 0x7F7F0000U) // its square hides the others
                check(tensor);
            put(at, before);
        }
        for (std::int64_t i = 0; i < length; ++i)
            put(i, odd[random() % 9]);
        check(tensor);
    }
}

void TestStatistics::fingerprintIgnoresOrder()
{
    std::vector<float> values(1000);
    std::mt19937 random(9);
    for (float& value : values)
        value = static_cast<float>(random()) * 1e-9F;
    const Statistics first = computeStatistics(Tensor::of(values, Shape{1000}));
    std::shuffle(values.begin(), values.end(), random);
    const Statistics second = computeStatistics(Tensor::of(values, Shape{10, 100}));
    QCOMPARE(first.fingerprint, second.fingerprint);
    QCOMPARE(first.fingerprintBf16, second.fingerprintBf16);
    values[500] += 1.0F;
    QVERIFY(computeStatistics(Tensor::of(values, Shape{1000})).fingerprint != first.fingerprint);
}

void TestStatistics::isTheSameInParts_data()
{
    QTest::addColumn<int>("dtype");
    for (const DType dtype : {DType::Float32, DType::BFloat16, DType::Float16, DType::Float64})
        QTest::newRow(std::string(dtypeName(dtype)).c_str()) << static_cast<int>(dtype);
}

void TestStatistics::isTheSameInParts()
{
    QFETCH(int, dtype);
    const auto type = static_cast<DType>(dtype);
    std::mt19937 random(9);
    // Around the borders of blocks, and where patterns begin to be counted.
    for (const std::int64_t length : {65'535, 65'536, 131'072, 131'073, 400'001}) {
        Tensor tensor = *Tensor::create(type, Shape{length});
        const std::size_t size = dtypeSize(type);
        for (std::byte& byte : tensor.mutableBytes())
            byte = static_cast<std::byte>(random());
        // Moderate exponents, and some of any kind.
        for (std::size_t i = 0; i + size <= tensor.byteSize(); i += size) {
            std::byte& top = tensor.mutableBytes()[i + size - 1];
            if (i % 977 != 0)
                top = (top & std::byte{0x80}) | std::byte{0x3B};
        }
        for (const std::int64_t odd : {std::int64_t{3}, length - 2})
            std::memset(tensor.mutableBytes().data() + static_cast<std::size_t>(odd) * size, 0xFF, size);
        const Statistics whole = computeStatistics(tensor);
        QVERIFY(whole.nanCount >= 2);
        for (const std::int64_t step : {kStatisticsBlock, 3 * kStatisticsBlock}) {
            StatisticsSum sum(type);
            for (std::int64_t at = 0; at < length; at += step)
                sum.add(scanPart(
                    type, length, at,
                    tensor.bytes().subspan(static_cast<std::size_t>(at) * size,
                                           static_cast<std::size_t>(std::min(step, length - at)) * size)));
            const Statistics parts = sum.finish();
            QVERIFY(std::memcmp(&parts, &whole, sizeof(parts)) == 0);
        }
        if (type == DType::Float32 || type == DType::BFloat16)
            check(tensor);
        std::vector<float> sample;
        for (std::int64_t i = 0; i < length; i += length / 16384) {
            if (std::isfinite(tensor.valueAt(i)))
                sample.push_back(static_cast<float>(tensor.valueAt(i)));
        }
        std::sort(sample.begin(), sample.end());
        const auto at = [&](double quantile) {
            return sample[static_cast<std::size_t>(quantile * static_cast<double>(sample.size() - 1) + 0.5)];
        };
        QCOMPARE(whole.p01, at(0.01));
        QCOMPARE(whole.p50, at(0.50));
        QCOMPARE(whole.p99, at(0.99));
    }
}

QTEST_GUILESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
