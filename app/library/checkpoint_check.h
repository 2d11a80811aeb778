// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a checkpoint file is whole, in words, and the recovery of what is whole in one that is not.
// Blocking: call from a job.
#pragma once

#include "app/document/explanation.h"
#include "engine/base/progress.h"

#include <QString>

namespace wr::app {

struct CheckReport {
    qint64 tensors = 0;
    Explanation problem;     ///< empty: every byte is as it was written
    bool canRecover = false; ///< some tensors of a damaged file are whole
};
CheckReport checkFile(const QString& path, const Progress& progress);

struct RecoveryReport {
    QString path; ///< of the new file
    qint64 recovered = 0;
    qint64 lost = 0;
    Explanation problem;
};
/// Into a new file beside the damaged one, which stays as it is.
RecoveryReport recoverFile(const QString& path, const Progress& progress);

/// Writes a delta anew in its own place, as a checkpoint that needs no base; nothing happens to another one.
Explanation makeStandalone(const QString& path, const Progress& progress);

} // namespace wr::app
