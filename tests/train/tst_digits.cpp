// SPDX-License-Identifier: GPL-3.0-or-later
// The generated digits: the same bits for the same seed, balanced, drawn and not blank, unlike one another.
#include "engine/train/dataset.h"

#include <QTest>
#include <cstring>
#include <set>
#include <string>

using namespace wr;
using namespace wr::train;

class TestDigits : public QObject {
    Q_OBJECT
private slots:
    void areTheSameForASeed();
    void doNotDependOnTheirNumber();
    void areBalancedAndDrawn();
    void canBeCancelled();
    void areTheOnesWeKnow();
};

void TestDigits::areTheSameForASeed()
{
    const Examples a = *makeDigits(50, 3);
    const Examples b = *makeDigits(50, 3);
    const Examples c = *makeDigits(50, 4);
    QCOMPARE(a.features.shape(), (Shape{50, 28, 28}));
    QCOMPARE(std::memcmp(a.features.bytes().data(), b.features.bytes().data(), a.features.byteSize()), 0);
    QVERIFY(std::memcmp(a.features.bytes().data(), c.features.bytes().data(), a.features.byteSize()) != 0);
}

void TestDigits::doNotDependOnTheirNumber()
{
    const Examples few = *makeDigits(5, 3);
    const Examples many = *makeDigits(40, 3);
    QCOMPARE(std::memcmp(few.features.bytes().data(), many.features.bytes().data(), few.features.byteSize()),
             0);
    QCOMPARE(std::memcmp(few.labels.bytes().data(), many.labels.bytes().data(), few.labels.byteSize()), 0);
}

void TestDigits::areBalancedAndDrawn()
{
    const Examples digits = *makeDigits(2000, 1);
    std::array<int, 10> counts{};
    std::set<std::string> different;
    for (std::int64_t i = 0; i < digits.count(); ++i) {
        const std::int64_t label = digits.labels.data<std::int64_t>()[i];
        QVERIFY(label >= 0 && label < 10);
        ++counts[static_cast<std::size_t>(label)];
        const std::uint8_t* const image = digits.features.data<std::uint8_t>() + i * 784;
        int bright = 0;
        for (int pixel = 0; pixel < 784; ++pixel)
            bright += image[pixel] > 128 ? 1 : 0;
        QVERIFY2(bright > 15 && bright < 400, qPrintable(QString::number(bright)));
        different.emplace(reinterpret_cast<const char*>(image), 784);
    }
    for (const int count : counts)
        QVERIFY2(count > 140 && count < 260, qPrintable(QString::number(count)));
    QCOMPARE(different.size(), std::size_t{2000});
}

void TestDigits::canBeCancelled()
{
    int asked = 0;
    const auto digits = makeDigits(5000, 1, [&](std::uint64_t done, std::uint64_t total) {
        ++asked;
        return done < total / 2;
    });
    QVERIFY(!digits);
    QCOMPARE(digits.error().code(), StatusCode::Cancelled);
    QVERIFY(asked > 4 && asked < 15);
}

void TestDigits::areTheOnesWeKnow()
{
    // FNV-1a of the first hundred images: the same bits on every machine and by every compiler.
    const Examples digits = *makeDigits(100, 1);
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::byte byte : digits.features.bytes())
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3U;
    QCOMPARE(QString::number(hash, 16), QStringLiteral("9ec44eebb4806091"));
}

QTEST_GUILESS_MAIN(TestDigits)
#include "tst_digits.moc"
