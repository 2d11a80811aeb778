// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

namespace wr::script {

/// The names before "in". Not an expression: that would take "x in y" for a comparison.
ExprPtr Parser::parseTargets()
{
    const std::uint32_t begin = token().range.begin;
    ExprPtr target = parsePostfix();
    if (m_failed || !atOperator(","))
        return target;
    ExprPtr tuple = make(ExprKind::Tuple, begin);
    adopt(*tuple, std::move(target));
    while (!m_failed && acceptOperator(",") && !atWord("in"))
        adopt(*tuple, parsePostfix());
    tuple->range.end = m_lastEnd;
    return tuple;
}

/// After the element of a list, at "for".
void Parser::parseComprehension(Expr& list)
{
    list.kind = ExprKind::Comprehension;
    advance();
    adopt(list, parseTargets());
    if (!m_failed && !atWord("in"))
        error(token().range, "expected \"in\" after the names of a comprehension");
    if (m_failed) {
        adopt(list, errorExpr({m_lastEnd, m_lastEnd}, {}));
        return;
    }
    advance();
    adopt(list, parseExpression());
    while (!m_failed && atWord("if")) {
        advance();
        adopt(list, parseExpression());
    }
    if (!m_failed && atWord("for"))
        error(token().range, "only one \"for\" in a comprehension is part of Weightroom's script");
}

} // namespace wr::script
