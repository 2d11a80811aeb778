// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/source_tree.h"

#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
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
    void scripts();
    void packageList();

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

void TestFormat::scripts()
{
    int seen = 0;
    for (auto file = m_tree.cbegin(); file != m_tree.cend(); ++file) {
        if (!isScript(file.value())) {
            continue;
        }
        ++seen;
        QVERIFY2(QFileInfo(kRoot + QLatin1Char('/') + file.key()).isExecutable(), qPrintable(file.key()));
        const Outcome outcome = call(QStringLiteral("bash"), {QStringLiteral("-n"), file.key()});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.words));
    }
    QVERIFY(seen >= 4);
    const Outcome outcome =
        call(QStringLiteral("bash"), {QStringLiteral("-n"), QStringLiteral("packaging/setup.sh")});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.words));
}

// Every line is a comment or "GROUP PACKAGE", in words that apt-get cannot take for an option.
void TestFormat::packageList()
{
    static const QRegularExpression line(
        QStringLiteral("^(#.*|(build|window|wayland|test|tidy) +[a-z0-9][a-z0-9.+-]+)?$"));
    QFile file(kRoot + QStringLiteral("/packaging/packages.txt"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    for (const QString& text : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
        QVERIFY2(line.match(text).hasMatch(), qPrintable(text));
    }
}

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
