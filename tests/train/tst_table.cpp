// SPDX-License-Identifier: GPL-3.0-or-later
// Tables from CSV files: what is guessed of them, what becomes of gaps and texts, how they are cut and
// scaled, what is refused and where; and a training on one.
#include "engine/base/philox.h"
#include "engine/train/trainer.h"
#include "tests/session/session_fixture.h"
#include "tests/train/written_files.h"

#include <QTest>

#include <cmath>

using namespace wr;
using namespace wr::train;

class TestTable : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void tellsItsColumns();
    void cutsByTheSeed();
    void scalesByTheTrainingPart();
    void refuses_data();
    void refuses();
    void refusesSettings_data();
    void refusesSettings();
    void canBeCancelled();
    void fitsPlaceholders_data();
    void fitsPlaceholders();
    void everyTruncation();
    void learns();

private:
    WrittenFiles m_files;
};

namespace {

/// All examples in the order of the file's first feature.
QString sorted(const Dataset& dataset)
{
    QStringList rows;
    for (const Examples* const part : {&dataset.train, &dataset.test}) {
        for (std::int64_t i = 0; i < part->count(); ++i) {
            const std::int64_t width = part->features.shape().dim(1);
            const std::int64_t labels = part->labels.elementCount() / part->count();
            QStringList row;
            for (std::int64_t k = 0; k < width; ++k)
                row.push_back(QString::number(part->features.valueAt(i * width + k), 'g', 5));
            row.push_back(QStringLiteral("→"));
            for (std::int64_t k = 0; k < labels; ++k)
                row.push_back(QString::number(part->labels.valueAt(i * labels + k), 'g', 5));
            rows.push_back(row.join(QLatin1Char(' ')));
        }
    }
    rows.sort();
    return rows.join(QStringLiteral(" | "));
}

} // namespace

void TestTable::reads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("expected");
    const QByteArray plain = "a,b,kind\n1,10,cat\n2,20,dog\n3,30,cat\n";
    QTest::newRow("plain") << plain << "label='kind'"
                           << "1 10 → 0 | 2 20 → 1 | 3 30 → 0";
    QTest::newRow("chosen") << plain << "label='kind', features=['b']"
                            << "10 → 0 | 20 → 1 | 30 → 0";
    QTest::newRow("order of features") << plain << "label='kind', features=['b', 'a']"
                                       << "10 1 → 0 | 20 2 → 1 | 30 3 → 0";
    QTest::newRow("by number") << plain << "label=2, features=[0]"
                               << "1 → 0 | 2 → 1 | 3 → 0";
    QTest::newRow("from the end") << plain << "label=-1, features=[0]"
                                  << "1 → 0 | 2 → 1 | 3 → 0";
    QTest::newRow("one hot") << plain << "label='kind', features=['a'], one_hot=True"
                             << "1 → 1 0 | 2 → 0 1 | 3 → 1 0";
    QTest::newRow("whole numbers") << plain << "label='a', features=['b']"
                                   << "10 → 1 | 20 → 2 | 30 → 3";
    QTest::newRow("text feature") << plain << "label='a'"
                                  << "10 1 0 → 1 | 20 0 1 → 2 | 30 1 0 → 3";
    QTest::newRow("targets") << QByteArray("x,y\n1,0.5\n2,-1\n") << "label='y'"
                             << "1 → 0.5 | 2 → -1";
    QTest::newRow("negative whole numbers are targets") << QByteArray("x,y\n1,-1\n2,1\n") << "label='y'"
                                                        << "1 → -1 | 2 → 1";
    QTest::newRow("no header") << QByteArray("1,2,cat\n3,4,dog\n") << "label=2"
                               << "1 2 → 0 | 3 4 → 1";
    QTest::newRow("header said") << QByteArray("1,2\n3,4\n5,6\n") << "label='2', header=True"
                                 << "3 → 4 | 5 → 6";
    QTest::newRow("header denied") << QByteArray("a,b\na,c\n") << "label=1, header=False"
                                   << "1 → 0 | 1 → 1";
    QTest::newRow("header of texts") << QByteArray("x,y\na,c\nb,c\n") << "label='y'"
                                     << "0 1 → 0 | 1 0 → 0";
    QTest::newRow("semicolons") << QByteArray("a;b\n1;2\n3;4\n") << "label='b', delimiter=';'"
                                << "1 → 2 | 3 → 4";
    QTest::newRow("tabs") << QByteArray("a\tb\n1\t2\n3\t4\n") << "label='b', delimiter='\\t'"
                          << "1 → 2 | 3 → 4";
    QTest::newRow("Windows") << QByteArray("\xEF\xBB\xBF"
                                           "\"a\",\"b\"\r\n\"1\",\"x, y\"\r\n\"2\",\"z\"\r\n")
                             << "label='b'"
                             << "1 → 0 | 2 → 1";
    QTest::newRow("spaces") << QByteArray("a, b\n 1, cat\n2 ,dog \n3, cat\n") << "label='b'"
                            << "1 → 0 | 2 → 1 | 3 → 0";
    const QByteArray gaps = "a,b,c\n1,2,x\nNA,4,y\n3,?,x\n5,6,\n";
    QTest::newRow("dropped") << gaps << "label='c', missing='drop', test=0, train=1"
                             << "1 2 → 0";
    QTest::newRow("mean") << QByteArray("a,b\n1,x\nNaN,y\n3,x\n") << "label='b', missing='mean', train=3"
                          << "1 → 0 | 2 → 1 | 3 → 0";
    QTest::newRow("missing text") << QByteArray("t,b\nred,1\n,0\nblue,1\n")
                                  << "label='b', missing='mean', train=3"
                                  << "0 0 → 0 | 0 1 → 1 | 1 0 → 1";
}

void TestTable::reads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, arguments);
    QFETCH(QString, expected);
    m_files.write("t.csv", bytes);
    const bool isOneHot = arguments.contains("one_hot");
    const auto dataset =
        m_files.load("wr.data.csv('t.csv', " + arguments + ")", isOneHot ? "tf.float32" : "tf.int64");
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QCOMPARE(sorted(**dataset), expected);
    QCOMPARE(QString::fromStdString((*dataset)->name), QStringLiteral("t.csv"));
}

void TestTable::tellsItsColumns()
{
    m_files.write("t.csv", "id,size,colour,kind\n1,2,red,b\n2,,red,a\n3,4,blue,b\n");
    const auto loaded = m_files.load(
        "wr.data.csv('t.csv', label='kind', features=['size', 'colour'], missing='mean', train=3)");
    QVERIFY2(loaded, loaded ? "" : loaded.error().toString().c_str());
    const Dataset& dataset = **loaded;
    QCOMPARE(dataset.classNames, (std::vector<std::string>{"b", "a"}));
    QCOMPARE(dataset.classes, std::int64_t{2});
    QCOMPARE(dataset.columns.size(), std::size_t{4});
    QVERIFY(dataset.columns[0].role == ColumnInfo::Role::Unused);
    QVERIFY(dataset.columns[1].role == ColumnInfo::Role::Feature);
    QVERIFY(dataset.columns[3].role == ColumnInfo::Role::Label);
    QCOMPARE(dataset.columns[1].name, std::string("size"));
    QVERIFY(!dataset.columns[1].isText);
    QCOMPARE(dataset.columns[1].missing, std::int64_t{1});
    QCOMPARE(dataset.columns[1].mean, 3.0);
    QCOMPARE(dataset.columns[1].deviation, 1.0);
    QVERIFY(dataset.columns[2].isText);
    QCOMPARE(dataset.columns[2].values, (std::vector<std::string>{"red", "blue"}));
}

/// A shuffle by the seed, so that a file sorted by class is not cut by class; each row in one part only.
void TestTable::cutsByTheSeed()
{
    QByteArray bytes("x,kind\n");
    for (int i = 0; i < 100; ++i)
        bytes += QByteArray::number(i) + (i < 50 ? ",a\n" : ",b\n");
    m_files.write("t.csv", bytes);
    const auto first = *m_files.load("wr.data.csv('t.csv', label='kind')");
    const auto again = *m_files.load("wr.data.csv('t.csv', label='kind')");
    const auto other = *m_files.load("wr.data.csv('t.csv', label='kind', seed=2)");
    QCOMPARE(first->train.count(), std::int64_t{80});
    QCOMPARE(first->test.count(), std::int64_t{20});
    QCOMPARE(valuesOf(first->train.features), valuesOf(again->train.features));
    QVERIFY(valuesOf(first->train.features) != valuesOf(other->train.features));
    QCOMPARE(sorted(*first), sorted(*other));
    QVERIFY(valuesOf(first->test.labels).contains('0') && valuesOf(first->test.labels).contains('1'));
    const auto counted = *m_files.load("wr.data.csv('t.csv', label='kind', train=30, test=10)");
    QCOMPARE(counted->train.count(), std::int64_t{30});
    QCOMPARE(counted->test.count(), std::int64_t{10});
}

/// The test part is scaled by what is known before it is looked at.
void TestTable::scalesByTheTrainingPart()
{
    QByteArray bytes("x,same,t,y\n");
    for (int i = 0; i < 50; ++i)
        bytes += QByteArray::number(i * i) + ",7," + (i % 2 == 0 ? "u" : "v") + ",0\n";
    m_files.write("t.csv", bytes);
    const auto plain = *m_files.load("wr.data.csv('t.csv', label='y')");
    const auto scaled = *m_files.load("wr.data.csv('t.csv', label='y', normalize=True)");
    QCOMPARE(scaled->train.features.shape(), (Shape{40, 4}));
    double mean = 0.0;
    for (std::int64_t i = 0; i < 40; ++i)
        mean += plain->train.features.valueAt(4 * i) / 40.0;
    double variance = 0.0;
    for (std::int64_t i = 0; i < 40; ++i)
        variance += std::pow(plain->train.features.valueAt(4 * i) - mean, 2) / 40.0;
    for (const auto part : {&Dataset::train, &Dataset::test}) {
        const Tensor& before = ((*plain).*part).features;
        const Tensor& after = ((*scaled).*part).features;
        for (std::int64_t i = 0; i < after.shape().dim(0); ++i) {
            const double expected = (before.valueAt(4 * i) - mean) / std::sqrt(variance);
            QVERIFY(std::abs(after.valueAt(4 * i) - expected) < 1e-5);
            QCOMPARE(after.valueAt(4 * i + 1), 0.0); // a column that never changes
            QCOMPARE(after.valueAt(4 * i + 2), before.valueAt(4 * i + 2));
        }
    }
}

void TestTable::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("message");
    const QByteArray plain = "width,height,kind\n1,10,cat\n2,20,dog\n";
    QTest::newRow("no file") << QByteArray() << "label='kind'"
                             << "t.csv";
    QTest::newRow("empty") << QByteArray("\n") << "label='kind'"
                           << "t.csv: it holds no rows";
    QTest::newRow("header only") << QByteArray("a,kind\n") << "label='kind'"
                                 << "t.csv: it holds no rows below its header";
    QTest::newRow("misspelt") << plain << "label='knid'"
                              << "t.csv: there is no column \"knid\"; did you mean kind?";
    QTest::newRow("no header") << QByteArray("1,2\n3,4\n") << "label='species'"
                               << "the first line is no header, so columns are called 0 to 1";
    QTest::newRow("delimiter") << QByteArray("aa;bb\n1;2\n3;4\n") << "label='bb', header=True"
                               << "another delimiter= may be meant";
    QTest::newRow("number") << plain << "label=3"
                            << "there is no column \"3\"";
    QTest::newRow("two of a name") << QByteArray("a,a,b\n1,2,3\n") << "label='a'"
                                   << "columns 1 and 2 are both called \"a\"";
    QTest::newRow("wanted twice") << plain << "label='kind', features=['width', 0]"
                                  << "the column \"width\" is wanted twice";
    QTest::newRow("label only") << QByteArray("kind\na\nb\n") << "label='kind'"
                                << "besides the label there is no column to learn from";
    QTest::newRow("short row") << plain + "3,30\n"
                               << "label='kind'"
                               << "t.csv: line 4: 2 columns, but the first line has 3";
    QTest::newRow("long row") << plain + "3,30,cat,\n"
                              << "label='kind'"
                              << "t.csv: line 4: 4 columns, but the first line has 3";
    QTest::newRow("missing") << plain + "3,,cat\n"
                             << "label='kind'"
                             << "t.csv: line 4, column 2 (height): nothing is there; missing=\"drop\"";
    QTest::newRow("missing label") << plain + "3,4,?\n"
                                   << "label='kind', missing='mean'"
                                   << "t.csv: line 4, column 3 (kind): the label is missing";
    QTest::newRow("all dropped") << QByteArray("a,kind\n,x\n1,\n") << "label='kind', missing='drop'"
                                 << "every row lacks something";
    QTest::newRow("no mean") << QByteArray("a,kind\n,x\n,y\n") << "label='kind', missing='mean'"
                             << "the column \"a\" holds no number";
    QTest::newRow("infinite") << plain + "inf,30,cat\n"
                              << "label='kind'"
                              << "t.csv: line 4, column 1 (width): the number \"inf\" is infinite";
    QTest::newRow("too large") << plain + "1,1e39,cat\n"
                               << "label='kind'"
                               << "t.csv: line 4, column 2 (height): the number \"1e39\"";
    QTest::newRow("quote") << plain + "1,\"30,cat\n"
                           << "label='kind'"
                           << "t.csv: line 4, column 2: the quote that opens here is never closed";
    QTest::newRow("too few") << plain << "label='kind', train=2, test=1"
                             << "t.csv: it holds 2 examples, fewer than the 2 to train and 1 to test";
    QTest::newRow("one hot of targets") << QByteArray("x,y\n1,0.5\n2,1.5\n") << "label='y', one_hot=True"
                                        << "one_hot is for classes";
    QTest::newRow("one hot of many") << QByteArray("x,y\n1,20000\n2,3\n") << "label='y', one_hot=True"
                                     << "one_hot of 20001 classes";
    QByteArray many("name,y\n1,0\n");
    for (int i = 0; i < 1001; ++i)
        many += "n" + QByteArray::number(i) + ",0\n";
    QTest::newRow("many texts") << many << "label='y'"
                                << "line 1002, column 1 (name): more than 1000 different texts; each would "
                                   "become a column. Name the columns to learn from with features=[…] (the "
                                   "first that is no number is \"n0\" on line 3)";
    QTest::newRow("UTF-16") << QByteArray("\xFF\xFE"
                                          "a\0,\0b\0",
                                          8)
                            << "label=0"
                            << "a zero byte";
}

void TestTable::refuses()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, arguments);
    QFETCH(QString, message);
    QFile::remove(m_files.path("t.csv"));
    if (!bytes.isEmpty())
        m_files.write("t.csv", bytes);
    const bool isOneHot = arguments.contains("one_hot");
    const auto dataset =
        m_files.load("wr.data.csv('t.csv', " + arguments + ")", isOneHot ? "tf.float32" : "tf.int64");
    QVERIFY(!dataset);
    const QString found = QString::fromStdString(dataset.error().message());
    QVERIFY2(found.contains(message), qPrintable(found));
}

void TestTable::refusesSettings_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("no path") << ""
                             << "needs the argument \"path\"";
    QTest::newRow("no label") << "'t.csv'"
                              << "needs the argument \"label\"";
    QTest::newRow("label") << "'t.csv', label=1.5"
                           << "a column is expected here";
    QTest::newRow("features") << "'t.csv', label='a', features='b'"
                              << "features is a list of columns";
    QTest::newRow("no features") << "'t.csv', label='a', features=[]"
                                 << "features is a list of columns";
    QTest::newRow("label among features") << "'t.csv', label='a', features=['b', 'a']"
                                          << "\"a\" is the label";
    QTest::newRow("delimiter") << "'t.csv', label='a', delimiter='::'"
                               << "delimiter is one character";
    QTest::newRow("quote as delimiter") << "'t.csv', label='a', delimiter='\"'"
                                        << "delimiter is one character";
    QTest::newRow("missing") << "'t.csv', label='a', missing='zero'"
                             << "missing is \"refuse\", \"drop\" or \"mean\"";
    QTest::newRow("header") << "'t.csv', label='a', header='yes'"
                            << "expected here";
    QTest::newRow("negative") << "'t.csv', label='a', train=-1"
                              << "train and test cannot be negative";
}

void TestTable::refusesSettings()
{
    QFETCH(QString, arguments);
    QFETCH(QString, message);
    const QStringList found =
        graph::placed(*graph::modelOf("data = wr.data.csv(" + arguments.toStdString() + ")\n"));
    QVERIFY2(found.size() == 1 && found.front().contains(message), qPrintable(found.join(QLatin1Char('\n'))));
}

void TestTable::canBeCancelled()
{
    m_files.write("t.csv", "a,b\n1,2\n3,4\n");
    const auto dataset = m_files.load("wr.data.csv('t.csv', label='b')", "tf.int64",
                                      [](std::uint64_t, std::uint64_t) { return false; });
    QVERIFY(!dataset);
    QCOMPARE(dataset.error().code(), StatusCode::Cancelled);
}

void TestTable::fitsPlaceholders_data()
{
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("message"); // empty: fits
    QTest::newRow("classes") << QByteArray("a b") << "tf.int64"
                             << "";
    QTest::newRow("classes as int32") << QByteArray("a b") << "tf.int32"
                                      << "";
    QTest::newRow("names as targets") << QByteArray("a b") << "tf.float32"
                                      << "2 classes with names (\"a\", …), but y takes float32 targets";
    QTest::newRow("whole numbers as classes") << QByteArray("0 1") << "tf.int64"
                                              << "";
    QTest::newRow("whole numbers as targets") << QByteArray("0 1") << "tf.float32"
                                              << "";
    QTest::newRow("targets") << QByteArray("0.5 1") << "tf.float32"
                             << "";
    QTest::newRow("targets as classes") << QByteArray("0.5 1") << "tf.int64"
                                        << "are targets: float32 numbers, but y takes classes";
}

void TestTable::fitsPlaceholders()
{
    QFETCH(QByteArray, labels);
    QFETCH(QString, type);
    QFETCH(QString, message);
    QByteArray bytes("x,y\n");
    for (int i = 0; i < 20; ++i)
        bytes += QByteArray::number(i) + "," + labels.split(' ')[i % 2] + "\n";
    m_files.write("t.csv", bytes);
    const session::SessionFixture f(
        "x = tf.placeholder(tf.float32, [None, 1])\n"
        "y = tf.placeholder(" +
        type.toStdString() +
        ", [None], name=\"y\")\n"
        "w = tf.Variable(tf.zeros([1, 1]))\n"
        "loss = tf.reduce_mean(tf.square(tf.reduce_sum(tf.matmul(x, w), 1) - tf.cast(y, tf.float32)))\n"
        "op = tf.train.GradientDescentOptimizer(0.001).minimize(loss)\n"
        "wr.train(op, data=wr.data.csv('t.csv', label='y'), inputs=x, labels=y, batch_size=4)\n");
    const auto dataset = loadDataset(f.session->model().recipe->data, {m_files.folder(), {}}, Vfs::posix());
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QCOMPARE(trainer.has_value(), message.isEmpty());
    if (!trainer) {
        const QString found = QString::fromStdString(trainer.error().message());
        QVERIFY2(found.contains(message), qPrintable(found));
        return;
    }
    QVERIFY(f.session->initializeAll().isOk());
    const Result<StepRecord> record = (*trainer)->step();
    QVERIFY2(record, record ? "" : record.error().toString().c_str());
    QVERIFY(record->loss > 0.0);
}

/// A file cut anywhere gives an answer, and never one with half a row.
void TestTable::everyTruncation()
{
    const QByteArray whole = "a,\"b \"\"x\"\"\",kind\r\n1,\"2\",cat\r\n3,4,\"dog\r\nhouse\"\r\n5,6,cat\r\n";
    for (qsizetype size = 0; size < whole.size(); ++size) {
        m_files.write("t.csv", whole.left(size));
        const auto dataset = m_files.load("wr.data.csv('t.csv', label=2, train=1)");
        if (dataset)
            QCOMPARE((*dataset)->train.features.shape().dim(1), std::int64_t{2});
    }
}

/// Three flowers that differ in four measures, with texts for names: at least 95 of 100 are told apart.
void TestTable::learns()
{
    QByteArray bytes("petal length,petal width,sepal length,shade,species\n");
    Philox stream(11, 1);
    const double centres[3][3] = {{1.4, 0.2, 5.0}, {4.3, 1.3, 5.9}, {5.6, 2.0, 6.6}};
    const char* const names[] = {"setosa", "versicolor", "virginica"};
    for (int i = 0; i < 600; ++i) {
        const auto normals = normalFloats(stream.next());
        for (std::size_t k = 0; k < 3; ++k)
            bytes += QByteArray::number(centres[i % 3][k] + 0.2 * static_cast<double>(normals[k])) + ",";
        bytes += (i % 2 == 0 ? "light," : "dark,") + QByteArray(names[i % 3]) + "\n";
    }
    m_files.write("iris.csv", bytes);
    const session::SessionFixture f(
        "tf.set_random_seed(1)\n"
        "x = tf.placeholder(tf.float32, [None, 5])\n"
        "y = tf.placeholder(tf.int64, [None])\n"
        "w = tf.Variable(tf.random_normal([5, 3], stddev=0.1))\n"
        "b = tf.Variable(tf.zeros([3]))\n"
        "logits = tf.matmul(x, w) + b\n"
        "loss = tf.losses.sparse_softmax_cross_entropy(y, logits)\n"
        "accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))\n"
        "op = tf.train.AdamOptimizer(0.05).minimize(loss)\n"
        "data = wr.data.csv('iris.csv', label='species', normalize=True)\n"
        "wr.train(op, data=data, inputs=x, labels=y, batch_size=32, epochs=20, metrics={'accuracy': "
        "accuracy})\n");
    const auto dataset = loadDataset(f.session->model().recipe->data, {m_files.folder(), {}}, Vfs::posix());
    QVERIFY2(dataset, dataset ? "" : dataset.error().toString().c_str());
    QCOMPARE((*dataset)->train.count(), std::int64_t{480});
    QVERIFY(f.session->initializeAll().isOk());
    const auto trainer = Trainer::create(*f.session, *dataset);
    QVERIFY2(trainer, trainer ? "" : trainer.error().toString().c_str());
    while (!(*trainer)->isFinished())
        QVERIFY((*trainer)->step());
    const Result<Evaluation> test = (*trainer)->evaluate();
    QVERIFY(test);
    QVERIFY2(test->metrics[0] >= 0.95, qPrintable(QString::number(test->metrics[0])));
}

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
