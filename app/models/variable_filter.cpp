// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/variable_filter.h"

#include "app/models/filter_terms.h"

#include <QRegularExpression>
#include <utility>

namespace wr::app {

VariableFilter::VariableFilter(const QString& text)
    : m_tree(text, [this](const FilterToken& token) {
          FilterTerm term =
              token.kind == FilterToken::Kind::Text ? plainTerm(token.text) : readTerm(token.text);
          m_asksForState = m_asksForState || term.asksForState;
          m_terms.push_back(std::move(term.test));
          return FilterTree::TermProblem{term.problem, term.begin, term.length};
      })
{
}

bool VariableFilter::accepts(const VariableRow& row, VariableLife life) const
{
    return m_tree.accepts([&](int term) { return m_terms[static_cast<std::size_t>(term)](row, life); });
}

const FilterWords& VariableFilter::words()
{
    static const FilterWords words{
        {QStringLiteral("name:"), QStringLiteral("re:"), QStringLiteral("shape:"), QStringLiteral("ndim>="),
         QStringLiteral("bytes>"), QStringLiteral("params>="), QStringLiteral("dtype:"),
         QStringLiteral("dev:"), QStringLiteral("state:"), QStringLiteral("trainable:"),
         QStringLiteral("scope:"), QStringLiteral("init:"), QStringLiteral("is:")},
        {{QStringLiteral("state"),
          {QStringLiteral("uninit"), QStringLiteral("init"), QStringLiteral("restored"),
           QStringLiteral("trained")}},
         {QStringLiteral("trainable"), {QStringLiteral("yes"), QStringLiteral("no")}},
         {QStringLiteral("dtype"),
          {QStringLiteral("float32"), QStringLiteral("float64"), QStringLiteral("int32"),
           QStringLiteral("int64"), QStringLiteral("bool")}},
         {QStringLiteral("dev"), {QStringLiteral("auto"), QStringLiteral("cpu0"), QStringLiteral("gpu0")}},
         {QStringLiteral("shape"),
          {QStringLiteral("scalar"), QStringLiteral("1d"), QStringLiteral("2d"), QStringLiteral("[*,200]")}},
         {QStringLiteral("is"),
          {QStringLiteral("incomplete"), QStringLiteral("clashing"), QStringLiteral("readonly"),
           QStringLiteral("slot")}}}};
    return words;
}

QString VariableFilter::quoted(const QString& text)
{
    static const QRegularExpression simple(QStringLiteral("^[A-Za-z0-9_./-]+$"));
    const QString lower = text.toLower();
    const bool isWord =
        lower == QLatin1String("and") || lower == QLatin1String("or") || lower == QLatin1String("not");
    if (simple.match(text).hasMatch() && !isWord)
        return text;
    QString body = text;
    body.remove(u'"');
    return QLatin1Char('"') + body + QLatin1Char('"');
}

} // namespace wr::app
