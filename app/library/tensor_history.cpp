// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/tensor_history.h"

#include "app/library/checkpoint_file.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/facts.h"

#include <QFile>
#include <algorithm>

namespace wr::app {

QVector<TensorMoment> tensorHistory(const QStringList& paths, const QString& tensor,
                                    const std::function<bool()>& goesOn)
{
    QVector<TensorMoment> moments;
    for (const QString& path : paths) {
        if (!goesOn())
            break;
        const auto reader = checkpoint::openCheckpoint(Vfs::posix(), QFile::encodeName(path).toStdString());
        if (!reader)
            continue; // the list of checkpoints says what is wrong with it
        const std::ptrdiff_t index = (*reader)->find(tensor.toStdString());
        const std::optional<std::int64_t> step = checkpoint::factsOf((*reader)->metadata()).step;
        if (index < 0 || !step)
            continue;
        const checkpoint::TensorEntry& entry = (*reader)->tensors()[static_cast<std::size_t>(index)];
        if (!entry.statistics)
            continue;
        const Statistics& statistics = *entry.statistics;
        moments.append({path, *step, statistics.mean, statistics.stddev, statistics.min, statistics.max,
                        static_cast<qint64>(statistics.nanCount + statistics.infCount)});
    }
    std::stable_sort(moments.begin(), moments.end(),
                     [](const TensorMoment& a, const TensorMoment& b) { return a.step < b.step; });
    return moments;
}

} // namespace wr::app
