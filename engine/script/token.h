// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a script: Python's tokens with their ranges. Comments are tokens; spaces are what lies
// between. Lexing never fails: a byte that starts no token becomes an Error token. Pure; any thread.
#pragma once

#include "engine/script/tree.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace wr::script {

enum class TokenKind : std::uint8_t {
    Name,
    Number,
    String,   ///< with prefix and quotes
    Operator, ///< also brackets, commas, "..." and the how-to's ".."
    Comment,
    Newline, ///< end of a logical line
    Indent,  ///< empty range at the first word of a deeper line
    Dedent,
    Error, ///< unterminated string, stray byte
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    TextRange range;
};

/// All tokens, ending with Newline, Dedents as needed, and End. Inside brackets lines are joined.
std::vector<Token> tokenize(std::string_view text);

} // namespace wr::script
