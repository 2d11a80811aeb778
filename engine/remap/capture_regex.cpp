// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/capture_regex.h"

#include <algorithm>

namespace wr::remap {
namespace {

constexpr std::size_t kLongest = 500;
constexpr std::size_t kMostGroups = 9;
constexpr int kDeepest = 40;
constexpr auto kNowhere = std::string_view::npos;

using Characters = std::bitset<256>;

void addRange(Characters& set, unsigned char first, unsigned char last)
{
    for (unsigned c = first; c <= last; ++c)
        set.set(c);
}

bool addNamed(Characters& set, char name)
{
    Characters named;
    switch (name) {
    case 'd':
    case 'D':
        addRange(named, '0', '9');
        break;
    case 'w':
    case 'W':
        addRange(named, '0', '9');
        addRange(named, 'a', 'z');
        addRange(named, 'A', 'Z');
        named.set('_');
        break;
    case 's':
    case 'S':
        for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'})
            named.set(static_cast<unsigned char>(c));
        break;
    default:
        return false;
    }
    set |= name >= 'A' && name <= 'Z' ? ~named : named;
    return true;
}

} // namespace

class RegexParser {
public:
    explicit RegexParser(std::string_view pattern) : m_pattern(pattern) {}

    Result<CaptureRegex> parse()
    {
        if (m_pattern.size() > kLongest)
            return fail(wrong("it is longer than " + std::to_string(kLongest) + " characters"));
        save(0);
        WR_RETURN_IF_ERROR(alternatives(0));
        if (m_at < m_pattern.size())
            return fail(wrong("a ) without its ("));
        save(1);
        add(Step::Match);
        return std::move(m_regex);
    }

private:
    using Step = CaptureRegex::Step;
    using Instruction = CaptureRegex::Instruction;

    Status wrong(const std::string& why) const
    {
        return invalidArgument("the pattern \"" + std::string(m_pattern.substr(0, kLongest)) + "\": " + why);
    }

    std::vector<Instruction>& program() { return m_regex.m_program; }
    std::size_t add(Step step)
    {
        program().emplace_back();
        program().back().step = step;
        return program().size() - 1;
    }
    void save(std::size_t place) { program()[add(Step::Save)].first = place; }
    /// Puts one instruction before those from `from` on, which must not have been jumped to from before.
    void insert(std::size_t from, Step step)
    {
        Instruction made;
        made.step = step;
        program().insert(program().begin() + static_cast<std::ptrdiff_t>(from), made);
        for (std::size_t i = from + 1; i < program().size(); ++i) {
            Instruction& moved = program()[i];
            if (moved.step == Step::Split || moved.step == Step::Jump) {
                ++moved.first;
                ++moved.second;
            }
        }
    }

    Status alternatives(int depth)
    {
        if (depth > kDeepest)
            return wrong("its groups are nested too deeply");
        const std::size_t begin = program().size();
        std::vector<std::size_t> ends;
        std::size_t last = begin;
        WR_RETURN_IF_ERROR(sequence(depth));
        while (m_at < m_pattern.size() && m_pattern[m_at] == '|') {
            ++m_at;
            insert(last, Step::Split);
            for (std::size_t& end : ends)
                end += end >= last ? 1 : 0;
            ends.push_back(add(Step::Jump));
            program()[last].first = last + 1;
            program()[last].second = program().size();
            last = program().size();
            WR_RETURN_IF_ERROR(sequence(depth));
        }
        for (const std::size_t end : ends)
            program()[end].first = program().size();
        return {};
    }

    Status sequence(int depth)
    {
        while (m_at < m_pattern.size() && m_pattern[m_at] != '|' && m_pattern[m_at] != ')') {
            const std::size_t begin = program().size();
            WR_RETURN_IF_ERROR(atom(depth));
            WR_RETURN_IF_ERROR(repetition(begin));
        }
        return {};
    }

    Status repetition(std::size_t begin)
    {
        if (m_at == m_pattern.size() || std::string_view("*+?{").find(m_pattern[m_at]) == kNowhere)
            return {};
        const char sign = m_pattern[m_at++];
        if (sign == '{')
            return wrong("counts in braces are not understood; write \\{ for a brace");
        const bool isLazy = m_at < m_pattern.size() && m_pattern[m_at] == '?';
        m_at += isLazy ? 1 : 0;
        if (m_at < m_pattern.size() && std::string_view("*+?").find(m_pattern[m_at]) != kNowhere)
            return wrong("a repetition of a repetition");
        std::size_t split = 0;
        std::size_t inside = 0;
        if (sign == '+') {
            split = add(Step::Split);
            inside = begin;
        } else {
            insert(begin, Step::Split);
            split = begin;
            inside = begin + 1;
            if (sign == '*')
                program()[add(Step::Jump)].first = begin;
        }
        const std::size_t after = program().size();
        program()[split].first = isLazy ? after : inside;
        program()[split].second = isLazy ? inside : after;
        return {};
    }

    Status atom(int depth)
    {
        const char c = m_pattern[m_at++];
        switch (c) {
        case '(':
            return group(depth);
        case '[':
            return characterClass();
        case '^':
            add(Step::Begin);
            return {};
        case '$':
            add(Step::End);
            return {};
        case '*':
        case '+':
        case '?':
            return wrong("a repetition of nothing");
        case '.':
            program()[add(Step::Class)].characters.set();
            return {};
        case '\\': {
            Characters set;
            WR_RETURN_IF_ERROR(escaped(set));
            program()[add(Step::Class)].characters = set;
            return {};
        }
        default:
            program()[add(Step::Class)].characters.set(static_cast<unsigned char>(c));
            return {};
        }
    }

    Status escaped(Characters& set)
    {
        if (m_at == m_pattern.size())
            return wrong("it ends with a backslash");
        const char c = m_pattern[m_at++];
        if (addNamed(set, c))
            return {};
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            return wrong(std::string("\\") + c + " is not understood");
        set.set(static_cast<unsigned char>(c));
        return {};
    }

    Status group(int depth)
    {
        const bool isPlain = m_pattern.substr(m_at).starts_with("?:");
        if (!isPlain && m_at < m_pattern.size() && m_pattern[m_at] == '?')
            return wrong("of the groups with a question mark only (?:…) is understood");
        m_at += isPlain ? 2 : 0;
        const std::size_t number = isPlain ? 0 : ++m_regex.m_groups;
        if (number > kMostGroups)
            return wrong("it has more than " + std::to_string(kMostGroups) + " groups");
        if (!isPlain)
            save(2 * number);
        WR_RETURN_IF_ERROR(alternatives(depth + 1));
        if (m_at == m_pattern.size())
            return wrong("a ( without its )");
        ++m_at;
        if (!isPlain)
            save(2 * number + 1);
        return {};
    }

    Status characterClass()
    {
        Characters set;
        const bool isInverse = m_at < m_pattern.size() && m_pattern[m_at] == '^';
        m_at += isInverse ? 1 : 0;
        for (bool isFirst = true; m_at < m_pattern.size() && (m_pattern[m_at] != ']' || isFirst);
             isFirst = false) {
            const char c = m_pattern[m_at++];
            if (c == '\\') {
                WR_RETURN_IF_ERROR(escaped(set));
                continue;
            }
            if (m_at + 1 < m_pattern.size() && m_pattern[m_at] == '-' && m_pattern[m_at + 1] != ']') {
                const char last = m_pattern[m_at + 1];
                m_at += 2;
                if (static_cast<unsigned char>(last) < static_cast<unsigned char>(c) || last == '\\')
                    return wrong("a range that ends before it begins");
                addRange(set, static_cast<unsigned char>(c), static_cast<unsigned char>(last));
                continue;
            }
            set.set(static_cast<unsigned char>(c));
        }
        if (m_at == m_pattern.size())
            return wrong("a [ without its ]");
        ++m_at;
        program()[add(Step::Class)].characters = isInverse ? ~set : set;
        return {};
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    CaptureRegex m_regex;
};

Result<CaptureRegex> CaptureRegex::compile(std::string_view pattern)
{
    return RegexParser(pattern).parse();
}

/// Adds the threads that are reached from `at` without reading a character, those that are preferred first.
void CaptureRegex::follow(std::vector<Thread>& threads, std::vector<bool>& seen, std::size_t at,
                          Places places, std::size_t position, std::size_t size) const
{
    std::vector<Thread> open{{at, std::move(places)}};
    while (!open.empty()) {
        Thread next = std::move(open.back());
        open.pop_back();
        if (seen[next.at])
            continue;
        seen[next.at] = true;
        const Instruction& instruction = m_program[next.at];
        switch (instruction.step) {
        case Step::Split:
            open.push_back({instruction.second, next.places});
            open.push_back({instruction.first, std::move(next.places)});
            break;
        case Step::Jump:
            open.push_back({instruction.first, std::move(next.places)});
            break;
        case Step::Begin:
            if (position == 0)
                open.push_back({next.at + 1, std::move(next.places)});
            break;
        case Step::End:
            if (position == size)
                open.push_back({next.at + 1, std::move(next.places)});
            break;
        case Step::Save:
            next.places[instruction.first] = position;
            open.push_back({next.at + 1, std::move(next.places)});
            break;
        case Step::Class:
        case Step::Match:
            threads.push_back(std::move(next));
            break;
        }
    }
}

std::optional<std::vector<std::string_view>> CaptureRegex::search(std::string_view text) const
{
    std::vector<Thread> threads;
    std::vector<Thread> next;
    std::optional<Places> best;
    const Places none(2 * (m_groups + 1), kNowhere);
    std::vector<bool> seen(m_program.size());
    for (std::size_t position = 0; position <= text.size(); ++position) {
        seen.assign(m_program.size(), false);
        std::vector<Thread> present;
        for (Thread& thread : threads)
            follow(present, seen, thread.at, std::move(thread.places), position, text.size());
        if (!best)
            follow(present, seen, 0, none, position, text.size());
        next.clear();
        for (Thread& thread : present) {
            const Instruction& instruction = m_program[thread.at];
            if (instruction.step == Step::Match) {
                best = std::move(thread.places);
                break; // what follows is less preferred
            }
            if (position < text.size() && instruction.characters[static_cast<unsigned char>(text[position])])
                next.push_back({thread.at + 1, std::move(thread.places)});
        }
        threads.swap(next);
        if (threads.empty() && best)
            break;
    }
    if (!best)
        return {};
    std::vector<std::string_view> groups;
    for (std::size_t i = 0; i < best->size(); i += 2) {
        const bool isSet = (*best)[i] != kNowhere && (*best)[i + 1] != kNowhere;
        groups.push_back(isSet ? text.substr((*best)[i], (*best)[i + 1] - (*best)[i]) : std::string_view());
    }
    return groups;
}

std::optional<std::string> CaptureRegex::replaced(std::string_view text, std::string_view replacement) const
{
    const auto groups = search(text);
    if (!groups)
        return {};
    const auto begin = static_cast<std::size_t>((*groups)[0].data() - text.data());
    std::string made(text.substr(0, begin));
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        if (c != '$' || i + 1 == replacement.size()) {
            made += c;
            continue;
        }
        const char next = replacement[++i];
        const auto number = static_cast<std::size_t>(next - '0');
        if (next >= '0' && next <= '9' && number < groups->size())
            made += (*groups)[number];
        else if (next == '$')
            made += '$';
    }
    made += text.substr(begin + (*groups)[0].size());
    return made;
}

} // namespace wr::remap
