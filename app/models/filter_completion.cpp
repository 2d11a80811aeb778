// SPDX-License-Identifier: GPL-3.0-or-later
// What one may write next in a filter, and names in its spelling.
#include "app/models/filter_lexer.h"
#include "app/models/variable_filter.h"

#include <QRegularExpression>

namespace wr::app {

VariableFilter::Completion VariableFilter::complete(const QString& text, int cursor)
{
    FilterToken token;
    for (int at = 0;;) {
        token = nextFilterToken(text, at);
        at = token.begin + token.length;
        if (token.kind == FilterToken::Kind::End || at >= cursor)
            break;
    }
    if (token.kind != FilterToken::Kind::Word || token.begin >= cursor)
        return {cursor, {}};
    const QString typed = text.mid(token.begin, cursor - token.begin);
    QStringList all;
    int begin = token.begin;
    const qsizetype colon = typed.indexOf(u':');
    if (colon < 0) {
        all = QStringList{QStringLiteral("name:"),      QStringLiteral("re:"),    QStringLiteral("shape:"),
                          QStringLiteral("ndim>="),     QStringLiteral("bytes>"), QStringLiteral("params>="),
                          QStringLiteral("dtype:"),     QStringLiteral("dev:"),   QStringLiteral("state:"),
                          QStringLiteral("trainable:"), QStringLiteral("scope:"), QStringLiteral("init:"),
                          QStringLiteral("is:")};
    } else {
        const QString key = typed.left(colon).toLower();
        begin += static_cast<int>(colon) + 1;
        if (key == QLatin1String("state"))
            all = {QStringLiteral("uninit"), QStringLiteral("init"), QStringLiteral("restored"),
                   QStringLiteral("trained")};
        else if (key == QLatin1String("trainable"))
            all = {QStringLiteral("yes"), QStringLiteral("no")};
        else if (key == QLatin1String("dtype"))
            all = {QStringLiteral("float32"), QStringLiteral("float64"), QStringLiteral("int32"),
                   QStringLiteral("int64"), QStringLiteral("bool")};
        else if (key == QLatin1String("dev"))
            all = {QStringLiteral("auto"), QStringLiteral("cpu0"), QStringLiteral("gpu0")};
        else if (key == QLatin1String("shape"))
            all = {QStringLiteral("scalar"), QStringLiteral("1d"), QStringLiteral("2d"),
                   QStringLiteral("[*,200]")};
        else if (key == QLatin1String("is"))
            all = {QStringLiteral("incomplete"), QStringLiteral("clashing"), QStringLiteral("readonly"),
                   QStringLiteral("slot")};
    }
    Completion completion;
    completion.begin = begin;
    const QString prefix = text.mid(begin, cursor - begin);
    for (const QString& word : all) {
        if (word.startsWith(prefix, Qt::CaseInsensitive) && word.size() > prefix.size())
            completion.words += word;
    }
    return completion;
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
