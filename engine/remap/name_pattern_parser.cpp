// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the text of a NamePattern.
#include "engine/remap/name_pattern.h"

#include <algorithm>
#include <charconv>

namespace wr::remap {
namespace {

constexpr std::size_t kLongest = 2000;
constexpr std::size_t kMostOpen =
    2; ///< pieces of any length in one pattern: each multiplies the ways to match
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostWays = 1000; ///< combinations of words; a tenth of it where pieces are open

bool isNameOfVariable(std::string_view text)
{
    return !text.empty() && text.size() <= 20 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::vector<std::string_view> splitAt(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

} // namespace

class PatternParser {
public:
    explicit PatternParser(std::string_view text) { m_pattern.m_text = text; }

    Result<NamePattern> parse()
    {
        const std::string_view text = m_pattern.m_text;
        if (text.size() > kLongest)
            return fail(
                invalidArgument("the pattern is longer than " + std::to_string(kLongest) + " characters"));
        for (std::size_t at = 0; at < text.size();) {
            if (text[at] == '}')
                return fail(invalidArgument("\"" + m_pattern.m_text + "\": a } without its {"));
            if (text[at] != '{') {
                const std::size_t end = std::min(text.find_first_of("{}", at), text.size());
                addLiteral(text.substr(at, end - at));
                at = end;
                continue;
            }
            const std::size_t end = text.find('}', at);
            if (end == std::string_view::npos)
                return fail(invalidArgument("\"" + m_pattern.m_text + "\": a { without its }"));
            const std::string_view inside = text.substr(at + 1, end - at - 1);
            if (const Status status = variable(inside); !status.isOk())
                return fail(status.withContext("\"" + m_pattern.m_text + "\""));
            at = end + 1;
        }
        const auto open =
            std::count_if(m_pattern.m_parts.begin(), m_pattern.m_parts.end(), [](const auto& part) {
                return part.kind == NamePattern::Kind::Piece || part.kind == NamePattern::Kind::Anything;
            });
        std::size_t ways = 1;
        for (const auto& part : m_pattern.m_parts) {
            if (part.kind == NamePattern::Kind::Choice || part.kind == NamePattern::Kind::Word)
                ways *= std::min(part.words.size(), kMostWays + 1);
            ways = std::min(ways, kMostWays + 1);
        }
        if (static_cast<std::size_t>(open) > kMostOpen || m_pattern.m_parts.size() > kMostParts ||
            ways > (open > 0 ? kMostWays / 10 : kMostWays))
            return fail(invalidArgument("\"" + m_pattern.m_text + "\" has too many open places"));
        return std::move(m_pattern);
    }

private:
    using Kind = NamePattern::Kind;
    using Part = NamePattern::Part;

    void addLiteral(std::string_view text)
    {
        Part part;
        part.text = text;
        m_pattern.m_parts.push_back(std::move(part));
    }

    void remember(std::string_view name)
    {
        std::vector<std::string>& known = m_pattern.m_variables;
        if (std::find(known.begin(), known.end(), name) == known.end())
            known.emplace_back(name);
    }

    Status variable(std::string_view inside)
    {
        const std::size_t mark = inside.find_first_of("=:");
        const std::string_view name = inside.substr(0, mark);
        Part part;
        part.text = name;
        if (mark == std::string_view::npos || (inside[mark] == ':' && isCount(inside.substr(mark + 1))))
            return sum(name, mark == std::string_view::npos ? std::string_view() : inside.substr(mark + 1));
        if (!isNameOfVariable(name))
            return invalidArgument("{" + std::string(inside) + "}: a variable is called by small letters");
        const std::string_view rest = inside.substr(mark + 1);
        if (inside[mark] == '=') {
            part.kind = rest == "*" ? Kind::Piece : rest == "**" ? Kind::Anything : Kind::Choice;
            for (const std::string_view word : splitAt(rest, '|'))
                part.words.emplace_back(word, word);
        } else {
            part.kind = Kind::Word;
            for (const std::string_view pair : splitAt(rest, ',')) {
                const std::size_t equals = pair.find('=');
                if (equals == std::string_view::npos)
                    return invalidArgument("{" + std::string(inside) + "}: words are written bound=written");
                part.words.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
            }
        }
        remember(name);
        m_pattern.m_parts.push_back(std::move(part));
        return {};
    }

    static bool isCount(std::string_view text)
    {
        return text.size() == 1 && text[0] >= '1' && text[0] <= '9';
    }

    /// "i", "i+1", "3*i+j-2".
    Status sum(std::string_view text, std::string_view width)
    {
        Part part;
        part.kind = Kind::Sum;
        part.width = width.empty() ? 0 : static_cast<std::size_t>(width[0] - '0');
        const Status wrong = invalidArgument("{" + std::string(text) + "} is no variable and no sum of some");
        std::int64_t sign = 1;
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find_first_of("+-", at), text.size());
            std::string_view term = text.substr(at, end - at);
            std::int64_t factor = 1;
            const std::size_t star = term.find('*');
            const bool isNumber = !term.empty() && term[0] >= '0' && term[0] <= '9';
            if (isNumber) {
                const auto [last, error] = std::from_chars(term.data(), term.data() + term.size(), factor);
                if (error != std::errc() || factor > 1'000'000 ||
                    last != term.data() + std::min(star, term.size()))
                    return wrong;
                if (star == std::string_view::npos) {
                    part.offset += sign * factor;
                } else {
                    term.remove_prefix(star + 1);
                }
            }
            if (!isNumber || star != std::string_view::npos) {
                if (!isNameOfVariable(term))
                    return wrong;
                part.terms.push_back({sign * factor, std::string(term)});
                remember(term);
            }
            if (end == text.size())
                break;
            sign = text[end] == '+' ? 1 : -1;
            at = end + 1;
        }
        if (part.terms.empty())
            return wrong;
        part.text = part.terms.front().variable;
        m_pattern.m_parts.push_back(std::move(part));
        return {};
    }

    NamePattern m_pattern;
};

Result<NamePattern> NamePattern::parse(std::string_view text)
{
    return PatternParser(text).parse();
}

NamePattern NamePattern::literal(std::string text)
{
    NamePattern pattern;
    Part part;
    part.text = text;
    pattern.m_text = std::move(text);
    pattern.m_parts.push_back(std::move(part));
    return pattern;
}

} // namespace wr::remap
