// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the tree from tokens by recursive descent. One object parses one text; errors become diagnostics and
// reading goes on at the next line. Depth is capped, so no input exhausts the stack.
#pragma once

#include "engine/script/token.h"
#include "engine/script/tree.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wr::script {

class Parser {
public:
    explicit Parser(std::string text);
    std::shared_ptr<const Tree> run();

private:
    // Statements (statement_parser.cpp)
    std::vector<Statement> parseBlock();
    void parseLine(std::vector<Statement>& into);
    Statement parseSimple();
    Statement parseWith();
    Statement parseFor();
    Statement parseForeign(std::uint32_t begin);
    Statement parsePrint(std::uint32_t begin);
    void parseBody(Statement& statement);
    void skipLine();
    void skipForeignBlock();

    // Expressions (expression_parser.cpp)
    ExprPtr parseExpression();
    ExprPtr parseExpressionList();
    ExprPtr parseBinary(int level);
    ExprPtr parseUnary();
    ExprPtr parsePower();
    ExprPtr parsePostfix();
    ExprPtr parseAtom();
    ExprPtr parseBracketed();
    ExprPtr parseList(std::string_view close, ExprKind kind);
    ExprPtr parseDict();
    ExprPtr parseTargets();              // comprehension_parser.cpp
    void parseComprehension(Expr& list); // comprehension_parser.cpp
    ExprPtr parseLambda();
    ExprPtr parseStrings();
    void parseArguments(Expr& call);
    void expectClose(std::string_view close, std::uint32_t open);

    /// Puts a child below a node; an error when the tree gets too high for those that walk it.
    void adopt(Expr& parent, ExprPtr child);
    void raise(Expr& parent, const Expr& child);

    // Literals (number_literal.cpp, string_literal.cpp)
    ExprPtr parseNumber();
    void decodeString(TextRange range, Expr& into);

    const Token& token() const { return m_tokens[m_next]; }
    std::string_view text() const { return textOf(token()); }
    std::string_view textOf(const Token& token) const;
    bool at(TokenKind kind) const { return token().kind == kind; }
    bool atOperator(std::string_view spelling) const { return at(TokenKind::Operator) && text() == spelling; }
    bool atWord(std::string_view word) const { return at(TokenKind::Name) && text() == word; }
    bool acceptOperator(std::string_view spelling);
    void advance();
    std::uint32_t lastEnd() const { return m_lastEnd; }
    void error(TextRange range, std::string message);
    ExprPtr errorExpr(TextRange range, std::string message);
    ExprPtr make(ExprKind kind, std::uint32_t begin) const;

    std::shared_ptr<Tree> m_tree;
    std::vector<Token> m_tokens; ///< without comments
    std::size_t m_next = 0;
    std::uint32_t m_lastEnd = 0;
    std::uint32_t m_statementBegin = 0;
    int m_depth = 0;
    bool m_failed = false; ///< the line at hand has an error already; more would be noise
};

} // namespace wr::script
