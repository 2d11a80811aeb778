// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/restore_models.h"

#include <QMimeData>
#include <set>

namespace wr::app {
namespace {

/// Rows carried by a drag of checkpoint tensors; out-of-range numbers are dropped.
QVector<int> draggedRows(const QMimeData* data, qsizetype count)
{
    QVector<int> rows;
    const QByteArray text = data->data(QLatin1String(kRestoreSourceMime));
    const QList<QByteArray> words = text.split(',');
    for (const QByteArray& word : words) {
        bool ok = false;
        const int row = word.toInt(&ok);
        if (ok && row >= 0 && row < count)
            rows.append(row);
    }
    return rows;
}

QString fateText(VariableFate fate)
{
    switch (fate) {
    case VariableFate::Restore:
        return RestoreTargetModel::tr("Restore");
    case VariableFate::Keep:
        return RestoreTargetModel::tr("Keep");
    case VariableFate::Initialize:
        return RestoreTargetModel::tr("Initialise");
    case VariableFate::Unresolved:
        return RestoreTargetModel::tr("Unresolved");
    }
    return {};
}

} // namespace

RestoreSourceModel::RestoreSourceModel(RestoreSession* session, QObject* parent)
    : QAbstractTableModel(parent), m_session(session)
{
    // The set of tensors never changes during a session; only their use does.
    connect(session, &RestoreSession::changed, this, [this] {
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    });
}

int RestoreSourceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_session->sources().size());
}

int RestoreSourceModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RestoreSourceModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RestoreSource& source = m_session->sources()[index.row()];
    if (role == UsedRole)
        return source.used;
    if (role == Qt::ToolTipRole)
        return source.name;
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case NameColumn:
        return source.name;
    case ShapeColumn:
        return source.shape;
    case DTypeColumn:
        return source.dtype;
    case UseColumn:
        return source.used ? tr("used") : tr("unused");
    default:
        return {};
    }
}

QVariant RestoreSourceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Tensor");
    case ShapeColumn:
        return tr("Shape");
    case DTypeColumn:
        return tr("Type");
    case UseColumn:
        return tr("Use");
    default:
        return {};
    }
}

Qt::ItemFlags RestoreSourceModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QMimeData* RestoreSourceModel::mimeData(const QModelIndexList& indexes) const
{
    std::set<int> rows;
    for (const QModelIndex& index : indexes)
        rows.insert(index.row());
    QByteArray text;
    for (const int row : rows) {
        if (!text.isEmpty())
            text += ',';
        text += QByteArray::number(row);
    }
    auto* mime = new QMimeData;
    mime->setData(QLatin1String(kRestoreSourceMime), text);
    return mime;
}

QStringList RestoreSourceModel::mimeTypes() const
{
    return {QLatin1String(kRestoreSourceMime)};
}

Qt::DropActions RestoreSourceModel::supportedDragActions() const
{
    return Qt::LinkAction | Qt::CopyAction;
}

RestoreTargetModel::RestoreTargetModel(RestoreSession* session, QObject* parent)
    : QAbstractTableModel(parent), m_session(session)
{
    connect(session, &RestoreSession::changed, this, [this] {
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    });
}

int RestoreTargetModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_session->targets().size());
}

int RestoreTargetModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RestoreTargetModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RestoreTarget& target = m_session->targets()[index.row()];
    switch (role) {
    case FateRole:
        return static_cast<int>(target.fate);
    case ProblemRole:
        return target.problem;
    case Qt::ToolTipRole:
        return !target.problem.isEmpty()  ? target.problem
               : !target.reason.isEmpty() ? tr("%1 is an %2").arg(target.source, target.reason)
                                          : target.name;
    case Qt::DisplayRole:
        break;
    default:
        return {};
    }
    switch (index.column()) {
    case FateColumn:
        return fateText(target.fate);
    case NameColumn:
        return target.name;
    case ShapeColumn:
        return target.shape;
    case SourceColumn:
        if (target.fate != VariableFate::Restore)
            return target.problem;
        return target.reason.isEmpty() ? target.source : tr("%1 (%2)").arg(target.source, target.reason);
    default:
        return {};
    }
}

QVariant RestoreTargetModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case FateColumn:
        return tr("Fate");
    case NameColumn:
        return tr("Variable");
    case ShapeColumn:
        return tr("Shape");
    case SourceColumn:
        return tr("From");
    default:
        return {};
    }
}

Qt::ItemFlags RestoreTargetModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDropEnabled | Qt::ItemNeverHasChildren;
}

bool RestoreTargetModel::canDropMimeData(const QMimeData* data, Qt::DropAction /*action*/, int /*row*/,
                                         int /*column*/, const QModelIndex& parent) const
{
    if (!parent.isValid() || !data->hasFormat(QLatin1String(kRestoreSourceMime)))
        return false;
    const QVector<int> rows = draggedRows(data, m_session->sources().size());
    if (rows.isEmpty() || parent.row() + rows.size() > m_session->targets().size())
        return false;
    // Several dragged tensors fill the variables from the one under the pointer downwards.
    for (qsizetype i = 0; i < rows.size(); ++i) {
        if (!m_session->obstacle(rows[i], parent.row() + static_cast<int>(i)).isEmpty())
            return false;
    }
    return true;
}

bool RestoreTargetModel::dropMimeData(const QMimeData* data, Qt::DropAction /*action*/, int /*row*/,
                                      int /*column*/, const QModelIndex& parent)
{
    if (!parent.isValid())
        return false;
    const QVector<int> rows = draggedRows(data, m_session->sources().size());
    if (rows.isEmpty() || parent.row() + rows.size() > m_session->targets().size())
        return false;
    QVector<std::pair<int, int>> pairs;
    for (qsizetype i = 0; i < rows.size(); ++i)
        pairs.append({rows[i], parent.row() + static_cast<int>(i)});
    const Explanation refused = m_session->link(pairs);
    if (!refused.isEmpty())
        emit dropRefused(refused.why);
    return refused.isEmpty();
}

QStringList RestoreTargetModel::mimeTypes() const
{
    return {QLatin1String(kRestoreSourceMime)};
}

Qt::DropActions RestoreTargetModel::supportedDropActions() const
{
    return Qt::LinkAction | Qt::CopyAction;
}

} // namespace wr::app
