// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns of names as rules write them: "layers.{i}.{p=q|k|v}_proj" matches names and binds i and p,
// "blk.{i}.attn_{p:q=q,k=k,v=v}" makes the name that belongs to them. Values; any thread.
//
//   {i}         a number without leading zeros; {i:3} one of at least three digits
//   {i+1}       a number, of which i is one less; {3*i+j+1} only where names are made
//   {p=q|k|v}   one of these words; {p=*} a piece without "." and "/"; {p=**} any text, also none
//   {p}         the same word again; {p:q=wq,k=wk} the word that belongs to it
#pragma once

#include "engine/base/status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wr::remap {

struct Binding {
    std::string variable;
    std::string word;
    std::int64_t number = 0;
    bool isNumber = false;

    friend bool operator==(const Binding&, const Binding&) = default;
};

using Bindings = std::vector<Binding>;

const Binding* findBinding(const Bindings& bindings, std::string_view variable);

class NamePattern {
public:
    /// InvalidArgument says what is wrong with which variable.
    static Result<NamePattern> parse(std::string_view text);
    /// A pattern of which all characters stand for themselves.
    static NamePattern literal(std::string text);

    const std::string& text() const { return m_text; }
    /// Names of the variables, each once.
    const std::vector<std::string>& variables() const { return m_variables; }
    /// The name begins with this, whatever the variables are.
    std::string_view beginning() const;
    /// Whether names can be matched with it: sums of several variables cannot be solved.
    bool canMatch() const;
    /// Adds what was bound to `bindings`; what is bound there already must agree. Unchanged when it does not
    /// match.
    bool match(std::string_view name, Bindings& bindings) const;
    /// NotFound when a variable is not bound, or a word has no counterpart.
    Result<std::string> format(const Bindings& bindings) const;

private:
    friend class PatternParser;
    enum class Kind : std::uint8_t { Literal, Sum, Word, Choice, Piece, Anything };
    struct Term {
        std::int64_t factor = 1;
        std::string variable;
    };
    struct Part {
        Kind kind = Kind::Literal;
        std::string text; ///< Literal: itself, else the variable
        std::vector<Term> terms;
        std::int64_t offset = 0;
        std::size_t width = 0;
        std::vector<std::pair<std::string, std::string>> words; ///< Choice and Word: bound word, written word
    };
    bool matchFrom(std::size_t part, std::string_view rest, Bindings& bindings) const;
    bool matchSum(std::size_t part, std::string_view rest, Bindings& bindings) const;
    bool matchWord(std::size_t part, std::string_view word, std::string_view rest, Bindings& bindings) const;

    std::string m_text;
    std::vector<Part> m_parts;
    std::vector<std::string> m_variables;
};

} // namespace wr::remap
