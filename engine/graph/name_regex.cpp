// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/name_regex.h"

#include <string>

namespace wr::graph {

/// Recursive descent; nesting is bounded by the length of a pattern.
class NameRegexParser {
public:
    explicit NameRegexParser(std::string_view pattern) : m_pattern(pattern) {}

    Result<NameRegex> run()
    {
        constexpr std::size_t kLongest = 500;
        if (m_pattern.size() > kLongest)
            return fail(StatusCode::InvalidArgument, "a pattern of names has at most 500 characters");
        alternatives(0);
        if (m_problem.empty() && m_at < m_pattern.size())
            m_problem = "unbalanced parenthesis";
        if (!m_problem.empty())
            return fail(StatusCode::InvalidArgument, m_problem + " in the pattern \"" +
                                                         std::string(m_pattern) + "\" at position " +
                                                         std::to_string(m_at));
        add(Step::Match);
        return std::move(m_regex);
    }

private:
    using Step = NameRegex::Step;
    using Set = std::bitset<256>;

    std::vector<NameRegex::Instruction>& program() { return m_regex.m_program; }
    std::size_t add(Step step)
    {
        program().emplace_back();
        program().back().step = step;
        return program().size() - 1;
    }
    void addClass(const Set& characters) { program()[add(Step::Class)].characters = characters; }
    bool atEnd() const { return m_at >= m_pattern.size(); }
    bool at(char c) const { return !atEnd() && m_pattern[m_at] == c; }

    /// Puts an instruction before `place`. What jumps behind it moves along; so does what stands behind it
    /// and jumps back to `place`, while what stands before it now jumps to the new one.
    void insert(std::size_t place, Step step)
    {
        for (std::size_t i = 0; i < program().size(); ++i) {
            NameRegex::Instruction& own = program()[i];
            const std::size_t least = i < place ? place + 1 : place;
            own.first += own.first >= least && (own.step == Step::Split || own.step == Step::Jump) ? 1 : 0;
            own.second += own.second >= least && own.step == Step::Split ? 1 : 0;
        }
        NameRegex::Instruction made;
        made.step = step;
        program().insert(program().begin() + static_cast<std::ptrdiff_t>(place), made);
    }

    void alternatives(int depth)
    {
        const std::size_t begin = program().size();
        sequence(depth);
        while (m_problem.empty() && at('|')) {
            ++m_at;
            insert(begin, Step::Split);
            const std::size_t jump = add(Step::Jump);
            program()[begin].first = begin + 1;
            program()[begin].second = program().size();
            alternatives(depth);
            program()[jump].first = program().size();
        }
    }

    void sequence(int depth)
    {
        while (m_problem.empty() && !atEnd() && !at('|') && !at(')')) {
            const std::size_t begin = program().size();
            item(depth);
            while (m_problem.empty() && (at('*') || at('+') || at('?')))
                repeat(begin);
        }
    }

    void repeat(std::size_t begin)
    {
        const char sign = m_pattern[m_at++];
        if (program().size() == begin)
            m_problem = "nothing to repeat";
        if (sign == '+') {
            const std::size_t split = add(Step::Split);
            program()[split].first = begin;
            program()[split].second = split + 1;
            return;
        }
        insert(begin, Step::Split);
        if (sign == '*')
            program()[add(Step::Jump)].first = begin;
        program()[begin].first = begin + 1;
        program()[begin].second = program().size();
    }

    void item(int depth)
    {
        constexpr int kDeepest = 100;
        const char c = m_pattern[m_at++];
        if (c == '(') {
            if (depth > kDeepest) {
                m_problem = "groups are nested too deeply";
                return;
            }
            if (at('?')) {
                if (m_pattern.substr(m_at, 2) != "?:") {
                    m_problem = "this kind of group is not understood";
                    return;
                }
                m_at += 2;
            }
            alternatives(depth + 1);
            if (m_problem.empty() && !at(')'))
                m_problem = "missing ), unterminated subpattern";
            ++m_at;
        } else if (c == '[') {
            bracket();
        } else if (c == '.') {
            Set any;
            addClass(any.set().reset('\n'));
        } else if (c == '^') {
            add(Step::Begin);
        } else if (c == '$') {
            add(Step::End);
        } else if (c == '\\') {
            addClass(escaped());
        } else if (c == '*' || c == '+' || c == '?') {
            m_problem = "nothing to repeat";
        } else if (c == '{') {
            m_problem = "counts in braces are not understood";
        } else {
            Set one;
            addClass(one.set(static_cast<unsigned char>(c)));
        }
    }

    static Set range(unsigned char first, unsigned char last)
    {
        Set set;
        for (std::size_t c = first; c <= last; ++c)
            set.set(c);
        return set;
    }

    Set escaped()
    {
        if (atEnd()) {
            m_problem = "bad escape at the end";
            return {};
        }
        const char c = m_pattern[m_at++];
        const Set digits = range('0', '9');
        const Set words = digits | range('a', 'z') | range('A', 'Z') | range('_', '_');
        const Set spaces = range('\t', '\r') | range(' ', ' ');
        switch (c) {
        case 'd':
            return digits;
        case 'D':
            return ~digits;
        case 'w':
            return words;
        case 'W':
            return ~words;
        case 's':
            return spaces;
        case 'S':
            return ~spaces;
        default:
            if (words.test(static_cast<unsigned char>(c)))
                m_problem = "this escape is not understood";
            return range(static_cast<unsigned char>(c), static_cast<unsigned char>(c));
        }
    }

    void bracket()
    {
        Set set;
        const bool isNegated = at('^');
        m_at += isNegated ? 1 : 0;
        const std::size_t begin = m_at;
        while (m_problem.empty() && !atEnd() && (!at(']') || m_at == begin)) {
            const char c = m_pattern[m_at++];
            if (c == '\\') {
                set |= escaped();
                continue;
            }
            const auto first = static_cast<unsigned char>(c);
            if (at('-') && m_at + 1 < m_pattern.size() && m_pattern[m_at + 1] != ']') {
                const auto last = static_cast<unsigned char>(m_pattern[m_at + 1]);
                m_at += 2;
                if (last < first)
                    m_problem = "bad character range";
                else
                    set |= range(first, last);
            } else {
                set.set(first);
            }
        }
        if (m_problem.empty() && !at(']'))
            m_problem = "unterminated character set";
        ++m_at;
        addClass(isNegated ? ~set : set);
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    std::string m_problem;
    NameRegex m_regex;
};

Result<NameRegex> NameRegex::compile(std::string_view pattern)
{
    return NameRegexParser(pattern).run();
}

bool NameRegex::matchesStart(std::string_view text) const
{
    std::vector<std::size_t> open;
    std::vector<std::size_t> now;
    std::vector<std::size_t> marks(m_program.size(), 0);
    std::size_t round = 0;
    bool matched = false;
    const auto follow = [&](std::size_t start, std::size_t at) {
        open.assign(1, start);
        while (!open.empty()) {
            const std::size_t place = open.back();
            open.pop_back();
            if (marks[place] == round)
                continue;
            marks[place] = round;
            const Instruction& own = m_program[place];
            if (own.step == Step::Class) {
                now.push_back(place);
            } else if (own.step == Step::Match) {
                matched = true;
            } else if (own.step == Step::Split) {
                open.push_back(own.second);
                open.push_back(own.first);
            } else if (own.step == Step::Jump) {
                open.push_back(own.first);
            } else if ((own.step == Step::Begin && at == 0) || (own.step == Step::End && at == text.size())) {
                open.push_back(place + 1);
            }
        }
    };
    ++round;
    follow(0, 0);
    for (std::size_t at = 0; at < text.size() && !matched && !now.empty(); ++at) {
        const std::vector<std::size_t> before = std::exchange(now, {});
        ++round;
        for (const std::size_t place : before) {
            if (m_program[place].characters.test(static_cast<unsigned char>(text[at])))
                follow(place + 1, at + 1);
        }
    }
    return matched;
}

} // namespace wr::graph
