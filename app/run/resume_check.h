// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a training that goes on from a checkpoint gives the bits of one that never stopped: it is resumed
// and trained to a later checkpoint of the same run, or else twice over the same steps, once with a stop and
// a file in between. Works on runs of its own. Blocking: call from a job.
#pragma once

#include "app/document/explanation.h"
#include "engine/base/progress.h"

#include <QString>
#include <QStringList>

namespace wr::app {

struct ResumeRequest {
    QString path;             ///< the checkpoint to go on from
    QString later;            ///< one of a later step of the same run; empty: none
    QString projectDirectory; ///< where relative data paths start
    QString dataDirectory;    ///< other data of the same kind; empty: as the recipe says
    qint64 steps = 20;        ///< trained without a later one
    int threads = 0;          ///< 0: the machine's
};

struct ResumeReport {
    Explanation problem; ///< why it could not be looked at; empty when it was
    qint64 fromStep = 0;
    qint64 toStep = 0;
    QString against;       ///< file name of the later checkpoint; empty: a training that never stopped
    qint64 tensors = 0;    ///< compared, bit for bit
    QStringList different; ///< their names

    bool isSame() const { return problem.isEmpty() && different.isEmpty(); }
    QString toText() const; ///< a sentence
};

ResumeReport checkResume(const ResumeRequest& request, const Progress& progress = {});

} // namespace wr::app
