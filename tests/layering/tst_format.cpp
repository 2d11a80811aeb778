// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/source_tree.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace wr::layering;

namespace {

const QString kRoot = QStringLiteral(WEIGHTROOM_SOURCE_DIR);

struct Outcome {
    int code = -1;
    QString words;
};

Outcome call(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setWorkingDirectory(kRoot);
    process.start(program, arguments, QIODevice::ReadOnly);
    if (!process.waitForFinished(120'000) || process.exitStatus() != QProcess::NormalExit) {
        return {-1, process.errorString()};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAll())};
}

} // namespace

class TestFormat : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void sources();
    void badSampleIsRefused();

private:
    QString whyNoClangFormat() const;

    SourceTree m_tree;
    QString m_clangFormat;
};

void TestFormat::initTestCase()
{
    m_tree = readSourceTree(kRoot);
    QVERIFY(m_tree.size() > 50);
    m_clangFormat = QStandardPaths::findExecutable(QStringLiteral("clang-format"));
}

// Other versions lay out the same rules differently, so only Debian 12's own judges.
QString TestFormat::whyNoClangFormat() const
{
    if (m_clangFormat.isEmpty()) {
        return QStringLiteral("clang-format is not installed (Debian package clang-format)");
    }
    const QString version = call(m_clangFormat, {QStringLiteral("--version")}).words.trimmed();
    return version.contains(QStringLiteral("version 14."))
               ? QString()
               : QStringLiteral("needs clang-format 14: ") + version;
}

void TestFormat::sources()
{
    if (const QString reason = whyNoClangFormat(); !reason.isEmpty()) {
        QSKIP(qPrintable(reason));
    }
    QStringList arguments{QStringLiteral("--dry-run"), QStringLiteral("-Werror")};
    for (const QString& path : m_tree.keys()) {
        if (isCode(path)) {
            arguments.push_back(path);
        }
    }
    const Outcome outcome = call(m_clangFormat, arguments);
    QStringList files;
    for (const QString& line : outcome.words.split(QLatin1Char('\n')).filter(QStringLiteral(": error:"))) {
        files.push_back(line.section(QLatin1Char(':'), 0, 0));
    }
    files.removeDuplicates();
    QVERIFY2(outcome.code == 0,
             qPrintable(QStringLiteral("mend with: clang-format -i ") + files.join(QLatin1Char(' '))));
}

void TestFormat::badSampleIsRefused()
{
    if (const QString reason = whyNoClangFormat(); !reason.isEmpty()) {
        QSKIP(qPrintable(reason));
    }
    const QTemporaryDir folder;
    QVERIFY(QFile::copy(kRoot + QStringLiteral("/.clang-format"),
                        folder.filePath(QStringLiteral(".clang-format"))));
    QFile sample(folder.filePath(QStringLiteral("sample.cpp")));
    QVERIFY(sample.open(QIODevice::WriteOnly));
    sample.write("int  a ;\n");
    sample.close();
    QVERIFY(call(m_clangFormat, {QStringLiteral("--dry-run"), QStringLiteral("-Werror"), sample.fileName()})
                .code != 0);
}

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
