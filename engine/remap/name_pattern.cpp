// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/name_pattern.h"

#include "engine/remap/name_numbers.h"

#include <algorithm>
#include <charconv>

namespace wr::remap {
namespace {

constexpr std::size_t kMostDigits = 15;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

const Binding* findBinding(const Bindings& bindings, std::string_view variable)
{
    const auto found = std::find_if(bindings.begin(), bindings.end(), [variable](const Binding& binding) {
        return binding.variable == variable;
    });
    return found == bindings.end() ? nullptr : &*found;
}

std::string_view NamePattern::beginning() const
{
    return m_parts.empty() || m_parts.front().kind != Kind::Literal ? std::string_view()
                                                                    : m_parts.front().text;
}

bool NamePattern::canMatch() const
{
    return std::all_of(m_parts.begin(), m_parts.end(), [](const Part& part) {
        return part.kind != Kind::Sum || (part.terms.size() == 1 && part.terms[0].factor == 1);
    });
}

bool NamePattern::match(std::string_view name, Bindings& bindings) const
{
    const std::size_t before = bindings.size();
    if (matchFrom(0, name, bindings))
        return true;
    bindings.resize(before);
    return false;
}

bool NamePattern::matchFrom(std::size_t part, std::string_view rest, Bindings& bindings) const
{
    if (part == m_parts.size())
        return rest.empty();
    const Part& wanted = m_parts[part];
    switch (wanted.kind) {
    case Kind::Literal:
        return rest.starts_with(wanted.text) &&
               matchFrom(part + 1, rest.substr(wanted.text.size()), bindings);
    case Kind::Sum:
        return matchSum(part, rest, bindings);
    case Kind::Choice:
    case Kind::Word:
        return std::any_of(wanted.words.begin(), wanted.words.end(), [&](const auto& pair) {
            return rest.starts_with(pair.second) &&
                   matchWord(part, pair.first, rest.substr(pair.second.size()), bindings);
        });
    case Kind::Piece:
    case Kind::Anything: {
        const std::size_t most =
            wanted.kind == Kind::Piece ? std::min(rest.find_first_of("./"), rest.size()) : rest.size();
        for (std::size_t length = wanted.kind == Kind::Piece ? 1 : 0; length <= most; ++length) {
            if (matchWord(part, rest.substr(0, length), rest.substr(length), bindings))
                return true;
        }
        return false;
    }
    }
    return false;
}

/// `word` is what the variable of this part is bound to.
bool NamePattern::matchWord(std::size_t part, std::string_view word, std::string_view rest,
                            Bindings& bindings) const
{
    const std::size_t before = bindings.size();
    if (const Binding* bound = findBinding(bindings, m_parts[part].text)) {
        if (bound->isNumber || bound->word != word)
            return false;
    } else {
        bindings.push_back({m_parts[part].text, std::string(word), 0, false});
    }
    if (matchFrom(part + 1, rest, bindings))
        return true;
    bindings.resize(before);
    return false;
}

bool NamePattern::matchSum(std::size_t part, std::string_view rest, Bindings& bindings) const
{
    const Part& wanted = m_parts[part];
    const std::size_t before = bindings.size();
    if (const Binding* bound = findBinding(bindings, wanted.text); bound != nullptr && !bound->isNumber) {
        return rest.starts_with(bound->word) &&
               matchFrom(part + 1, rest.substr(bound->word.size()), bindings);
    }
    std::size_t digits = 0;
    while (digits < rest.size() && digits <= kMostDigits && isDigit(rest[digits]))
        ++digits;
    if (digits == 0 || digits > kMostDigits || wanted.terms.size() != 1 || wanted.terms[0].factor != 1)
        return false;
    std::int64_t number = 0;
    std::from_chars(rest.data(), rest.data() + digits, number);
    std::string written;
    appendNumber(written, number, wanted.width);
    if (written != rest.substr(0, digits))
        return false;
    number -= wanted.offset;
    if (const Binding* bound = findBinding(bindings, wanted.text)) {
        if (bound->number != number)
            return false;
    } else {
        if (number < 0)
            return false;
        bindings.push_back({wanted.text, {}, number, true});
    }
    if (matchFrom(part + 1, rest.substr(digits), bindings))
        return true;
    bindings.resize(before);
    return false;
}

Result<std::string> NamePattern::format(const Bindings& bindings) const
{
    std::string name;
    for (const Part& part : m_parts) {
        if (part.kind == Kind::Literal) {
            name += part.text;
            continue;
        }
        const Binding* bound = findBinding(bindings, part.text);
        if (bound == nullptr)
            return fail(StatusCode::NotFound, "{" + part.text + "} of \"" + m_text + "\" is not bound");
        if (part.kind == Kind::Sum && bound->isNumber) {
            std::int64_t number = part.offset;
            for (const Term& term : part.terms) {
                const Binding* one = findBinding(bindings, term.variable);
                if (one == nullptr || !one->isNumber)
                    return fail(StatusCode::NotFound,
                                "{" + term.variable + "} of \"" + m_text + "\" is no number");
                number += term.factor * one->number;
            }
            if (number < 0)
                return fail(StatusCode::NotFound, "\"" + m_text + "\" would have a negative number");
            appendNumber(name, number, part.width);
        } else if (part.kind == Kind::Word || part.kind == Kind::Choice) {
            const auto pair = std::find_if(part.words.begin(), part.words.end(),
                                           [bound](const auto& words) { return words.first == bound->word; });
            if (pair == part.words.end())
                return fail(StatusCode::NotFound,
                            "\"" + m_text + "\" has no word for \"" + bound->word + "\"");
            name += pair->second;
        } else if (bound->isNumber) {
            return fail(StatusCode::NotFound, "{" + part.text + "} of \"" + m_text + "\" is a number");
        } else {
            name += bound->word;
        }
    }
    return name;
}

} // namespace wr::remap
