// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes *.wrmap files.
#include "engine/remap/mapping.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace wr::remap {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::string_view kKinds[] = {"exact", "template", "prefix", "regex", "preset", "drop"};

struct Word {
    std::string text;
    bool isQuoted = false;
};

bool isSpace(char c)
{
    return c == ' ' || c == '\t';
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The word that begins behind a quotation mark; `at` is moved behind the closing one.
Result<std::string> quotedWord(std::string_view line, std::size_t& at)
{
    std::string text;
    while (at < line.size() && line[at] != '"') {
        if (line[at] != '\\') {
            text += line[at++];
            continue;
        }
        const char sign = at + 1 < line.size() ? line[at + 1] : '\0';
        at += 2;
        if (sign == '"' || sign == '\\') {
            text += sign;
        } else if (sign == 'n') {
            text += '\n';
        } else if (sign == 't') {
            text += '\t';
        } else if (sign == 'x' && at + 1 < line.size() && hexDigit(line[at]) >= 0 &&
                   hexDigit(line[at + 1]) >= 0) {
            text += static_cast<char>(16 * hexDigit(line[at]) + hexDigit(line[at + 1]));
            at += 2;
        } else {
            return fail(
                invalidArgument("within quotation marks a backslash stands before \", \\, n, t or xNN"));
        }
    }
    if (at == line.size())
        return fail(invalidArgument("the closing quotation mark is missing"));
    ++at;
    return text;
}

Result<std::vector<Word>> wordsOf(std::string_view line)
{
    std::vector<Word> words;
    for (std::size_t at = 0; at < line.size();) {
        if (isSpace(line[at])) {
            ++at;
            continue;
        }
        if (line[at] == '#')
            break;
        if (line[at] == '"') {
            WR_ASSIGN_OR_RETURN(std::string text, quotedWord(line, ++at));
            words.push_back({std::move(text), true});
            continue;
        }
        std::size_t end = at;
        while (end < line.size() && !isSpace(line[end]))
            ++end;
        words.push_back({std::string(line.substr(at, end - at)), false});
        at = end;
    }
    return words;
}

bool isSign(const Word& word, std::string_view sign)
{
    return !word.isQuoted && word.text == sign;
}

/// "a + b" from `at` up to `stop` or the end.
Result<std::vector<std::string>> namesUpTo(const std::vector<Word>& words, std::size_t& at,
                                           std::initializer_list<std::string_view> stops)
{
    const auto stopsAt = [&](const Word& word) {
        return std::any_of(stops.begin(), stops.end(),
                           [&](std::string_view stop) { return isSign(word, stop); });
    };
    std::vector<std::string> names;
    bool isNameDue = true;
    for (; at < words.size() && !stopsAt(words[at]); ++at) {
        if (isSign(words[at], "+")) {
            if (isNameDue)
                return fail(invalidArgument("a + without a name before it"));
            isNameDue = true;
            continue;
        }
        if (!isNameDue)
            break;
        names.push_back(words[at].text);
        isNameDue = false;
    }
    if (isNameDue)
        return fail(invalidArgument("a name is missing"));
    return names;
}

Status parameters(const std::vector<Word>& words, std::size_t& at, Rule& rule)
{
    for (; at < words.size(); ++at) {
        const std::string& text = words[at].text;
        const std::size_t equals = text.find('=');
        std::int64_t value = 0;
        const char* const end = text.data() + text.size();
        if (equals == std::string::npos || equals == 0 ||
            std::from_chars(text.data() + equals + 1, end, value).ptr != end || equals + 1 == text.size())
            return invalidArgument("\"" + text + "\": a preset takes parameters such as heads=32");
        rule.parameters[text.substr(0, equals)] = value;
    }
    return {};
}

/// The operations behind "|", as they stand in the line: they have spaces and commas of their own.
Result<std::vector<Operation>> operationsOf(const std::vector<Word>& words, std::size_t at)
{
    std::string text;
    for (; at < words.size(); ++at)
        text += words[at].text + " ";
    WR_ASSIGN_OR_RETURN(std::vector<Operation> operations, parseOperations(text));
    if (operations.empty())
        return fail(invalidArgument("operations are missing behind the |"));
    return operations;
}

Result<Rule> ruleOf(const std::vector<Word>& words)
{
    Rule rule;
    std::size_t at = 0;
    if (isSign(words[0], "off")) {
        rule.isOn = false;
        ++at;
    }
    const auto kind =
        std::find(std::begin(kKinds), std::end(kKinds), at < words.size() ? words[at].text : std::string());
    if (kind == std::end(kKinds))
        return fail(
            invalidArgument("\"" + words[std::min(at, words.size() - 1)].text.substr(0, 100) +
                            "\" is no kind of rule; there are exact, template, prefix, regex, preset, drop"));
    rule.kind = static_cast<RuleKind>(kind - std::begin(kKinds));
    ++at;
    WR_ASSIGN_OR_RETURN(rule.from, namesUpTo(words, at, {"->"}));
    if (rule.kind != RuleKind::Drop) {
        if (at == words.size() || !isSign(words[at], "->"))
            return fail(invalidArgument("-> and the new name are missing"));
        ++at;
        WR_ASSIGN_OR_RETURN(rule.to, namesUpTo(words, at, {"|"}));
    }
    if (rule.kind == RuleKind::Preset)
        WR_RETURN_IF_ERROR(parameters(words, at, rule));
    if (at < words.size() && isSign(words[at], "|")) {
        WR_ASSIGN_OR_RETURN(rule.operations, operationsOf(words, at + 1));
    } else if (at < words.size()) {
        return fail(invalidArgument("\"" + words[at].text.substr(0, 100) +
                                    "\" is not expected here; names with "
                                    "spaces stand in quotation marks, operations behind a |"));
    }
    WR_RETURN_IF_ERROR(checkRule(rule));
    return rule;
}

std::string quoted(const std::string& text)
{
    const bool isPlain = !text.empty() && text != "->" && text != "+" && text != "|" && text[0] != '#' &&
                         text[0] != '"' && std::none_of(text.begin(), text.end(), [](char c) {
                             return isSpace(c) || (c >= 0 && c < ' ') || c == 127;
                         });
    if (isPlain)
        return text;
    std::string made = "\"";
    for (const char c : text) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        if (c == '"' || c == '\\') {
            made += {'\\', c};
        } else if ((c >= 0 && c < ' ') || c == 127) {
            made += "\\x";
            made += kDigits[static_cast<unsigned char>(c) >> 4U];
            made += kDigits[static_cast<unsigned char>(c) & 15U];
        } else {
            made += c;
        }
    }
    return made + "\"";
}

std::string joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : " + ") + quoted(name);
    return text;
}

/// Reads the lines one by one.
class MappingParser {
public:
    Status take(std::string_view line, int number)
    {
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
        if (begin == line.size())
            return {};
        if (line[begin] == '#') {
            const std::string_view text = line.substr(begin + 1);
            m_comment +=
                (m_comment.empty() ? "" : "\n") + std::string(text.starts_with(' ') ? text.substr(1) : text);
            return {};
        }
        WR_ASSIGN_OR_RETURN(const std::vector<Word> words, wordsOf(line));
        if (!m_hasVersion)
            return version(words);
        if (isSign(words[0], "others"))
            return others(words);
        WR_ASSIGN_OR_RETURN(Rule rule, ruleOf(words));
        rule.line = number;
        rule.comment = std::move(m_comment);
        m_comment.clear();
        m_mapping.rules.push_back(std::move(rule));
        return {};
    }

    Result<Mapping> finished()
    {
        if (!m_hasVersion)
            return fail(invalidArgument("line 1: a mapping begins with \"wrmap 1\""));
        return std::move(m_mapping);
    }

private:
    Status version(const std::vector<Word>& words)
    {
        if (words.size() != 2 || words[0].text != "wrmap")
            return invalidArgument("a mapping begins with \"wrmap 1\"");
        if (words[1].text != "1")
            return unimplemented("version " + words[1].text.substr(0, 20) +
                                 " of mappings is not known, only 1");
        m_hasVersion = true;
        m_comment.clear();
        return {};
    }

    Status others(const std::vector<Word>& words)
    {
        if (words.size() != 2 || (words[1].text != "keep" && words[1].text != "drop"))
            return invalidArgument("behind \"others\" stands keep or drop");
        m_mapping.keepsOthers = words[1].text == "keep";
        return {};
    }

    Mapping m_mapping;
    std::string m_comment;
    bool m_hasVersion = false;
};

} // namespace

Result<Mapping> Mapping::parse(std::string_view text)
{
    if (text.size() > kMostBytes)
        return fail(invalidArgument("the mapping is larger than 64 MiB"));
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    MappingParser parser;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const Status status = parser.take(text.substr(0, end), number); !status.isOk())
            return fail(status.withContext("line " + std::to_string(number)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parser.finished();
}

std::string textOf(const Rule& rule)
{
    std::string text = rule.isOn ? "" : "off ";
    text += std::string(kKinds[static_cast<std::size_t>(rule.kind)]) + " " + joined(rule.from);
    if (rule.kind != RuleKind::Drop)
        text += " -> " + joined(rule.to);
    for (const auto& [name, value] : rule.parameters)
        text += " " + name + "=" + std::to_string(value);
    if (!rule.operations.empty())
        text += " | " + textOf(rule.operations);
    return text;
}

std::string Mapping::text() const
{
    std::string text = "wrmap 1\n";
    if (!keepsOthers)
        text += "others drop\n";
    for (const Rule& rule : rules) {
        std::string_view comment = rule.comment;
        while (!comment.empty()) {
            const std::size_t end = std::min(comment.find('\n'), comment.size());
            text += "# " + std::string(comment.substr(0, end)) + "\n";
            comment.remove_prefix(std::min(end + 1, comment.size()));
        }
        text += textOf(rule) + "\n";
    }
    return text;
}

std::string placeOf(const Mapping& mapping, std::size_t rule)
{
    return mapping.rules[rule].line > 0 ? "line " + std::to_string(mapping.rules[rule].line)
                                        : "rule " + std::to_string(rule + 1);
}

} // namespace wr::remap
