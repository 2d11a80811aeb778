// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/name_regex.h"
#include "engine/graph/partitioner.h"

#include <QTest>

#include <string>

using namespace wr;
using namespace wr::graph;

/// Patterns that pick names, and partitioners: plain values, without a script.
class TestNameRegex : public QObject {
    Q_OBJECT
private slots:
    void cutsByTheirSizes_data();
    void cutsByTheirSizes();
    void matchesNames_data();
    void matchesNames();
    void refusesPatterns_data();
    void refusesPatterns();
};

void TestNameRegex::cutsByTheirSizes_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("least");
    QTest::addColumn<qint64>("expected");
    const auto row = [](const char* name, PartitionerKind kind, qint64 count, qint64 least, qint64 expected) {
        QTest::newRow(name) << static_cast<int>(kind) << count << least << expected;
    };
    // A float32 variable of [10, 8]: 320 bytes, 32 a row.
    row("fixed", PartitionerKind::FixedSize, 3, 1, 3);
    row("fixed, more than rows", PartitionerKind::FixedSize, 30, 1, 10);
    row("axis size, one row a shard", PartitionerKind::VariableAxisSize, 32, 1, 10);
    row("axis size, less than a row", PartitionerKind::VariableAxisSize, 5, 1, 10);
    row("axis size, three rows a shard", PartitionerKind::VariableAxisSize, 127, 1, 4);
    row("axis size, all", PartitionerKind::VariableAxisSize, 1000, 1, 1);
    row("min max, by slices", PartitionerKind::MinMax, 100, 100, 4);
    row("min max, by partitions", PartitionerKind::MinMax, 2, 100, 2);
    row("min max, by rows", PartitionerKind::MinMax, 100, 1, 10);
    row("min max, small", PartitionerKind::MinMax, 100, 256 << 10, 1);
}

void TestNameRegex::cutsByTheirSizes()
{
    QFETCH(int, kind);
    QFETCH(qint64, count);
    QFETCH(qint64, least);
    QFETCH(qint64, expected);
    PartitionerSpec spec;
    spec.kind = static_cast<PartitionerKind>(kind);
    spec.count = count;
    spec.minSliceSize = least;
    const auto partitions = partitionsOf(spec, Shape{10, 8}, DType::Float32);
    QVERIFY(partitions.has_value());
    QCOMPARE(*partitions, (std::vector<std::int64_t>{expected, 1}));
    const auto parts = partsOf(Shape{10, 8}, *partitions);
    std::int64_t rows = 0;
    for (const Part& part : *parts) {
        QCOMPARE(part.offset[0], rows);
        rows += part.shape.dim(0);
        QVERIFY(part.shape.dim(0) == 10 / expected || part.shape.dim(0) == 10 / expected + 1);
    }
    QCOMPARE(rows, std::int64_t{10});
}

void TestNameRegex::matchesNames_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char* pattern, const char* name, bool matches) {
        QTest::addRow("%s on %s", pattern, name)
            << QString::fromUtf8(pattern) << QString::fromUtf8(name) << matches;
    };
    row("", "a", true);
    row("layer1", "layer10/w", true);
    row("ayer", "layer", false);
    row("a.c", "abc", true);
    row("a|bc", "bc", true);
    row("(a|b)+c$", "ababc", true);
    row("(a|b)+c$", "ababcd", false);
    row("a*b", "b", true);
    row("a?b", "aab", false);
    row("[^/]+/w:0", "layer/w:0", true);
    row("[^/]+/w:0", "a/b/w:0", false);
    row("[a-c]+[-x]", "abc-", true);
    row("[]]", "]", true);
    row("\\w+\\d\\.", "ab1.", true);
    row("\\D", "1", false);
    row("^a^", "aa", false);
    row("(?:ab)*$", "abab", true);
    row("(a*)*$", "aaaa", true);
    row("(a|b|cd|)e", "cde", true);
    row("(a*)*(a*)*(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false);
}

void TestNameRegex::matchesNames()
{
    QFETCH(QString, pattern);
    QFETCH(QString, name);
    QFETCH(bool, matches);
    const auto regex = NameRegex::compile(pattern.toStdString());
    QVERIFY(regex.has_value());
    QCOMPARE(regex->matchesStart(name.toStdString()), matches);
}

void TestNameRegex::refusesPatterns_data()
{
    QTest::addColumn<QByteArray>("pattern");
    for (const char* const pattern :
         {"(", ")", "a)", "[a", "*", "a|*", "(?=a)", "(?P<n>a)", "a{2}", "\\", "\\1", "[b-a]"})
        QTest::newRow(pattern) << QByteArray(pattern);
    QTest::newRow("long") << QByteArray(501, 'a');
    QTest::newRow("deep") << QByteArray(400, '(');
}

void TestNameRegex::refusesPatterns()
{
    QFETCH(QByteArray, pattern);
    QVERIFY(!NameRegex::compile(pattern.toStdString()));
}

QTEST_GUILESS_MAIN(TestNameRegex)
#include "tst_name_regex.moc"
