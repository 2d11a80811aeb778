// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two checkpoints as a table, computed by a job, worst first, equal ones last. Tensors are
// paired by the matcher, so that renamed and transposed ones stand in one row. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_file.h"

#include <QAbstractTableModel>
#include <memory>

namespace wr::app {

class DiffModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        KindColumn,
        NameColumn,
        ShapeColumn,
        RelativeColumn,
        MaxAbsColumn,
        ChangedColumn,
        SurpriseColumn,
        NoteColumn,
        ColumnCount
    };
    enum class Kind { NonFinite, Damaged, Reshaped, Removed, Added, Changed, Renamed, Equal };
    enum Role { KindRole = Qt::UserRole, RelativeRole };

    explicit DiffModel(QObject* parent = nullptr);
    ~DiffModel() override;

    /// Opens both files and compares them, A -> B. An earlier comparison is cancelled.
    void compare(const QString& a, const QString& b);
    void cancel();
    void setShowEqual(bool show);
    bool isRunning() const;
    int count(Kind kind) const;
    QString summary() const; ///< "2 changed, 1 added, 14 equal (by digest)"
    double largestRelative() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

signals:
    void started();
    void progress(double fraction);
    void finished();
    void failed(const wr::app::Explanation& explanation);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
