// SPDX-License-Identifier: GPL-3.0-or-later
// Philox-4x32-10 against the vectors of Random123's distribution, and the distributions against published
// TensorFlow values.
#include "engine/base/philox.h"

#include <QTest>

using namespace wr;

class TestPhilox : public QObject {
    Q_OBJECT
private slots:
    void knownVectors();
    void uniforms();
    void blocksAreReachedAnyWay();
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

QTEST_GUILESS_MAIN(TestPhilox)
#include "tst_philox.moc"
