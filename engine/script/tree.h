// SPDX-License-Identifier: GPL-3.0-or-later
// The lossless syntax tree of a script: TensorFlow's Python spelling, parsed and never executed. The text is
// kept whole and every node is a range of it, so printing gives the same bytes for any input, broken input
// too. Parsing never fails: what cannot be read becomes an Error node and a diagnostic, and reading goes on
// at the next line. Immutable after parse(); any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wr::script {

/// Bytes [begin, end) of the text.
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const TextRange&, const TextRange&) = default;
};

/// Line and column from 1; columns count Unicode code points.
struct TextPosition {
    int line = 1;
    int column = 1;
};

/// Replaces `range` by `replacement`; the rest of the text stays byte for byte.
struct TextEdit {
    TextRange range;
    std::string replacement;
};

enum class Severity : std::uint8_t { Error, Warning, Note };

struct Diagnostic {
    Severity severity = Severity::Error;
    TextRange range;
    std::string message;  ///< what is wrong, in the words of the script
    std::string fixLabel; ///< empty when there is no fix on offer
    std::vector<TextEdit> fix;
    std::string errorClass; ///< what TensorFlow raises here: "ValueError"; empty where it has no say
};

enum class ExprKind : std::uint8_t {
    Name,            // text: identifier
    Attribute,       // children[0] . text
    Call,            // children[0] ( arguments )
    Number,          // text: spelling; number, integer, isInteger
    String,          // text: decoded contents
    FormattedString, // parts
    List,            // children
    Tuple,           // children
    Dict,            // children: key, value, key, value, …
    Unary,           // text: "-", "+", "not", "~"; children[0]
    Binary,          // text: operator; children[0], children[1] (also comparisons, "and", "or", "%")
    Subscript,       // children[0] [ children[1] ]
    Ellipsis,        // "..." and the how-to's ".."
    Bool,            // integer: 0 or 1
    None,
    Lambda,        // children[0]: body; text: parameter list as written
    Comprehension, // [children[0] for children[1] in children[2] if children[3] if children[4] …]
    Error,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Argument {
    std::string keyword;   ///< empty for a positional argument
    TextRange range;       ///< the whole argument, "name=value" included
    ExprPtr value;         ///< never null
    bool isSpread = false; ///< "*value": its items are arguments
};

struct FormatPart {
    std::string literal;
    ExprPtr value; ///< null for a literal part
};

struct Expr {
    ExprKind kind = ExprKind::Error;
    TextRange range;
    std::string text;
    double number = 0.0;
    std::int64_t integer = 0;
    bool isInteger = false;
    std::uint32_t height = 1; ///< nodes on the longest way down, itself included; about 1,000 at most
    std::vector<ExprPtr> children;
    std::vector<Argument> arguments;
    std::vector<FormatPart> parts;
};

enum class StatementKind : std::uint8_t {
    Assign,     // targets = value; op is "=" or "+=" and so on
    Expression, // value
    With,       // items: body
    For,        // targets[0] in value: body
    Import,     // kept, noted, never executed
    Pass,
    Ellipsis, // a hole: "..." or ".." alone
    Error,    // text that could not be read
};

struct Statement;

struct WithItem {
    ExprPtr context;
    ExprPtr alias; ///< null without "as"
};

struct Statement {
    StatementKind kind = StatementKind::Error;
    TextRange range; ///< without the line's end; with the body
    std::string op;
    std::vector<ExprPtr> targets;
    ExprPtr value;
    std::vector<WithItem> items;
    std::vector<Statement> body;
};

class Tree {
public:
    const std::string& text() const { return m_text; }
    const std::vector<Statement>& statements() const { return m_statements; }
    const std::vector<Diagnostic>& diagnostics() const { return m_diagnostics; }
    std::string_view slice(TextRange range) const;
    TextPosition position(std::uint32_t offset) const;
    /// Offset of the start of `line` (from 1); the text's end when there are fewer lines.
    std::uint32_t lineStart(int line) const;

private:
    friend class Parser;
    std::string m_text;
    std::vector<std::uint32_t> m_lineStarts;
    std::vector<Statement> m_statements;
    std::vector<Diagnostic> m_diagnostics;
};

/// Parses any bytes. Texts past 16 MiB and nesting past 200 levels give a diagnostic, never a crash.
std::shared_ptr<const Tree> parse(std::string text);

/// "tf.nn.relu" for a Name or a chain of attributes of names; empty for anything else.
std::string dottedName(const Expr& expr);

/// The argument given by keyword, or by its place among the positional ones; null when absent.
const Argument* findArgument(const Expr& call, std::string_view keyword, int position = -1);

} // namespace wr::script
