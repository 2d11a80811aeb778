// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/token.h"
#include "engine/script/tree.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <array>
#include <random>
#include <string>
#include <vector>

using namespace wr::script;

namespace {

/// The words that lie between two tokens: spaces, line ends and the backslashes that join lines.
bool isBetween(std::string_view gap)
{
    return gap.find_first_not_of(" \t\f\r\n\\") == std::string_view::npos;
}

/// Puts the text together again from its tokens and what lies between; empty with a reason when tokens
/// overlap or leave something out.
std::string printed(std::string_view text, QString& reason)
{
    std::string result;
    std::size_t at = 0;
    for (const Token& token : tokenize(text)) {
        if (token.range.begin < at || token.range.end < token.range.begin || token.range.end > text.size()) {
            reason = QStringLiteral("a token at %1 overlaps or leaves the text").arg(token.range.begin);
            return {};
        }
        const std::string_view gap = text.substr(at, token.range.begin - at);
        if (!isBetween(gap)) {
            reason =
                QStringLiteral("the bytes from %1 to %2 belong to no token").arg(at).arg(token.range.begin);
            return {};
        }
        result += gap;
        result += text.substr(token.range.begin, token.range.end - token.range.begin);
        at = token.range.end;
    }
    if (!isBetween(text.substr(at)))
        reason = QStringLiteral("the end belongs to no token");
    result += text.substr(at);
    return result;
}

/// Whether every node is a range of the text inside its parent's, and no child is missing.
class RangeCheck {
public:
    explicit RangeCheck(const Tree& tree) : m_tree(tree) {}

    QString run()
    {
        const auto end = static_cast<std::uint32_t>(m_tree.text().size());
        check(m_tree.statements(), {0, end});
        for (const Diagnostic& diagnostic : m_tree.diagnostics()) {
            inside(diagnostic.range, {0, end}, "a diagnostic");
            if (diagnostic.message.empty())
                note("a diagnostic without words", diagnostic.range);
            const TextPosition position = m_tree.position(diagnostic.range.begin);
            if (position.line < 1 || position.column < 1 ||
                m_tree.lineStart(position.line) > diagnostic.range.begin)
                note("a diagnostic without a place", diagnostic.range);
        }
        return m_reason;
    }

private:
    void note(const char* what, TextRange range)
    {
        if (m_reason.isEmpty())
            m_reason = QStringLiteral("%1 at %2–%3").arg(QLatin1String(what)).arg(range.begin).arg(range.end);
    }

    void inside(TextRange range, TextRange outer, const char* what)
    {
        if (range.begin > range.end || range.begin < outer.begin || range.end > outer.end)
            note(what, range);
    }

    void check(const std::vector<Statement>& statements, TextRange outer)
    {
        std::uint32_t at = outer.begin;
        for (const Statement& statement : statements) {
            inside(statement.range, {at, outer.end}, "a statement leaves its block or overlaps another");
            at = statement.range.end;
            for (const ExprPtr& target : statement.targets)
                check(target.get(), statement.range);
            if (statement.value)
                check(statement.value.get(), statement.range);
            for (const WithItem& item : statement.items) {
                check(item.context.get(), statement.range);
                if (item.alias)
                    check(item.alias.get(), statement.range);
            }
            check(statement.body, statement.range);
        }
    }

    void check(const Expr* expr, TextRange outer)
    {
        if (expr == nullptr)
            return note("a missing expression", outer);
        inside(expr->range, outer, "an expression leaves its parent");
        for (const ExprPtr& child : expr->children)
            check(child.get(), expr->range);
        for (const Argument& argument : expr->arguments) {
            inside(argument.range, expr->range, "an argument leaves its call");
            check(argument.value.get(), argument.range);
        }
        for (const FormatPart& part : expr->parts) {
            if (part.value)
                check(part.value.get(), expr->range);
        }
    }

    const Tree& m_tree;
    QString m_reason;
};

/// Empty when the text survives, otherwise why not.
QString complaint(const std::string& text)
{
    const auto tree = parse(text);
    if (tree->text() != text)
        return QStringLiteral("the tree's text is another");
    QString reason = RangeCheck(*tree).run();
    if (!reason.isEmpty())
        return reason;
    if (printed(text, reason) != text && reason.isEmpty())
        return QStringLiteral("the tokens print other bytes");
    return reason;
}

std::string repeated(std::string_view part, std::size_t times)
{
    std::string text;
    text.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        text += part;
    return text;
}

using Random = std::mt19937_64;

std::string randomBytes(Random& random)
{
    std::string text(random() % 120, ' ');
    for (char& c : text)
        c = static_cast<char>(random() % 256);
    return text;
}

std::string tokenSoup(Random& random)
{
    static constexpr std::array<std::string_view, 72> kWords{
        "tf",   ".",   "Variable", "(",      ")",     "[",      "]",   "{",   "}",    ",",    ":",  "=",
        "==",   "+",   "-",        "*",      "**",    "/",      "//",  "%",   "@",    "|",    "&",  "^",
        "~",    "<",   ">",        "<<",     "not",   "in",     "is",  "and", "or",   "with", "as", "for",
        "if",   "def", "lambda",   "import", "print", "pass",   "...", "..",  "None", "True", "1",  "2.5",
        "1e-7", "0xF", "'a'",      "\"b\"",  "f'{x}", "f'{x}'", "'''", "\"",  "'",    "\\",   "#c", "\n",
        "\n",   "\n",  "\r\n",     "\n    ", "\n  ",  "\t",     " ",   "x",   "ä",    ";",    "$",  "\r"};
    std::string text;
    for (std::uint64_t left = random() % 60; left > 0; --left) {
        text += kWords[random() % kWords.size()];
        if (random() % 3 != 0)
            text += ' ';
    }
    return text;
}

std::string mutated(Random& random, const std::string& script)
{
    // A window of the script keeps thousands of rounds fast; now and then the whole is taken.
    std::string text = script;
    if (random() % 50 != 0) {
        const std::size_t begin = random() % script.size();
        text = script.substr(begin, 50 + random() % 400);
    }
    for (std::uint64_t left = 1 + random() % 6; left > 0 && !text.empty(); --left) {
        const std::size_t at = random() % text.size();
        switch (random() % 5) {
        case 0:
            text.erase(at, 1 + random() % 5);
            break;
        case 1:
            text[at] = static_cast<char>(random() % 256);
            break;
        case 2:
            text.insert(at, std::string(1, "()[]{}'\",:=#\n\\ "[random() % 16]));
            break;
        case 3:
            text.insert(at, text.substr(random() % text.size(), random() % 20));
            break;
        default:
            text.resize(at);
            break;
        }
    }
    return text;
}

} // namespace

class TestLossless : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void keepsExamples();
    void keepsRandomBytes();
    void keepsTokenSoup();
    void keepsMutatedScripts();
    void survivesDepth_data();
    void survivesDepth();
    void survivesLength_data();
    void survivesLength();
    void acceptsWhatIsDeepAndSane();

private:
    std::vector<std::string> m_scripts;
};

void TestLossless::initTestCase()
{
    const QDir examples(QStringLiteral(WEIGHTROOM_SOURCE_DIR "/resources/examples"));
    for (const QString& name : examples.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        QFile file(examples.filePath(name + QStringLiteral("/model.wr")));
        if (file.open(QIODevice::ReadOnly))
            m_scripts.push_back(file.readAll().toStdString());
    }
    QVERIFY(!m_scripts.empty());
    // What the examples do not show: scopes, dictionaries, functions of a line, holes, other line ends.
    m_scripts.emplace_back("from __future__ import print_function\r\nimport tensorflow as tf\r\n\r\n"
                           "weights = {\r\n    'h1': tf.Variable(tf.truncated_normal([784, 2**8],\r\n"
                           "                                          stddev=1.0 / 28)),  # ä first layer\r\n"
                           "    'out': tf.Variable(lambda: tf.zeros((256, 10)), dtype=tf.float32),\r\n}\r\n");
    m_scripts.emplace_back(
        "with tf.device('/job:ps/task:7'), tf.variable_scope(\"s\", reuse=tf.AUTO_REUSE) as s:\n"
        "\tfor i, size in [(0, 4), (1, -3 + 7)]:\n"
        "\t\tw = tf.get_variable(f'w{i}', [size] * 2,\n"
        "\t\t\tinitializer=tf.variance_scaling_initializer(\n"
        "\t\t\t\tscale=2., mode=\"fan_in\"))  # odd\n"
        "\tv = tf.Variable(..., name='''v''') ; a, b = (1e-3, .5)\n"
        "...\n..\nx = weights['h1'][0] \\\n    + -v ** 2 // 3 % 4\n"
        "print \"saved: %s\" % path\n"
        "print(tf.get_collection(tf.GraphKeys.VARIABLES, scope=r's/w\\d'))\n");
}

void TestLossless::keepsExamples()
{
    for (const std::string& script : m_scripts) {
        QCOMPARE(complaint(script), QString());
        QVERIFY(parse(script)->diagnostics().empty());
        // Whatever an editor saw on the way to the last byte.
        for (std::size_t length = 0; length < script.size(); length += 7)
            QCOMPARE(complaint(script.substr(0, length)), QString());
    }
}

#define WR_KEEPS(rounds, seed, make)                                                                         \
    Random random(seed);                                                                                     \
    for (int round = 0; round < (rounds); ++round) {                                                         \
        const std::string text = make;                                                                       \
        const QString reason = complaint(text);                                                              \
        QVERIFY2(reason.isEmpty(),                                                                           \
                 qPrintable(                                                                                 \
                     QStringLiteral("round %1: %2: %3")                                                      \
                         .arg(round)                                                                         \
                         .arg(reason, QString::fromLatin1(QByteArray::fromStdString(text).toPercentEncoding( \
                                          " ()[]{}=,.:\"'")))));                                             \
    }

void TestLossless::keepsRandomBytes()
{
    WR_KEEPS(6000, 1, randomBytes(random))
}

void TestLossless::keepsTokenSoup()
{
    WR_KEEPS(8000, 2, tokenSoup(random))
}

void TestLossless::keepsMutatedScripts()
{
    WR_KEEPS(6000, 3, mutated(random, m_scripts[random() % m_scripts.size()]))
}

void TestLossless::survivesDepth_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("fragment");
    const auto row = [](const char* name, const std::string& text, const char* fragment) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray(fragment);
    };
    constexpr std::size_t kMany = 100000;
    const char* const deep = "this expression is nested too deeply";
    row("round", "x = " + repeated("(", kMany), deep);
    row("round, closed", "x = " + repeated("(", kMany) + "1" + repeated(")", kMany), deep);
    row("square", "x = " + repeated("[", kMany) + repeated("]", kMany), deep);
    row("curly", "x = " + repeated("{1:", kMany), deep);
    row("calls", "x = " + repeated("f(", kMany), deep);
    row("keywords", "x = " + repeated("f(a=", kMany), deep);
    row("items", "x = " + repeated("a[", kMany), deep);
    row("minus", "x = " + repeated("-", kMany) + "1", deep);
    row("not", "x = " + repeated("not ", kMany) + "a", deep);
    row("powers", "x = " + repeated("2**", kMany) + "2", deep);
    row("lambdas", "x = " + repeated("lambda: ", kMany) + "1", deep);
    row("sums", "x = " + repeated("1+", kMany) + "1", deep);
    row("products", "x = " + repeated("a * ", kMany) + "a", deep);
    row("comparisons", "x = " + repeated("a < ", kMany) + "a", deep);
    row("attributes", "x = a" + repeated(".b", kMany), deep);
    row("calls of calls", "x = a" + repeated("()", kMany), deep);
    row("items of items", "x = a" + repeated("[0]", kMany), deep);
    row("all of them", "x = " + repeated("(", 190) + "a" + repeated(repeated(".b", 190) + ")", 190), deep);
    row("all of them, sums", "x = " + repeated("(", 190) + "a" + repeated(repeated("+b", 190) + ")", 190),
        deep);
    row("formatted", "x = f'{" + repeated("(", kMany) + "}'", "this is no expression");
    row("formatted sums", "x = f'{" + repeated("a+", kMany) + "a}'", "this is no expression");
    row("targets", "for " + repeated("(", kMany) + " in x: y", deep);
    std::string blocks;
    for (std::size_t depth = 0; depth < 1000; ++depth)
        blocks += std::string(depth, ' ') + "with a:\n";
    row("blocks", blocks + std::string(1000, ' ') + "x", "nested too deeply");
    row("blocks in one line", repeated("with a:", kMany) + "x", "nested too deeply");
    row("loops in one line", repeated("for a in b:", kMany) + "x", "nested too deeply");
    std::string staircase = "with a:\n";
    for (std::size_t depth = 1; depth < 2000; ++depth)
        staircase += std::string(depth, ' ') + "x\n";
    row("staircase", staircase, "this line is indented more");
}

void TestLossless::survivesDepth()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, fragment);
    const std::string script = text.toStdString();
    const auto tree = parse(script + "\ny = 2\n");
    QCOMPARE(complaint(script), QString());
    QVERIFY(!tree->diagnostics().empty());
    const std::string& message = tree->diagnostics().front().message;
    QVERIFY2(QByteArray::fromStdString(message).contains(fragment), message.c_str());
}

void TestLossless::survivesLength_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isSound");
    const auto row = [](const char* name, const std::string& text, bool isSound) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << isSound;
    };
    row("many statements", repeated("x = f(1, [2, 3])\n", 20000), true);
    row("many in one line", repeated("x=1;", 50000), true);
    row("long list", "x = [" + repeated("1, ", 100000) + "]", true);
    row("many arguments", "x = f(" + repeated("a=1, ", 50000) + ")", true);
    row("long string", "x = '" + std::string(1U << 20U, 'a') + "'", true);
    row("many strings", "x = (" + repeated("'a' ", 100000) + ")", true);
    row("many values in a string", "x = f'" + repeated("{a}", 20000) + "'", true);
    row("long name", std::string(1U << 20U, 'a') + " = 1", true);
    row("long number", "x = " + std::string(1U << 20U, '9'), true);
    row("long comment", "#" + std::string(1U << 20U, 'c'), true);
    row("blank lines", std::string(1U << 20U, '\n'), true);
    row("spaces", std::string(1U << 20U, ' '), true);
    row("backslashes", repeated("\\\n", 200000), true);
    row("many errors", repeated("x = )\n", 20000), false);
    row("open brackets, one a line", repeated("x = (\n", 20000), false);
    row("open strings", repeated("'\n", 50000), false);
    row("open triple strings", repeated("'''\n", 50001), false);
    row("stray bytes", std::string(100000, '\xff') + std::string(100000, '$'), false);
    row("past the limit", std::string((16U << 20U) + 1, '('), false);
}

void TestLossless::survivesLength()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isSound);
    QElapsedTimer timer;
    timer.start();
    const auto tree = parse(text.toStdString());
    const qint64 elapsed = timer.elapsed();
    QCOMPARE(tree->text().size(), static_cast<std::size_t>(text.size()));
    QCOMPARE(tree->diagnostics().empty(), isSound);
    QCOMPARE(RangeCheck(*tree).run(), QString());
    QVERIFY2(elapsed < 10000, qPrintable(QStringLiteral("%1 ms").arg(elapsed)));
}

/// The caps are far from what scripts need.
void TestLossless::acceptsWhatIsDeepAndSane()
{
    const std::array<std::string, 4> sound{
        "x = " + repeated("(", 150) + "1" + repeated(")", 150),
        "x = " + repeated("[", 150) + repeated("]", 150),
        "x = " + repeated("a + ", 300) + "a",
        "x = a" + repeated(".b(c)", 200),
    };
    for (const std::string& text : sound) {
        const auto tree = parse(text);
        QVERIFY2(tree->diagnostics().empty(), text.substr(0, 40).c_str());
    }
}

QTEST_GUILESS_MAIN(TestLossless)
#include "tst_lossless.moc"
