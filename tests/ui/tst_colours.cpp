// SPDX-License-Identifier: GPL-3.0-or-later
// Everything can be read: contrast of text and curves in both appearances.
#include "ui/theme/colours.h"

#include <QTest>

using namespace wr::ui;

class TestColours : public QObject {
    Q_OBJECT
private slots:
    void ratioIsThatOfTheStandard();
    void textIsReadable_data();
    void textIsReadable();
};

void TestColours::ratioIsThatOfTheStandard()
{
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
    QVERIFY(qAbs(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.48) < 0.01);
}

void TestColours::textIsReadable_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestColours::textIsReadable()
{
    QFETCH(bool, isDark);
    const Colours& c = isDark ? darkColours() : lightColours();
    QCOMPARE(c.isDark, isDark);
    constexpr double kText = 4.5;
    constexpr double kShape = 3.0;
    const auto check = [](const char* what, const QColor& a, const QColor& b, double least) {
        const double ratio = contrastRatio(a, b);
        QVERIFY2(ratio >= least, qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(what)).arg(ratio)));
    };
    for (const QColor& surface : {c.window, c.base, c.hover, c.selection, c.currentLine, c.infoFill,
                                  c.goodFill, c.warningFill, c.badFill})
        check("text", c.text, surface, kText);
    for (const QColor& surface : {c.window, c.base}) {
        check("muted", c.muted, surface, kText);
        check("good", c.good, surface, kText);
        check("bad", c.bad, surface, kText);
        check("warning", c.warning, surface, kText);
    }
    check("accent text", c.accentText, c.accent, kText);
    for (const QColor& syntax : {c.syntaxWord, c.syntaxCall, c.syntaxText, c.syntaxNumber}) {
        check("syntax", syntax, c.base, kText);
        check("syntax on the current line", syntax, c.currentLine, kText);
    }
    check("first curve", c.categories[0], c.base, kShape);
    check("second curve", c.categories[1], c.base, kShape);
    check("focus", c.accent, c.base, kShape);
}

QTEST_MAIN(TestColours)
#include "tst_colours.moc"
