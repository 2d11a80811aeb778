// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/token.h"

#include <QTest>

#include <string>

using namespace wr::script;

namespace {

QString kindName(TokenKind kind)
{
    switch (kind) {
    case TokenKind::Name:
        return QStringLiteral("name");
    case TokenKind::Number:
        return QStringLiteral("number");
    case TokenKind::String:
        return QStringLiteral("string");
    case TokenKind::Operator:
        return QStringLiteral("op");
    case TokenKind::Comment:
        return QStringLiteral("comment");
    case TokenKind::Newline:
        return QStringLiteral("newline");
    case TokenKind::Indent:
        return QStringLiteral("indent");
    case TokenKind::Dedent:
        return QStringLiteral("dedent");
    case TokenKind::Error:
        return QStringLiteral("error");
    case TokenKind::End:
        return QStringLiteral("end");
    }
    return {};
}

/// One line for all tokens: words as "kind:text", the others as their kind.
QString described(const std::string& text)
{
    QStringList words;
    for (const Token& token : tokenize(text)) {
        const bool bare = token.kind == TokenKind::Newline || token.kind == TokenKind::Indent ||
                          token.kind == TokenKind::Dedent || token.kind == TokenKind::End;
        const std::string spelling = text.substr(token.range.begin, token.range.end - token.range.begin);
        words.push_back(bare ? kindName(token.kind)
                             : kindName(token.kind) + QLatin1Char(':') + QString::fromStdString(spelling));
    }
    return words.join(QLatin1Char(' '));
}

void row(const char* name, const char* text, const char* expected)
{
    QTest::newRow(name) << QByteArray(text) << QString::fromUtf8(expected);
}

} // namespace

class TestLexer : public QObject {
    Q_OBJECT
private slots:
    void reads_data();
    void reads();
    void givesExactRanges();
    void joinsLinesInsideBrackets_data() { lineRows(); }
    void joinsLinesInsideBrackets() { compareRow(); }
    void findsBlocks_data() { blockRows(); }
    void findsBlocks() { compareRow(); }
    void takesZeroBytes();

private:
    static void lineRows();
    static void blockRows();
    static void compareRow();
};

void TestLexer::compareRow()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    QCOMPARE(described(text.toStdString()), expected);
}

void TestLexer::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    row("nothing", "", "end");
    row("blank lines", "\n  \n\t\n", "end");
    row("assignment", "x = 1\n", "name:x op:= number:1 newline end");
    row("no line end", "x", "name:x newline end");
    row("carriage returns", "a\r\nb\rc", "name:a newline name:b newline name:c newline end");
    row("comment", "# one\nx # two", "comment:# one name:x comment:# two newline end");
    row("umlaut in a name", "größe = 1", "name:größe op:= number:1 newline end");
    row("underscores", "_a__b9", "name:_a__b9 newline end");
    row("decimals", "1 1.5 .5 1. 1e-7 1.5E+3 1_000",
        "number:1 number:1.5 number:.5 number:1. number:1e-7 number:1.5E+3 number:1_000 newline end");
    row("other bases", "0x1F 0o17 0b101 0X1e+1",
        "number:0x1F number:0o17 number:0b101 number:0X1e op:+ number:1 newline end");
    row("minus stays alone", "1-2", "number:1 op:- number:2 newline end");
    row("number before dots", "1..2", "number:1 op:.. number:2 newline end");
    row("range with ellipsis", "[1...]", "op:[ number:1 op:... op:] newline end");
    row("dots", "... .. .", "op:... op:.. op:. newline end");
    row("attribute", "tf.nn.relu", "name:tf op:. name:nn op:. name:relu newline end");
    row("long operators", "a**b//c==d!=e<=f>=g",
        "name:a op:** name:b op:// name:c op:== name:d op:!= name:e op:<= name:f op:>= name:g newline end");
    row("augmented", "a+=1;b-=2;c**=3",
        "name:a op:+= number:1 op:; name:b op:-= number:2 op:; name:c op:**= number:3 newline end");
    row("shifts", "a<<b>>c->d:=e", "name:a op:<< name:b op:>> name:c op:-> name:d op::= name:e newline end");
    row("strings", "'a' \"b\" '' \"\"", "string:'a' string:\"b\" string:'' string:\"\" newline end");
    row("prefixes", "r'a' b\"b\" f'{x}' Rb'' u''",
        "string:r'a' string:b\"b\" string:f'{x}' string:Rb'' string:u'' newline end");
    row("name that looks like a prefix", "bar'x'", "name:bar string:'x' newline end");
    row("escaped quote", R"("a\"b" 'c\\')", R"(string:"a\"b" string:'c\\' newline end)");
    row("triple quotes", "'''a\n'b''c''' x", "string:'''a\n'b''c''' name:x newline end");
    row("line goes on inside a string", "'a\\\nb'", "string:'a\\\nb' newline end");
    row("and with a carriage return", "'a\\\r\nb' x", "string:'a\\\r\nb' name:x newline end");
    row("unclosed string", "'abc\nx", "error:'abc newline name:x newline end");
    row("unclosed triple", "\"\"\"abc\nx", "error:\"\"\"abc\nx newline end");
    row("stray characters", "a $ ? ! `", "name:a error:$ error:? error:! error:` newline end");
    row("backslash joins lines", "a = \\\n  1\n", "name:a op:= number:1 newline end");
    row("backslash elsewhere", "a \\ b", "name:a error:\\ name:b newline end");
}

void TestLexer::reads()
{
    compareRow();
}

void TestLexer::lineRows()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    row("call over two lines", "f(a,\n      b)\nc",
        "name:f op:( name:a op:, name:b op:) newline name:c newline end");
    row("all brackets", "[\n{\n(\n)\n}\n]", "op:[ op:{ op:( op:) op:} op:] newline end");
    row("indentation inside does not count", "f(\n        1\n  )\nx",
        "name:f op:( number:1 op:) newline name:x newline end");
    row("comment inside", "f(1, # one\n  2)",
        "name:f op:( number:1 op:, comment:# one number:2 op:) newline end");
    row("keyword argument at the margin", "f(1,\nname=2)",
        "name:f op:( number:1 op:, name:name op:= number:2 op:) newline end");
    row("an unclosed bracket ends before the next statement", "a = f(1\nb = 2",
        "name:a op:= name:f op:( number:1 newline name:b op:= number:2 newline end");
    row("and before a block", "f(\nwith x:\n", "name:f op:( newline name:with name:x op:: newline end");
    row("and before an import", "f([\nimport x", "name:f op:( op:[ newline name:import name:x newline end");
    row("closing too many", ")\nx", "op:) newline name:x newline end");
}

void TestLexer::blockRows()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    row("block", "with a:\n  b\nc",
        "name:with name:a op:: newline indent name:b newline dedent name:c newline end");
    row("block at the end", "with a:\n  b", "name:with name:a op:: newline indent name:b newline dedent end");
    row("two blocks end at once", "a:\n b:\n  c\nd",
        "name:a op:: newline indent name:b op:: newline indent name:c newline dedent dedent name:d newline "
        "end");
    row("blank line inside", "a:\n  b\n\n  c",
        "name:a op:: newline indent name:b newline name:c newline dedent end");
    row("comment at the margin ends no block", "a:\n  b\n# c\n  d",
        "name:a op:: newline indent name:b newline comment:# c name:d newline dedent end");
    row("a tab goes to the next eighth column", "a:\n\tb\n        c",
        "name:a op:: newline indent name:b newline name:c newline dedent end");
    row("a level that never began", "a:\n    b\n  c\nd",
        "name:a op:: newline indent name:b newline dedent indent name:c newline dedent name:d newline end");
    row("text begins indented", "  a", "indent name:a newline dedent end");
}

void TestLexer::givesExactRanges()
{
    const std::vector<Token> tokens = tokenize("v = tf.Variable(\"ü\")\n");
    const std::vector<TextRange> expected{{0, 1},   {2, 3},   {4, 6},   {6, 7},   {7, 15},
                                          {15, 16}, {16, 20}, {20, 21}, {21, 22}, {22, 22}};
    QCOMPARE(tokens.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(tokens[i].range.begin, expected[i].begin);
        QCOMPARE(tokens[i].range.end, expected[i].end);
    }
}

void TestLexer::takesZeroBytes()
{
    const std::string text("a\0b\0", 4);
    const std::vector<Token> tokens = tokenize(text);
    QCOMPARE(tokens.size(), std::size_t{6});
    QCOMPARE(tokens[1].kind, TokenKind::Error);
    QCOMPARE(tokens[2].kind, TokenKind::Name);
    QCOMPARE(tokens[3].kind, TokenKind::Error);
    QCOMPARE(tokens[5].kind, TokenKind::End);
}

QTEST_GUILESS_MAIN(TestLexer)
#include "tst_lexer.moc"
