// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project.h"
#include "engine/graph/model.h"
#include "tests/app/project_fixture.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;
using namespace wr::app;

namespace {

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

constexpr int kMilliseconds = 5000;
constexpr int kLong = 60000;

/// A script that is long by what it does not say.
QString longScript()
{
    return QStringLiteral("# a long remark\n").repeated(5000) +
           QStringLiteral("a = tf.Variable(tf.zeros([2]), name=\"a\")\n"
                          "b = tf.Variable(tf.zeros([3]), name=\"b\")\n");
}

} // namespace

class TestProject : public QObject {
    Q_OBJECT
private slots:
    void replacesATextWhereItDiffers();
    void init();
    void opens();
    void refusesToOpen_data();
    void refusesToOpen();
    void savesByteExact_data();
    void savesByteExact();
    void noticesOtherPrograms();
    void savesElsewhere();
    void showsRows();
    void keepsTheLastGoodModel();
    void dropsOldParses();
    void tellsTheEditor();
    void readsLongTextsAside();
    void editsLongTextsAside();

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

void TestProject::readsLongTextsAside()
{
    QSignalSpy modelChanged(m_project.get(), &Project::modelChanged);
    QVERIFY(!m_project->isLong());
    m_project->newFromText(longScript(), QStringLiteral("long"));
    QVERIFY(m_project->isLong());
    QVERIFY(m_project->isParsing());
    QCOMPARE(modelChanged.count(), 1); // nothing of the text before is left
    QVERIFY(m_project->variables().isEmpty() && m_project->pythonNames().isEmpty());
    QVERIFY(m_project->model() == nullptr && !m_project->isStale());
    QTRY_COMPARE_WITH_TIMEOUT(m_project->variables().size(), 2, kLong);
    QVERIFY(!m_project->isParsing() && m_project->model() != nullptr);
    QCOMPARE(modelChanged.count(), 2);
    // The newest text wins, whichever is read first.
    m_project->newFromText(longScript(), QStringLiteral("long"));
    m_project->newFromText(QStringLiteral("c = tf.Variable(tf.zeros([2]), name=\"c\")\n"),
                           QStringLiteral("short"));
    QCOMPARE(names(*m_project), QStringList{QStringLiteral("c")});
    QTest::qWait(200);
    QCOMPARE(names(*m_project), QStringList{QStringLiteral("c")});
    // Who cannot wait has it at once.
    m_project->newFromText(longScript(), QStringLiteral("long"));
    m_project->parseNow();
    QVERIFY(!m_project->isParsing());
    QCOMPARE(m_project->variables().size(), 2);
}

void TestProject::editsLongTextsAside()
{
    QSignalSpy finished(m_project.get(), &Project::editFinished);
    QSignalSpy added(m_project.get(), &Project::variableAdded);
    m_project->newFromText(longScript(), QStringLiteral("long"));
    // One behind the other, the first of them before the text was read.
    const QStringList both{QStringLiteral("a"), QStringLiteral("b")};
    const int first = m_project->startSettingFields(both, VariableField::Trainable, QStringLiteral("no"));
    const int second = m_project->startAddingVariable();
    const int third = m_project->startRemoving({QStringLiteral("a")});
    const int fourth =
        m_project->startSettingFields({QStringLiteral("a")}, VariableField::Device, QStringLiteral("/cpu:0"));
    QCOMPARE(m_project->script(), longScript());
    m_project->editText(0, 0, QStringLiteral("#")); // somebody types meanwhile
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 4, kLong);
    const auto problem = [&](int i) { return finished[i][1].value<Explanation>(); };
    for (const auto& [i, number] :
         {std::pair(0, first), std::pair(1, second), std::pair(2, third), std::pair(3, fourth)})
        QCOMPARE(finished[i][0].toInt(), number);
    for (int i = 0; i < 3; ++i)
        QVERIFY2(problem(i).isEmpty(), qPrintable(problem(i).why));
    QVERIFY2(problem(3).why.contains(QStringLiteral("does not make this variable")),
             qPrintable(problem(3).why));
    QCOMPARE(added.count(), 1);
    QCOMPARE(names(*m_project).size(), 2);
    QVERIFY(names(*m_project).contains(added[0][0].toString()));
    QVERIFY(m_project->script().startsWith(QStringLiteral("## a long remark")));
    QVERIFY(m_project->script().contains(QStringLiteral("name=\"b\", trainable=False)")));
    QVERIFY(!m_project->script().contains(QStringLiteral("name=\"a\"")));
    for (int i = 0; i < 4; ++i)
        m_project->undo(); // three edits and the typing
    QCOMPARE(m_project->script(), longScript());
    // What waits is forgotten with its text.
    m_project->startAddingVariable();
    m_project->newFromText(example(), QStringLiteral("test"));
    QTest::qWait(200);
    QCOMPARE(finished.count(), 4);
    QCOMPARE(m_project->script(), example());
}

void TestProject::replacesATextWhereItDiffers()
{
    Project project;
    project.newFromText(QStringLiteral("a = 1\nb = 2\nc = 3\n"), QStringLiteral("t"));
    QSignalSpy edited(&project, &Project::textEdited);
    project.replaceText(QStringLiteral("a = 1\nb = 22\nd = 5\nc = 3\n"), QStringLiteral("Recovered"));
    QCOMPARE(project.script(), QStringLiteral("a = 1\nb = 22\nd = 5\nc = 3\n"));
    QCOMPARE(edited.size(), 1);
    QCOMPARE(edited[0][0].toInt(), 11);
    QCOMPARE(edited[0][1].toInt(), 0);
    QCOMPARE(edited[0][2].toString(), QStringLiteral("2\nd = 5"));
    QCOMPARE(project.undoLabel(), QStringLiteral("Recovered"));
    project.undo();
    QCOMPARE(project.script(), QStringLiteral("a = 1\nb = 2\nc = 3\n"));
    for (const QString& text :
         {QString(), QStringLiteral("c = 3\n"), QStringLiteral("a = 1\nb = 2\nc = 3\nx"),
          QStringLiteral("# 😀"), QStringLiteral("# 😁"), QStringLiteral("\n\n")}) {
        project.replaceText(text, QStringLiteral("again"));
        QCOMPARE(project.script(), text);
    }
    edited.clear();
    project.replaceText(project.script(), QStringLiteral("nothing"));
    QVERIFY(edited.isEmpty());
}

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
