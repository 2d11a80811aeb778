// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/script_highlighter.h"

#include "ui/theme/theme.h"

#include <QStringList>

namespace wr::ui {
namespace {

/// Block states: 0 none, 1 inside ''' text, 2 inside """ text.
constexpr int kPlain = 0;
constexpr int kSingle = 1;
constexpr int kDouble = 2;

bool isWordStart(QChar c)
{
    return c.isLetter() || c == u'_';
}

bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c == u'_';
}

bool isKeyword(QStringView word)
{
    static const QStringList words{QStringLiteral("with"), QStringLiteral("as"),     QStringLiteral("for"),
                                   QStringLiteral("in"),   QStringLiteral("import"), QStringLiteral("from"),
                                   QStringLiteral("None"), QStringLiteral("True"),   QStringLiteral("False")};
    for (const QString& keyword : words) {
        if (word == keyword)
            return true;
    }
    return false;
}

} // namespace

ScriptHighlighter::ScriptHighlighter(QTextDocument* document) : QSyntaxHighlighter(document)
{
    connect(&Theme::instance(), &Theme::changed, this, &ScriptHighlighter::rehighlight);
}

void ScriptHighlighter::highlightBlock(const QString& text)
{
    const Colours& colours = Theme::instance().colours();
    const auto colour = [this](qsizetype from, qsizetype to, const QColor& ink) {
        setFormat(static_cast<int>(from), static_cast<int>(to - from), ink);
    };
    const QString triple[] = {QString(), QStringLiteral("'''"), QStringLiteral("\"\"\"")};
    qsizetype i = 0;
    setCurrentBlockState(kPlain);
    const int before = previousBlockState();
    if (before == kSingle || before == kDouble) {
        const qsizetype end = text.indexOf(triple[before]);
        if (end < 0) {
            colour(0, text.size(), colours.syntaxText);
            setCurrentBlockState(before);
            return;
        }
        i = end + 3;
        colour(0, i, colours.syntaxText);
    }
    while (i < text.size()) {
        const QChar c = text[i];
        const qsizetype start = i;
        if (c == u'#') {
            colour(i, text.size(), colours.muted);
            return;
        }
        if (c == u'\'' || c == u'"') {
            const int state = c == u'\'' ? kSingle : kDouble;
            if (text.mid(i, 3) == triple[state]) {
                const qsizetype end = text.indexOf(triple[state], i + 3);
                i = end < 0 ? text.size() : end + 3;
                if (end < 0)
                    setCurrentBlockState(state);
            } else {
                for (++i; i < text.size() && text[i] != c; ++i) {
                    if (text[i] == u'\\')
                        ++i;
                }
                i = std::min(i + 1, text.size());
            }
            colour(start, i, colours.syntaxText);
        } else if (c.isDigit()) {
            while (i < text.size() && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            colour(start, i, colours.syntaxNumber);
        } else if (isWordStart(c)) {
            while (i < text.size() && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            const QStringView word = QStringView(text).mid(start, i - start);
            if (isKeyword(word))
                colour(start, i, colours.syntaxWord);
            else if (word.startsWith(QLatin1String("tf.")) || word.startsWith(QLatin1String("wr.")))
                colour(start, i, colours.syntaxCall);
        } else {
            ++i;
        }
    }
}

} // namespace wr::ui
