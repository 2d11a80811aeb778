// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/text_history.h"

#include <QCoreApplication>
#include <algorithm>

namespace wr::app {
namespace {

bool isWordCharacter(QChar character)
{
    return character.isLetterOrNumber() || character == QLatin1Char('_') || character.isSurrogate();
}

/// One character, which may be a surrogate pair.
bool isOneCharacter(const QString& text)
{
    return text.size() == 1 || (text.size() == 2 && text[0].isHighSurrogate() && text[1].isLowSurrogate());
}

} // namespace

bool TextHistory::joins(const TextChange& change) const
{
    if (m_sealed || m_done == 0 || !m_steps[m_done - 1].label.isEmpty())
        return false;
    const TextChange& last = m_steps[m_done - 1].changes.constLast();
    if (change.removed.isEmpty() && last.removed.isEmpty() && isOneCharacter(change.inserted) &&
        change.begin == last.begin + last.inserted.size()) {
        const bool startsWord = isWordCharacter(change.inserted[0]) && !isWordCharacter(last.inserted.back());
        const bool isNewLine = change.inserted == QLatin1String("\n") || last.inserted.endsWith(u'\n');
        return !startsWord && !isNewLine;
    }
    if (change.inserted.isEmpty() && last.inserted.isEmpty() && isOneCharacter(change.removed)) {
        const bool isBackspace = change.begin + change.removed.size() == last.begin;
        const bool isDelete = change.begin == last.begin;
        const QChar edge = isBackspace ? last.removed.front() : last.removed.back();
        const bool isSameKind = isWordCharacter(change.removed[0]) == isWordCharacter(edge);
        return (isBackspace || isDelete) && isSameKind && change.removed != QLatin1String("\n");
    }
    return false;
}

void TextHistory::push(QVector<TextChange> changes, const QString& label)
{
    if (changes.isEmpty())
        return;
    if (label.isEmpty() && changes.size() == 1 && !canRedo() && joins(changes.constFirst())) {
        const TextChange& change = changes.constFirst();
        TextChange& last = m_steps[m_done - 1].changes.last();
        last.inserted += change.inserted;
        if (!change.removed.isEmpty()) {
            last.removed =
                change.begin < last.begin ? change.removed + last.removed : last.removed + change.removed;
            last.begin = std::min(last.begin, change.begin);
        }
        return;
    }
    m_steps.resize(m_done);
    if (m_clean > m_done)
        m_clean = -1;
    m_steps.append({std::move(changes), label});
    ++m_done;
    m_sealed = false;
}

void TextHistory::clear()
{
    m_steps.clear();
    m_done = 0;
    m_clean = 0;
    m_sealed = true;
}

QString TextHistory::undoLabel() const
{
    if (!canUndo())
        return {};
    const QString& label = m_steps[m_done - 1].label;
    return label.isEmpty() ? QCoreApplication::translate("TextHistory", "Typing") : label;
}

QString TextHistory::redoLabel() const
{
    if (!canRedo())
        return {};
    const QString& label = m_steps[m_done].label;
    return label.isEmpty() ? QCoreApplication::translate("TextHistory", "Typing") : label;
}

QVector<TextChange> TextHistory::undo()
{
    QVector<TextChange> changes;
    if (!canUndo())
        return changes;
    const Step& step = m_steps[--m_done];
    for (auto change = step.changes.crbegin(); change != step.changes.crend(); ++change)
        changes.append(change->inverted());
    m_sealed = true;
    return changes;
}

QVector<TextChange> TextHistory::redo()
{
    if (!canRedo())
        return {};
    m_sealed = true;
    return m_steps[m_done++].changes;
}

QStringList TextHistory::unsavedLabels() const
{
    QStringList labels;
    for (qsizetype i = m_clean < 0 || m_clean > m_done ? 0 : m_clean; i < m_done; ++i)
        labels += m_steps[i].label;
    return labels;
}

void TextHistory::setClean()
{
    m_clean = m_done;
    m_sealed = true;
}

} // namespace wr::app
