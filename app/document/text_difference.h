// SPDX-License-Identifier: GPL-3.0-or-later
// What became of the lines of a text. Values; any thread.
#pragma once

#include <QString>
#include <QVector>

namespace wr::app {

struct LineChange {
    enum class Kind { Kept, Removed, Added };
    Kind kind = Kind::Kept;
    QString text;
    int before = -1; ///< line number from 1 in the old text; −1: not in it
    int after = -1;  ///< in the new one
};

/// All lines of both texts in order; a shortest edit.
QVector<LineChange> differenceOf(const QString& before, const QString& after);
/// The same without lines that are further than `around` from a change; a gap is a Kept line without numbers.
QVector<LineChange> onlyChanges(const QVector<LineChange>& lines, int around);

} // namespace wr::app
