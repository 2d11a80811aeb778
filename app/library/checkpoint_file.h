// SPDX-License-Identifier: GPL-3.0-or-later
// An opened checkpoint as the window sees it: Qt values over the engine's reader. Shared, immutable; any
// thread.
#pragma once

#include "app/library/checkpoint_notes.h"
#include "app/library/tensor_columns.h"
#include "engine/checkpoint/retention.h"

#include <QDateTime>
#include <QMap>
#include <QMetaType>
#include <QString>
#include <QVector>
#include <memory>

namespace wr::checkpoint {
class CheckpointReader;
}

namespace wr::app {

struct TensorRow {
    QString name;
    QString shape; ///< "784 × 200"
    QVector<qint64> dims;
    QString dtype;
    qint64 elements = 0;
    qint64 bytes = 0;
    bool hasStatistics = false;
    double mean = 0.0;
    double stddev = 0.0;
    double min = 0.0;
    double max = 0.0;
    qint64 nan = 0;
    qint64 inf = 0;
    qint64 zero = 0;
    QString digest; ///< hex, empty when unknown

    qint64 nonFinite() const { return nan + inf; }
};

struct TensorPreview {
    QString name;
    QString shape;
    QVector<double> sample; ///< the first elements, at most 4096
    Explanation problem;    ///< not empty when it could not be read
};

class CheckpointFile {
public:
    struct Opened;
    /// Reads header and index only. Blocking: call from a job.
    static Opened open(const QString& path);

    QString path() const;
    QString format() const;
    qint64 fileBytes() const;
    int tensorCount() const { return m_columns.count(); }
    TensorRow tensor(int index) const; ///< they are sorted by name
    const TensorColumns& columns() const { return m_columns; }
    QMap<QString, QString> metadata() const; ///< step, loss, saved at, …
    QStringList warnings() const;
    /// Blocking: call from a job.
    TensorPreview preview(int tensor) const;
    const checkpoint::CheckpointReader& reader() const;

private:
    std::shared_ptr<const checkpoint::CheckpointReader> m_reader;
    TensorColumns m_columns;
};

struct CheckpointFile::Opened {
    std::shared_ptr<const CheckpointFile> file; ///< null on failure
    Explanation problem;
};

/// A row of the project's checkpoint list, from metadata alone.
struct CheckpointRow {
    QString path;
    QString fileName;
    qint64 step = -1;
    double loss = 0.0;
    double testAccuracy = -1.0;
    QDateTime savedAt;
    qint64 bytes = 0;
    QString format;
    QString problem; ///< why it cannot be read; empty when whole
    CheckpointNote note;
    QString uuid;                                     ///< empty: unknown
    QString baseUuid;                                 ///< of the one that it is a difference to
    checkpoint::Stay stay = checkpoint::Stay::ByHand; ///< under the rules of the script

    bool isExternal = false; ///< not of the project's folder

    bool goes() const { return stay == checkpoint::Stay::No; }
};

} // namespace wr::app
