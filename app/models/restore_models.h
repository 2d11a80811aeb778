// SPDX-License-Identifier: GPL-3.0-or-later
// The two sides of the restore dialog: checkpoint tensors that can be dragged, and model variables that take
// them. A drop or a key becomes RestoreSession::link(). UI thread.
#pragma once

#include "app/library/restore_session.h"

#include <QAbstractTableModel>

namespace wr::app {

/// MIME type of dragged checkpoint tensors: their row numbers, comma separated, in UTF-8.
inline constexpr const char* kRestoreSourceMime = "application/x-weightroom-restore-source";

class RestoreSourceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, ShapeColumn, DTypeColumn, UseColumn, ColumnCount };
    enum Role { UsedRole = Qt::UserRole };
    explicit RestoreSourceModel(RestoreSession* session, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    QStringList mimeTypes() const override;
    Qt::DropActions supportedDragActions() const override;

private:
    RestoreSession* m_session;
};

class RestoreTargetModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { FateColumn, NameColumn, ShapeColumn, SourceColumn, ColumnCount };
    enum Role { FateRole = Qt::UserRole, ProblemRole };
    explicit RestoreTargetModel(RestoreSession* session, QObject* parent = nullptr);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool canDropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                         const QModelIndex& parent) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;
    QStringList mimeTypes() const override;
    Qt::DropActions supportedDropActions() const override;

signals:
    void dropRefused(const QString& reason);

private:
    RestoreSession* m_session;
};

} // namespace wr::app
