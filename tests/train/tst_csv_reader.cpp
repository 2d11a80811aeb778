// SPDX-License-Identifier: GPL-3.0-or-later
// Records of CSV text: quoting, line ends, what is refused; and bytes of every kind, which never do harm.
#include "engine/base/philox.h"
#include "engine/train/csv_reader.h"
#include "engine/train/table_columns.h"

#include <QStringList>
#include <QTest>

#include <cmath>
#include <limits>

using namespace wr;
using namespace wr::train;

class TestCsvReader : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void takesAnyBytes();
    void knowsNumbers_data();
    void knowsNumbers();
};

namespace {

/// Fields in brackets, quoted ones in <>; records with the line they begin on.
QString spelled(std::string_view bytes, char delimiter)
{
    CsvReader reader(bytes, delimiter, "t.csv");
    std::vector<CsvField> fields;
    QString all;
    while (true) {
        const Result<bool> more = reader.next(fields);
        if (!more)
            return QString::fromStdString(more.error().message());
        if (!*more)
            return all.trimmed();
        all += QString::number(reader.line()) + QLatin1Char(':');
        for (const CsvField& field : fields) {
            const QString text =
                QString::fromUtf8(field.text.data(), static_cast<qsizetype>(field.text.size()));
            all += (field.isQuoted ? QStringLiteral("<%1>") : QStringLiteral("[%1]")).arg(text);
        }
        all += QLatin1Char(' ');
    }
}

} // namespace

void TestCsvReader::reads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing") << QByteArray("") << "";
    QTest::newRow("mark alone") << QByteArray("\xEF\xBB\xBF") << "";
    QTest::newRow("LF") << QByteArray("a,b\n1,2\n") << "1:[a][b] 2:[1][2]";
    QTest::newRow("CRLF") << QByteArray("a,b\r\n1,2\r\n") << "1:[a][b] 2:[1][2]";
    QTest::newRow("CR") << QByteArray("a,b\r1,2") << "1:[a][b] 2:[1][2]";
    QTest::newRow("mark") << QByteArray("\xEF\xBB\xBF"
                                        "a,b")
                          << "1:[a][b]";
    QTest::newRow("no break at the end") << QByteArray("a\nb") << "1:[a] 2:[b]";
    QTest::newRow("empty fields") << QByteArray(",\n,,\n") << "1:[][] 2:[][][]";
    QTest::newRow("blank lines") << QByteArray("\n\na\r\n\r\n\r\nb\n\n") << "3:[a] 6:[b]";
    QTest::newRow("quotes") << QByteArray("\"a,b\",\"c\"\n") << "1:<a,b><c>";
    QTest::newRow("doubled quotes") << QByteArray("\"a \"\"b\"\" c\",\"\"\"\",\"\"\n")
                                    << "1:<a \"b\" c><\"><>";
    QTest::newRow("breaks in quotes") << QByteArray("\"a\r\nb\nc\",d\ne,f") << "1:<a\r\nb\nc>[d] 4:[e][f]";
    QTest::newRow("a quote inside") << QByteArray("5\" disc,b") << "1:[5\" disc][b]";
    QTest::newRow("UTF-8") << QByteArray("gr\xC3\xB6\xC3\x9F"
                                         "e")
                           << QString::fromUtf8("1:[größe]");
}

void TestCsvReader::reads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    QCOMPARE(spelled(bytes.toStdString(), ','), expected);
    // The same with another delimiter.
    QCOMPARE(spelled(QByteArray(bytes).replace(',', ';').toStdString(), ';'), expected.replace(',', ';'));
}

void TestCsvReader::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    QTest::newRow("open quote") << QByteArray("a,b\n1,\"2\n3\n")
                                << "t.csv: line 2, column 2: the quote that opens here is never closed";
    QTest::newRow("after a quote") << QByteArray("a,\"b\"c\n")
                                   << "t.csv: line 1, column 2: text follows after a closing quote";
    QTest::newRow("zero") << QByteArray("a,b\n1,\0", 7) << "t.csv: line 2, column 2: a zero byte";
    QTest::newRow("zero in quotes") << QByteArray("\"a\0\"", 4) << "t.csv: line 1, column 1: a zero byte";
    QTest::newRow("long") << QByteArray("a\n") + QByteArray((1 << 20) + 1, 'x')
                          << "t.csv: line 2, column 1: a field of 1048577 bytes is too long";
    QTest::newRow("wide") << QByteArray(20000, ',') << "more than 16384 columns";
}

void TestCsvReader::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, message);
    const QString found = spelled(bytes.toStdString(), ',');
    QVERIFY2(found.contains(message), qPrintable(found));
}

/// Bytes at random, most of them those that mean something, always end.
void TestCsvReader::takesAnyBytes()
{
    constexpr std::string_view kAlphabet = ",\"\"\n\r;a1. \t?";
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Philox stream(seed, 1);
        std::string bytes;
        for (std::uint32_t i = stream.next()[0] % 60; i > 0; --i) {
            const PhiloxBlock words = stream.next();
            bytes += words[0] % 8 == 0 ? static_cast<char>(words[1]) : kAlphabet[words[1] % kAlphabet.size()];
        }
        spelled(bytes, ',');
    }
}

void TestCsvReader::knowsNumbers_data()
{
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<double>("number"); // NaN: no number
    QTest::newRow("whole") << QByteArray("42") << 42.0;
    QTest::newRow("plus") << QByteArray("+1.5") << 1.5;
    QTest::newRow("exponent") << QByteArray("-2.5e-3") << -2.5e-3;
    QTest::newRow("point first") << QByteArray(".5") << 0.5;
    QTest::newRow("too large") << QByteArray("1e999") << std::numeric_limits<double>::infinity();
    QTest::newRow("too small") << QByteArray("1e-999") << 0.0;
    QTest::newRow("infinite") << QByteArray("inf") << std::numeric_limits<double>::infinity();
    QTest::newRow("comma") << QByteArray("1,5") << kNone;
    QTest::newRow("unit") << QByteArray("5cm") << kNone;
    QTest::newRow("hexadecimal") << QByteArray("0x10") << kNone;
    QTest::newRow("two signs") << QByteArray("+-1") << kNone;
    QTest::newRow("nothing") << QByteArray("") << kNone;
    QTest::newRow("not a number") << QByteArray("nan") << kNone;
    QTest::newRow("word") << QByteArray("setosa") << kNone;
}

void TestCsvReader::knowsNumbers()
{
    QFETCH(QByteArray, text);
    QFETCH(double, number);
    const std::optional<double> found = numberOf(text.toStdString());
    QCOMPARE(found.has_value(), !std::isnan(number));
    if (found)
        QVERIFY(*found == number);
}

QTEST_GUILESS_MAIN(TestCsvReader)
#include "tst_csv_reader.moc"
