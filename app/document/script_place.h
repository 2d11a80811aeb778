// SPDX-License-Identifier: GPL-3.0-or-later
// What the text before the cursor means for a person who goes on writing: in a comment or a string, in which
// open calls, behind which word, and which names there are. Reads the text as words, so that it works while
// the script is broken. Pure functions; any thread.
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

/// A call that is open at the cursor.
struct OpenCall {
    QString function; ///< dotted; empty for brackets that are no call
    int nameBegin = 0;
    QChar bracket;
    int commas = 0;
    QString keyword; ///< of the argument at hand
    int argumentBegin = 0;
    QSet<QString> given; ///< keywords written before
};

/// What the text up to the cursor means for a person who goes on writing.
struct ScriptPlace {
    bool isComment = false;
    bool isText = false; ///< inside a string
    int textBegin = 0;   ///< after its opening quote
    QVector<OpenCall> open;
    int wordBegin = 0; ///< of the dotted word before the cursor
};

/// Of script words, without dots.
bool isWordStart(QChar c);
bool isWord(QChar c);

/// A statement begins at the first letter of a line, so reading can begin at the last such line.
int statementBegin(const QString& text, int cursor);
ScriptPlace scriptPlace(const QString& text, int cursor);
/// Names that lines above the place bind: "x = …", "as x:", "for x in"; the nearest first.
QStringList namesAbove(const QString& text, int cursor);

} // namespace wr::app
