// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/tree.h"
#include "tests/script/written_tree.h"

#include <QTest>

#include <algorithm>
#include <initializer_list>
#include <string>

using namespace wr::script;

namespace {

QByteArray bytes(const std::string& text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

/// "line:column message" for each diagnostic.
QStringList problems(const Tree& tree)
{
    QStringList lines;
    for (const Diagnostic& diagnostic : tree.diagnostics()) {
        const TextPosition position = tree.position(diagnostic.range.begin);
        lines.push_back(QStringLiteral("%1:%2 %3")
                            .arg(position.line)
                            .arg(position.column)
                            .arg(QString::fromStdString(diagnostic.message)));
    }
    return lines;
}

void columns()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
}

void row(const char* name, const char* text, const char* expected)
{
    QTest::newRow(name) << QByteArray(text) << QByteArray(expected);
}

void compareRow()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const auto tree = parse(text.toStdString());
    QCOMPARE(problems(*tree), QStringList());
    QCOMPARE(bytes(written(tree->statements())), expected);
}

} // namespace

class TestParser : public QObject {
    Q_OBJECT
private slots:
    void expressions_data();
    void expressions() { compareRow(); }
    void strings_data();
    void strings() { compareRow(); }
    void statements_data();
    void statements() { compareRow(); }
    void blocks_data();
    void blocks() { compareRow(); }
    void givesRanges_data();
    void givesRanges();
    void findsPositions();
    void findsArguments();
    void spellsDottedNames();
    void placesErrors_data();
    void placesErrors();
    void readsOnAfterErrors_data();
    void readsOnAfterErrors();
};

void TestParser::expressions_data()
{
    columns();
    row("integer", "42", "42");
    row("other bases", "[0x1f, 0o17, 0b101, 1_000]", "[31 15 5 1000]");
    row("decimals", "[1.5, .5, 2., 1e-7, 2E3]", "[1.5 0.5 2 1e-07 2000]");
    row("largest integer", "9223372036854775807", "9223372036854775807");
    row("past it", "9223372036854775808", "9.22337e+18");
    row("past the doubles", "[1e999, 1e-999]", "[inf 0]");
    row("constants", "[True, False, None, ...]", "[True False None ...]");
    row("how-to's dots", "f(.., 1)", "(call f ... 1)");
    row("sum and product", "a + b * 2 - c", "(- (+ a (* b 2)) c)");
    row("brackets", "(a + b) * 2", "(* (+ a b) 2)");
    row("left to right", "a / b // c % d @ e", "(@ (% (// (/ a b) c) d) e)");
    row("powers go right to left", "a ** b ** c", "(** a (** b c))");
    row("minus is looser than power", "-a ** -b", "(- (** a (- b)))");
    row("signs", "-+~a", "(- (+ (~ a)))");
    row("comparisons", "a + 1 <= b", "(<= (+ a 1) b)");
    row("bits", "a | b ^ c & d << 1", "(| a (^ b (& c (<< d 1))))");
    row("and, or, not", "a or not b and c", "(or a (and (not b) c))");
    row("is not", "a is not None", "(is not a None)");
    row("in", "a in b", "(in a b)");
    row("not in", "a not in b", "(not in a b)");
    row("attribute, call, item", "a.b(c)[d].e", "(at (call a.b c) d).e");
    row("arguments", "f(a, b=1, c=[2])", "(call f a b=1 c=[2])");
    row("trailing comma", "f(a, b=1,)", "(call f a b=1)");
    row("comparison is no keyword", "f(a == b)", "(call f (== a b))");
    row("tuples", "(a, b), (a,), ()", "<<a b> <a> <>>");
    row("lists", "[a, [b, c],]", "[a [b c]]");
    row("dictionaries", "{\"a\": 1, 'b': x + 1,}", "{'a' 1 'b' (+ x 1)}");
    row("empty ones", "[[], {}, ()]", "[[] {} <>]");
    row("lambda", "f(lambda: x + 1, lambda a, b: a)", "(call f (lambda '' (+ x 1)) (lambda 'a, b' a))");
    row("over lines", "tf.Variable(\n    tf.zeros([1]),  # why\n    name='v')",
        "(call tf.Variable (call tf.zeros [1]) name='v')");
    row("names beyond ASCII", "größe + 数", "(+ größe 数)");
}

void TestParser::strings_data()
{
    columns();
    row("both quotes", R"(["a'b", 'a"b'])", R"(['a'b' 'a"b'])");
    row("escapes", R"('\n\t\r\\\'\"\a\b\f\v')", "'\n\t\r\\'\"\a\b\f\v'");
    row("hexadecimal", R"('\x41\u00e4\U0001F600')", "'Aä😀'");
    row("unknown ones stay", R"('\q\d')", R"('\q\d')");
    row("broken ones stay", R"('\x4\u12\ud800\UFFFFFFFF')", R"('\x4\u12\ud800\UFFFFFFFF')");
    row("line goes on", "'a\\\nb'", "'ab'");
    row("line goes on, Windows", "'a\\\r\nb'", "'ab'");
    row("raw", R"(r'\n\x41')", R"('\n\x41')");
    row("triple", "'''a\n'b' \"c\"'''", "'a\n'b' \"c\"'");
    row("empty ones", "['', \"\", '''''', r'']", "['' '' '' '']");
    row("joined", "'a' \"b\" r'\\n'", "'ab\\n'");
    row("joined over lines", "f('a'\n  'b')", "(call f 'ab')");
    row("formatted", "f'layer{i}/w'", "(f 'layer' i '/w')");
    row("formatted, expression", "f'{i + 1}{n[0]}'", "(f (+ i 1) (at n 0))");
    row("formatted, braces", "f'{{{a}}}'", "(f '{' a '}')");
    row("formatted, without values", "f'abc'", "(f 'abc')");
    row("formatted, escapes", R"(f'\x41{a}\n')", "(f 'A' a '\n')");
    row("formatted and plain", "'{a}' f'{b}' '{c}'", "(f '{a}' b '{c}')");
    row("formatted, raw", R"(rf'\n{a}')", R"((f '\n' a))");
}

void TestParser::statements_data()
{
    columns();
    row("nothing", "", "");
    row("only comments", "# a\n\n  # b\n", "");
    row("assignment", "x = 1", "x = 1");
    row("several targets", "a = b = 1", "a = b = 1");
    row("tuple target", "a, b = 1, 2", "<a b> = <1 2>");
    row("bracketed targets", "(a, b) = [c, d] = e", "<a b> = [c d] = e");
    row("member targets", "a.b = c[0] = 1", "a.b = (at c 0) = 1");
    row("augmented", "a += 1\nb **= 2", "a += 1; b **= 2");
    row("several in one line", "a = 1; b; c = 2;", "a = 1; b; c = 2");
    row("holes", "...\n..\nx", "hole; hole; x");
    row("imports", "import a.b as c\nfrom a import (b,\n  c)\nx", "import; import; x");
    row("pass", "pass", "pass");
    row("print, Python 3", "print(\"a %s\" % b)", "(call print (% 'a %s' b))");
    row("print, Python 2", "print \"a %s\" % b", "(call print (% 'a %s' b))");
    row("print alone", "print\nx", "(call print); x");
    row("backslash", "a = \\\n 1\nb", "a = 1; b");
    row("Windows lines", "a = 1\r\nb = 2\r\n", "a = 1; b = 2");
    row("old Mac lines", "a = 1\rb = 2\r", "a = 1; b = 2");
}

void TestParser::blocks_data()
{
    columns();
    row("with", "with tf.device(\"/cpu:0\"):\n  v = 1\nx", "with (call tf.device '/cpu:0') {v = 1}; x");
    row("with as", "with tf.Session() as sess:\n  pass", "with (call tf.Session) as sess {pass}");
    row("two contexts", "with a as b, c as d:\n  x", "with a as b c as d {x}");
    row("body in the line", "with a: x = 1; y\nz", "with a {x = 1; y}; z");
    row("nested", "with a:\n  with b:\n    x\n  y\nz", "with a {with b {x}; y}; z");
    row("comment and blank line", "with a:\n\n  # c\n  x\n# d\n\n  y", "with a {x; y}");
    row("hole", "with a:\n  ...", "with a {hole}");
    row("for", "for i in range(6):\n  x = i\ny", "for i in (call range 6) {x = i}; y");
    row("for over a list", "for n in [784, 200]: f(n)", "for n in [784 200] {(call f n)}");
    row("for over an open list", "for n in 1, 2:\n  n", "for n in <1 2> {n}");
    row("for with a tuple", "for (a, b) in c:\n  a", "for <a b> in c {a}");
    row("for with an open tuple", "for a, b in c:\n  a", "for <a b> in c {a}");
    row("for in with in for", "for a in b:\n\twith c:\n\t\tfor d in e: d\n\tf",
        "for a in b {with c {for d in e {d}}; f}");
    row("Windows lines", "with a:\r\n  b\r\n\r\n  c\r\nd\r\n", "with a {b; c}; d");
}

void TestParser::givesRanges_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("statement");
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("assignment") << QByteArray("  # c\nx = f(1) # d\n") << QByteArray("x = f(1)")
                                << QByteArray("f(1)");
    QTest::newRow("second in its line")
        << QByteArray("a; b = [1, 2] ; c") << QByteArray("b = [1, 2]") << QByteArray("[1, 2]");
    QTest::newRow("brackets") << QByteArray("b = (1) + (2)") << QByteArray("b = (1) + (2)")
                              << QByteArray("(1) + (2)");
    QTest::newRow("over lines") << QByteArray("b = f(\n 1,\n)\nc") << QByteArray("b = f(\n 1,\n)")
                                << QByteArray("f(\n 1,\n)");
    QTest::newRow("umlauts before") << QByteArray("# äöü\nb = 'ß'  ") << QByteArray("b = 'ß'")
                                    << QByteArray("'ß'");
    QTest::newRow("tuple") << QByteArray("b = 1, 2,\n") << QByteArray("b = 1, 2,") << QByteArray("1, 2,");
}

void TestParser::givesRanges()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, statement);
    QFETCH(QByteArray, value);
    const auto tree = parse(text.toStdString());
    QCOMPARE(problems(*tree), QStringList());
    const auto found = std::find_if(tree->statements().begin(), tree->statements().end(),
                                    [](const Statement& s) { return s.kind == StatementKind::Assign; });
    QVERIFY(found != tree->statements().end());
    QCOMPARE(bytes(std::string(tree->slice(found->range))), statement);
    QCOMPARE(bytes(std::string(tree->slice(found->value->range))), value);

    const auto block = parse("with a:\n  b = 1\n  c  # d\n\n# e\nf");
    QCOMPARE(bytes(std::string(block->slice(block->statements()[0].range))),
             QByteArray("with a:\n  b = 1\n  c"));
    QCOMPARE(bytes(std::string(block->slice(block->statements()[0].body[1].range))), QByteArray("c"));
    // Values inside a formatted string have their place in the text too.
    const auto formatted = parse("x = f'ab{cd + g(k=1)}'");
    const Expr& inner = *formatted->statements()[0].value->parts[1].value;
    QCOMPARE(bytes(std::string(formatted->slice(inner.range))), QByteArray("cd + g(k=1)"));
    QCOMPARE(bytes(std::string(formatted->slice(inner.children[1]->arguments[0].range))), QByteArray("k=1"));
}

void TestParser::findsPositions()
{
    const auto tree = parse("aä\r\nb\rc\n\n😀x");
    const auto at = [&](std::uint32_t offset) {
        const TextPosition position = tree->position(offset);
        return std::pair{position.line, position.column};
    };
    QCOMPARE(at(0), (std::pair{1, 1}));
    QCOMPARE(at(1), (std::pair{1, 2}));
    QCOMPARE(at(3), (std::pair{1, 3})); // "ä" has two bytes and one column
    QCOMPARE(at(5), (std::pair{2, 1}));
    QCOMPARE(at(7), (std::pair{3, 1}));
    QCOMPARE(at(9), (std::pair{4, 1}));
    QCOMPARE(at(10), (std::pair{5, 1}));
    QCOMPARE(at(14), (std::pair{5, 2}));
    QCOMPARE(at(999), (std::pair{5, 3}));
    QCOMPARE(tree->lineStart(-3), 0U);
    QCOMPARE(tree->lineStart(1), 0U);
    QCOMPARE(tree->lineStart(2), 5U);
    QCOMPARE(tree->lineStart(5), 10U);
    QCOMPARE(tree->lineStart(6), 15U);
}

void TestParser::findsArguments()
{
    const auto tree = parse("f(a, b, name=c, b=d)");
    const Expr& call = *tree->statements()[0].value;
    const auto found = [&](const char* keyword, int position) -> QByteArray {
        const Argument* const argument = findArgument(call, keyword, position);
        return argument == nullptr ? QByteArray("-") : bytes(argument->value->text);
    };
    QCOMPARE(found("x", 0), QByteArray("a"));
    QCOMPARE(found("x", 1), QByteArray("b"));
    QCOMPARE(found("x", 2), QByteArray("-"));
    QCOMPARE(found("name", 7), QByteArray("c"));
    QCOMPARE(found("b", 0), QByteArray("d")); // the keyword is the more exact one
    QCOMPARE(found("name", -1), QByteArray("c"));
    QCOMPARE(found("x", -1), QByteArray("-"));
    QCOMPARE(found("", -1), QByteArray("-"));
}

void TestParser::spellsDottedNames()
{
    const auto name = [](const char* text) { return bytes(dottedName(*parse(text)->statements()[0].value)); };
    QCOMPARE(name("tf"), QByteArray("tf"));
    QCOMPARE(name("tf . nn.relu"), QByteArray("tf.nn.relu"));
    QCOMPARE(name("f().x"), QByteArray());
    QCOMPARE(name("a[0].x"), QByteArray());
    QCOMPARE(name("f(x)"), QByteArray());
    QCOMPARE(name("'a'"), QByteArray());
}

void TestParser::placesErrors_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("expected");
    const auto bad = [](const char* name, const char* text, std::initializer_list<const char*> expected) {
        QStringList lines;
        for (const char* const line : expected)
            lines.push_back(QString::fromUtf8(line));
        QTest::newRow(name) << QByteArray(text) << lines;
    };
    bad("no value", "x =\ny = 1", {"1:4 the line ends where a value was expected"});
    bad("no value in a call", "x = f(1, ** 2)", {"1:10 arguments with **"});
    bad("two loops in a comprehension", "x = [a for a in b for c in d]", {"1:19 only one \"for\""});
    bad("no in", "x = [a for a of b]", {"1:14 expected \"in\""});
    bad("no list after in", "x = [a for a in]", {"1:16 expected a value here, found \"]\""});
    bad("unclosed comprehension", "x = [a for a in b", {"1:5 expected \"]\" to close the \"[\""});
    bad("no operand", "x = 1 +  # c", {"1:8 the line ends where a value was expected"});
    bad("unclosed call", "x = f(1\ny = 2",
        {"1:6 expected \")\" to close the \"(\" opened on line 1, column 6"});
    bad("unclosed list", "x = 1\ny = f([1, 2)\nz = 1", {"2:7 expected \"]\" to close the \"[\""});
    bad("unclosed dictionary", "x = {'a': 1", {"1:5 expected \"}\" to close the \"{\""});
    bad("missing comma", "f(a b)", {"1:2 expected \")\""});
    bad("no colon in a dictionary", "x = {'a', 1}", {"1:9 expected \":\" between the key and its value"});
    bad("closing too many", "x = 1)\ny = 2", {"1:6 expected the end of the line here, found \")\""});
    bad("operator first", "x = * 2", {"1:5 expected a value here, found \"*\""});
    bad("two values", "x = 1 2", {"1:7 expected the end of the line here, found \"2\""});
    bad("keyword as a value", "x = for", {"1:5 expected a value here, found \"for\""});
    bad("unclosed string", "x = 'abc\ny = 1", {"1:5 this string is not closed on its line"});
    bad("unclosed triple string", "x = 1\ny = '''abc\n", {"2:5 this string is not closed"});
    bad("stray character", "x = 1\ny = $", {"2:5 this character means nothing"});
    bad("after umlauts", "größe = 'ä' $", {"1:13 expected the end of the line here, found \"$\""});
    bad("number", "x = 12ab", {"1:5 \"12ab\" is no number"});
    bad("two points", "x = 1.2.3", {"1:5 \"1.2.3\" is no number"});
    bad("hexadecimal", "x = 0xZZ", {"1:5 \"0xZZ\" is no number"});
    bad("attribute", "x = tf.", {"1:8 expected a name after \".\""});
    bad("attribute is a number", "x = tf.(1)", {"1:8 expected a name after \".\""});
    bad("assignment to a call", "f(x) = 1", {"1:1 nothing can be assigned to this"});
    bad("assignment to a number", "1 = x", {"1:1 nothing can be assigned to this"});
    bad("with without a colon", "with a\n  b", {"1:7 expected \":\" at the end of this line"});
    bad("with without a body", "with a:\nb", {"1:1 an indented block is expected below this line"});
    bad("for without in", "for i of x:\n  y", {"1:7 expected \"in\" after the loop's name"});
    bad("indented at the margin", "x = 1\n  y = 2",
        {"2:3 this line is indented, but no block begins above it"});
    bad("indented inside a block", "with a:\n  x\n    y\n  z",
        {"3:5 this line is indented more than the block"});
    bad("a level that never began", "with a:\n    x\n  y\nz", {"3:3 this line is indented"});
    bad("def", "def f(x):\n  return x\ny = 1", {"1:1 \"def\" is not part of Weightroom's script"});
    bad("if and else", "if a:\n  b\nelse:\n  c\n", {"1:1 \"if\" is not part", "3:1 \"else\" is not part"});
    bad("while in a block", "with a:\n  while b:\n    c\n  d", {"2:3 \"while\" is not part"});
    bad("lambda", "x = lambda a", {"1:13 expected \":\" after the parameters of lambda"});
    bad("formatted, unclosed", "x = f'ab{c'", {"1:9 this \"{\" is not closed inside the string"});
    bad("formatted, no expression", "x = f'ab{c +}'", {"1:10 this is no expression"});
    bad("formatted, empty", "x = f'{}'", {"1:8 this is no expression"});
    bad("three lines", "x = \ny = 1\nz = )\nw = [",
        {"1:4 the line ends", "3:5 expected a value here", "4:5 expected \"]\""});
}

void TestParser::placesErrors()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, expected);
    const auto tree = parse(text.toStdString());
    const QStringList found = problems(*tree);
    QVERIFY2(found.size() == expected.size(), qPrintable(found.join(QLatin1Char('\n'))));
    for (qsizetype i = 0; i < found.size(); ++i)
        QVERIFY2(found[i].startsWith(expected[i]), qPrintable(found[i]));
    for (const Diagnostic& diagnostic : tree->diagnostics())
        QCOMPARE(diagnostic.severity, Severity::Error);
    QCOMPARE(bytes(tree->text()), text);
}

void TestParser::readsOnAfterErrors_data()
{
    columns();
    row("next line", "a = 1 2\nb = 2", "a = 1; b = 2");
    row("broken value", "a = f(\nb = 2", "a = (call f); b = 2");
    row("foreign block", "def f():\n  x = 1\n  if y:\n    z = 2\nb = 2", "error; b = 2");
    row("inside a block", "with a:\n  b = $\n  c = 1\nd", "with a {b = ?; c = 1}; d");
    row("block without a colon", "with a\n  b\nc", "with a {b}; c");
    row("too deep a line", "a\n  b\nc", "a; b; c");
    row("half an expression", "a b\nc", "a; c");
}

void TestParser::readsOnAfterErrors()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const auto tree = parse(text.toStdString());
    QVERIFY(!tree->diagnostics().empty());
    QCOMPARE(bytes(written(tree->statements())), expected);
}

QTEST_GUILESS_MAIN(TestParser)
#include "tst_parser.moc"
