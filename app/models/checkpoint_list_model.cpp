// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/checkpoint_list_model.h"

#include "app/document/quantity.h"

#include <QLocale>
#include <QMimeData>
#include <QUrl>
#include <algorithm>

namespace wr::app {
namespace {

QString stayText(checkpoint::Stay stay)
{
    using checkpoint::Stay;
    switch (stay) {
    case Stay::No:
        return CheckpointListModel::tr("goes next");
    case Stay::ByHand:
        return CheckpointListModel::tr("saved by hand");
    case Stay::Pinned:
        return CheckpointListModel::tr("starred");
    case Stay::All:
        return CheckpointListModel::tr("all are kept");
    case Stay::Last:
        return CheckpointListModel::tr("newest");
    case Stay::Best:
        return CheckpointListModel::tr("best");
    case Stay::Hourly:
        return CheckpointListModel::tr("one an hour");
    case Stay::Base:
        return CheckpointListModel::tr("base of another");
    case Stay::Spare:
        return CheckpointListModel::tr("two always stay");
    }
    return {};
}

} // namespace

CheckpointListModel::CheckpointListModel(CheckpointLibrary* library, QObject* parent)
    : QAbstractTableModel(parent), m_library(library), m_rows(library->rows())
{
    connect(library, &CheckpointLibrary::changed, this, &CheckpointListModel::take);
}

void CheckpointListModel::take()
{
    const QVector<CheckpointRow>& rows = m_library->rows();
    const auto isSame = [](const CheckpointRow& a, const CheckpointRow& b) { return a.path == b.path; };
    if (rows.size() == m_rows.size() && std::equal(rows.begin(), rows.end(), m_rows.begin(), isSame)) {
        m_rows = rows;
        if (!m_rows.isEmpty())
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = rows;
    endResetModel();
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
        if (index.column() == StayColumn && row.goes())
            return tr("The rules of the script remove it with the next checkpoint that they save. "
                      "A star keeps it.");
        return row.problem.isEmpty() ? row.path : row.problem;
    case Qt::TextAlignmentRole:
        if (index.column() == StarColumn)
            return QVariant(Qt::AlignCenter);
        if ((index.column() >= StepColumn && index.column() <= AccuracyColumn) ||
            index.column() == SizeColumn)
            return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case GoesRole:
        return row.goes();
    case SortRole:
        switch (index.column()) {
        case StarColumn:
            return row.note.isStarred;
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
    case Qt::EditRole:
        break;
    default:
        return {};
    }
    const bool readable = row.problem.isEmpty();
    switch (index.column()) {
    case StarColumn:
        return row.note.isStarred ? QStringLiteral("★") : QStringLiteral("☆");
    case NameColumn:
        return row.fileName;
    case StepColumn:
        return row.step >= 0 ? QVariant(countText(row.step)) : QVariant();
    case LossColumn:
        return readable && row.step > 0 ? QVariant(QString::number(row.loss, 'g', 4)) : QVariant();
    case AccuracyColumn:
        return row.testAccuracy >= 0
                   ? QVariant(QStringLiteral("%1 %").arg(row.testAccuracy * 100.0, 0, 'f', 2))
                   : QVariant();
    case SizeColumn:
        return byteText(row.bytes);
    case SavedColumn:
        return QLocale().toString(row.savedAt, QStringLiteral("yyyy-MM-dd HH:mm"));
    case StayColumn:
        return row.isExternal ? tr("elsewhere") : stayText(row.stay);
    case TagsColumn:
        return row.note.tags.join(QStringLiteral(", "));
    case NoteColumn:
        return row.note.text;
    case FormatColumn:
        return readable ? row.format : tr("unreadable");
    default:
        return {};
    }
}

bool CheckpointListModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return false;
    const CheckpointRow& row = m_rows[index.row()];
    CheckpointNote note = row.note;
    if (index.column() == NameColumn && role == Qt::EditRole) {
        const QString name = value.toString().trimmed();
        if (!name.isEmpty() && name != row.fileName)
            m_library->rename(row.path, name);
        return true;
    }
    if (index.column() == StarColumn && role == Qt::CheckStateRole) {
        note.isStarred = value.toInt() == Qt::Checked;
    } else if (index.column() == TagsColumn && role == Qt::EditRole) {
        note.tags.clear();
        for (const QString& tag : value.toString().split(u','))
            if (const QString text = tag.simplified(); !text.isEmpty() && !note.tags.contains(text))
                note.tags += text;
    } else if (index.column() == NoteColumn && role == Qt::EditRole) {
        note.text = value.toString().trimmed();
    } else {
        return false;
    }
    if (note != row.note)
        m_library->setNote(row.path, note);
    return true;
}

QVariant CheckpointListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case StarColumn:
        return QStringLiteral("★");
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
    case StayColumn:
        return tr("Stays");
    case TagsColumn:
        return tr("Tags");
    case NoteColumn:
        return tr("Note");
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
    Qt::ItemFlags flags =
        Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
    if (index.column() == NameColumn || index.column() == TagsColumn || index.column() == NoteColumn)
        flags |= Qt::ItemIsEditable;
    return flags;
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
