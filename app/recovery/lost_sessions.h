// SPDX-License-Identifier: GPL-3.0-or-later
// Records that sessions left behind whose process died. Blocking: call from a job.
#pragma once

#include "app/recovery/session_record.h"

#include <QVector>

namespace wr::app {

struct LostSession {
    SessionRecord record;
    QString path;                ///< of the record
    bool isFolderThere = false;  ///< the project can still be opened
    QString saved;               ///< its script as it is on disk
    bool isChangedSince = false; ///< by somebody else, after the record was written
};

/// The newest first. Records of the living are left alone, those that are broken or say nothing are removed.
QVector<LostSession> findLostSessions(const QString& folder);
/// Removes a record, and with it what could be recovered.
void discardSession(const QString& path);
/// What happened in words that can be sent to somebody, without the script.
QString reportOf(const LostSession& session);

} // namespace wr::app
