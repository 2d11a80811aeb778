// SPDX-License-Identifier: GPL-3.0-or-later
// The sentence that a person reads when something did not work: what failed and where, why, and what can be
// done. Made from a Status of the engine by the code that knows what was being tried. A value; any thread.
#pragma once

#include "engine/base/status.h"

#include <QMetaType>
#include <QString>

namespace wr::app {

struct Explanation {
    QString what;   ///< "The checkpoint step-00001200.wrck could not be opened."
    QString why;    ///< "Its frame 3 of 9 fails its checksum: the file is damaged."
    QString wayOut; ///< "Open an earlier checkpoint, or verify this one to see which tensors are whole."
    bool cancelled = false; ///< stopped by the user: worth a line, not an alarm

    bool isEmpty() const { return what.isEmpty(); }
    QString toText() const; ///< the three sentences, one per line
};

/// `what` says what was tried; why and the way out follow from the status.
Explanation explain(const QString& what, const Status& status);

} // namespace wr::app

Q_DECLARE_METATYPE(wr::app::Explanation)
