// SPDX-License-Identifier: GPL-3.0-or-later
// Types, shapes, tensors and their statistics.
#include "engine/base/machine_memory.h"
#include "engine/tensor/statistics.h"
#include "engine/tensor/tensor.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

using namespace wr;

class TestTensor : public QObject {
    Q_OBJECT
private slots:
    void typesHaveTheirNames();
    void shapesCountAndBroadcast();
    void shapesRefuseToOverflow();
    void tensorsAreAlignedAndShared();
    void narrowFloatsWiden();
    void statisticsOfFewValues();
    void statisticsLeaveNonFiniteOut();
    void fingerprintsIgnoreOrder();
    void histogramsCountEveryFiniteValue();
};

void TestTensor::typesHaveTheirNames()
{
    for (int i = 1; i <= static_cast<int>(DType::Bool); ++i) {
        const auto dtype = static_cast<DType>(i);
        QVERIFY(dtypeSize(dtype) > 0);
        QVERIFY(dtypeFromName(dtypeName(dtype)) == dtype);
        QVERIFY(dtypeFromSafetensorsName(dtypeSafetensorsName(dtype)) == dtype);
        QVERIFY(!(isFloating(dtype) && isInteger(dtype)));
    }
    QVERIFY(!dtypeFromName("float31"));
    QVERIFY(!dtypeFromName("invalid"));
    QVERIFY(!dtypeFromSafetensorsName("f32"));
}

void TestTensor::shapesCountAndBroadcast()
{
    QCOMPARE(*Shape{}.elementCount(), std::int64_t{1});
    QCOMPARE(*(Shape{4, 0, 9}).elementCount(), std::int64_t{0});
    QVERIFY(!(Shape{Shape::kUnknown, 3}).elementCount());
    QCOMPARE((Shape{Shape::kUnknown, 784}).toString(), std::string("[?, 784]"));
    QCOMPARE(Shape{}.toString(), std::string("[]"));
    QVERIFY((*broadcastShapes({3, 1}, {4}) == Shape{3, 4}));
    QVERIFY((*broadcastShapes({Shape::kUnknown, 4}, {1}) == Shape{Shape::kUnknown, 4}));
    QVERIFY(!broadcastShapes({3}, {4}));
    QVERIFY((*broadcastShapes({0}, {1}) == Shape{0}));
    QVERIFY((Shape{Shape::kUnknown, 3}).isCompatibleWith({7, 3}));
    QVERIFY(!(Shape{Shape::kUnknown, 3}).isCompatibleWith({3}));
}

void TestTensor::shapesRefuseToOverflow()
{
    const std::int64_t large = std::int64_t{1} << 40;
    QVERIFY(!(Shape{large, large}).elementCount());
    QVERIFY(!(Shape{-2}).elementCount());
    QCOMPARE(Tensor::create(DType::Float32, {large, large}).error().code(), StatusCode::InvalidArgument);
    QCOMPARE(Tensor::create(DType::Float64, {std::int64_t{1} << 58}).error().code(),
             StatusCode::ResourceExhausted);
    QVERIFY(!Tensor::create(DType::Float32, {Shape::kUnknown}));
    const auto tooLarge = static_cast<std::int64_t>(physicalMemoryBytes() / 4 + 1);
    const auto refused = Tensor::create(DType::Float32, {tooLarge});
    QCOMPARE(refused.error().code(), StatusCode::ResourceExhausted);
    QVERIFY2(refused.error().message().find("of this machine") != std::string::npos,
             refused.error().message().c_str());
}

void TestTensor::tensorsAreAlignedAndShared()
{
    Tensor a = *Tensor::create(DType::Float32, {3});
    QCOMPARE(reinterpret_cast<std::uintptr_t>(a.bytes().data()) % kBufferAlignment, std::uintptr_t{0});
    a.data<float>()[0] = 1.0F;
    const Tensor shared = a;
    const Tensor copy = *a.clone();
    a.data<float>()[0] = 2.0F;
    QCOMPARE(shared.data<float>()[0], 2.0F);
    QCOMPARE(copy.data<float>()[0], 1.0F);
    QVERIFY(!Tensor().isValid());
    QCOMPARE(Tensor::zeros(DType::Int64, {2})->data<std::int64_t>()[1], std::int64_t{0});
}

void TestTensor::narrowFloatsWiden()
{
    Tensor half = *Tensor::create(DType::Float16, {65536});
    Tensor brain = *Tensor::create(DType::BFloat16, {65536});
    for (std::uint32_t i = 0; i < 65536; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        std::memcpy(half.mutableBytes().data() + 2 * i, &bits, 2);
        std::memcpy(brain.mutableBytes().data() + 2 * i, &bits, 2);
    }
    for (std::uint32_t i = 0; i < 65536; ++i) {
        const auto wide = static_cast<double>(std::bit_cast<float>(i << 16U));
        const double value = brain.valueAt(i);
        QVERIFY(value == wide || (std::isnan(value) && std::isnan(wide)));
        const int exponent = static_cast<int>(i >> 10U & 31U);
        const auto fraction = static_cast<double>(i & 1023U);
        const double sign = (i & 0x8000U) != 0 ? -1.0 : 1.0;
        const double h = half.valueAt(i);
        if (exponent == 31)
            QVERIFY(fraction == 0 ? h == sign * INFINITY : std::isnan(h));
        else
            QVERIFY(h == sign * (exponent == 0 ? std::ldexp(fraction, -24)
                                               : std::ldexp(1024 + fraction, exponent - 25)));
    }
}

void TestTensor::statisticsOfFewValues()
{
    const Statistics s = computeStatistics(Tensor::of<float>({-3, 0, 1, 4, 8}, {5}));
    QCOMPARE(s.mean, 2.0);
    QCOMPARE(s.stddev, std::sqrt((25.0 + 4 + 1 + 4 + 36) / 5));
    QCOMPARE(s.min, -3.0);
    QCOMPARE(s.max, 8.0);
    QCOMPARE(s.absMax, 8.0);
    QCOMPARE(s.l2, std::sqrt(90.0));
    QCOMPARE(s.zeroCount, std::uint64_t{1});
    QCOMPARE(s.p50, 1.0F);
    // Far from zero, where a single pass would lose everything.
    const Statistics far = computeStatistics(Tensor::of<double>({1e9 + 1, 1e9 + 3}, {2}));
    QCOMPARE(far.stddev, 1.0);
    const Statistics none = computeStatistics(*Tensor::create(DType::Float32, {0}));
    QCOMPARE(none.mean, 0.0);
}

void TestTensor::statisticsLeaveNonFiniteOut()
{
    const Statistics s = computeStatistics(Tensor::of<float>({NAN, 1, INFINITY, -INFINITY, 3}, {5}));
    QCOMPARE(s.nanCount, std::uint64_t{1});
    QCOMPARE(s.infCount, std::uint64_t{2});
    QCOMPARE(s.mean, 2.0);
    QCOMPARE(s.max, 3.0);
    const float tiny = std::numeric_limits<float>::denorm_min();
    QCOMPARE(computeStatistics(Tensor::of<float>({tiny, 0.0F, -0.0F}, {3})).zeroCount, std::uint64_t{2});
}

void TestTensor::fingerprintsIgnoreOrder()
{
    const Statistics a = computeStatistics(Tensor::of<float>({1, 2, -0.0F}, {3}));
    const Statistics b = computeStatistics(Tensor::of<float>({0.0F, 2, 1}, {3}));
    const Statistics c = computeStatistics(Tensor::of<float>({1, 2, 3}, {3}));
    QCOMPARE(a.fingerprint, b.fingerprint);
    QVERIFY(a.fingerprint != c.fingerprint);
    // What rounds to the same bfloat16 has the same second fingerprint.
    const Statistics d = computeStatistics(Tensor::of<float>({1.0F, 1.0001F}, {2}));
    const Statistics e = computeStatistics(Tensor::of<float>({1.0002F, 1.0F}, {2}));
    QVERIFY(d.fingerprint != e.fingerprint);
    QCOMPARE(d.fingerprintBf16, e.fingerprintBf16);
}

void TestTensor::histogramsCountEveryFiniteValue()
{
    const Histogram h = computeHistogram(Tensor::of<float>({0, 1, 2, 3, 4, NAN, INFINITY}, {7}), 4);
    QCOMPARE(h.low, 0.0);
    QCOMPARE(h.high, 4.0);
    QCOMPARE(h.counts, (std::vector<std::uint64_t>{1, 1, 1, 2}));
    const double most = std::numeric_limits<double>::max();
    const Histogram wide = computeHistogram(Tensor::of<double>({-most, most}, {2}), 2);
    QCOMPARE(wide.counts, (std::vector<std::uint64_t>{1, 1}));
    QVERIFY(computeHistogram(Tensor::of<float>({NAN}, {1}), 4).counts.empty());
    QCOMPARE(computeHistogram(Tensor::of<float>({5, 5}, {2}), 3).counts,
             (std::vector<std::uint64_t>{2, 0, 0}));
}

QTEST_GUILESS_MAIN(TestTensor)
#include "tst_tensor.moc"
