// SPDX-License-Identifier: GPL-3.0-or-later
// One tensor over the checkpoints of a folder, from the statistics in their indexes: no value is read.
// Blocking: call from a job.
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <functional>

namespace wr::app {

struct TensorMoment {
    QString path;
    qint64 step = 0;
    double mean = 0.0;
    double stddev = 0.0;
    double low = 0.0;
    double high = 0.0;
    qint64 nonFinite = 0;
};

/// By step. Checkpoints without a step, without the tensor or without statistics are left out.
QVector<TensorMoment> tensorHistory(const QStringList& paths, const QString& tensor,
                                    const std::function<bool()>& goesOn);

} // namespace wr::app
