// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever a file says, opening and reading it touches nothing outside its folder: the whole corpus of
// samples, hostile ones among them, is read under strace, and every path that the system was asked for is
// looked at. Skipped where there is no strace.
#include "engine/formats/open.h"

#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace wr;

class TestNoEscape : public QObject {
    Q_OBJECT
private slots:
    void staysInItsFolder();
    void seesAnEscape();

private:
    /// Lines of calls that name a path, start a program or use the network, from this test's own program in
    /// another role.
    static QStringList callsOf(const QString& role, const QString& folder);
    static void copySamples(const QString& to);
    /// What of the calls leaves the folder.
    static QStringList escapes(const QStringList& calls, const QString& folder);
};

namespace {

constexpr const char* kBegin = "/begin-of-the-corpus";

int readCorpus(const QString& folder)
{
    static_cast<void>(Vfs::posix().info("/nowhere")); // the first error loads the system's sentences
    static_cast<void>(Vfs::posix().info(kBegin));     // what comes before is the program's own start
    QStringList paths = {folder};
    for (const QFileInfo& entry :
         QDir(folder).entryInfoList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot | QDir::System))
        if (!entry.isSymLink()) // who opens a link by its own name asked for what it leads to
            paths.append(entry.filePath());
    int opened = 0;
    for (const QString& path : paths) {
        const auto reader = formats::openAnyCheckpoint(Vfs::posix(), path.toStdString());
        opened += reader ? 1 : 0;
        for (std::size_t i = 0; reader && i < (*reader)->tensors().size(); ++i)
            static_cast<void>((*reader)->read(i));
    }
    return opened > 10 ? 0 : 1;
}

int escape()
{
    static_cast<void>(Vfs::posix().info(kBegin));
    static_cast<void>(Vfs::posix().open("/etc/hostname", OpenMode::Read));
    return 0;
}

} // namespace

QStringList TestNoEscape::callsOf(const QString& role, const QString& folder)
{
    QTemporaryDir log;
    QProcess process;
    process.start(QStandardPaths::findExecutable(QStringLiteral("strace")),
                  {"-f", "-qq", "-y", "-e", "trace=%file,%network,execve,fork,vfork", "-o",
                   log.filePath("calls"), QCoreApplication::applicationFilePath(), role, folder});
    if (!process.waitForFinished(120'000) || process.exitCode() != 0)
        return {};
    QFile file(log.filePath("calls"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QStringList calls = QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts);
    qsizetype begin = 0;
    while (begin < calls.size() && !calls[begin].contains(kBegin))
        ++begin;
    return calls.mid(begin + 1);
}

QStringList TestNoEscape::escapes(const QStringList& calls, const QString& folder)
{
    static const QRegularExpression quoted("\"((?:[^\"\\\\]|\\\\.)*)\"");
    static const QRegularExpression ofFolder("\\w+\\(\\d+<([^>]*)>");
    QStringList found;
    for (const QString& call : calls) {
        if (call.contains("--- SIG") || call.contains("+++ ") || call.contains("resumed>"))
            continue;
        const bool isOther = call.contains("execve(") || call.contains("connect(") ||
                             call.contains("socket(") || call.contains("fork(");
        QString path = quoted.match(call).captured(1);
        if (!path.startsWith('/')) // beneath a folder that is open
            path = ofFolder.match(call).captured(1) + '/' + path;
        if (isOther || (path != folder && !path.startsWith(folder + '/')) || path.contains("/../"))
            found.append(call);
    }
    return found;
}

void TestNoEscape::copySamples(const QString& to)
{
    const QString samples = QStringLiteral(WEIGHTROOM_SOURCE_DIR "/tests/formats/");
    for (const char* folder :
         {"samples", "samples/dcp", "fuzz/seeds/any_file", "fuzz/seeds/bundle", "fuzz/seeds/shard_list"}) {
        for (const QFileInfo& file : QDir(samples + folder).entryInfoList(QDir::Files | QDir::Hidden)) {
            // HDF5 starts its confined process, which has a test of its own.
            if (!file.fileName().contains("hdf5"))
                QFile::copy(file.filePath(), to + '/' + file.fileName());
        }
    }
    const auto write = [&](const QString& name, const QByteArray& bytes) {
        QFile file(to + '/' + name);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write");
    };
    // Files that want more: lists, models and state files that name what lies elsewhere, and links.
    int next = 0;
    for (const QByteArray& path : {QByteArray("/etc/hostname"), QByteArray("../outside"), QByteArray("link"),
                                   QByteArray("folder-link/hostname")}) {
        const QByteArray number = QByteArray::number(next++);
        write("list" + number + ".json", R"({"weight_map":{"a":")" + path + R"("}})");
        const auto field = [](char tag, const QByteArray& text) {
            return QByteArray(1, tag) + static_cast<char>(text.size()) + text;
        };
        const QByteArray tensor = QByteArray("\x08\x04\x10\x01", 4) + field('\x42', "w") +
                                  field('\x6A', field('\x0A', "location") + field('\x12', path)) +
                                  QByteArray("\x70\x01", 2);
        const QByteArray graph = field('\x2A', tensor);
        write("model" + number + ".onnx",
              QByteArray("\x08\x08", 2) + field('\x12', "tests") + field('\x3A', graph));
    }
    write("checkpoint", "model_checkpoint_path: \"../../../etc/hostname\"\n");
    QFile::link("/etc/hostname", to + "/link");
    QFile::link("/etc", to + "/folder-link");
    QFile::link("/etc/hostname", to + "/plain.data-00000-of-00001"); // the values of plain.index
}

void TestNoEscape::staysInItsFolder()
{
    if (QStandardPaths::findExecutable(QStringLiteral("strace")).isEmpty())
        QSKIP("there is no strace");
    const QTemporaryDir folder;
    const QString real = QFileInfo(folder.path()).canonicalFilePath();
    copySamples(real);
    const QStringList calls = callsOf("--read", real);
    if (calls.isEmpty())
        QSKIP("strace may not trace here");
    qInfo("%lld calls looked at", static_cast<long long>(calls.size()));
    QVERIFY(calls.size() > 200);
    const QStringList wrong = escapes(calls, real);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.mid(0, 5).join('\n')));
    for (const QString& call : calls) { // no link led out where a file named it
        if (call.contains("openat2(") && !call.contains("= -1"))
            QVERIFY2(!call.contains("</etc/"), qPrintable(call));
    }
}

void TestNoEscape::seesAnEscape()
{
    if (QStandardPaths::findExecutable(QStringLiteral("strace")).isEmpty())
        QSKIP("there is no strace");
    const QTemporaryDir folder;
    const QStringList calls = callsOf("--escape", folder.path());
    if (calls.isEmpty())
        QSKIP("strace may not trace here");
    QVERIFY(!escapes(calls, folder.path()).isEmpty());
}

int main(int count, char** arguments)
{
    QCoreApplication application(count, arguments);
    if (count == 3 && application.arguments()[1] == "--read")
        return readCorpus(application.arguments()[2]);
    if (count == 3 && application.arguments()[1] == "--escape")
        return escape();
    TestNoEscape test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_no_escape.moc"
