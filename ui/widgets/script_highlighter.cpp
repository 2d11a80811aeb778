// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/script_highlighter.h"

#include "app/document/script_completion.h"
#include "ui/theme/theme.h"

#include <QElapsedTimer>
#include <QStringList>
#include <QTextDocument>
#include <algorithm>

namespace wr::ui {
namespace {

/// Block states: 0 none, 1 inside ''' text, 2 inside """ text.
constexpr int kPlain = 0;
constexpr int kSingle = 1;
constexpr int kDouble = 2;
constexpr int kLinesAtOnce = 200;

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
    static const QStringList words{
        QStringLiteral("with"), QStringLiteral("as"),     QStringLiteral("for"),   QStringLiteral("in"),
        QStringLiteral("from"), QStringLiteral("import"), QStringLiteral("None"),  QStringLiteral("True"),
        QStringLiteral("not"),  QStringLiteral("lambda"), QStringLiteral("False"), QStringLiteral("and"),
        QStringLiteral("or"),   QStringLiteral("pass")};
    return std::any_of(words.begin(), words.end(),
                       [word](const QString& keyword) { return word == keyword; });
}

bool isDevice(QStringView contents)
{
    return contents.startsWith(u'/') &&
           (contents.contains(QLatin1String("cpu:"), Qt::CaseInsensitive) ||
            contents.contains(QLatin1String("gpu:"), Qt::CaseInsensitive) ||
            contents.startsWith(QLatin1String("/job:")) || contents.startsWith(QLatin1String("/task:")) ||
            contents.startsWith(QLatin1String("/device:")));
}

} // namespace

ScriptHighlighter::ScriptHighlighter(QTextDocument* document)
    : QSyntaxHighlighter(document), m_left(kLinesAtOnce)
{
    m_slice.setSingleShot(true);
    m_slice.setInterval(0);
    connect(&m_slice, &QTimer::timeout, this, &ScriptHighlighter::goOn);
    connect(&Theme::instance(), &Theme::changed, this, &ScriptHighlighter::colourAll);
}

void ScriptHighlighter::setNames(const QSet<QString>& names)
{
    // Looked up rather than subtracted: taking thousands out of a set, one by one, is slow.
    constexpr qsizetype kFew = 4;
    QStringList changed;
    const auto compare = [&changed](const QSet<QString>& from, const QSet<QString>& with) {
        for (auto name = from.begin(); name != from.end() && changed.size() <= kFew; ++name) {
            if (!with.contains(*name))
                changed += *name;
        }
    };
    compare(names, m_names);
    compare(m_names, names);
    m_names = names;
    if (changed.isEmpty())
        return;
    if (changed.size() > kFew) {
        colourAll();
        return;
    }
    for (QTextBlock block = document()->firstBlock(); block.isValid(); block = block.next()) {
        const QString text = block.text();
        if (std::any_of(changed.begin(), changed.end(),
                        [&text](const QString& name) { return text.contains(name); }))
            m_waiting.append(block.blockNumber());
    }
    if (!m_waiting.isEmpty())
        m_slice.start();
}

void ScriptHighlighter::colourAll()
{
    m_pending = 0;
    m_waiting.clear();
    m_slice.start();
}

void ScriptHighlighter::goOn()
{
    constexpr qint64 kSliceMilliseconds = 6;
    QElapsedTimer timer;
    timer.start();
    m_left = kLinesAtOnce;
    while (!m_waiting.isEmpty() && timer.elapsed() < kSliceMilliseconds) {
        const QTextBlock block = document()->findBlockByNumber(m_waiting.takeLast());
        m_left = std::max(m_left, 2);
        if (block.isValid())
            rehighlightBlock(block);
    }
    if (m_pending >= 0) {
        QTextBlock block = document()->findBlockByNumber(std::exchange(m_pending, -1));
        while (block.isValid() && timer.elapsed() < kSliceMilliseconds) {
            m_left = kLinesAtOnce;
            rehighlightBlock(block);
            block = block.next();
        }
        if (block.isValid())
            m_pending = m_pending < 0 ? block.blockNumber() : std::min(m_pending, block.blockNumber());
    }
    m_left = kLinesAtOnce;
    if (m_pending >= 0 || !m_waiting.isEmpty())
        m_slice.start();
}

void ScriptHighlighter::put(qsizetype begin, qsizetype end, const QColor& ink, bool isQuiet)
{
    QTextCharFormat format;
    format.setForeground(ink);
    if (isQuiet)
        format.setProperty(kQuietProperty, true);
    setFormat(static_cast<int>(begin), static_cast<int>(end - begin), format);
}

/// A literal [begin, end) with its quotes; {…} of a formatted one is script again.
void ScriptHighlighter::colourText(const QString& text, qsizetype begin, qsizetype end, bool isFormatted)
{
    const Colours& colours = Theme::instance().colours();
    qsizetype open = begin;
    while (open < end && text[open] != u'"' && text[open] != u'\'')
        ++open;
    const bool places = isDevice(QStringView(text).mid(open + 1, std::max<qsizetype>(0, end - open - 2)));
    put(begin, end, places ? colours.accent : colours.syntaxText, true);
    for (qsizetype i = open; isFormatted && i < end; ++i) {
        if (text[i] != u'{')
            continue;
        const qsizetype close = text.indexOf(u'}', i);
        if (close < 0 || close >= end)
            return;
        put(i, close + 1, colours.syntaxNumber, true);
        i = close;
    }
}

void ScriptHighlighter::colourWord(const QString& text, qsizetype begin, qsizetype end)
{
    const Colours& colours = Theme::instance().colours();
    const QString word = text.mid(begin, end - begin);
    if (isKeyword(word)) {
        put(begin, end, colours.syntaxWord);
        return;
    }
    const qsizetype dot = word.indexOf(u'.');
    const QString first = dot < 0 ? word : word.left(dot);
    if (m_names.contains(first)) {
        put(begin, begin + first.size(), colours.accent);
        return;
    }
    qsizetype next = end;
    while (next < text.size() && text[next] == u' ')
        ++next;
    const bool isBound =
        next < text.size() && text[next] == u'=' && (next + 1 >= text.size() || text[next + 1] != u'=');
    if (isBound) // an argument, or a name that is being made
        return;
    if (app::isKnownName(word))
        put(begin, end, colours.syntaxCall);
    else if (begin == 0 || text[begin - 1] != u'.')
        put(begin, end, colours.muted);
}

void ScriptHighlighter::highlightBlock(const QString& text)
{
    if (--m_left < 0) {
        const int line = currentBlock().blockNumber();
        m_pending = m_pending < 0 ? line : std::min(m_pending, line);
        m_slice.start();
        setCurrentBlockState(kPlain);
        return;
    }
    if (m_left < kLinesAtOnce - 1 && !m_slice.isActive())
        m_slice.start(); // the next turn may colour as many again
    const Colours& colours = Theme::instance().colours();
    const QString triple[] = {QString(), QStringLiteral("'''"), QStringLiteral("\"\"\"")};
    qsizetype i = 0;
    setCurrentBlockState(kPlain);
    const int before = previousBlockState();
    if (before == kSingle || before == kDouble) {
        const qsizetype end = text.indexOf(triple[before]);
        if (end < 0) {
            put(0, text.size(), colours.syntaxText, true);
            setCurrentBlockState(before);
            return;
        }
        i = end + 3;
        put(0, i, colours.syntaxText, true);
    }
    while (i < text.size()) {
        const QChar c = text[i];
        const qsizetype start = i;
        if (c == u'#') {
            put(i, text.size(), colours.muted, true);
            return;
        }
        const bool isPrefixed = (c == u'f' || c == u'F' || c == u'r' || c == u'b') && i + 1 < text.size() &&
                                (text[i + 1] == u'"' || text[i + 1] == u'\'');
        if (c == u'\'' || c == u'"' || isPrefixed) {
            i += isPrefixed ? 1 : 0;
            const QChar quote = text[i];
            const int state = quote == u'\'' ? kSingle : kDouble;
            if (QStringView(text).mid(i, 3) == triple[state]) {
                const qsizetype end = text.indexOf(triple[state], i + 3);
                i = end < 0 ? text.size() : end + 3;
                if (end < 0)
                    setCurrentBlockState(state);
            } else {
                for (++i; i < text.size() && text[i] != quote; ++i) {
                    if (text[i] == u'\\')
                        ++i;
                }
                i = std::min(i + 1, text.size());
            }
            colourText(text, start, i, isPrefixed && (c == u'f' || c == u'F'));
        } else if (c.isDigit()) {
            while (i < text.size() && (isWord(text[i]) || text[i] == u'.'))
                ++i;
            put(start, i, colours.syntaxNumber);
        } else if (isWordStart(c)) {
            while (i < text.size() &&
                   (isWord(text[i]) || (text[i] == u'.' && i + 1 < text.size() && isWordStart(text[i + 1]))))
                ++i;
            colourWord(text, start, i);
        } else if (c == u'.' && QStringView(text).mid(i, 2) == QLatin1String("..")) {
            while (i < text.size() && text[i] == u'.')
                ++i;
            QTextCharFormat hole;
            hole.setForeground(colours.warning);
            hole.setBackground(colours.warningFill);
            setFormat(static_cast<int>(start), static_cast<int>(i - start), hole);
        } else if (c == u'.' && i + 1 < text.size() && isWordStart(text[i + 1])) {
            for (++i; i < text.size() && isWord(text[i]);) // what follows ")." is a method
                ++i;
        } else {
            ++i;
        }
    }
}

} // namespace wr::ui
