// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns of names and regular expressions, as the rules of a mapping use them.
#include "engine/remap/capture_regex.h"
#include "engine/remap/name_pattern.h"

#include <QTest>

using namespace wr;
using namespace wr::remap;

class TestNamePattern : public QObject {
    Q_OBJECT

private slots:
    void patterns_data();
    void patterns();
    void wrongPatterns();
    void expressions_data();
    void expressions();
    void expressionsAreLinear();
};

void TestNamePattern::patterns_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("made"); // empty: does not match
    QTest::newRow("literal") << "a.b"
                             << "c"
                             << "a.b"
                             << "c";
    QTest::newRow("longer") << "a.b"
                            << "c"
                            << "a.b.c"
                            << "";
    QTest::newRow("number") << "l.{i}.w"
                            << "b{i}/w"
                            << "l.12.w"
                            << "b12/w";
    QTest::newRow("no leading zero") << "l.{i}.w"
                                     << "b{i}"
                                     << "l.01.w"
                                     << "";
    QTest::newRow("padded") << "l_{i:3}"
                            << "b.{i}"
                            << "l_007"
                            << "b.7";
    QTest::newRow("padded enough") << "l_{i:3}"
                                   << "b.{i}"
                                   << "l_1007"
                                   << "b.1007";
    QTest::newRow("too few digits") << "l_{i:3}"
                                    << "b.{i}"
                                    << "l_07"
                                    << "";
    QTest::newRow("offset") << "l.{i}"
                            << "b.{i+1}"
                            << "l.9"
                            << "b.10";
    QTest::newRow("offset back") << "l.{i+1}"
                                 << "b.{i}"
                                 << "l.10"
                                 << "b.9";
    QTest::newRow("no negative index") << "l.{i+1}"
                                       << "b.{i}"
                                       << "l.0"
                                       << "";
    QTest::newRow("sum") << "d.{i}.r.{j}"
                         << "in.{3*i+j+1}"
                         << "d.2.r.1"
                         << "in.8";
    QTest::newRow("choice") << "{p=q|k}_proj"
                            << "attn_{p:q=wq,k=wk}"
                            << "k_proj"
                            << "attn_wk";
    QTest::newRow("not a choice") << "{p=q|k}_proj"
                                  << "{p}"
                                  << "v_proj"
                                  << "";
    QTest::newRow("longer choice") << "{p=w|wo}.x"
                                   << "{p=w|wo}"
                                   << "wo.x"
                                   << "wo";
    QTest::newRow("piece") << "a.{p=*}.b"
                           << "{p}"
                           << "a.qkv.b"
                           << "qkv";
    QTest::newRow("piece has no dots") << "a.{p=*}.b"
                                       << "{p}"
                                       << "a.q.k.b"
                                       << "";
    QTest::newRow("anything") << "a.{r=**}"
                              << "x/{r=**}"
                              << "a.q/k.b"
                              << "x/q/k.b";
    QTest::newRow("anything, written") << "a.{r=**}"
                                       << "x/{r}"
                                       << "a.q/k.b"
                                       << "x/q/k.b";
    QTest::newRow("the same twice") << "{i}.{i}"
                                    << "{i}"
                                    << "3.3"
                                    << "3";
    QTest::newRow("not the same") << "{i}.{i}"
                                  << "{i}"
                                  << "3.4"
                                  << "";
    QTest::newRow("empty word") << "{p=a.|}w"
                                << "w"
                                << "w"
                                << "w";
}

void TestNamePattern::patterns()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, name);
    QFETCH(QString, made);
    const Result<NamePattern> a = NamePattern::parse(from.toStdString());
    const Result<NamePattern> b = NamePattern::parse(to.toStdString());
    QVERIFY(a && b);
    Bindings bindings;
    QCOMPARE(a->match(name.toStdString(), bindings), !made.isEmpty());
    if (made.isEmpty()) {
        QVERIFY(bindings.empty());
        return;
    }
    const Result<std::string> text = b->format(bindings);
    QVERIFY2(text, text ? "" : text.error().message().c_str());
    QCOMPARE(QString::fromStdString(*text), made);
}

void TestNamePattern::wrongPatterns()
{
    for (const char* text :
         {"a{", "a}", "{}", "{I}", "{i+}", "{+1}", "{p=*}{q=*}{r=*}", "{p:x}", "{i*3}", "{3*}"})
        QVERIFY2(!NamePattern::parse(text), text);
    QVERIFY(!NamePattern::parse(std::string(3000, 'a')));
    QVERIFY(!NamePattern::parse("{3*i+j}")->canMatch());
    std::string many; // would be tried in 2^20 ways
    for (char c = 'a'; c < 'u'; ++c)
        many += std::string("{") + c + "=x|xx}";
    QVERIFY(!NamePattern::parse(many));
}

void TestNamePattern::expressions_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("replacement");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("made");
    const auto row = [](const char* pattern, const char* replacement, const char* name, const char* made) {
        QTest::addRow("%s of %s", pattern, name) << pattern << replacement << name << made;
    };
    row("^module\\.", "", "module.a", "a");
    row("^module\\.", "", "a.module.b", "");
    row("layers\\.(\\d+)\\.(.*)$", "blk.$1.$2", "x.layers.12.w", "x.blk.12.w");
    row("(a|b)+c", "[$1]", "xabac", "x[a]");
    row("a|ab", "X", "ab", "Xb");
    row("a*?b", "X", "aab", "X");
    row("(a*)(a*)", "$2-$1", "aa", "-aa");
    row("(?:ab)+(c?)", "<$1>", "abab", "<>");
    row("[^./]+$", "w", "a.b/kernel", "a.b/w");
    row("\\w+_(\\d)", "$1$$", "conv_1", "1$");
    row("x{2}", "", "", "");
    row("(x*)*y", "z", "xxy", "z");
}

void TestNamePattern::expressions()
{
    QFETCH(QString, pattern);
    QFETCH(QString, replacement);
    QFETCH(QString, name);
    QFETCH(QString, made);
    const Result<CaptureRegex> regex = CaptureRegex::compile(pattern.toStdString());
    if (name.isEmpty()) {
        QVERIFY(!regex);
        return;
    }
    QVERIFY(regex);
    const auto text = regex->replaced(name.toStdString(), replacement.toStdString());
    QCOMPARE(text.has_value(), !made.isEmpty());
    if (text)
        QCOMPARE(QString::fromStdString(*text), made);
}

// Others take 2^40 steps for this one.
void TestNamePattern::expressionsAreLinear()
{
    const Result<CaptureRegex> regex = CaptureRegex::compile("^(a|a)*(a|a)*(a|a)*b$");
    QVERIFY(regex);
    QVERIFY(!regex->search(std::string(2000, 'a')));
    for (const char* wrong : {"(", ")", "[a", "a**", "*a", "(?=a)", "\\1", "[b-a]", "a\\"})
        QVERIFY2(!CaptureRegex::compile(wrong), wrong);
}

QTEST_GUILESS_MAIN(TestNamePattern)
#include "tst_name_pattern.moc"
