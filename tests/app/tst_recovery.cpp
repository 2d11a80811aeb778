// SPDX-License-Identifier: GPL-3.0-or-later
// What is left of a session that was killed: this program starts itself, lets the child edit, and kills it.
#include "app/document/project.h"
#include "app/document/text_difference.h"
#include "app/recovery/lost_sessions.h"
#include "app/recovery/session_journal.h"
#include "app/run/run_controller.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

using namespace wr::app;

namespace {

constexpr int kLong = 20000;
const QString kScript = QStringLiteral("w = tf.Variable(tf.zeros([2, 3]), name=\"w\")\n");
const QString kEdited = QStringLiteral("w = tf.Variable(tf.ones([2, 3]), name=\"w\")\n# kept\n");

/// Edits the project in the folder, or one without a folder, says "ready", and waits to be killed.
int runChild(const QString& project, const QString& records)
{
    Project document;
    RunController run;
    SessionJournal journal(&document, &run, records);
    if (project == QLatin1String("-"))
        document.newFromText(kEdited, QStringLiteral("Untitled"));
    else if (!document.open(project).isEmpty())
        return 3;
    if (project != QLatin1String("-")) {
        document.editText(static_cast<int>(document.script().size()), 0, QStringLiteral("# kept\n"));
        document.setVariableField(QStringLiteral("w"), VariableField::Initializer,
                                  QStringLiteral("tf.ones([2, 3])"));
    }
    QObject::connect(&journal, &SessionJournal::written, [&journal] {
        if (journal.record().edits.size() != 1) {
            std::puts("ready");
            std::fflush(stdout);
        }
    });
    return QCoreApplication::exec();
}

} // namespace

class TestRecovery : public QObject {
    Q_OBJECT
private slots:
    void init();
    void editsOfAKilledProgramAreFound();
    void aProjectWithoutAFolderIsFound();
    void theLivingAreLeftAlone();
    void anOrderlyEndLeavesNothing();
    void brokenRecordsAreNoHarm_data();
    void brokenRecordsAreNoHarm();
    void tellsWhatBecameOfLines();

private:
    void killWhenReady(const QString& project);
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_project;
    QString m_records;
};

void TestRecovery::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = m_folder->filePath(QStringLiteral("project"));
    m_records = m_folder->filePath(QStringLiteral("records"));
    QVERIFY(QDir().mkpath(m_project));
    QFile file(m_project + QStringLiteral("/model.wr"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(kScript.toUtf8());
}

void TestRecovery::killWhenReady(const QString& project)
{
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--child"), project, m_records});
    QVERIFY(child.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(child.bytesAvailable() > 0 || child.state() != QProcess::Running, kLong);
    QCOMPARE(child.state(), QProcess::Running);
    QVERIFY(findLostSessions(m_records).isEmpty()); // it lives
    child.kill();
    QVERIFY(child.waitForFinished());
    QCOMPARE(child.exitStatus(), QProcess::CrashExit);
}

void TestRecovery::editsOfAKilledProgramAreFound()
{
    killWhenReady(m_project);
    if (QTest::currentTestFailed())
        return;
    QVector<LostSession> found = findLostSessions(m_records);
    QCOMPARE(found.size(), 1);
    QVERIFY(found[0].isFolderThere);
    QVERIFY(!found[0].isChangedSince);
    QCOMPARE(found[0].saved, kScript);
    QCOMPARE(found[0].record.script, kEdited);
    QCOMPARE(found[0].record.directory, m_project);
    QCOMPARE(found[0].record.edits.size(), 2);
    QCOMPARE(found[0].record.edits.first(), QStringLiteral("Typing"));
    QVERIFY(reportOf(found[0]).contains(QLatin1String("Unsaved edits: 2")));
    QVERIFY(!reportOf(found[0]).contains(QLatin1String("tf.ones([2, 3])\n# kept")));
    // Looking is not taking.
    QCOMPARE(findLostSessions(m_records).size(), 1);

    QFile file(m_project + QStringLiteral("/model.wr"));
    QVERIFY(file.open(QIODevice::Append));
    file.write("# by somebody else\n");
    file.close();
    QVERIFY(findLostSessions(m_records)[0].isChangedSince);
    QVERIFY(file.remove());
    QVERIFY(!findLostSessions(m_records)[0].isFolderThere);

    discardSession(found[0].path);
    QVERIFY(findLostSessions(m_records).isEmpty());
    QVERIFY(QDir(m_records).isEmpty());
}

void TestRecovery::aProjectWithoutAFolderIsFound()
{
    killWhenReady(QStringLiteral("-"));
    if (QTest::currentTestFailed())
        return;
    const QVector<LostSession> found = findLostSessions(m_records);
    QCOMPARE(found.size(), 1);
    QVERIFY(!found[0].isFolderThere);
    QCOMPARE(found[0].record.script, kEdited);
    QCOMPARE(found[0].record.title, QStringLiteral("Untitled"));
}

void TestRecovery::theLivingAreLeftAlone()
{
    Project project;
    RunController run;
    SessionJournal journal(&project, &run, m_records);
    QSignalSpy written(&journal, &SessionJournal::written);
    QVERIFY(project.open(m_project).isEmpty());
    project.editText(0, 0, QStringLiteral("# "));
    QTRY_VERIFY_WITH_TIMEOUT(!written.isEmpty(), kLong);
    QVERIFY(journal.isWritten());
    QCOMPARE(QDir(m_records).entryList({QStringLiteral("*.json")}).size(), 1);
    QVERIFY(findLostSessions(m_records).isEmpty());
    QCOMPARE(QDir(m_records).entryList({QStringLiteral("*.json")}).size(), 1);
    // Saved: there is nothing to lose.
    QVERIFY(project.save().isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(QDir(m_records).entryList({QStringLiteral("*.json")}).isEmpty(), kLong);
}

void TestRecovery::anOrderlyEndLeavesNothing()
{
    {
        Project project;
        RunController run;
        SessionJournal journal(&project, &run, m_records);
        QSignalSpy written(&journal, &SessionJournal::written);
        project.newFromText(kScript, QStringLiteral("Untitled"));
        QTRY_VERIFY_WITH_TIMEOUT(!written.isEmpty(), kLong);
    }
    QVERIFY(findLostSessions(m_records).isEmpty());
    QVERIFY(QDir(m_records).isEmpty());
}

void TestRecovery::brokenRecordsAreNoHarm_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("{\"weightroom_session\": 1,");
    QTest::newRow("another version") << QByteArray("{\"weightroom_session\": 2, \"has_edits\": true}");
    QTest::newRow("an array") << QByteArray("[1, 2]");
    QTest::newRow("says nothing") << QByteArray("{\"weightroom_session\": 1}");
    QTest::newRow("other types") << QByteArray(
        "{\"weightroom_session\": 1, \"step\": \"x\", \"edits\": 4, \"script\": [], \"has_edits\": 3}");
}

void TestRecovery::brokenRecordsAreNoHarm()
{
    QFETCH(QByteArray, text);
    QVERIFY(QDir().mkpath(m_records));
    QFile file(m_records + QStringLiteral("/a.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QVERIFY(findLostSessions(m_records).isEmpty());
    QVERIFY(!file.exists());
    QVERIFY(QDir(m_records).isEmpty()); // no lock is left of it
}

void TestRecovery::tellsWhatBecameOfLines()
{
    using Kind = LineChange::Kind;
    const QVector<LineChange> lines =
        differenceOf(QStringLiteral("a\nb\nc\nd\ne\nf\ng"), QStringLiteral("a\nb\nc\nd\nE\nf\ng\nh"));
    QString signs;
    for (const LineChange& line : lines)
        signs += line.kind == Kind::Kept ? u' ' : line.kind == Kind::Added ? u'+' : u'-';
    QCOMPARE(signs, QStringLiteral("    -+  +"));
    QCOMPARE(lines[5].text, QStringLiteral("E"));
    QCOMPARE(lines[5].after, 5);
    QCOMPARE(lines[5].before, -1);
    const QVector<LineChange> near = onlyChanges(lines, 1);
    QCOMPARE(near.size(), 7); // a gap, d, −e, +E, f, g, +h
    QCOMPARE(near[0].before, -1);
    QCOMPARE(near[1].text, QStringLiteral("d"));
    QVERIFY(onlyChanges(differenceOf(QStringLiteral("a"), QStringLiteral("a")), 3).size() == 1);
}

int main(int argc, char** argv)
{
    QCoreApplication program(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.value(1) == QLatin1String("--child"))
        return runChild(arguments.value(2), arguments.value(3));
    TestRecovery test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_recovery.moc"
