// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_filter.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace wr::app {
namespace {

using Test = std::function<bool(const VariableRow&, VariableLife)>;

QString say(const char* text)
{
    return QCoreApplication::translate("VariableFilter", text);
}

struct Token {
    enum class Kind { Word, Text, Open, Close, End };
    Kind kind = Kind::End;
    int begin = 0;
    int length = 0;
    QString text; ///< without the quotes of a Text
};

bool isOpening(QChar c)
{
    return c == u'(' || c == u'[';
}

/// A word ends at white space or at a bracket that it did not open; "shape:[*, 200]" is one word.
Token nextToken(const QString& text, int at)
{
    const auto size = static_cast<int>(text.size());
    while (at < size && text[at].isSpace())
        ++at;
    Token token;
    token.begin = at;
    if (at >= size)
        return token;
    token.length = 1;
    if (text[at] == u'(' || text[at] == u')') {
        token.kind = text[at] == u'(' ? Token::Kind::Open : Token::Kind::Close;
        return token;
    }
    if (text[at] == u'"') {
        const auto end = static_cast<int>(text.indexOf(u'"', at + 1));
        token.kind = Token::Kind::Text;
        token.text = text.mid(at + 1, (end < 0 ? size : end) - at - 1);
        token.length = (end < 0 ? size : end + 1) - at;
        return token;
    }
    int depth = 0;
    int end = at;
    for (; end < size; ++end) {
        const QChar c = text[end];
        if (isOpening(c))
            ++depth;
        else if ((c == u')' || c == u']') && --depth < 0)
            break;
        else if (c.isSpace() && depth <= 0)
            break;
    }
    token.kind = Token::Kind::Word;
    token.length = std::max(1, end - at);
    token.text = text.mid(at, token.length);
    return token;
}

std::optional<bool> truth(const QString& text)
{
    const QString word = text.toLower();
    if (word == QLatin1String("yes") || word == QLatin1String("true") || word == QLatin1String("1"))
        return true;
    if (word == QLatin1String("no") || word == QLatin1String("false") || word == QLatin1String("0"))
        return false;
    return {};
}

/// "1M", "1.5k", "2GiB", "784".
std::optional<double> amount(const QString& text)
{
    static const QRegularExpression form(QStringLiteral("^([0-9]+(?:\\.[0-9]+)?)\\s*([kKMGT]?)(i?)[bB]?$"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch())
        return {};
    const double step = match.captured(3).isEmpty() ? 1000.0 : 1024.0;
    double scale = 1.0;
    const QString unit = match.captured(2).toUpper();
    for (qsizetype i = unit.isEmpty() ? 0 : QStringLiteral("KMGT").indexOf(unit) + 1; i > 0; --i)
        scale *= step;
    return match.captured(1).toDouble() * scale;
}

/// "GPU:0" of "/job:ps/task:7/device:GPU:0", "gpu0" and the like, to compare devices as people write them.
QString plainDevice(const QString& text)
{
    QString plain = text.toLower();
    plain.remove(QLatin1String("device:"));
    plain.remove(u'/');
    plain.remove(u':');
    return plain;
}

/// "layer*" with "*" and "?" as in file names; the rest stands for itself.
QRegularExpression wildcard(const QString& pattern)
{
    QString expression = QRegularExpression::escape(pattern);
    expression.replace(QLatin1String("\\*"), QLatin1String(".*"));
    expression.replace(QLatin1String("\\?"), QLatin1String("."));
    return QRegularExpression(QRegularExpression::anchoredPattern(expression),
                              QRegularExpression::CaseInsensitiveOption);
}

} // namespace

struct VariableFilter::Node {
    enum class Kind { Test, Not, And, Or };
    Kind kind = Kind::Test;
    Test test;
    std::vector<std::shared_ptr<const Node>> children;

    bool accepts(const VariableRow& row, VariableLife life) const
    {
        switch (kind) {
        case Kind::Test:
            return test(row, life);
        case Kind::Not:
            return !children.front()->accepts(row, life);
        case Kind::And:
            return std::all_of(children.begin(), children.end(),
                               [&](const auto& child) { return child->accepts(row, life); });
        case Kind::Or:
            return std::any_of(children.begin(), children.end(),
                               [&](const auto& child) { return child->accepts(row, life); });
        }
        return true;
    }
};

namespace {

using Node = VariableFilter::Node;
using NodePtr = std::shared_ptr<const Node>;

class FilterParser {
public:
    explicit FilterParser(const QString& text) : m_text(text) { advance(); }

    NodePtr parse()
    {
        NodePtr node = parseOr(0);
        if (m_token.kind == Token::Kind::Close)
            fail(m_token, say("there is no “(” for this “)”"));
        return node;
    }
    const VariableFilter::Problem& problem() const { return m_problem; }
    bool asksForState() const { return m_asksForState; }

private:
    void advance() { m_token = nextToken(m_text, m_token.begin + m_token.length); }
    bool isWord(const char* word) const
    {
        return m_token.kind == Token::Kind::Word &&
               m_token.text.compare(QLatin1String(word), Qt::CaseInsensitive) == 0;
    }
    /// The first problem is told; what is wrong accepts everything.
    NodePtr fail(const Token& token, const QString& message)
    {
        if (m_problem.message.isEmpty())
            m_problem = {token.begin, token.length, message};
        return test([](const VariableRow&, VariableLife) { return true; });
    }
    static NodePtr test(Test test)
    {
        auto node = std::make_shared<Node>();
        node->test = std::move(test);
        return node;
    }
    static NodePtr join(Node::Kind kind, std::vector<NodePtr> children)
    {
        if (children.size() == 1)
            return children.front();
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->children = std::move(children);
        return node;
    }

    NodePtr parseOr(int depth)
    {
        std::vector<NodePtr> parts{parseAnd(depth)};
        while (isWord("or")) {
            advance();
            parts.push_back(parseAnd(depth));
        }
        return join(Node::Kind::Or, std::move(parts));
    }

    NodePtr parseAnd(int depth)
    {
        std::vector<NodePtr> parts{parseNot(depth)};
        while (m_token.kind != Token::Kind::End && m_token.kind != Token::Kind::Close && !isWord("or")) {
            if (isWord("and"))
                advance();
            parts.push_back(parseNot(depth));
        }
        return join(Node::Kind::And, std::move(parts));
    }

    NodePtr parseNot(int depth)
    {
        constexpr int kDeepest = 60;
        if (depth > kDeepest) {
            NodePtr node = fail(m_token, say("this is nested too deeply"));
            m_token = {Token::Kind::End, static_cast<int>(m_text.size()), 0, {}};
            return node;
        }
        if (isWord("not")) {
            advance();
            auto node = std::make_shared<Node>();
            node->kind = Node::Kind::Not;
            node->children.push_back(parseNot(depth + 1));
            return node;
        }
        if (m_token.kind == Token::Kind::Open) {
            const Token open = m_token;
            advance();
            NodePtr node = parseOr(depth + 1);
            if (m_token.kind == Token::Kind::Close)
                advance();
            else
                fail(open, say("this “(” is not closed"));
            return node;
        }
        if (m_token.kind == Token::Kind::End || m_token.kind == Token::Kind::Close || isWord("and") ||
            isWord("or")) {
            const Token token = m_token;
            if (isWord("and") || isWord("or"))
                advance();
            return fail(token, token.kind == Token::Kind::End ? say("something is missing at the end")
                                                              : say("something is missing before this"));
        }
        const Token token = m_token;
        advance();
        return token.kind == Token::Kind::Text ? plain(token.text) : term(token);
    }
    static NodePtr plain(const QString& text)
    {
        return test([text](const VariableRow& row, VariableLife) {
            return row.name.contains(text, Qt::CaseInsensitive) ||
                   row.initializer.contains(text, Qt::CaseInsensitive) ||
                   row.dtype.contains(text, Qt::CaseInsensitive) ||
                   row.device.contains(text, Qt::CaseInsensitive) ||
                   row.shape.contains(text, Qt::CaseInsensitive);
        });
    }

    NodePtr term(const Token& token)
    {
        static const QRegularExpression comparison(
            QStringLiteral("^(ndim|bytes|params|parameters)(>=|<=|!=|==|=|>|<|:)(.*)$"),
            QRegularExpression::CaseInsensitiveOption);
        if (const QRegularExpressionMatch match = comparison.match(token.text); match.hasMatch())
            return compare(token, match.captured(1).toLower(), match.captured(2), match.captured(3));
        const qsizetype colon = token.text.indexOf(u':');
        if (colon <= 0)
            return plain(token.text);
        const QString key = token.text.left(colon).toLower();
        const QString value = token.text.mid(colon + 1);
        static const QStringList keys{
            QStringLiteral("re"),        QStringLiteral("shape"),  QStringLiteral("dtype"),
            QStringLiteral("dev"),       QStringLiteral("device"), QStringLiteral("state"),
            QStringLiteral("trainable"), QStringLiteral("scope"),  QStringLiteral("is"),
            QStringLiteral("name"),      QStringLiteral("init")};
        static const QRegularExpression word(QStringLiteral("^[a-z]+$"));
        if (!keys.contains(key)) // "cpu:0" and "/job:ps" are text
            return word.match(key).hasMatch() && !value.startsWith(u'/') && key != QLatin1String("cpu") &&
                           key != QLatin1String("gpu") && key != QLatin1String("job") &&
                           key != QLatin1String("task")
                       ? fail(token, say("“%1” is no key; those known are shape, ndim, bytes, params, dtype, "
                                         "dev, state, trainable, scope, is, name, init and re")
                                         .arg(key))
                       : plain(token.text);
        if (value.isEmpty())
            return fail(token, say("“%1:” needs a value").arg(key));
        if (key == QLatin1String("re"))
            return expression(token, value);
        if (key == QLatin1String("shape"))
            return shape(token, value);
        if (key == QLatin1String("dtype"))
            return type(token, value);
        if (key == QLatin1String("dev") || key == QLatin1String("device"))
            return device(value);
        if (key == QLatin1String("state"))
            return state(token, value);
        if (key == QLatin1String("trainable")) {
            const std::optional<bool> wanted = truth(value);
            if (!wanted)
                return fail(token, say("“%1” is neither yes nor no").arg(value));
            return test([wanted](const VariableRow& row, VariableLife) { return row.trainable == *wanted; });
        }
        if (key == QLatin1String("scope"))
            return scope(value);
        if (key == QLatin1String("is"))
            return condition(token, value);
        const bool isName = key == QLatin1String("name");
        return test([value, isName](const VariableRow& row, VariableLife) {
            return (isName ? row.name : row.initializer).contains(value, Qt::CaseInsensitive);
        });
    }

    NodePtr compare(const Token& token, const QString& key, const QString& op, const QString& value)
    {
        const std::optional<double> limit = amount(value);
        if (!limit)
            return fail(token, value.isEmpty() ? say("a number is missing after “%1%2”").arg(key, op)
                                               : say("“%1” is no number; 1000, 1.5k and 2M are").arg(value));
        return test([key, op, limit](const VariableRow& row, VariableLife) {
            const auto number = static_cast<double>(key == QLatin1String("ndim")    ? row.dims.size()
                                                    : key == QLatin1String("bytes") ? row.bytes
                                                                                    : row.parameters);
            if (op == QLatin1String(">="))
                return number >= *limit;
            if (op == QLatin1String("<="))
                return number <= *limit;
            if (op == QLatin1String(">"))
                return number > *limit;
            if (op == QLatin1String("<"))
                return number < *limit;
            return (number == *limit) != (op == QLatin1String("!="));
        });
    }

    NodePtr expression(const Token& token, const QString& value)
    {
        const QRegularExpression pattern(value, QRegularExpression::CaseInsensitiveOption);
        if (!pattern.isValid()) {
            Token place = token;
            place.begin += 3 + static_cast<int>(pattern.patternErrorOffset());
            place.length = 1;
            return fail(place, say("the pattern is wrong here: %1").arg(pattern.errorString()));
        }
        pattern.optimize();
        return test(
            [pattern](const VariableRow& row, VariableLife) { return pattern.match(row.name).hasMatch(); });
    }

    NodePtr shape(const Token& token, const QString& value)
    {
        static const QRegularExpression rank(QStringLiteral("^([0-9]{1,2})[dD]$"));
        if (const QRegularExpressionMatch match = rank.match(value); match.hasMatch()) {
            const qsizetype wanted = match.captured(1).toInt();
            return test([wanted](const VariableRow& row, VariableLife) { return row.dims.size() == wanted; });
        }
        if (value.compare(QLatin1String("scalar"), Qt::CaseInsensitive) == 0)
            return test([](const VariableRow& row, VariableLife) { return row.dims.isEmpty(); });
        QString body = value;
        if ((body.startsWith(u'[') && body.endsWith(u']')) || (body.startsWith(u'(') && body.endsWith(u')')))
            body = body.mid(1, body.size() - 2);
        static const QRegularExpression separator(QStringLiteral("\\s*[,x×X]\\s*"));
        QVector<qint64> wanted; // -1: any size
        bool isOpen = false;    // "…": any number of further dimensions
        for (const QString& part : body.trimmed().split(separator)) {
            bool isNumber = false;
            const qint64 size = part.toLongLong(&isNumber);
            if (part == QLatin1String("...") || part == QLatin1String("…"))
                isOpen = true;
            else if (part == QLatin1String("*") || part == QLatin1String("?"))
                wanted.append(-1);
            else if (isNumber && size >= 0 && !isOpen)
                wanted.append(size);
            else if (!body.trimmed().isEmpty())
                return fail(token,
                            say("“%1” is no shape; [784, 200], [*, 200], 2d and scalar are").arg(value));
        }
        return test([wanted, isOpen](const VariableRow& row, VariableLife) {
            if (isOpen ? row.dims.size() < wanted.size() : row.dims.size() != wanted.size())
                return false;
            for (qsizetype i = 0; i < wanted.size(); ++i) {
                if (wanted[i] >= 0 && wanted[i] != row.dims[i])
                    return false;
            }
            return true;
        });
    }

    NodePtr type(const Token& token, const QString& value)
    {
        static const QRegularExpression brief(QStringLiteral("^([fiub])(8|16|32|64)$"));
        QString name = value.toLower();
        if (name.startsWith(QLatin1String("tf.")))
            name.remove(0, 3);
        if (const QRegularExpressionMatch match = brief.match(name); match.hasMatch()) {
            const QString letter = match.captured(1);
            name = (letter == QLatin1String("f")   ? QStringLiteral("float")
                    : letter == QLatin1String("i") ? QStringLiteral("int")
                    : letter == QLatin1String("u") ? QStringLiteral("uint")
                                                   : QStringLiteral("bfloat")) +
                   match.captured(2);
        }
        static const QRegularExpression known(QStringLiteral(
            "^(bfloat16|float|half|double|u?int|bool|string|complex|float(16|32|64)|u?int(8|16|"
            "32|64)|complex(64|128))$"));
        if (!known.match(name).hasMatch())
            return fail(token, say("“%1” is no type; float32, f32 and int64 are").arg(value));
        return test([name](const VariableRow& row, VariableLife) { return row.dtype.startsWith(name); });
    }

    static NodePtr device(const QString& value)
    {
        const QString wanted = plainDevice(value);
        const bool isAuto = wanted == QLatin1String("auto") || wanted == QLatin1String("any");
        return test([wanted, isAuto](const VariableRow& row, VariableLife) {
            return isAuto ? row.device.isEmpty() : plainDevice(row.device).contains(wanted);
        });
    }

    NodePtr state(const Token& token, const QString& value)
    {
        const QString word = value.toLower();
        std::optional<VariableLife> wanted;
        for (const auto& [name, life] :
             {std::pair("uninit", VariableLife::Uninitialized), std::pair("init", VariableLife::Initialized),
              std::pair("restored", VariableLife::Restored), std::pair("trained", VariableLife::Trained)}) {
            if (word == QLatin1String(name) || (word.size() > 4 && word.startsWith(QLatin1String(name))))
                wanted = life;
        }
        if (!wanted)
            return fail(token, say("“%1” is no state; uninit, init, restored and trained are").arg(value));
        m_asksForState = true;
        return test([wanted](const VariableRow&, VariableLife life) { return life == *wanted; });
    }

    static NodePtr scope(const QString& value)
    {
        QString prefix = value;
        while (prefix.endsWith(u'/'))
            prefix.chop(1);
        const QRegularExpression pattern = wildcard(prefix + QLatin1String("/*"));
        return test(
            [pattern](const VariableRow& row, VariableLife) { return pattern.match(row.name).hasMatch(); });
    }

    NodePtr condition(const Token& token, const QString& value)
    {
        const QString word = value.toLower();
        if (word == QLatin1String("incomplete"))
            return test([](const VariableRow& row, VariableLife) { return row.isIncomplete; });
        if (word == QLatin1String("clashing"))
            return test([](const VariableRow& row, VariableLife) { return row.isClashing; });
        if (word == QLatin1String("readonly"))
            return test([](const VariableRow& row, VariableLife) { return !row.editable; });
        if (word == QLatin1String("slot"))
            return test([](const VariableRow& row, VariableLife) { return !row.slotOf.isEmpty(); });
        return fail(token, say("“%1” is not known; incomplete, clashing, readonly and slot are").arg(value));
    }

    const QString& m_text;
    Token m_token;
    VariableFilter::Problem m_problem;
    bool m_asksForState = false;
};

} // namespace

VariableFilter::VariableFilter() = default;
VariableFilter::~VariableFilter() = default;

VariableFilter::VariableFilter(const QString& text)
{
    constexpr qsizetype kLongest = 4096;
    if (text.size() > kLongest) {
        m_problem = {0, static_cast<int>(kLongest), say("this filter is too long")};
        return;
    }
    if (text.trimmed().isEmpty())
        return;
    FilterParser parser(text);
    m_node = parser.parse();
    m_problem = parser.problem();
    m_asksForState = parser.asksForState();
}

bool VariableFilter::accepts(const VariableRow& row, VariableLife life) const
{
    return m_node == nullptr || m_node->accepts(row, life);
}

VariableFilter::Completion VariableFilter::complete(const QString& text, int cursor)
{
    Token token;
    for (int at = 0;;) {
        token = nextToken(text, at);
        at = token.begin + token.length;
        if (token.kind == Token::Kind::End || at >= cursor)
            break;
    }
    if (token.kind != Token::Kind::Word || token.begin >= cursor)
        return {cursor, {}};
    const QString typed = text.mid(token.begin, cursor - token.begin);
    QStringList all;
    int begin = token.begin;
    const qsizetype colon = typed.indexOf(u':');
    if (colon < 0) {
        all = QStringList{QStringLiteral("name:"),      QStringLiteral("re:"),    QStringLiteral("shape:"),
                          QStringLiteral("ndim>="),     QStringLiteral("bytes>"), QStringLiteral("params>="),
                          QStringLiteral("dtype:"),     QStringLiteral("dev:"),   QStringLiteral("state:"),
                          QStringLiteral("trainable:"), QStringLiteral("scope:"), QStringLiteral("init:"),
                          QStringLiteral("is:")};
    } else {
        const QString key = typed.left(colon).toLower();
        begin += static_cast<int>(colon) + 1;
        if (key == QLatin1String("state"))
            all = {QStringLiteral("uninit"), QStringLiteral("init"), QStringLiteral("restored"),
                   QStringLiteral("trained")};
        else if (key == QLatin1String("trainable"))
            all = {QStringLiteral("yes"), QStringLiteral("no")};
        else if (key == QLatin1String("dtype"))
            all = {QStringLiteral("float32"), QStringLiteral("float64"), QStringLiteral("int32"),
                   QStringLiteral("int64"), QStringLiteral("bool")};
        else if (key == QLatin1String("dev"))
            all = {QStringLiteral("auto"), QStringLiteral("cpu0"), QStringLiteral("gpu0")};
        else if (key == QLatin1String("shape"))
            all = {QStringLiteral("scalar"), QStringLiteral("1d"), QStringLiteral("2d"),
                   QStringLiteral("[*,200]")};
        else if (key == QLatin1String("is"))
            all = {QStringLiteral("incomplete"), QStringLiteral("clashing"), QStringLiteral("readonly"),
                   QStringLiteral("slot")};
    }
    Completion completion;
    completion.begin = begin;
    const QString prefix = text.mid(begin, cursor - begin);
    for (const QString& word : all) {
        if (word.startsWith(prefix, Qt::CaseInsensitive) && word.size() > prefix.size())
            completion.words += word;
    }
    return completion;
}

QString VariableFilter::quoted(const QString& text)
{
    static const QRegularExpression simple(QStringLiteral("^[A-Za-z0-9_./-]+$"));
    const QString lower = text.toLower();
    const bool isWord =
        lower == QLatin1String("and") || lower == QLatin1String("or") || lower == QLatin1String("not");
    if (simple.match(text).hasMatch() && !isWord)
        return text;
    QString body = text;
    body.remove(u'"');
    return QLatin1Char('"') + body + QLatin1Char('"');
}

} // namespace wr::app
