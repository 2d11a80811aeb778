// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop's trash, and the way back out of it. Blocking: call from a job.
#pragma once

#include "app/document/explanation.h"

#include <QString>

namespace wr::app {

struct TrashedFile {
    QString path;    ///< where it was
    QString inTrash; ///< where it is
};

/// Empty explanation on success. Whatever happens the file is in one of the two places.
Explanation moveToTrash(const QString& path, TrashedFile& trashed);
/// Refuses where another file has taken the name meanwhile.
Explanation putBack(const TrashedFile& trashed);

} // namespace wr::app
