// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/checkpoint_list_model.h"

#include "app/document/quantity.h"

#include <QLocale>
#include <QMimeData>
#include <QUrl>

namespace wr::app {

CheckpointListModel::CheckpointListModel(CheckpointLibrary* library, QObject* parent)
    : QAbstractTableModel(parent), m_library(library), m_rows(library->rows())
{
    connect(library, &CheckpointLibrary::changed, this, [this] {
        beginResetModel();
        m_rows = m_library->rows();
        endResetModel();
    });
}

int CheckpointListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CheckpointListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CheckpointListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CheckpointRow& row = m_rows[index.row()];
    switch (role) {
    case PathRole:
        return row.path;
    case ProblemRole:
        return row.problem;
    case Qt::ToolTipRole:
        return row.problem.isEmpty() ? row.path : row.problem;
    case Qt::TextAlignmentRole:
        if (index.column() >= StepColumn && index.column() <= SizeColumn)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case SortRole:
        switch (index.column()) {
        case StepColumn:
            return row.step;
        case LossColumn:
            return row.loss;
        case AccuracyColumn:
            return row.testAccuracy;
        case SizeColumn:
            return row.bytes;
        case SavedColumn:
            return row.savedAt;
        default:
            return data(index, Qt::DisplayRole);
        }
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    const bool readable = row.problem.isEmpty();
    switch (index.column()) {
    case NameColumn:
        return row.fileName;
    case StepColumn:
        return row.step >= 0 ? QVariant(countText(row.step)) : QVariant();
    case LossColumn:
        return readable && row.step >= 0 ? QVariant(valueText(row.loss)) : QVariant();
    case AccuracyColumn:
        return row.testAccuracy >= 0
                   ? QVariant(QStringLiteral("%1 %").arg(row.testAccuracy * 100.0, 0, 'f', 2))
                   : QVariant();
    case SizeColumn:
        return byteText(row.bytes);
    case SavedColumn:
        return QLocale().toString(row.savedAt, QStringLiteral("yyyy-MM-dd HH:mm"));
    case FormatColumn:
        return readable ? row.format : tr("unreadable");
    default:
        return {};
    }
}

QVariant CheckpointListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Checkpoint");
    case StepColumn:
        return tr("Step");
    case LossColumn:
        return tr("Loss");
    case AccuracyColumn:
        return tr("Test accuracy");
    case SizeColumn:
        return tr("Size");
    case SavedColumn:
        return tr("Saved");
    case FormatColumn:
        return tr("Format");
    default:
        return {};
    }
}

Qt::ItemFlags CheckpointListModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QMimeData* CheckpointListModel::mimeData(const QModelIndexList& indexes) const
{
    QList<QUrl> urls;
    for (const QModelIndex& index : indexes) {
        if (index.column() == NameColumn)
            urls += QUrl::fromLocalFile(m_rows[index.row()].path);
    }
    auto* mime = new QMimeData;
    mime->setUrls(urls);
    return mime;
}

QStringList CheckpointListModel::mimeTypes() const
{
    return {QStringLiteral("text/uri-list")};
}

} // namespace wr::app
