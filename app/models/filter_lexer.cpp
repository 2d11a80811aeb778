// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/filter_lexer.h"

#include <algorithm>

namespace wr::app {
namespace {

bool isOpening(QChar c)
{
    return c == u'(' || c == u'[';
}

} // namespace

FilterToken nextFilterToken(const QString& text, int at)
{
    const auto size = static_cast<int>(text.size());
    while (at < size && text[at].isSpace())
        ++at;
    FilterToken token;
    token.begin = at;
    if (at >= size)
        return token;
    token.length = 1;
    if (text[at] == u'(' || text[at] == u')') {
        token.kind = text[at] == u'(' ? FilterToken::Kind::Open : FilterToken::Kind::Close;
        return token;
    }
    if (text[at] == u'"') {
        const auto end = static_cast<int>(text.indexOf(u'"', at + 1));
        token.kind = FilterToken::Kind::Text;
        token.text = text.mid(at + 1, (end < 0 ? size : end) - at - 1);
        token.length = (end < 0 ? size : end + 1) - at;
        return token;
    }
    int depth = 0;
    int end = at;
    for (; end < size; ++end) {
        const QChar c = text[end];
        if (isOpening(c))
            ++depth;
        else if ((c == u')' || c == u']') && --depth < 0)
            break;
        else if (c.isSpace() && depth <= 0)
            break;
    }
    token.kind = FilterToken::Kind::Word;
    token.length = std::max(1, end - at);
    token.text = text.mid(at, token.length);
    return token;
}

} // namespace wr::app
