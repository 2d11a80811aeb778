// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/layering/file_habits.h"
#include "tests/layering/include_arrows.h"
#include "tests/layering/source_tree.h"

#include <QTest>

using namespace wr::layering;

namespace {

const QString kLicence = QStringLiteral("// SPDX-License-Identifier: GPL-3.0-or-later");

QString textOf(const QList<Finding>& findings)
{
    QStringList lines;
    for (const Finding& finding : findings) {
        lines.push_back(finding.text());
    }
    return lines.join(QLatin1Char('\n'));
}

QStringList header(const QStringList& body)
{
    return QStringList{kLicence, QStringLiteral("// What it is."), QStringLiteral("#pragma once")} + body;
}

} // namespace

class TestLayering : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void treeIsWhole();
    void arrowsOfTheProject();
    void circlesOfTheProject();
    void habitsOfTheProject();
    void arrow_data();
    void arrow();
    void circleIsFound();
    void habit_data();
    void habit();

private:
    SourceTree m_tree;
};

void TestLayering::initTestCase()
{
    m_tree = readSourceTree(QStringLiteral(WEIGHTROOM_SOURCE_DIR));
}

// Guards against a checker that passes because it read nothing.
void TestLayering::treeIsWhole()
{
    QVERIFY(m_tree.contains(QStringLiteral("CMakeLists.txt")));
    QVERIFY(m_tree.contains(QStringLiteral("packaging/check")));
    QVERIFY(m_tree.contains(QStringLiteral("engine/base/status.h")));
    QVERIFY(m_tree.contains(QStringLiteral("tests/layering/tst_layering.cpp")));
    for (const QString& room : rooms()) {
        QVERIFY2(m_tree.contains(room + QStringLiteral("/CMakeLists.txt")), qPrintable(room));
    }
}

void TestLayering::arrowsOfTheProject()
{
    const auto findings = forbiddenArrows(m_tree);
    QVERIFY2(findings.isEmpty(), qPrintable(textOf(findings)));
}

void TestLayering::circlesOfTheProject()
{
    const auto findings = circles(m_tree);
    QVERIFY2(findings.isEmpty(), qPrintable(textOf(findings)));
}

void TestLayering::habitsOfTheProject()
{
    const auto findings = brokenHabits(m_tree);
    QVERIFY2(findings.isEmpty(), qPrintable(textOf(findings)));
}

void TestLayering::arrow_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("include");
    QTest::addColumn<QString>("complaint"); // empty: allowed

    const auto row = [](const char* from, const char* include, const char* complaint) {
        QTest::addRow("%s %s", from, include)
            << QString::fromLatin1(from) << QString::fromLatin1(include) << QString::fromLatin1(complaint);
    };
    row("engine/base/a.cpp", "<vector>", "");
    row("engine/base/a.cpp", "\"engine/base/x.h\"", "");
    row("engine/base/a.cpp", "\"engine/tensor/x.h\"", "engine/base must not include engine/tensor");
    row("engine/base/a.cpp", "<engine/tensor/x.h>", "engine/base must not include engine/tensor");
    row("engine/base/a.cpp", "<QString>", "engine/base must not include <QString>");
    row("engine/base/a.cpp", "<QtCore/QString>", "engine/base must not include <QtCore/QString>");
    row("engine/base/a.cpp", "<qglobal.h>", "engine/base must not include <qglobal.h>");
    row("gpu/a.cu", "<QString>", "gpu must not include <QString>");
    row("gpu/a.cu", "\"engine/backend/x.h\"", "");
    row("gpu/a.cu", "\"engine/graph/x.h\"", "gpu must not include engine/graph");
    row("engine/cpu/a.cpp", "<Eigen/Core>", "");
    row("engine/graph/a.cpp", "<Eigen/Core>", "engine/graph must not include <Eigen/Core>");
    row("engine/graph/a.cpp", "\"engine/cpu/x.h\"", "engine/graph must not include engine/cpu");
    row("engine/runtime/a.cpp", "\"engine/session/x.h\"", "engine/runtime must not include engine/session");
    row("engine/script/a.cpp", "\"engine/tensor/x.h\"", "engine/script must not include engine/tensor");
    row("engine/session/a.cpp", "\"engine/runtime/x.h\"", "");
    row("engine/session/a.cpp", "\"engine/checkpoint/x.h\"",
        "engine/session must not include engine/checkpoint");
    row("engine/train/a.cpp", "\"engine/checkpoint/x.h\"", "engine/train must not include engine/checkpoint");
    row("engine/checkpoint/a.cpp", "\"engine/session/x.h\"",
        "engine/checkpoint must not include engine/session");
    row("engine/checkpoint/a.cpp", "<zstd.h>", "");
    row("engine/checkpoint/a.cpp", "<fstream>", "engine/checkpoint must not include <fstream>");
    row("engine/checkpoint/a.cpp", "\"engine/formats/x.h\"",
        "engine/checkpoint must not include engine/formats");
    row("engine/checkpoint/a.cpp", "\"engine/remap/x.h\"", "engine/checkpoint must not include engine/remap");
    row("engine/remap/a.cpp", "\"engine/checkpoint/x.h\"", "");
    row("engine/remap/a.cpp", "\"engine/formats/x.h\"", "engine/remap must not include engine/formats");
    row("engine/formats/a.cpp", "\"engine/checkpoint/x.h\"", "");
    row("engine/formats/a.cpp", "\"engine/train/x.h\"", "engine/formats must not include engine/train");
    row("engine/train/a.cpp", "<zstd.h>", "engine/train must not include <zstd.h>");
    row("app/a.cpp", "\"engine/train/x.h\"", "");
    row("app/a.cpp", "<QtCore/QObject>", "");
    row("app/a.cpp", "<QtWidgets/QWidget>", "app must not include <QtWidgets/QWidget>");
    row("app/a.cpp", "\"ui/x.h\"", "app must not include ui");
    row("ui/a.cpp", "\"app/x.h\"", "");
    row("ui/a.cpp", "<QtCharts/QChart>", "");
    row("ui/a.cpp", "\"engine/base/x.h\"", "ui must not include engine/base");
    row("ui/a.cpp", "\"gpu/x.h\"", "ui must not include gpu");
    row("ui/a.cpp", "\"tests/x.h\"", "ui must not include tests");
    row("ui/a.cpp", "\"x.h\"", "does not start at a top folder");
    row("ui/a.cpp", "\"../app/x.h\"", "does not start at a top folder");
    row("ui/a.cpp", "HEADER", "does not start at a top folder");
    row("ui/a.cpp", "\"app/gone.h\"", "does not exist");
    row("tests/app/a.cpp", "\"ui/x.h\"", "");
    row("tests/app/tst_a.cpp", "\"tst_a.moc\"", "");
    row("core/a.cpp", "<vector>", "lies in no room");
    row("engine/a.cpp", "<vector>", "lies in no room");
}

void TestLayering::arrow()
{
    QFETCH(QString, from);
    QFETCH(QString, include);
    QFETCH(QString, complaint);
    SourceTree tree;
    for (const QString& room : rooms() + QStringList{QStringLiteral("tests")}) {
        tree.insert(room + QStringLiteral("/x.h"), header({}));
    }
    tree.insert(from, {kLicence, QStringLiteral("#  include %1 // why").arg(include)});

    const auto findings = forbiddenArrows(tree);
    if (complaint.isEmpty()) {
        QVERIFY2(findings.isEmpty(), qPrintable(textOf(findings)));
    } else {
        QCOMPARE(findings.size(), 1);
        QVERIFY2(findings.first().text().contains(complaint), qPrintable(findings.first().text()));
    }
}

void TestLayering::circleIsFound()
{
    SourceTree tree;
    tree.insert(QStringLiteral("app/a.h"), header({QStringLiteral("#include \"app/b.h\"")}));
    tree.insert(QStringLiteral("app/b.h"), header({QStringLiteral("#include \"app/c.h\"")}));
    tree.insert(QStringLiteral("app/c.h"), header({}));
    QVERIFY(circles(tree).isEmpty());

    tree.insert(QStringLiteral("app/c.h"), header({QStringLiteral("#include \"app/a.h\"")}));
    const auto findings = circles(tree);
    QCOMPARE(findings.size(), 1);
    QVERIFY(findings.first().what.contains(QStringLiteral("app/a.h > app/b.h > app/c.h")));
}

void TestLayering::habit_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QStringList>("lines");
    QTest::addColumn<QString>("complaint"); // empty: nothing is wrong

    const QStringList longest(kMostLines - 3, QStringLiteral("int a;"));
    const QString cmakeLicence = QStringLiteral("# SPDX-License-Identifier: GPL-3.0-or-later");
    const QString shebang = QStringLiteral("#!/bin/bash");
    const auto row = [](const char* name, const char* path, const QStringList& lines, const char* complaint) {
        QTest::newRow(name) << QString::fromLatin1(path) << lines << QString::fromLatin1(complaint);
    };
    row("header", "app/a.h", header({}), "");
    row("longest", "app/a.h", header(longest), "");
    row("too long", "app/a.h", header(longest + QStringList{QStringLiteral("int b;")}), "451 lines");
    row("no licence", "app/a.cpp", {QStringLiteral("int a;")}, "no SPDX line");
    row("empty file", "app/a.cpp", {}, "no SPDX line");
    row("other licence", "app/a.cpp", {QStringLiteral("// SPDX-License-Identifier: MIT")}, "no SPDX line");
    row("licence second", "app/a.cpp", {QString(), kLicence}, "no SPDX line");
    row("cmake", "app/CMakeLists.txt", {cmakeLicence}, "");
    row("cmake without", "app/CMakeLists.txt", {QStringLiteral("project(x)")}, "no SPDX line");
    row("script", "packaging/run", {shebang, cmakeLicence}, "");
    row("script without", "packaging/run", {shebang, QStringLiteral("true")}, "no SPDX line");
    row("no paragraph", "app/a.h", {kLicence, QStringLiteral("#pragma once")}, "opens with a paragraph");
    row("no pragma", "app/a.h", {kLicence, QStringLiteral("// What it is.")}, "no #pragma once");
    row("camel case", "app/myFile.cpp", {kLicence}, "snake_case");
    row("utils", "app/utils/a.cpp", {kLicence}, "no folder is called utils");
    row("core", "engine/core/a.cpp", {kLicence}, "no folder is called core");
    row("manager", "ui/pages/manager/a.cpp", {kLicence}, "no folder is called manager");
}

void TestLayering::habit()
{
    QFETCH(QString, path);
    QFETCH(QStringList, lines);
    QFETCH(QString, complaint);
    SourceTree tree;
    tree.insert(path, lines);

    const auto findings = brokenHabits(tree);
    if (complaint.isEmpty()) {
        QVERIFY2(findings.isEmpty(), qPrintable(textOf(findings)));
    } else {
        QCOMPARE(findings.size(), 1);
        QVERIFY2(findings.first().text().contains(complaint), qPrintable(findings.first().text()));
    }
}

QTEST_GUILESS_MAIN(TestLayering)
#include "tst_layering.moc"
