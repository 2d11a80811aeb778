// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/token.h"

#include <algorithm>
#include <array>

namespace wr::script {
namespace {

bool isNameStart(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

bool isDigit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

bool isNamePart(unsigned char c)
{
    return isNameStart(c) || isDigit(c);
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : m_text(text) {}

    std::vector<Token> run()
    {
        while (m_at < m_text.size()) {
            if (m_lineStart && m_depth == 0 && !readIndentation())
                continue;
            if (m_at < m_text.size()) // else the text ends in spaces
                readToken();
        }
        const auto end = static_cast<std::uint32_t>(m_text.size());
        if (!m_tokens.empty() && m_lineHasTokens)
            m_tokens.push_back({TokenKind::Newline, {end, end}});
        for (; m_indents.size() > 1; m_indents.pop_back())
            m_tokens.push_back({TokenKind::Dedent, {end, end}});
        m_tokens.push_back({TokenKind::End, {end, end}});
        return std::move(m_tokens);
    }

private:
    unsigned char peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? static_cast<unsigned char>(m_text[m_at + ahead]) : 0;
    }
    bool atLineEnd() const { return m_at >= m_text.size() || m_text[m_at] == '\n' || m_text[m_at] == '\r'; }

    void push(TokenKind kind, std::size_t begin)
    {
        m_tokens.push_back({kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(m_at)}});
        if (kind != TokenKind::Comment && kind != TokenKind::Newline)
            m_lineHasTokens = true;
    }

    void skipLineEnd()
    {
        if (peek() == '\r')
            ++m_at;
        if (peek() == '\n')
            ++m_at;
    }

    /// Reads the spaces at a line's start; false when the line is blank and was skipped.
    bool readIndentation()
    {
        constexpr std::size_t kTab = 8;
        std::size_t width = 0;
        while (peek() == ' ' || peek() == '\t' || peek() == '\f') {
            width = peek() == '\t' ? (width / kTab + 1) * kTab : width + 1;
            ++m_at;
        }
        if (m_at < m_text.size() && atLineEnd()) {
            skipLineEnd();
            return false;
        }
        m_lineStart = false;
        if (m_at >= m_text.size() || peek() == '#')
            return true; // a comment alone neither opens nor closes a block
        const auto here = static_cast<std::uint32_t>(m_at);
        if (width > m_indents.back()) {
            m_indents.push_back(width);
            m_tokens.push_back({TokenKind::Indent, {here, here}});
        }
        while (width < m_indents.back()) {
            m_indents.pop_back();
            m_tokens.push_back({TokenKind::Dedent, {here, here}});
            if (width > m_indents.back()) { // a level between two: no block began there
                m_indents.push_back(width);
                m_tokens.push_back({TokenKind::Indent, {here, here}});
            }
        }
        return true;
    }

    /// True when the line at hand begins a statement at the left margin ("x = …", "with …"), which no line
    /// inside brackets does.
    bool startsStatement() const
    {
        std::size_t end = m_at;
        while (end < m_text.size() && isNamePart(static_cast<unsigned char>(m_text[end])))
            ++end;
        const std::string_view word = m_text.substr(m_at, end - m_at);
        if (word == "with" || word == "for" || word == "import" || word == "from")
            return true;
        if (word.empty() || !isNameStart(static_cast<unsigned char>(word.front())))
            return false;
        while (end < m_text.size() && m_text[end] == ' ')
            ++end;
        // "name=value" without spaces is a keyword argument that somebody put at the margin.
        return end > m_at + word.size() && end + 1 < m_text.size() && m_text[end] == '=' &&
               m_text[end + 1] != '=';
    }

    void readToken()
    {
        const unsigned char c = peek();
        const std::size_t begin = m_at;
        if (c == '\n' || c == '\r') {
            skipLineEnd();
            if (m_depth > 0 && startsStatement())
                m_depth = 0; // the bracket was never closed; the lines that follow are not its contents
            if (m_depth == 0) {
                if (m_lineHasTokens) {
                    m_tokens.push_back(
                        {TokenKind::Newline,
                         {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(m_at)}});
                    m_lineHasTokens = false;
                }
                m_lineStart = true;
            }
        } else if (c == ' ' || c == '\t' || c == '\f') {
            ++m_at;
        } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r'))) {
            ++m_at;
            skipLineEnd();
        } else if (c == '#') {
            while (!atLineEnd())
                ++m_at;
            push(TokenKind::Comment, begin);
        } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            readNumber();
            push(TokenKind::Number, begin);
        } else if (const std::size_t prefix = stringPrefix(); prefix != kNoString) {
            m_at += prefix;
            push(readString() ? TokenKind::String : TokenKind::Error, begin);
        } else if (isNameStart(c)) {
            while (isNamePart(peek()) && m_at < m_text.size())
                ++m_at;
            push(TokenKind::Name, begin);
        } else {
            readOperator();
        }
    }

    static constexpr std::size_t kNoString = 99;

    /// Length of a string's prefix letters when a string starts here.
    std::size_t stringPrefix() const
    {
        std::size_t length = 0;
        while (length < 2 &&
               std::string_view("rRbBuUfF").find(static_cast<char>(peek(length))) != std::string_view::npos &&
               peek(length) != 0)
            ++length;
        const unsigned char quote = peek(length);
        return quote == '"' || quote == '\'' ? length : kNoString;
    }

    bool readString()
    {
        const unsigned char quote = peek();
        const bool triple = peek(1) == quote && peek(2) == quote;
        m_at += triple ? 3 : 1;
        while (m_at < m_text.size()) {
            const unsigned char c = peek();
            if (c == '\\' && m_at + 1 < m_text.size()) {
                m_at += peek(1) == '\r' && peek(2) == '\n' ? 3U : 2U;
                continue;
            }
            if (!triple && (c == '\n' || c == '\r'))
                return false;
            if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
                m_at += triple ? 3 : 1;
                return true;
            }
            ++m_at;
        }
        return false;
    }

    void readNumber()
    {
        const bool based =
            peek() == '0' &&
            std::string_view("xXoObB").find(static_cast<char>(peek(1))) != std::string_view::npos &&
            peek(1) != 0;
        if (based)
            m_at += 2;
        while (m_at < m_text.size()) {
            const unsigned char c = peek();
            const bool exponentSign = (c == '+' || c == '-') && !based && m_at > 0 &&
                                      (m_text[m_at - 1] == 'e' || m_text[m_at - 1] == 'E');
            // "1..." is the number "1" before an ellipsis.
            const bool point = c == '.' && !based && peek(1) != '.';
            if (!isNamePart(c) && !point && !exponentSign)
                break;
            if (c >= 0x80)
                break;
            ++m_at;
        }
    }

    void readOperator()
    {
        static constexpr std::array<std::string_view, 24> kLong{
            "...", "**=", "//=", ">>=", "<<=", "..", "**", "//", "==", "!=", "<=", ">=",
            "+=",  "-=",  "*=",  "/=",  "%=",  "->", ":=", "<<", ">>", "@=", "&=", "|="};
        const std::size_t begin = m_at;
        const std::string_view rest = m_text.substr(m_at);
        for (const std::string_view candidate : kLong) {
            if (rest.substr(0, candidate.size()) == candidate) {
                m_at += candidate.size();
                push(TokenKind::Operator, begin);
                return;
            }
        }
        const char c = m_text[m_at++];
        if (c == '(' || c == '[' || c == '{')
            ++m_depth;
        else if (c == ')' || c == ']' || c == '}')
            m_depth = std::max(0, m_depth - 1);
        const bool known =
            std::string_view("()[]{},:;.+-*/%@&|^~<>=!").find(c) != std::string_view::npos && c != '!';
        push(known ? TokenKind::Operator : TokenKind::Error, begin);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
    bool m_lineStart = true;
    bool m_lineHasTokens = false;
    std::vector<std::size_t> m_indents{0};
    std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokenize(std::string_view text)
{
    return Lexer(text).run();
}

} // namespace wr::script
