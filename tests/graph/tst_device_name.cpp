// SPDX-License-Identifier: GPL-3.0-or-later
// Device names: the forms that TensorFlow's two grammars take and refuse, merging, and what nested tf.device
// blocks make of them.
#include "engine/graph/device_name.h"
#include "tests/graph/model_text.h"

#include <QTest>
#include <random>

using namespace wr;
using namespace wr::graph;

class TestDeviceName : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void tellsOfTheOtherGrammar();
    void mergesFieldByField();
    void agreesField();
    void mergesRandomScopes();
    void takesLambdas();
    void warnsOfWhatTheRuntimeRefuses();
};

namespace {

/// The canonical text, or "!" and the message.
QString result(const char* device, DeviceGrammar grammar)
{
    const Result<DeviceName> name = DeviceName::parse(device, grammar);
    return name ? text(name->toString()) : QLatin1Char('!') + text(name.error().message());
}

QStringList devices(const Model& model)
{
    QStringList list;
    for (const Variable& variable : model.variables)
        list.push_back(text(variable.device));
    return list;
}

} // namespace

void TestDeviceName::reads_data()
{
    QTest::addColumn<QByteArray>("device");
    QTest::addColumn<QString>("lenient");
    QTest::addColumn<QString>("strict");
    const auto row = [](const char* device, const char* lenient, const char* strict) {
        QTest::newRow(device) << QByteArray(device) << QString::fromLatin1(lenient)
                              << QString::fromLatin1(strict);
    };
    const char* const full = "/job:w/replica:1/task:2/device:GPU:3";
    row("", "", "");
    row("/", "", "");
    row(full, full, full);
    row("/device:GPU:3/task:2/job:w/replica:1", full, full);
    row("/cpu:0", "/device:CPU:0", "/device:CPU:0");
    row("/GPU:1", "/device:GPU:1", "/device:GPU:1");
    row("/gpu:*", "/device:GPU:*", "/device:GPU:*");
    row("/Cpu:0", "/device:CPU:0", "!\"Cpu:0\" is neither");
    row("/cpu", "/device:CPU:*", "!\"cpu\" has no \":\"");
    row("/device:GPU", "!Unknown attribute: \"device:GPU\"", "/device:GPU:*");
    row("cpu:0", "/device:CPU:0", "!it must begin with \"/\"");
    row("/job:*", "/job:*", "");
    row("/replica:*", "!\"replica:*\" needs a number", "");
    row("/task:*", "!\"task:*\" needs a number", "");
    row("/device:*", "!Unknown attribute", "");
    row("/job:my-job", "/job:my-job", "!a job begins with a letter");
    row("/job:7up", "/job:7up", "!a job begins with a letter");
    row("/job:", "!names no job", "!a job begins with a letter");
    row("/cpu:0/gpu:1", "!Cannot specify multiple device types", "/device:GPU:1");
    row("/gpu:1/device:CPU:*", "!Cannot specify multiple device types", "/device:CPU:*");
    row("/job:a/job:b", "/job:b", "/job:b");
    row("/job:a//cpu:0", "/job:a/device:CPU:0", "!has no \":\"");
    row("/cpu:0/", "/device:CPU:0", "!has no \":\"");
    row("/tpu:0", "!Unknown attribute: \"tpu:0\"", "!\"tpu:0\" is neither");
    row("/device:TPU:0", "/device:TPU:0", "/device:TPU:0");
    row("/device:TPU:0:1", "!Unknown attribute", "!needs a number");
    row("/task:-1", "!needs a number", "!needs a number");
    row("/task:99999999999", "!needs a number", "!needs a number");
    row("/cpu:0x", "!needs a number", "!needs a number");
    row("/colour:red", "!Unknown attribute", "!is neither");
}

void TestDeviceName::reads()
{
    QFETCH(QByteArray, device);
    QFETCH(QString, lenient);
    QFETCH(QString, strict);
    const auto check = [&](DeviceGrammar grammar, const QString& expected) {
        const QString got = result(device.constData(), grammar);
        return expected.startsWith(QLatin1Char('!'))
                   ? got.startsWith(QLatin1Char('!')) && got.contains(expected.mid(1))
                   : got == expected;
    };
    QVERIFY2(check(DeviceGrammar::Lenient, lenient),
             qPrintable(result(device.constData(), DeviceGrammar::Lenient)));
    QVERIFY2(check(DeviceGrammar::Strict, strict),
             qPrintable(result(device.constData(), DeviceGrammar::Strict)));
    const bool bothRefuse = lenient.startsWith(QLatin1Char('!')) && strict.startsWith(QLatin1Char('!'));
    QCOMPARE(DeviceName::disagreement(device.constData()).empty(), bothRefuse || lenient == strict);
    if (strict.startsWith(QLatin1Char('!')))
        QVERIFY(result(device.constData(), DeviceGrammar::Strict)
                    .contains(QStringLiteral("Malformed device specification '")));
}

void TestDeviceName::tellsOfTheOtherGrammar()
{
    QVERIFY(result("/device:GPU", DeviceGrammar::Lenient)
                .contains(QStringLiteral("runtime would read it as /device:GPU:*")));
    QVERIFY(
        result("/cpu", DeviceGrammar::Strict).contains(QStringLiteral("Python reads it as /device:CPU:*")));
    QVERIFY(!result("/tpu:0", DeviceGrammar::Lenient).contains(QStringLiteral("would read")));
    QCOMPARE(deviceErrorClass(DeviceGrammar::Lenient), std::string_view("ValueError"));
    const auto model = modelOf("with tf.device('/device:GPU'): pass\n");
    QCOMPARE(model->diagnostics.size(), std::size_t{1});
    QCOMPARE(text(model->diagnostics[0].errorClass), QStringLiteral("ValueError"));
}

void TestDeviceName::mergesFieldByField()
{
    const auto merged = [](const char* outer, const char* inner) {
        return text(DeviceName::parse(outer)->mergedWith(*DeviceName::parse(inner)).toString());
    };
    QCOMPARE(merged("/job:ps/cpu:1", "/task:3"), QStringLiteral("/job:ps/task:3/device:CPU:1"));
    QCOMPARE(merged("/job:ps/task:1", "/job:worker"), QStringLiteral("/job:worker/task:1"));
    // TensorFlow's merging knows fields only: the number of the outer type stays.
    QCOMPARE(merged("/cpu:1", "/gpu"), QStringLiteral("/device:GPU:1"));
    QCOMPARE(merged("/cpu:1", ""), QStringLiteral("/device:CPU:1"));
}

void TestDeviceName::agreesField()
{
    const auto agree = [](const char* a, const char* b) {
        return DeviceName::parse(a)->isCompatibleWith(*DeviceName::parse(b));
    };
    QVERIFY(agree("/job:ps", "/task:3/cpu:0"));
    QVERIFY(agree("/gpu:*", "/gpu:4"));
    QVERIFY(!agree("/gpu:1", "/cpu:1"));
    QVERIFY(!agree("/job:a/task:1", "/job:a/task:2"));
}

void TestDeviceName::mergesRandomScopes()
{
    // The model: each block overwrites the fields that it names; None begins anew.
    std::mt19937 random(7);
    const auto pick = [&](unsigned count) { return static_cast<int>(random() % count); };
    for (int turn = 0; turn < 500; ++turn) {
        QString script;
        QStringList fields{{}, {}, {}, {}, {}};
        const int depth = 1 + pick(5);
        for (int level = 0; level < depth; ++level) {
            QString device;
            const auto set = [&](int field, const QString& value, const QString& spelled) {
                fields[field] = value;
                device += spelled;
            };
            if (pick(8) == 0) {
                fields = QStringList{{}, {}, {}, {}, {}};
                device = QStringLiteral("None");
            } else {
                if (pick(2) == 0) {
                    const QString job = QStringLiteral("/job:%1").arg(QLatin1Char(pick(2) == 0 ? 'a' : 'b'));
                    set(0, job, job);
                }
                if (pick(3) == 0) {
                    const QString replica = QStringLiteral("/replica:%1").arg(pick(3));
                    set(1, replica, replica);
                }
                if (pick(3) == 0) {
                    const QString task = QStringLiteral("/task:%1").arg(pick(9));
                    set(2, task, task);
                }
                if (pick(2) == 0) {
                    const bool isCpu = pick(2) == 0;
                    const int index = pick(3);
                    fields[3] = isCpu ? QStringLiteral("/device:CPU:") : QStringLiteral("/device:GPU:");
                    device += isCpu ? QStringLiteral("/cpu") : QStringLiteral("/gpu");
                    if (pick(2) == 0)
                        set(4, QString::number(index), QStringLiteral(":%1").arg(index));
                }
                device = QLatin1Char('"') + device + QLatin1Char('"');
            }
            script += QString(level, QLatin1Char(' ')) + QStringLiteral("with tf.device(%1):\n").arg(device);
        }
        script += QString(depth, QLatin1Char(' ')) + QStringLiteral("v = tf.Variable(tf.zeros([1]))\n");
        const auto model = modelOf(script.toStdString());
        QCOMPARE(problems(*model), QString());
        const QString index = fields[4].isEmpty() ? QStringLiteral("*") : fields[4];
        const QString expected =
            fields[0] + fields[1] + fields[2] + (fields[3].isEmpty() ? QString() : fields[3] + index);
        QVERIFY2(
            devices(*model) == QStringList{expected},
            qPrintable(script + devices(*model).join(QLatin1Char(' ')) + QStringLiteral(" / ") + expected));
    }
}

void TestDeviceName::takesLambdas()
{
    const auto model = modelOf("with tf.device(lambda op: '/job:a/cpu:0'):\n"
                               "  a = tf.Variable(tf.zeros([1]))\n"
                               "  with tf.device('/gpu:1'):\n"
                               "    b = tf.Variable(tf.zeros([1]))\n"
                               "with tf.device('/job:ps/gpu:1'):\n"
                               "  with tf.device(lambda op: '/cpu:0'):\n"
                               "    c = tf.Variable(tf.zeros([1]))\n"
                               "  with tf.device(lambda op: None):\n"
                               "    d = tf.Variable(tf.zeros([1]))\n");
    QCOMPARE(problems(*model), QString());
    // A function outside of a name says the last word, since TensorFlow asks from the inside outwards.
    QCOMPARE(devices(*model), list({"/job:a/device:CPU:0", "/job:a/device:CPU:0", "/job:ps/device:CPU:0",
                                    "/job:ps/device:GPU:1"}));
    const auto bare = modelOf("with tf.device(lambda: '/cpu:0'): pass\n");
    QCOMPARE(text(bare->diagnostics.at(0).errorClass), QStringLiteral("TypeError"));
    QVERIFY(modelOf("with tf.device(lambda op: op.name): pass\n")->hasErrors());
}

void TestDeviceName::warnsOfWhatTheRuntimeRefuses()
{
    const auto model = modelOf("with tf.device('/job:my-job/cpu'):\n  a = tf.Variable(tf.zeros([1]))\n");
    QVERIFY(!model->hasErrors());
    QCOMPARE(devices(*model), list({"/job:my-job/device:CPU:*"}));
    QVERIFY2(problems(*model).contains(QStringLiteral("my-job")), qPrintable(problems(*model)));
}

QTEST_GUILESS_MAIN(TestDeviceName)
#include "tst_device_name.moc"
