// SPDX-License-Identifier: GPL-3.0-or-later
// What has to be known of a session after the program died: edits that were not saved, and how far a training
// was. Values; any thread. Files are read as what anybody may have written.
#pragma once

#include "app/document/explanation.h"
#include "engine/base/status.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <QStringList>

namespace wr::app {

struct SessionRecord {
    QString directory; ///< of the project; empty while it has none
    QString title;
    QDateTime writtenAt;
    bool hasEdits = false;
    QString script;         ///< with the edits
    QByteArray savedDigest; ///< SHA-256 of the script as it was saved last, empty where it never was
    QStringList edits;      ///< their labels, oldest first
    qint64 step = -1;       ///< of a training under way; −1: none
    qint64 savedStep = -1;  ///< of its newest checkpoint
    QString checkpoint;     ///< its file
    QStringList homeless;   ///< checkpoints of a project without a folder

    bool isWorthKeeping() const { return hasEdits || step >= 0 || !homeless.isEmpty(); }
    QByteArray toJson() const;
    /// InvalidArgument when it is no such record.
    static Result<SessionRecord> fromJson(const QByteArray& text);
};

} // namespace wr::app
