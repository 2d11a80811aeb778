// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the filter language. Values; any thread; any text has tokens, the last one is an End.
#pragma once

#include <QString>

namespace wr::app {

struct FilterToken {
    enum class Kind { Word, Text, Open, Close, End };
    Kind kind = Kind::End;
    int begin = 0;
    int length = 0;
    QString text; ///< without the quotes of a Text
};

/// The first token at or behind `at`. A word ends at white space or at a bracket that it did not open;
/// "shape:[*, 200]" is one word.
FilterToken nextFilterToken(const QString& text, int at);

} // namespace wr::app
