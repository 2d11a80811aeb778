// SPDX-License-Identifier: GPL-3.0-or-later
// What may be written at a place of the script: known functions, arguments of the call at hand, names bound
// above, devices, initial values in a hole; and the parameters of that call. Reads the text as words, so that
// it works while the script is broken. Pure functions; any thread, and quick enough for a key press.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

struct CompletionItem {
    enum class Kind { Function, Argument, Name, Text };
    Kind kind = Kind::Name;
    QString label;      ///< as listed: "tf.zeros(shape, dtype, name)"
    QString insert;     ///< what is written in the place of the word
    QString note;       ///< one line about it; may be empty
    int cursorBack = 0; ///< the cursor ends so many characters before the end of `insert`
    QString matches;    ///< what the typed word is compared with
};

struct Completion {
    int begin = 0; ///< the word that an item replaces: UTF-16 [begin, end)
    int end = 0;
    QVector<CompletionItem> items; ///< best first; empty: nothing to offer
};

/// `devices`: names of the machine's devices, beside those of the script. `isAsked`: the person asked for it
/// (Ctrl+Space) rather than typing along; a bare place then offers everything.
Completion completeScript(const QString& text, int cursor, const QStringList& devices, bool isAsked);

/// The call whose arguments hold the cursor.
struct CallHint {
    QString function; ///< empty: no call of a known function
    QStringList parameters;
    int current = -1; ///< the parameter at the cursor; −1: none
    int begin = 0;    ///< place of the function's name
    QString note;
};
CallHint callAt(const QString& text, int cursor);

/// Whether `name`, dotted, is a function, a module of them ("tf.nn") or a type of the script's language.
bool isKnownName(const QString& name);

} // namespace wr::app
