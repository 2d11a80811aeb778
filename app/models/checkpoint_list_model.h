// SPDX-License-Identifier: GPL-3.0-or-later
// The project's checkpoints as a table, newest first. UI thread.
#pragma once

#include "app/library/checkpoint_library.h"

#include <QAbstractTableModel>

namespace wr::app {

class CheckpointListModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        StarColumn, ///< ★ or ☆; its state is Qt::CheckStateRole
        NameColumn, ///< editable: renames the file
        StepColumn,
        LossColumn,
        AccuracyColumn,
        StayColumn, ///< why it stays, or that it goes
        TagsColumn, ///< editable: "good, to publish"
        NoteColumn, ///< editable
        SizeColumn,
        SavedColumn,
        FormatColumn,
        ColumnCount
    };
    enum Role { PathRole = Qt::UserRole, ProblemRole, SortRole, GoesRole };

    explicit CheckpointListModel(CheckpointLibrary* library, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    const CheckpointRow& row(int index) const { return m_rows[index]; }
    Qt::ItemFlags flags(const QModelIndex& index) const override;       ///< rows can be dragged
    QMimeData* mimeData(const QModelIndexList& indexes) const override; ///< file URLs
    QStringList mimeTypes() const override;

private:
    void take();

    CheckpointLibrary* m_library;
    QVector<CheckpointRow> m_rows;
};

} // namespace wr::app
