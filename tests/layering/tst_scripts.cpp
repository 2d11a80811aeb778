// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/source_tree.h"

#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace wr::layering;

namespace {

const QString kRoot = QStringLiteral(WEIGHTROOM_SOURCE_DIR);

struct Outcome {
    int code = -1;
    QString output;
    QString errors;
};

// Runs a program in the project's folder, with `firstInPath` before the usual folders.
Outcome call(const QString& program, const QStringList& arguments, const QString& firstInPath = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!firstInPath.isEmpty()) {
        environment.insert(QStringLiteral("PATH"),
                           firstInPath + QLatin1Char(':') + environment.value(QStringLiteral("PATH")));
    }
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(kRoot);
    process.start(program, arguments, QIODevice::ReadOnly);
    if (!process.waitForFinished(30'000) || process.exitStatus() != QProcess::NormalExit) {
        return {-1, {}, process.errorString()};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

bool writeScript(const QString& path, const QByteArray& body)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write("#!/bin/bash\n" + body) > 0 &&
           file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

} // namespace

class TestScripts : public QObject {
    Q_OBJECT

private slots:
    void syntax();
    void packageList();
    void manual_data();
    void manual();
    void wrongUsage_data();
    void wrongUsage();
    void missingPackagesAreNamed();
    void failedInstallIsExplained();
    void ciCallsCheckAndNothingElse();
};

void TestScripts::syntax()
{
    const SourceTree tree = readSourceTree(kRoot);
    QStringList scripts{QStringLiteral("packaging/setup.sh")};
    for (auto file = tree.cbegin(); file != tree.cend(); ++file) {
        if (isScript(file.value())) {
            QVERIFY2(QFileInfo(kRoot + QLatin1Char('/') + file.key()).isExecutable(), qPrintable(file.key()));
            scripts.push_back(file.key());
        }
    }
    QVERIFY(scripts.size() >= 6);
    for (const QString& script : scripts) {
        const Outcome outcome = call(QStringLiteral("bash"), {QStringLiteral("-n"), script});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.errors));
    }
}

// Every line is a comment or "GROUP PACKAGE", in words that apt-get cannot take for an option.
void TestScripts::packageList()
{
    static const QRegularExpression line(
        QStringLiteral("^(#.*|(build|window|wayland|test|tidy) +[a-z0-9][a-z0-9.+-]+)?$"));
    QFile file(kRoot + QStringLiteral("/packaging/packages.txt"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    QVERIFY(lines.size() > 10);
    for (const QString& text : lines) {
        QVERIFY2(line.match(text).hasMatch(), qPrintable(text));
    }
}

void TestScripts::manual_data()
{
    QTest::addColumn<QString>("script");
    for (const char* name : {"run", "check", "bench", "tidy"}) {
        QTest::newRow(name) << QStringLiteral("packaging/") + QLatin1String(name);
    }
}

void TestScripts::manual()
{
    QFETCH(QString, script);
    const Outcome outcome = call(kRoot + QLatin1Char('/') + script, {QStringLiteral("--help")});
    QCOMPARE(outcome.code, 0);
    QVERIFY(outcome.output.startsWith(script));
    QVERIFY(outcome.output.contains(QStringLiteral("--no-install")));
    QVERIFY(outcome.output.contains(QStringLiteral("Exit code: ")));
    QVERIFY(!outcome.output.contains(QStringLiteral("set -e")));
}

void TestScripts::wrongUsage_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("run") << QStringLiteral("run") << QStringList{QStringLiteral("--wrong")};
    QTest::newRow("check") << QStringLiteral("check") << QStringList{QStringLiteral("wrong")};
    QTest::newRow("check: preset") << QStringLiteral("check")
                                   << QStringList{QStringLiteral("--preset"), QStringLiteral("wrong")};
    QTest::newRow("check: no preset") << QStringLiteral("check") << QStringList{QStringLiteral("--preset")};
    QTest::newRow("bench") << QStringLiteral("bench") << QStringList{QStringLiteral("--wrong")};
    QTest::newRow("tidy: no file") << QStringLiteral("tidy")
                                   << QStringList{QStringLiteral("no/such/file.cpp")};
}

void TestScripts::wrongUsage()
{
    QFETCH(QString, script);
    QFETCH(QStringList, arguments);
    const Outcome outcome = call(kRoot + QStringLiteral("/packaging/") + script, arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.errors.contains(QStringLiteral("--help")), qPrintable(outcome.errors));
}

void TestScripts::missingPackagesAreNamed()
{
    const QTemporaryDir bin;
    QVERIFY(writeScript(bin.filePath(QStringLiteral("dpkg-query")), "exit 1\n"));
    QVERIFY(writeScript(bin.filePath(QStringLiteral("cmake")), "exit 99\n"));
    const Outcome outcome =
        call(kRoot + QStringLiteral("/packaging/run"), {QStringLiteral("--no-install")}, bin.path());
    QCOMPARE(outcome.code, 20);
    QVERIFY2(outcome.errors.contains(QStringLiteral("qt6-charts-dev")), qPrintable(outcome.errors));
    QVERIFY2(outcome.errors.contains(QStringLiteral("apt-get install")), qPrintable(outcome.errors));
}

// apt-get and sudo are stand-ins: nothing is installed.
void TestScripts::failedInstallIsExplained()
{
    const QTemporaryDir bin;
    QVERIFY(writeScript(bin.filePath(QStringLiteral("dpkg-query")), "exit 1\n"));
    QVERIFY(writeScript(bin.filePath(QStringLiteral("apt-get")), "echo E: no such mirror >&2; exit 100\n"));
    QVERIFY(writeScript(bin.filePath(QStringLiteral("sudo")), "\"$@\"\n"));
    QVERIFY(writeScript(bin.filePath(QStringLiteral("cmake")), "exit 99\n"));
    const Outcome outcome = call(kRoot + QStringLiteral("/packaging/check"), {}, bin.path());
    QCOMPARE(outcome.code, 20);
    QVERIFY2(outcome.output.contains(QStringLiteral("installing Debian packages")),
             qPrintable(outcome.output));
    QVERIFY2(outcome.errors.contains(QStringLiteral("E: no such mirror")), qPrintable(outcome.errors));
    QVERIFY2(outcome.errors.contains(QStringLiteral("Is the network up")), qPrintable(outcome.errors));
}

void TestScripts::ciCallsCheckAndNothingElse()
{
    const SourceTree tree = readSourceTree(kRoot);
    QStringList commands;
    for (const QString& line : tree.value(QStringLiteral(".ci/run"))) {
        if (!line.startsWith(QLatin1Char('#')) && !line.isEmpty()) {
            commands.push_back(line);
        }
    }
    QCOMPARE(commands.size(), 1);
    QVERIFY2(commands.first().startsWith(QStringLiteral("exec ")) &&
                 commands.first().endsWith(QStringLiteral("/packaging/check\"")),
             qPrintable(commands.first()));
}

QTEST_GUILESS_MAIN(TestScripts)
#include "tst_scripts.moc"
