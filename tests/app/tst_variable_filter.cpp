// SPDX-License-Identifier: GPL-3.0-or-later
// The filter language: what each form accepts, and where a wrong one is wrong.
#include "app/models/variable_filter.h"

#include <QTest>

using namespace wr::app;

class TestVariableFilter : public QObject {
    Q_OBJECT
private slots:
    void accepts_data();
    void accepts();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void completes_data();
    void completes();
    void survivesAnything();
    void quotes();
};

namespace {

struct Sample {
    VariableRow row;
    VariableLife life = VariableLife::Uninitialized;
};

QVector<Sample> samples()
{
    const auto make = [](const char* name, const QVector<qint64>& dims, const char* dtype, const char* device,
                         VariableLife life, bool trainable) {
        Sample sample;
        sample.row.name = QLatin1String(name);
        sample.row.dims = dims;
        sample.row.dtype = QLatin1String(dtype);
        sample.row.device = QLatin1String(device);
        sample.row.initializer = QStringLiteral("tf.zeros");
        sample.row.trainable = trainable;
        sample.row.parameters = 1;
        for (const qint64 dim : dims)
            sample.row.parameters *= dim;
        sample.row.bytes = 4 * sample.row.parameters;
        sample.life = life;
        return sample;
    };
    return {make("layer1/weights", {784, 200}, "float32", "", VariableLife::Trained, true),
            make("layer1/biases", {200}, "float32", "/cpu:0", VariableLife::Initialized, true),
            make("layer2/weights", {200, 10}, "float64", "/job:ps/task:7/device:GPU:0",
                 VariableLife::Restored, true),
            make("step", {}, "int64", "/gpu:0", VariableLife::Uninitialized, false)};
}

} // namespace

void TestVariableFilter::accepts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("accepted"); // one letter a sample: a b c d
    const auto row = [](const char* text, const char* accepted) {
        QTest::newRow(*text == 0 ? "nothing" : text)
            << QString::fromUtf8(text) << QString::fromLatin1(accepted);
    };
    row("", "abcd");
    row("WEIGHTS", "ac");
    row("re:^layer[12]/w", "ac");
    row("re:(bia|st)", "bd");
    row("shape:[*,200]", "a");
    row("shape:[*, 200]", "a");
    row("shape:784x200", "a");
    row("shape:2d", "ac");
    row("shape:[200,...]", "bc");
    row("shape:scalar", "d");
    row("ndim>=2", "ac");
    row("ndim=1", "b");
    row("ndim!=1", "acd");
    row("bytes>600k", "a");
    row("bytes<1KiB", "bd");
    row("params>=2000", "ac");
    row("dtype:float32", "ab");
    row("dtype:f64", "c");
    row("dtype:float", "abc");
    row("dev:gpu0", "cd");
    row("dev:/job:ps/task:7", "c");
    row("dev:auto", "a");
    row("state:uninit", "d");
    row("state:init", "b");
    row("state:restored", "c");
    row("state:trained", "a");
    row("trainable:no", "d");
    row("scope:layer1", "ab");
    row("scope:layer*", "abc");
    row("name:step", "d");
    row("weights and bytes>600k", "a");
    row("weights bytes>600k", "a");
    row("step or biases", "bd");
    row("not weights", "bd");
    row("not (weights or step)", "b");
    row("layer1 and not (ndim>=2 or trainable:no) or step", "bd");
    row("\"layer1/b\"", "b");
    row("cpu:0", "b");
    row("not not step", "d");
}

void TestVariableFilter::accepts()
{
    QFETCH(QString, text);
    QFETCH(QString, accepted);
    const VariableFilter filter(text);
    QVERIFY2(filter.isValid(), qPrintable(filter.problem().message));
    QString found;
    const QVector<Sample> all = samples();
    for (qsizetype i = 0; i < all.size(); ++i) {
        if (filter.accepts(all[i].row, all[i].life))
            found += QChar(static_cast<char16_t>(u'a' + i));
    }
    QCOMPARE(found, accepted);
    QCOMPARE(filter.asksForState(), text.contains(QLatin1String("state:")));
}

void TestVariableFilter::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("begin");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* text, int begin, const char* message) {
        QTest::newRow(text) << QString::fromUtf8(text) << begin << QString::fromUtf8(message);
    };
    row("weights and", 11, "missing at the end");
    row("and weights", 0, "missing before");
    row("(weights", 0, "not closed");
    row("weights )", 8, "no “(”");
    row("x size:3", 2, "“size” is no key");
    row("shape:[a]", 0, "is no shape");
    row("bytes>many", 0, "“many” is no number");
    row("ndim>=", 0, "a number is missing");
    row("dtype:flote", 0, "is no type");
    row("state:happy", 0, "is no state");
    row("trainable:maybe", 0, "neither yes nor no");
    row("re:a[b", 5, "pattern is wrong");
    row("re:", 0, "needs a value");
    row("is:odd", 0, "is not known");
}

void TestVariableFilter::saysWhatIsWrong()
{
    QFETCH(QString, text);
    QFETCH(int, begin);
    QFETCH(QString, message);
    const VariableFilter filter(text);
    QVERIFY(!filter.isValid());
    QVERIFY2(filter.problem().message.contains(message), qPrintable(filter.problem().message));
    if (text != QLatin1String("re:a[b")) // the place is the expression library's
        QCOMPARE(filter.problem().begin, begin);
    QVERIFY(filter.problem().begin >= 0 && filter.problem().begin <= text.size());
}

void TestVariableFilter::completes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("begin");
    QTest::addColumn<QStringList>("words");
    const auto list = [](std::initializer_list<const char*> words) {
        QStringList result;
        for (const char* word : words)
            result += QLatin1String(word);
        return result;
    };
    QTest::newRow("key") << QStringLiteral("weights sh") << 8 << list({"shape:"});
    QTest::newRow("keys") << QStringLiteral("s") << 0 << list({"shape:", "state:", "scope:"});
    QTest::newRow("state") << QStringLiteral("state:") << 6
                           << list({"uninit", "init", "restored", "trained"});
    QTest::newRow("value") << QStringLiteral("(trainable:n") << 11 << list({"no"});
    QTest::newRow("nothing") << QStringLiteral("weights ") << 8 << QStringList();
}

void TestVariableFilter::completes()
{
    QFETCH(QString, text);
    QFETCH(int, begin);
    QFETCH(QStringList, words);
    const FilterCompletion completion =
        completeFilter(VariableFilter::words(), text, static_cast<int>(text.size()));
    QCOMPARE(completion.begin, begin);
    QCOMPARE(completion.words, words);
}

void TestVariableFilter::survivesAnything()
{
    const QVector<Sample> all = samples();
    for (const QString& text :
         {QString(3000, u'('), QString(3000, u')'), QString(100000, u'x'),
          QStringLiteral("not ").repeated(900), QStringLiteral("\""), QStringLiteral("re:(((((("),
          QStringLiteral("shape:[[[["), QStringLiteral("shape:[]"), QStringLiteral(": :: :"),
          QStringLiteral("bytes>99999999999999999999T"), QStringLiteral("a)b(c"), QString(QChar(0)),
          QStringLiteral("or or and not")}) {
        const VariableFilter filter(text);
        for (const Sample& sample : all)
            filter.accepts(sample.row, sample.life);
        completeFilter(VariableFilter::words(), text, static_cast<int>(text.size()));
    }
    QVERIFY(!VariableFilter(QString(3000, u'(')).isValid());
}

void TestVariableFilter::quotes()
{
    QCOMPARE(VariableFilter::quoted(QStringLiteral("layer1/w")), QStringLiteral("layer1/w"));
    for (const QString& text : {QStringLiteral("not"), QStringLiteral("a b"), QStringLiteral("re:x")}) {
        const VariableFilter filter(VariableFilter::quoted(text));
        QVERIFY(filter.isValid());
        VariableRow row;
        row.name = text;
        QVERIFY(filter.accepts(row, VariableLife::Trained));
        row.name = QStringLiteral("other");
        QVERIFY(!filter.accepts(row, VariableLife::Trained));
    }
}

QTEST_GUILESS_MAIN(TestVariableFilter)
#include "tst_variable_filter.moc"
