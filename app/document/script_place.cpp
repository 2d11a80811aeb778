// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/script_place.h"

#include <algorithm>

namespace wr::app {

bool isWordStart(QChar c)
{
    return c.isLetter() || c == u'_';
}

bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}

int statementBegin(const QString& text, int cursor)
{
    constexpr int kMostLines = 400;
    int line = static_cast<int>(text.lastIndexOf(u'\n', std::max(0, cursor - 1)));
    if (cursor == 0)
        return 0;
    for (int count = 0; count < kMostLines; ++count) {
        const int begin = line + 1;
        if (begin < text.size() && begin <= cursor && isWordStart(text[begin]))
            return begin;
        if (line <= 0)
            return 0;
        line = static_cast<int>(text.lastIndexOf(u'\n', line - 1));
    }
    return line + 1;
}

ScriptPlace scriptPlace(const QString& text, int cursor)
{
    ScriptPlace place;
    QString word;
    int wordBegin = 0;
    int i = statementBegin(text, cursor);
    place.wordBegin = cursor;
    while (i < cursor) {
        const QChar c = text[i];
        if (c == u'#') {
            const auto end = static_cast<int>(text.indexOf(u'\n', i));
            if (end < 0 || end >= cursor) {
                place.isComment = true;
                return place;
            }
            i = end;
            continue;
        }
        if (c == u'"' || c == u'\'') {
            const QString triple(3, c);
            const bool isTriple = QStringView(text).mid(i, 3) == triple;
            const int first = i + (isTriple ? 3 : 1);
            int end = first;
            while (end < cursor) {
                if (isTriple ? QStringView(text).mid(end, 3) == triple
                             : (text[end] == c || text[end] == u'\n'))
                    break;
                end += text[end] == u'\\' ? 2 : 1;
            }
            if (end >= cursor) {
                place.isText = true;
                place.textBegin = first;
                return place;
            }
            i = end + (isTriple ? 3 : 1);
            word.clear();
            continue;
        }
        if (isWordStart(c) || (c == u'.' && i + 1 <= cursor)) {
            wordBegin = i;
            while (i < cursor && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            word = text.mid(wordBegin, i - wordBegin);
            if (i == cursor)
                place.wordBegin = wordBegin;
            continue;
        }
        if (c.isDigit()) {
            while (i < cursor && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            word.clear();
            if (i == cursor)
                place.wordBegin = -1; // inside a number there is nothing to offer
            continue;
        }
        if (c == u'(' || c == u'[' || c == u'{') {
            OpenCall call;
            call.bracket = c;
            if (c == u'(' && !word.isEmpty()) {
                call.function = word;
                call.nameBegin = wordBegin;
            }
            call.argumentBegin = i + 1;
            place.open.append(call);
        } else if (c == u')' || c == u']' || c == u'}') {
            if (!place.open.isEmpty())
                place.open.removeLast();
        } else if (c == u',' && !place.open.isEmpty()) {
            OpenCall& call = place.open.last();
            ++call.commas;
            if (!call.keyword.isEmpty())
                call.given.insert(call.keyword);
            call.keyword.clear();
            call.argumentBegin = i + 1;
        } else if (c == u'=' && !place.open.isEmpty() && !word.isEmpty()) {
            place.open.last().keyword = word;
        }
        if (!c.isSpace())
            word.clear();
        ++i;
    }
    return place;
}

QStringList namesAbove(const QString& text, int cursor)
{
    QStringList names;
    QSet<QString> seen;
    const auto add = [&](qsizetype begin, qsizetype end) {
        const QString name = text.mid(begin, end - begin);
        if (!name.isEmpty() && !seen.contains(name)) {
            seen.insert(name);
            names.prepend(name); // the nearest first
        }
    };
    qsizetype line = 0;
    while (line < cursor) {
        qsizetype end = text.indexOf(u'\n', line);
        if (end < 0 || end >= cursor)
            break; // the line at hand binds its name only when it is done
        qsizetype i = line;
        while (i < end && (text[i] == u' ' || text[i] == u'\t'))
            ++i;
        const qsizetype begin = i;
        if (i < end && isWordStart(text[i])) {
            while (i < end && isWord(text[i]))
                ++i;
            const QStringView word = QStringView(text).mid(begin, i - begin);
            qsizetype after = i;
            while (after < end && text[after] == u' ')
                ++after;
            if (after < end && text[after] == u'=' && (after + 1 >= end || text[after + 1] != u'=')) {
                // An argument on a line of its own is indented further than a statement could be.
                if (begin == line || begin - line <= 12)
                    add(begin, i);
            } else if (word == QLatin1String("for")) {
                qsizetype last = after;
                while (last < end && isWord(text[last]))
                    ++last;
                add(after, last);
            } else if (word == QLatin1String("with")) {
                const qsizetype as = text.indexOf(QLatin1String(" as "), i);
                if (as >= 0 && as < end) {
                    qsizetype last = as + 4;
                    while (last < end && isWord(text[last]))
                        ++last;
                    add(as + 4, last);
                }
            }
        }
        line = end + 1;
    }
    return names;
}

} // namespace wr::app
