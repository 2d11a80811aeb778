// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint written anew under another name, in any format that is written: what it would be, and the copy
// itself. Blocking: call from a job.
#pragma once

#include "app/document/explanation.h"
#include "engine/base/progress.h"

#include <QString>
#include <QStringList>
#include <QVector>

namespace wr::app {

/// A kind of file that can be written.
struct CopyFormat {
    QString words;     ///< "safetensors"
    QString extension; ///< ".safetensors"; "/" for a folder
    QString purpose;   ///< who reads it
};
const QVector<CopyFormat>& copyFormats();

struct CopyRequest {
    QString path;
    QString out;
    QString dtype;        ///< what floating weights become, "bfloat16"; empty: as they are
    bool replace = false; ///< an existing file
};

struct CopyForecast {
    qint64 bytes = 0;
    bool isAtMost = false; ///< it may become smaller
    qint64 tensors = 0;
    QStringList notes; ///< what the format makes other than it was
    Explanation problem;
};
CopyForecast forecastCopy(const CopyRequest& request);

struct CopyReport {
    QString path;
    qint64 bytes = 0;
    QString casts; ///< what changing the type has cost, in words; empty where nothing was cast
    Explanation problem;
};
CopyReport copyCheckpoint(const CopyRequest& request, const Progress& progress);

} // namespace wr::app
