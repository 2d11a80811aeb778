// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/edit.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

using namespace wr;
using namespace wr::script;

namespace {

QByteArray bytes(std::string_view text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

/// The first call of `name` in the tree.
const Expr* findCall(const Expr& expr, std::string_view name)
{
    if (expr.kind == ExprKind::Call && dottedName(*expr.children.front()) == name)
        return &expr;
    for (const ExprPtr& child : expr.children) {
        if (const Expr* const found = findCall(*child, name))
            return found;
    }
    for (const Argument& argument : expr.arguments) {
        if (const Expr* const found = findCall(*argument.value, name))
            return found;
    }
    return nullptr;
}

const Expr* findCall(const std::vector<Statement>& statements, std::string_view name)
{
    for (const Statement& statement : statements) {
        if (statement.value) {
            if (const Expr* const found = findCall(*statement.value, name))
                return found;
        }
        if (const Expr* const found = findCall(statement.body, name))
            return found;
    }
    return nullptr;
}

/// Random edits that do not overlap, in random order.
std::vector<TextEdit> randomEdits(std::mt19937_64& random, std::size_t length)
{
    std::vector<TextEdit> edits;
    std::uint32_t at = 0;
    while (edits.size() < 8) {
        at += static_cast<std::uint32_t>(random() % 6);
        const auto end = at + static_cast<std::uint32_t>(random() % 4);
        if (end > length)
            break;
        // Two empty ranges at one place would leave their order open.
        if (edits.empty() || edits.back().range.end < at || at == 0)
            edits.push_back({{at, end}, std::string(random() % 4, static_cast<char>('A' + random() % 26))});
        at = end + 1;
    }
    std::shuffle(edits.begin(), edits.end(), random);
    return edits;
}

} // namespace

class TestEdit : public QObject {
    Q_OBJECT
private slots:
    void applies_data();
    void applies();
    void refusesWhatDoesNotFit_data();
    void refusesWhatDoesNotFit();
    void undoes();
    void setsArguments_data();
    void setsArguments();
    void removesArguments_data();
    void removesArguments();
    void keepsTheRest();
    void quotes_data();
    void quotes();
    void quotesAnything();
    void spells_data();
    void spells();
    void spellsAnyNumber();
};

using Edits = std::vector<TextEdit>;
Q_DECLARE_METATYPE(Edits)

void TestEdit::applies_data()
{
    QTest::addColumn<Edits>("edits");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("none") << Edits{} << QByteArray("0123456789");
    QTest::newRow("replace") << Edits{{{2, 4}, "ab"}} << QByteArray("01ab456789");
    QTest::newRow("longer") << Edits{{{2, 3}, "abc"}} << QByteArray("01abc3456789");
    QTest::newRow("remove") << Edits{{{0, 9}, ""}} << QByteArray("9");
    QTest::newRow("insert") << Edits{{{10, 10}, "x"}} << QByteArray("0123456789x");
    QTest::newRow("several in any order")
        << Edits{{{8, 9}, "c"}, {{0, 0}, "a"}, {{3, 5}, "b"}} << QByteArray("a012b567c9");
    QTest::newRow("touching") << Edits{{{3, 5}, "b"}, {{1, 3}, "a"}} << QByteArray("0ab56789");
    QTest::newRow("insert before a replacement")
        << Edits{{{3, 5}, "b"}, {{3, 3}, "a"}} << QByteArray("012ab56789");
    QTest::newRow("two inserts keep their order")
        << Edits{{{3, 3}, "a"}, {{3, 3}, "b"}} << QByteArray("012ab3456789");
}

void TestEdit::applies()
{
    QFETCH(Edits, edits);
    QFETCH(QByteArray, expected);
    const Result<std::string> edited = applyEdits("0123456789", edits);
    QVERIFY(edited.has_value());
    QCOMPARE(bytes(*edited), expected);
    const Result<std::string> back = applyEdits(*edited, invertEdits("0123456789", edits));
    QVERIFY(back.has_value());
    QCOMPARE(bytes(*back), QByteArray("0123456789"));
}

void TestEdit::refusesWhatDoesNotFit_data()
{
    QTest::addColumn<Edits>("edits");
    QTest::newRow("overlapping") << Edits{{{1, 4}, ""}, {{3, 5}, ""}};
    QTest::newRow("one inside the other") << Edits{{{1, 9}, ""}, {{3, 3}, "a"}};
    QTest::newRow("behind the end") << Edits{{{9, 11}, ""}};
    QTest::newRow("far behind") << Edits{{{4000000000U, 4000000000U}, "a"}};
    QTest::newRow("backwards") << Edits{{{5, 3}, ""}};
}

void TestEdit::refusesWhatDoesNotFit()
{
    QFETCH(Edits, edits);
    const Result<std::string> edited = applyEdits("0123456789", edits);
    QVERIFY(!edited.has_value());
    QCOMPARE(edited.error().code(), StatusCode::InvalidArgument);
}

void TestEdit::undoes()
{
    std::mt19937_64 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 40, ' ');
        for (char& c : text)
            c = static_cast<char>(random() % 256);
        const Edits edits = randomEdits(random, text.size());
        const Result<std::string> edited = applyEdits(text, edits);
        QVERIFY(edited.has_value());
        const Result<std::string> back = applyEdits(*edited, invertEdits(text, edits));
        QVERIFY(back.has_value());
        QCOMPARE(bytes(*back), bytes(text));
    }
}

void TestEdit::setsArguments_data()
{
    QTest::addColumn<QByteArray>("call");
    QTest::addColumn<QByteArray>("keyword");
    QTest::addColumn<int>("position");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* call, const char* keyword, int position,
                        const char* expected) {
        QTest::newRow(name) << QByteArray(call) << QByteArray(keyword) << position << QByteArray(expected);
    };
    row("keyword", "f(a, name=\"x\", c=1)", "name", -1, "f(a, name=NEW, c=1)");
    row("place", "f(a, b)", "stddev", 1, "f(a, NEW)");
    row("spaces stay", "f( a ,  name = b )", "name", 5, "f( a ,  name = NEW )");
    row("absent", "f(a)", "name", -1, "f(a, name=NEW)");
    row("absent with place", "f(a)", "name", 1, "f(a, name=NEW)");
    row("no arguments", "f()", "name", -1, "f(name=NEW)");
    row("no arguments, spaces", "f( )", "name", -1, "f( name=NEW)");
    row("behind a trailing comma", "f(a,)", "name", -1, "f(a, name=NEW,)");
    row("over lines", "f(a,  # one\n  b  # two\n  )", "name", -1, "f(a,  # one\n  b, name=NEW  # two\n  )");
    row("nested value", "f(g(h[1], [2, 3]), k)", "x", 0, "f(NEW, k)");
    row("bracketed value", "f(x=(1))", "x", -1, "f(x=(NEW))");
    row("joined strings", "f(name='a' \"b\")", "name", -1, "f(name=NEW)");
    row("hole", "f(..., k=1)", "x", 0, "f(NEW, k=1)");
}

void TestEdit::setsArguments()
{
    QFETCH(QByteArray, call);
    QFETCH(QByteArray, keyword);
    QFETCH(int, position);
    QFETCH(QByteArray, expected);
    const std::string before = "# ä\r\nx = 1  \n\tv = ";
    const std::string after = " # tail\r\n\n  y=2";
    const std::string text = before + call.toStdString() + after;
    const auto tree = parse(text);
    const Expr* const found = findCall(tree->statements(), "f");
    QVERIFY(found != nullptr);
    const TextEdit edit = setArgument(*tree, *found, keyword.toStdString(), position, "NEW");
    const Result<std::string> edited = applyEdits(text, {edit});
    QVERIFY(edited.has_value());
    QCOMPARE(bytes(*edited), bytes(before) + expected + bytes(after));
}

void TestEdit::removesArguments_data()
{
    QTest::addColumn<QByteArray>("call");
    QTest::addColumn<QByteArray>("keyword");
    QTest::addColumn<int>("position");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* call, const char* keyword, int position,
                        const char* expected) {
        QTest::newRow(name) << QByteArray(call) << QByteArray(keyword) << position << QByteArray(expected);
    };
    row("last", "f(a, name=\"x\")", "name", -1, "f(a)");
    row("middle", "f(a, b=1, c=2)", "b", -1, "f(a, c=2)");
    row("first of two", "f(a=1, b=2)", "a", -1, "f(b=2)");
    row("only one", "f(a)", "x", 0, "f()");
    row("only one with a comma", "f( a , )", "x", 0, "f(  )");
    row("trailing comma stays", "f(a, b=1,)", "b", -1, "f(a,)");
    row("absent", "f(a, b=1)", "c", 4, "f(a, b=1)");
    row("over lines", "f(a,\n  b=1,\n  c=2)", "b", -1, "f(a,\n  c=2)");
    row("first, over lines", "f(\n  a=1,\n  b=2)", "a", -1, "f(\n  b=2)");
    row("comment before the comma", "f(a=1 # one, two\n  , b=2)", "a", -1, "f(b=2)");
    row("comment before the last comma", "f(a # one\n  ,)", "x", 0, "f()");
    row("bracketed", "f(a, b=(1, (2)), c=3)", "b", -1, "f(a, c=3)");
}

void TestEdit::removesArguments()
{
    QFETCH(QByteArray, call);
    QFETCH(QByteArray, keyword);
    QFETCH(int, position);
    QFETCH(QByteArray, expected);
    const std::string before = "with q:\n    v = [";
    const std::string after = ", 7]  \n# end";
    const std::string text = before + call.toStdString() + after;
    const auto tree = parse(text);
    const Expr* const found = [&]() -> const Expr* {
        const Statement& inner = tree->statements()[0].body[0];
        return findCall(*inner.value, "f");
    }();
    QVERIFY(found != nullptr);
    const TextEdit edit = removeArgument(*tree, *found, keyword.toStdString(), position);
    const Result<std::string> edited = applyEdits(text, {edit});
    QVERIFY(edited.has_value());
    QCOMPARE(bytes(*edited), bytes(before) + expected + bytes(after));
    QVERIFY(parse(*edited)->diagnostics().empty());
}

/// An edit of a real script changes one line and no byte elsewhere.
void TestEdit::keepsTheRest()
{
    QFile file(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples/digits/model.wr"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string text = file.readAll().toStdString();
    const auto tree = parse(text);
    const Expr* const call = findCall(tree->statements(), "tf.random_normal");
    QVERIFY(call != nullptr);
    const TextEdit edit = setArgument(*tree, *call, "stddev", 2, spelled(0.1));
    const std::string edited = applyEdits(text, {edit}).value();
    const std::size_t at = text.find("0.35");
    QVERIFY(at != std::string::npos);
    QCOMPARE(bytes(edited), bytes(text.substr(0, at)) + "0.1" + bytes(text.substr(at + 4)));
    QCOMPARE(bytes(applyEdits(edited, invertEdits(text, {edit})).value()), bytes(text));
}

void TestEdit::quotes_data()
{
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("/cpu:0") << QByteArray(R"("/cpu:0")");
    QTest::newRow("empty") << QByteArray("") << QByteArray(R"("")");
    QTest::newRow("quotes") << QByteArray(R"(a"b'c)") << QByteArray(R"("a\"b'c")");
    QTest::newRow("backslash") << QByteArray(R"(a\n)") << QByteArray(R"("a\\n")");
    QTest::newRow("control characters") << QByteArray("\n\r\t\x01\x7f") << QByteArray(R"("\n\r\t\x01\x7f")");
    QTest::newRow("umlaut") << QByteArray("ä") << QByteArray("\"ä\"");
}

void TestEdit::quotes()
{
    QFETCH(QByteArray, contents);
    QFETCH(QByteArray, expected);
    QCOMPARE(bytes(wr::script::quoted(contents.toStdString())), expected);
}

void TestEdit::quotesAnything()
{
    std::mt19937_64 random(11);
    for (int round = 0; round < 2000; ++round) {
        std::string contents(random() % 20, ' ');
        for (char& c : contents)
            c = static_cast<char>(random() % 256);
        const auto tree = parse("x = " + wr::script::quoted(contents));
        QVERIFY(tree->diagnostics().empty());
        const Expr& value = *tree->statements()[0].value;
        QCOMPARE(value.kind, ExprKind::String);
        QCOMPARE(bytes(value.text), bytes(contents));
    }
}

void TestEdit::spells_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("0.35") << 0.35 << QByteArray("0.35");
    QTest::newRow("one") << 1.0 << QByteArray("1.0");
    QTest::newRow("minus zero") << -0.0 << QByteArray("-0.0");
    QTest::newRow("1e-7") << 1e-7 << QByteArray("1e-07");
    QTest::newRow("1e20") << 1e20 << QByteArray("1e+20");
    QTest::newRow("a third") << 1.0 / 3.0 << QByteArray("0.3333333333333333");
    QTest::newRow("smallest") << 5e-324 << QByteArray("5e-324");
    QTest::newRow("largest") << std::numeric_limits<double>::max() << QByteArray("1.7976931348623157e+308");
    QTest::newRow("infinite") << HUGE_VAL << QByteArray("float(\"inf\")");
    QTest::newRow("minus infinite") << -HUGE_VAL << QByteArray("-float(\"inf\")");
    QTest::newRow("no number") << std::nan("") << QByteArray("float(\"nan\")");
}

void TestEdit::spells()
{
    QFETCH(double, value);
    QFETCH(QByteArray, expected);
    QCOMPARE(bytes(spelled(value)), expected);
}

/// The parser reads back the very same bits.
void TestEdit::spellsAnyNumber()
{
    std::mt19937_64 random(13);
    int tried = 0;
    while (tried < 5000) {
        const double value = std::abs(std::bit_cast<double>(random()));
        if (!std::isfinite(value))
            continue;
        ++tried;
        const auto tree = parse("x = " + spelled(value));
        QVERIFY(tree->diagnostics().empty());
        const Expr& read = *tree->statements()[0].value;
        QCOMPARE(read.kind, ExprKind::Number);
        QVERIFY(!read.isInteger);
        QCOMPARE(std::bit_cast<std::uint64_t>(read.number), std::bit_cast<std::uint64_t>(value));
    }
}

QTEST_GUILESS_MAIN(TestEdit)
#include "tst_edit.moc"
