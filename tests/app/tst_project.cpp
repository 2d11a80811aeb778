// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project.h"
#include "engine/graph/model.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

// A comment with characters of two, three and four bytes stands before everything, so that any confusion of
// offsets shows.
constexpr const char* kScript = R"(# Größe: 4 × 3 € 😀
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.int64, [None], name="y")
weights = tf.Variable(tf.random_normal([4, 3], stddev=0.35),
                      name="weights")   # trained
biases = tf.Variable(tf.zeros([3]), name='biases')
with tf.device("/cpu:0"):
    spare = tf.Variable(tf.zeros((5,)), name="spare")
with tf.device("/cpu:0"):
    one = tf.Variable(tf.zeros([1]), name="one")
    two = tf.Variable(tf.constant([1.0, 2.0]), name="two")
for i in range(2):
    layer = tf.Variable(tf.zeros([2]), name=f"layer{i}")
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x, weights) + biases))
train_op = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
)";

QString example()
{
    return QString::fromUtf8(kScript);
}

QString replaced(const char* before, const char* after)
{
    QString text = example();
    const QString old = QString::fromUtf8(before);
    if (text.count(old) != 1)
        qFatal("the test's own replacement fits %d times", static_cast<int>(text.count(old)));
    return text.replace(old, QString::fromUtf8(after));
}

void writeFile(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QByteArray readFile(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

QStringList names(const Project& project)
{
    QStringList result;
    for (const VariableRow& row : project.variables())
        result += row.name;
    return result;
}

constexpr int kMilliseconds = 5000;

} // namespace

class TestProject : public QObject {
    Q_OBJECT
private slots:
    void init();
    void opens();
    void refusesToOpen_data();
    void refusesToOpen();
    void savesByteExact_data();
    void savesByteExact();
    void noticesOtherPrograms();
    void savesElsewhere();
    void showsRows();
    void editsFields_data();
    void editsFields();
    void refusesFields_data();
    void refusesFields();
    void addsAndRemoves();
    void refusesToRemove_data();
    void refusesToRemove();
    void removesEmptyBlocks();
    void keepsTheLastGoodModel();
    void canMendInTheTable();
    void dropsOldParses();
    void tellsTheEditor();

private:
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
};

void TestProject::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = std::make_unique<Project>();
    m_project->newFromText(example(), QStringLiteral("test"));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
}

void TestProject::opens()
{
    writeFile(path("model.wr"), kScript);
    Project project;
    QSignalSpy reset(&project, &Project::textReset);
    QSignalSpy located(&project, &Project::locationChanged);
    QSignalSpy modelChanged(&project, &Project::modelChanged);
    QVERIFY2(project.open(m_folder->path()).isEmpty(), "folder");
    QCOMPARE(reset.count(), 1);
    QCOMPARE(located.count(), 1);
    QCOMPARE(modelChanged.count(), 1);
    QCOMPARE(project.script(), example());
    QCOMPARE(project.directory(), m_folder->path());
    QCOMPARE(project.title(), QDir(m_folder->path()).dirName());
    QCOMPARE(project.checkpointDirectory(), path("checkpoints"));
    QVERIFY(!project.isModified());
    QVERIFY(project.model());
    QVERIFY2(project.open(path("model.wr")).isEmpty(), "file");
    QCOMPARE(project.directory(), m_folder->path());
}

void TestProject::refusesToOpen_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("reason");
    QTest::newRow("nothing there") << QStringLiteral("absent/model.wr") << QByteArray()
                                   << QStringLiteral("no such");
    QTest::newRow("another file") << QStringLiteral("other.txt") << QByteArray("a")
                                  << QStringLiteral("neither");
    QTest::newRow("empty folder") << QStringLiteral(".") << QByteArray()
                                  << QStringLiteral("holds no model.wr");
    QTest::newRow("not text") << QStringLiteral("model.wr") << QByteArray("a = 1\nb\xFF")
                              << QStringLiteral("line 2 (byte 7");
    QTest::newRow("mixed ends") << QStringLiteral("model.wr") << QByteArray("a\n\r\n")
                                << QStringLiteral("line ends are mixed");
    QTest::newRow("huge") << QStringLiteral("model.wr") << QByteArray((16 << 20) + 1, ' ') << QString();
}

void TestProject::refusesToOpen()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, reason);
    if (!bytes.isEmpty())
        writeFile(m_folder->filePath(name), bytes);
    const Explanation explanation = m_project->open(m_folder->filePath(name));
    QVERIFY(!explanation.what.isEmpty());
    QVERIFY2(explanation.why.contains(reason, Qt::CaseInsensitive), qPrintable(explanation.why));
    QVERIFY(!explanation.wayOut.isEmpty());
    QCOMPARE(m_project->script(), example());
    QVERIFY(m_project->directory().isEmpty());
    QVERIFY(m_project->model());
}

void TestProject::savesByteExact_data()
{
    QTest::addColumn<bool>("carriageReturns");
    QTest::addColumn<bool>("mark");
    QTest::newRow("LF") << false << false;
    QTest::newRow("CRLF") << true << false;
    QTest::newRow("CRLF and a mark") << true << true;
}

void TestProject::savesByteExact()
{
    QFETCH(bool, carriageReturns);
    QFETCH(bool, mark);
    const auto onDisk = [&](const QString& text) {
        QByteArray bytes = text.toUtf8();
        if (carriageReturns)
            bytes.replace("\n", "\r\n");
        return mark ? "\xEF\xBB\xBF" + bytes : bytes;
    };
    writeFile(path("model.wr"), onDisk(example()));
    Project project;
    QVERIFY(project.open(m_folder->path()).isEmpty());
    QVERIFY(!project.script().contains(QLatin1Char('\r')));
    QVERIFY(project.save().isEmpty());
    QCOMPARE(readFile(path("model.wr")), onDisk(example()));
    QVERIFY(
        project.setVariableField(QStringLiteral("biases"), VariableField::Device, QStringLiteral("/cpu:0"))
            .isEmpty());
    project.editText(0, 0, QStringLiteral("# a\r\n# b\n"));
    QVERIFY(project.isModified());
    QVERIFY(project.save().isEmpty());
    QVERIFY(!project.isModified());
    QCOMPARE(readFile(path("model.wr")),
             onDisk(QStringLiteral("# a\n# b\n") +
                    replaced("biases = ", "with tf.device(\"/cpu:0\"):\n    biases = ")));
    project.undo();
    QVERIFY(project.isModified());
    project.undo();
    QVERIFY(project.save().isEmpty());
    QCOMPARE(readFile(path("model.wr")), onDisk(example()));
}

void TestProject::noticesOtherPrograms()
{
    writeFile(path("model.wr"), kScript);
    Project project;
    QVERIFY(project.open(m_folder->path()).isEmpty());
    project.editText(0, 0, QStringLiteral("#"));
    QVERIFY(!project.isChangedOnDisk());
    writeFile(path("model.wr"), "theirs\n");
    QVERIFY(project.isChangedOnDisk());
    const Explanation refused = project.save();
    QVERIFY(refused.why.contains(QLatin1String("Another program")));
    QVERIFY(refused.wayOut.contains(QLatin1String("Save anyway")));
    QCOMPARE(readFile(path("model.wr")), QByteArray("theirs\n"));
    QVERIFY(project.isModified());
    QVERIFY(project.saveAnyway().isEmpty());
    QCOMPARE(readFile(path("model.wr")), QByteArray("#") + kScript);
    QVERIFY(!project.isModified());

    // The same bytes written again, even at another time, are no change.
    QTest::qWait(20);
    writeFile(path("model.wr"), QByteArray("#") + kScript);
    QVERIFY(!project.isChangedOnDisk());
    QVERIFY(QFile::remove(path("model.wr")));
    QVERIFY(!project.save().isEmpty());
}

void TestProject::savesElsewhere()
{
    QVERIFY(!m_project->save().isEmpty()); // no folder yet
    const QString scratch = m_project->checkpointDirectory();
    QVERIFY(QDir(scratch).exists());
    writeFile(QDir(scratch).filePath(QStringLiteral("step-00000001.wrck")), "kept");
    const QString folder = path("a/b");
    QSignalSpy located(m_project.get(), &Project::locationChanged);
    QVERIFY(m_project->saveAs(folder).isEmpty());
    QCOMPARE(located.count(), 1);
    QCOMPARE(m_project->directory(), folder);
    QCOMPARE(m_project->title(), QStringLiteral("b"));
    QCOMPARE(readFile(path("a/b/model.wr")), QByteArray(kScript));
    QCOMPARE(readFile(path("a/b/checkpoints/step-00000001.wrck")), QByteArray("kept"));
    QVERIFY(!QDir(scratch).exists());
    QVERIFY(m_project->saveAs(folder).isEmpty()); // its own folder: save

    QVERIFY(QDir(m_folder->path()).mkdir(QStringLiteral("taken")));
    writeFile(path("taken/model.wr"), "theirs");
    QVERIFY(!m_project->saveAs(path("taken")).isEmpty());
    QCOMPARE(readFile(path("taken/model.wr")), QByteArray("theirs"));
    writeFile(path("file"), "x");
    QVERIFY(!m_project->saveAs(path("file/below")).isEmpty());
    QCOMPARE(m_project->directory(), folder);
}

void TestProject::showsRows()
{
    QCOMPARE(names(*m_project),
             (QStringList{QStringLiteral("weights"), QStringLiteral("biases"), QStringLiteral("spare"),
                          QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("layer0"),
                          QStringLiteral("layer1")}));
    const VariableRow weights = m_project->variables()[0];
    QCOMPARE(weights.shape, QStringLiteral("4 × 3"));
    QCOMPARE(weights.dims, (QVector<qint64>{4, 3}));
    QCOMPARE(weights.parameters, 12);
    QCOMPARE(weights.bytes, 48);
    QVERIFY(weights.editable);
    QVERIFY(m_project->script()
                .mid(weights.begin, weights.end - weights.begin)
                .startsWith(QLatin1String("weights = tf.Variable(")));
    QCOMPARE(m_project->variables()[2].device, QStringLiteral("/cpu:0"));
    QVERIFY(!m_project->variables()[5].editable);
    QCOMPARE(m_project->variables()[5].readOnlyReason, QStringLiteral("made in the loop on line 12"));
}

void TestProject::editsFields_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<VariableField>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* variable, VariableField field, const char* value,
                        const QString& text) {
        QTest::newRow(name) << QString::fromUtf8(variable) << field << QString::fromUtf8(value) << text;
    };
    const QString shaped = replaced("normal([4, 3],", "normal([4, 6],");
    for (const char* spelling : {"4x6", "4×6", "4 × 6", "[4, 6]", "4,6", "(4, 6)"})
        row(spelling, "weights", VariableField::Shape, spelling, shaped);
    row("tuple", "spare", VariableField::Shape, "7", replaced("(5,)", "(7,)"));
    row("two of a tuple", "spare", VariableField::Shape, "7x2", replaced("(5,)", "(7, 2)"));
    row("scalar", "one", VariableField::Shape, "scalar", replaced("tf.zeros([1])", "tf.zeros([])"));
    row("same shape", "weights", VariableField::Shape, "4 x 3", example());
    row("initializer", "one", VariableField::Initializer, " tf.ones([1]) ",
        replaced("tf.zeros([1])", "tf.ones([1])"));
    row("initializer of another size", "spare", VariableField::Initializer, "tf.truncated_normal([2, 2])",
        replaced("tf.zeros((5,))", "tf.truncated_normal([2, 2])"));
    row("wrap", "biases", VariableField::Device, "/cpu:0",
        replaced("biases = ", "with tf.device(\"/cpu:0\"):\n    biases = "));
    row("wrap two lines", "weights", VariableField::Device, "/job:ps/task:7",
        replaced("\nweights = ", "\nwith tf.device(\"/job:ps/task:7\"):\n    weights = "));
    row("change the block's own", "spare", VariableField::Device, "/job:ps/task:7",
        replaced("\"/cpu:0\"):\n    spare", "\"/job:ps/task:7\"):\n    spare"));
    row("wrap inside a block", "two", VariableField::Device, "/cpu:1",
        replaced("    two = ", "    with tf.device(\"/cpu:1\"):\n        two = "));
    row("the same device", "spare", VariableField::Device, "/device:CPU:0", example());
    row("unwrap", "spare", VariableField::Device, "",
        replaced("with tf.device(\"/cpu:0\"):\n    spare", "spare"));
    row("not trainable", "one", VariableField::Trainable, "false",
        replaced("name=\"one\")", "name=\"one\", trainable=False)"));
    row("type", "one", VariableField::DType, "int32",
        replaced("tf.zeros([1])", "tf.zeros([1], dtype=tf.int32)"));
    row("name and Python name", "one", VariableField::Name, "first",
        replaced("one = tf.Variable(tf.zeros([1]), name=\"one\")",
                 "first = tf.Variable(tf.zeros([1]), name=\"first\")"));
    row("name that is no Python name", "one", VariableField::Name, "a/b-c",
        replaced("name=\"one\"", "name=\"a/b-c\""));
    row("name in the same quotes, and its uses", "biases", VariableField::Name, "b",
        example()
            .replace(QLatin1String("biases = tf"), QLatin1String("b = tf"))
            .replace(QLatin1String("'biases'"), QLatin1String("'b'"))
            .replace(QLatin1String("+ biases))"), QLatin1String("+ b))")));
}

void TestProject::editsFields()
{
    QFETCH(QString, variable);
    QFETCH(VariableField, field);
    QFETCH(QString, value);
    QFETCH(QString, text);
    QSignalSpy edited(m_project.get(), &Project::textEdited);
    const Explanation explanation = m_project->setVariableField(variable, field, value);
    QVERIFY2(explanation.isEmpty(), qPrintable(explanation.toText()));
    QCOMPARE(m_project->script(), text);
    QCOMPARE(m_project->canUndo(), text != example());
    if (text == example())
        return;
    QVERIFY(m_project->undoLabel().contains(variable));
    // What the editor is told gives the same text.
    QString shown = example();
    for (const QList<QVariant>& arguments : edited)
        shown.replace(arguments[0].toInt(), arguments[1].toInt(), arguments[2].toString());
    QCOMPARE(shown, text);
    m_project->undo();
    QCOMPARE(m_project->script(), example());
    m_project->redo();
    QCOMPARE(m_project->script(), text);
}

void TestProject::refusesFields_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<VariableField>("field");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* variable, VariableField field, const char* value,
                        const char* reason) {
        QTest::newRow(name) << QString::fromUtf8(variable) << field << QString::fromUtf8(value)
                            << QString::fromUtf8(reason);
    };
    row("no shape", "weights", VariableField::Shape, "[4, x]", "“[4, x]” is no shape");
    row("empty shape", "weights", VariableField::Shape, "", "is no shape");
    row("zero", "weights", VariableField::Shape, "4x0", "is no shape");
    row("negative", "weights", VariableField::Shape, "[4, -3]", "is no shape");
    row("too large", "weights", VariableField::Shape, "99999999999999999", "too large");
    row("too many", "weights", VariableField::Shape, "1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1", "17 dimensions");
    row("shape of values", "two", VariableField::Shape, "3", "follows from its initial value");
    row("broken expression", "one", VariableField::Initializer, "tf.zeros([1]", "cannot be read");
    row("two statements", "one", VariableField::Initializer, "1\n2", "");
    row("comment", "one", VariableField::Initializer, "tf.zeros([1]) # no", "not a single expression");
    row("escape from the call", "one", VariableField::Initializer, "tf.zeros([1])), (tf.zeros([1])", "");
    row("unknown op", "one", VariableField::Initializer, "tf.zeroes([1])", "zeroes");
    row("no device", "one", VariableField::Device, "/cpu:x", "/cpu:x");
    row("clear among others", "one", VariableField::Device, "", "holds other statements too");
    row("no type", "one", VariableField::DType, "float31", "is no type");
    row("no name", "one", VariableField::Name, "_one", "is no name");
    row("name with quotes", "one", VariableField::Name, "a\"b", "is no name");
    row("taken name", "one", VariableField::Name, "two", "already");
    row("taken Python name", "one", VariableField::Name, "loss", "for something else");
    row("loop", "layer1", VariableField::Shape, "3", "made in the loop on line 12");
    row("unknown variable", "nothing", VariableField::Shape, "3", "does not make this variable");
}

void TestProject::refusesFields()
{
    QFETCH(QString, variable);
    QFETCH(VariableField, field);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    const Explanation explanation = m_project->setVariableField(variable, field, value);
    QVERIFY(explanation.what.contains(variable));
    QVERIFY2(explanation.why.contains(reason), qPrintable(explanation.why));
    QVERIFY(!explanation.wayOut.isEmpty());
    QCOMPARE(m_project->script(), example());
    QVERIFY(!m_project->canUndo());
}

void TestProject::addsAndRemoves()
{
    QVERIFY2(m_project->addVariable().isEmpty(), "first");
    QCOMPARE(m_project->script(),
             replaced("loss = ", "variable = tf.Variable(tf.zeros([1]), name=\"variable\")\nloss = "));
    QVERIFY2(m_project->addVariable().isEmpty(), "second");
    QVERIFY(names(*m_project).contains(QStringLiteral("variable_2")));
    const Explanation removed =
        m_project->removeVariables({QStringLiteral("variable"), QStringLiteral("variable_2")});
    QVERIFY2(removed.isEmpty(), qPrintable(removed.toText()));
    QCOMPARE(m_project->script(), example());
    m_project->undo();
    QVERIFY(names(*m_project).contains(QStringLiteral("variable_2")) || m_project->isParsing());

    Project empty;
    empty.newFromText({}, QStringLiteral("empty"));
    QVERIFY(empty.addVariable().isEmpty());
    QCOMPARE(empty.script(), QStringLiteral("variable = tf.Variable(tf.zeros([1]), name=\"variable\")\n"));
    empty.newFromText(QStringLiteral("# no end"), QStringLiteral("open"));
    QVERIFY(empty.addVariable().isEmpty());
    QCOMPARE(empty.script(),
             QStringLiteral("# no end\nvariable = tf.Variable(tf.zeros([1]), name=\"variable\")\n"));
}

void TestProject::refusesToRemove_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("reason");
    QTest::newRow("used") << QStringLiteral("weights") << QStringLiteral("weights is used on line 14");
    QTest::newRow("loop") << QStringLiteral("layer0") << QStringLiteral("loop on line 12");
    QTest::newRow("unknown") << QStringLiteral("nothing") << QStringLiteral("nothing");
}

void TestProject::refusesToRemove()
{
    QFETCH(QString, variable);
    QFETCH(QString, reason);
    const Explanation explanation = m_project->removeVariables({variable});
    QVERIFY2(explanation.why.contains(reason), qPrintable(explanation.why));
    QCOMPARE(m_project->script(), example());
}

void TestProject::removesEmptyBlocks()
{
    QVERIFY(m_project->removeVariables({QStringLiteral("spare")}).isEmpty());
    QCOMPARE(
        m_project->script(),
        replaced("with tf.device(\"/cpu:0\"):\n    spare = tf.Variable(tf.zeros((5,)), name=\"spare\")\n",
                 ""));
    m_project->undo();
    QVERIFY(m_project->removeVariables({QStringLiteral("two")}).isEmpty());
    QCOMPARE(m_project->script(),
             replaced("    two = tf.Variable(tf.constant([1.0, 2.0]), name=\"two\")\n", ""));
    QVERIFY(m_project->removeVariables({QStringLiteral("one")}).isEmpty());
    QVERIFY(!m_project->script().contains(QLatin1String("one = ")));
    QCOMPARE(m_project->script().count(QLatin1String("with tf.device")), 1);
}

void TestProject::keepsTheLastGoodModel()
{
    const std::shared_ptr<const graph::Model> good = m_project->model();
    const QStringList before = names(*m_project);
    m_project->editText(0, 0, QStringLiteral("w = (((\n"));
    m_project->parseNow();
    QVERIFY(m_project->isStale());
    QVERIFY(!m_project->problems().isEmpty());
    QCOMPARE(m_project->problems().first().severity, Problem::Severity::Error);
    QCOMPARE(m_project->model(), good);
    QCOMPARE(names(*m_project), before);
    m_project->undo();
    m_project->parseNow();
    QVERIFY(!m_project->isStale());
    QVERIFY(m_project->model() != good);
}

void TestProject::canMendInTheTable()
{
    // One shape that no longer fits breaks the model, but not the table in which the other can be made to
    // fit.
    QVERIFY(
        m_project->setVariableField(QStringLiteral("weights"), VariableField::Shape, QStringLiteral("4x6"))
            .isEmpty());
    QVERIFY(m_project->isStale());
    QCOMPARE(m_project->variables()[0].shape, QStringLiteral("4 × 6"));
    const Explanation mended =
        m_project->setVariableField(QStringLiteral("biases"), VariableField::Shape, QStringLiteral("6"));
    QVERIFY2(mended.isEmpty(), qPrintable(mended.toText()));
    QVERIFY2(!m_project->isStale(),
             m_project->problems().isEmpty() ? "" : qPrintable(m_project->problems().first().message));
    QCOMPARE(m_project->model()->findVariable("biases")->shape, (Shape{6}));
}

void TestProject::dropsOldParses()
{
    QSignalSpy modelChanged(m_project.get(), &Project::modelChanged);
    m_project->editText(0, 0, QStringLiteral("#"));
    QVERIFY(m_project->isParsing());
    QTest::qWait(62); // the job may be on its way
    m_project->editText(0, 1, QStringLiteral("broken("));
    QTRY_VERIFY_WITH_TIMEOUT(!m_project->isParsing(), kMilliseconds);
    QVERIFY(m_project->isStale()); // what is shown is of the newest text
    const auto seen = modelChanged.count();
    QVERIFY(seen >= 1);
    m_project->editText(0, 7, QStringLiteral("# fine "));
    m_project->parseNow();
    QVERIFY(!m_project->isStale());
    QTest::qWait(100);
    QVERIFY(!m_project->isStale());
    QCOMPARE(modelChanged.count(), seen + 1);
}

void TestProject::tellsTheEditor()
{
    QSignalSpy edited(m_project.get(), &Project::textEdited);
    QSignalSpy history(m_project.get(), &Project::historyChanged);
    m_project->editText(2, 1, QStringLiteral("g"));
    QCOMPARE(edited.count(), 0); // the editor did it itself
    QCOMPARE(history.count(), 1);
    m_project->undo();
    QCOMPARE(edited.count(), 1);
    QCOMPARE(edited.first(), (QList<QVariant>{2, 1, QStringLiteral("G")}));
    m_project->editText(1'000'000, 5, QStringLiteral("# end"));
    QVERIFY(m_project->script().endsWith(QLatin1String("# end")));
    m_project->editText(-5, -1, QStringLiteral("#"));
    QVERIFY(m_project->script().startsWith(QLatin1String("##")));
}

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
