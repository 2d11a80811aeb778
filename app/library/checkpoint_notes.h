// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody says about the checkpoints of a folder: stars, tags and notes, in notes.json beside them. A
// starred one is never removed by a rule. Values; reading and writing block: call from a job.
#pragma once

#include "app/document/explanation.h"

#include <QHash>
#include <QString>
#include <QStringList>

namespace wr::app {

struct CheckpointNote {
    bool isStarred = false;
    QStringList tags;
    QString text;

    bool isEmpty() const { return !isStarred && tags.isEmpty() && text.isEmpty(); }
    friend bool operator==(const CheckpointNote&, const CheckpointNote&) = default;
};

using CheckpointNotes = QHash<QString, CheckpointNote>; ///< by file name

/// Empty where there are none; what is damaged is left out, and the file then stays as it is until something
/// is written.
CheckpointNotes readNotes(const QString& directory);
/// Replaces the notes of one file; those of the others stay as they are on disk.
Explanation writeNote(const QString& directory, const QString& fileName, const CheckpointNote& note);

struct Renamed {
    QString path; ///< the new one
    Explanation problem;
};
/// Renames the file of a checkpoint within its folder, never over another one; its note follows. The
/// extension stays: it is added where `name` lacks it.
Renamed renameCheckpoint(const QString& path, const QString& name);

} // namespace wr::app
