// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of the script: words, calls, names that the script binds, texts, devices, holes, numbers and
// comments; names that nobody knows are muted. Long texts are coloured in slices, so that opening one never
// holds up the window. UI thread.
#pragma once

#include <QSet>
#include <QSyntaxHighlighter>
#include <QTimer>

namespace wr::ui {

class ScriptHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
public:
    /// Formats of text and comments carry this property, for those who look for brackets.
    static constexpr int kQuietProperty = QTextFormat::UserProperty + 1;

    explicit ScriptHighlighter(QTextDocument* document);
    /// What the script binds; lines in which a name came or went are coloured again.
    void setNames(const QSet<QString>& names);
    bool isBusy() const { return m_slice.isActive(); }

protected:
    void highlightBlock(const QString& text) override;

private:
    void colourText(const QString& text, qsizetype begin, qsizetype end, bool isFormatted);
    void colourWord(const QString& text, qsizetype begin, qsizetype end);
    void colourAll();
    void goOn();
    void put(qsizetype begin, qsizetype end, const QColor& ink, bool isQuiet = false);

    QSet<QString> m_names;
    QTimer m_slice;
    int m_left = 0;         ///< lines that may still be coloured in this turn of the event loop
    int m_pending = -1;     ///< first line that is not coloured yet; −1: none
    QVector<int> m_waiting; ///< single lines to colour again
};

} // namespace wr::ui
