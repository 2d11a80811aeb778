// SPDX-License-Identifier: GPL-3.0-or-later
// Philox-4x32-10 against the vectors of Random123's distribution, and the distributions against published
// TensorFlow values and the library's functions.
#include "engine/base/philox.h"
#include "tests/base/ulps.h"

#include <QTest>

#include <algorithm>
#include <utility>

using namespace wr;

class TestPhilox : public QObject {
    Q_OBJECT
private slots:
    void knownVectors();
    void uniforms();
    void blocksAreReachedAnyWay();
    void distributionsArePublished();
    void normalsAreNearTheLibrary();
    void elementaryFunctionsAreNearTheLibrary();
    void shufflingTakesItsBlocks();
};

void TestPhilox::knownVectors()
{
    QVERIFY((Philox(0, 0).at(0) == PhiloxBlock{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
    const std::uint64_t ones = ~std::uint64_t{0};
    QVERIFY((Philox(ones, ones).at(ones) == PhiloxBlock{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
    // Counter and key from the digits of pi.
    QVERIFY((Philox(0x299F31D0A4093822U, 0x0370734413198A2EU).at(0x85A308D3243F6A88U) ==
             PhiloxBlock{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
}

void TestPhilox::uniforms()
{
    // tf.random_uniform with op seed 1 and no graph seed, as TensorFlow prints it.
    Philox stream(87654321, 1);
    const PhiloxBlock block = stream.next();
    const float expected[] = {0.23903739F, 0.92039955F, 0.05051243F, 0.49574447F};
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(uniformFloat(block[i]), expected[i]);
    QCOMPARE(uniformFloat(0), 0.0F);
    QVERIFY(uniformFloat(0xFFFFFFFF) < 1.0F);
    QVERIFY(uniformDouble(0xFFFFFFFF, 0xFFFFFFFF) < 1.0);
}

void TestPhilox::blocksAreReachedAnyWay()
{
    Philox walking(5, 6);
    for (std::uint64_t i = 0; i < 300; ++i)
        QVERIFY(walking.next() == Philox(5, 6, i).next());
    Philox late(5, 6, 0xFFFFFFFFU);
    late.next();
    QVERIFY(late.next() == Philox(5, 6).at(0x100000000U));
}

/// The same through the generator alone.
void TestPhilox::distributionsArePublished()
{
    const std::array<float, 4> first = normalFloats(Philox(87654321, 12).at(0));
    const float expected[] = {-0.43663138F, 0.8449775F, -0.01180986F, -0.8844008F};
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(ulps(first[i], expected[i]) <= 2);
    const std::array<float, 4> second = normalFloats(Philox(87654321, 12, philoxBlocksReserved(6)).next());
    QVERIFY(ulps(second[0], -1.587453F) <= 2);
    QVERIFY(ulps(second[3], 1.3985995F) <= 2);
    QCOMPARE(Philox(5, 10).at(0)[0] % 3, 2U);
    QCOMPARE(Philox(5, 10).at(philoxBlocksReserved(1))[0] % 3, 0U);
    const PhiloxBlock words = Philox(87654321, 1).at(0);
    QVERIFY(std::abs(uniformDouble(words[0], words[1]) - 0.91229992345) <= 0.5e-11);
    QVERIFY(std::abs(uniformDouble(words[2], words[3]) - 0.40409974846) <= 0.5e-11);
}

/// A million normals against TensorFlow's formula with the library's functions in the wider type.
void TestPhilox::normalsAreNearTheLibrary()
{
    constexpr std::uint64_t kBlocks = 250000;
    const Philox stream(2024, 11);
    std::int64_t furthest = 0;
    std::int64_t furthestDouble = 0;
    for (std::uint64_t block = 0; block < kBlocks; ++block) {
        const PhiloxBlock words = stream.at(block);
        const std::array<float, 4> normals = normalFloats(words);
        for (std::size_t i = 0; i < 4; i += 2) {
            const double u = static_cast<double>(std::max(uniformFloat(words[i]), 1.0e-7F));
            const double angle = static_cast<double>(
                static_cast<float>(2.0 * M_PI * static_cast<double>(uniformFloat(words[i + 1]))));
            const float radius = std::sqrt(-2.0F * static_cast<float>(std::log(u)));
            furthest = std::max(furthest, ulps(normals[i], static_cast<float>(std::sin(angle)) * radius));
            furthest = std::max(furthest, ulps(normals[i + 1], static_cast<float>(std::cos(angle)) * radius));
        }
        const std::array<double, 2> doubles = normalDoubles(words);
        const double u = std::max(uniformDouble(words[0], words[1]), 1.0e-7);
        const double angle = 2.0 * M_PI * uniformDouble(words[2], words[3]);
        const double radius = std::sqrt(-2.0 * std::log(u));
        furthestDouble = std::max(furthestDouble, ulps(doubles[0], std::sin(angle) * radius));
        furthestDouble = std::max(furthestDouble, ulps(doubles[1], std::cos(angle) * radius));
    }
    qInfo("furthest: %lld of float32, %lld of float64", static_cast<long long>(furthest),
          static_cast<long long>(furthestDouble));
    QVERIFY(furthest <= 2);
    QVERIFY(furthestDouble <= 2);
}

/// The functions themselves, over what the normals ask of them, against long double.
void TestPhilox::elementaryFunctionsAreNearTheLibrary()
{
    double worstLog = 0.0;
    double worstTurn = 0.0;
    const Philox stream(7, 7);
    for (std::uint64_t i = 0; i < 500000; ++i) {
        const PhiloxBlock words = stream.at(i);
        double u = std::max(uniformDouble(words[0], words[1]), 1.0e-7);
        if (i % 4 == 1)
            u = 1.0 - u * 1e-6; // where the logarithm is near 0
        const long double exact = std::log(static_cast<long double>(u));
        const auto ulp =
            static_cast<long double>(std::nextafter(std::abs(std::log(u)), INFINITY) - std::abs(std::log(u)));
        worstLog = std::max(
            worstLog, static_cast<double>(std::abs(static_cast<long double>(exactLog(u)) - exact) / ulp));
        double angle = 2.0 * M_PI * uniformDouble(words[2], words[3]);
        if (i % 4 == 2)
            angle = static_cast<double>(i % 5) * M_PI / 2 + (angle - M_PI) * 1e-6;
        angle = std::clamp(angle, 0.0, 2.0 * M_PI);
        const SineCosine turn = exactSineCosine(angle);
        for (const auto& [ours, theirs] : {std::pair{turn.sine, std::sin(static_cast<long double>(angle))},
                                           {turn.cosine, std::cos(static_cast<long double>(angle))}}) {
            const auto size = std::abs(static_cast<double>(theirs));
            const double step = std::nextafter(size, INFINITY) - size;
            worstTurn = std::max(
                worstTurn, static_cast<double>(std::abs(static_cast<long double>(ours) - theirs)) / step);
        }
    }
    qInfo("furthest: logarithm %.3f, sine and cosine %.3f units in the last place", worstLog, worstTurn);
    QVERIFY(worstLog <= 0.6);
    QVERIFY(worstTurn <= 0.8);
}

void TestPhilox::shufflingTakesItsBlocks()
{
    QCOMPARE(philoxBlocksShuffled(0, 0), std::uint64_t{0});
    QCOMPARE(philoxBlocksShuffled(1, 9), std::uint64_t{0});
    QCOMPARE(philoxBlocksShuffled(9, 0), std::uint64_t{0});
    QCOMPARE(philoxBlocksShuffled(2, 2), std::uint64_t{1});
    QCOMPARE(philoxBlocksShuffled(5, 5), std::uint64_t{1});
    QCOMPARE(philoxBlocksShuffled(6, 60), std::uint64_t{2});
}

QTEST_GUILESS_MAIN(TestPhilox)
#include "tst_philox.moc"
