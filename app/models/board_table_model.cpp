// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/board_table_model.h"

#include "app/document/quantity.h"

namespace wr::app {

BoardTableModel::BoardTableModel(Kind kind, QObject* parent) : QAbstractTableModel(parent), m_kind(kind) {}

int BoardTableModel::rowCount(const QModelIndex& parent) const
{
    if (parent.isValid() || !m_board)
        return 0;
    switch (m_kind) {
    case Kind::Copies:
        return static_cast<int>(m_board->copies.size());
    case Kind::Notices:
        return static_cast<int>(m_board->notices.size());
    case Kind::Rules:
        return static_cast<int>(m_board->rules.size());
    }
    return 0;
}

int BoardTableModel::columnCount(const QModelIndex& parent) const
{
    if (parent.isValid())
        return 0;
    return m_kind == Kind::Notices ? 3 : 4;
}

QString BoardTableModel::cell(int row, int column) const
{
    switch (m_kind) {
    case Kind::Copies: {
        const BoardCopy& copy = m_board->copies[row];
        return column == 0 ? copy.node
                           : (column == 1 ? copy.from : (column == 2 ? copy.to : byteText(copy.bytes)));
    }
    case Kind::Notices: {
        const BoardNotice& notice = m_board->notices[row];
        if (column == 0)
            return notice.line > 0 ? countText(notice.line) : QString();
        return column == 1 ? notice.what : notice.reason;
    }
    case Kind::Rules: {
        const BoardRule& rule = m_board->rules[row];
        return column == 0 ? rule.pattern
                           : (column == 1 ? rule.device : countText(column == 2 ? rule.hits : rule.line));
    }
    }
    return {};
}

bool BoardTableModel::isNumber(int column) const
{
    switch (m_kind) {
    case Kind::Copies:
        return column == 3;
    case Kind::Notices:
        return column == 0;
    case Kind::Rules:
        return column >= 2;
    }
    return false;
}

QPair<int, int> BoardTableModel::place(int row) const
{
    const auto where = [](int begin, int end) { return QPair<int, int>(end > begin ? begin : -1, end); };
    switch (m_kind) {
    case Kind::Copies:
        return where(m_board->copies[row].begin, m_board->copies[row].end);
    case Kind::Notices:
        return where(m_board->notices[row].begin, m_board->notices[row].end);
    case Kind::Rules:
        return where(m_board->rules[row].begin, m_board->rules[row].end);
    }
    return {-1, -1};
}

QVariant BoardTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return cell(index.row(), index.column());
    case Qt::ToolTipRole:
        return isNumber(index.column()) ? QVariant() : QVariant(cell(index.row(), index.column()));
    case Qt::TextAlignmentRole:
        return isNumber(index.column()) ? QVariant(static_cast<int>(Qt::AlignRight | Qt::AlignVCenter))
                                        : QVariant();
    case BeginRole:
        return place(index.row()).first;
    case EndRole:
        return place(index.row()).second;
    default:
        return {};
    }
}

QVariant BoardTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole && isNumber(section))
        return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QStringList names =
        m_kind == Kind::Copies ? QStringList{tr("Node"), tr("From"), tr("To"), tr("Bytes")}
        : m_kind == Kind::Notices
            ? QStringList{tr("Line"), tr("What the script asks for"), tr("What happens")}
            : QStringList{tr("Pattern"), tr("Device"), tr("Variables"), tr("Line")};
    return names[section];
}

void BoardTableModel::show(std::shared_ptr<const PlacementBoard> board)
{
    beginResetModel();
    m_board = std::move(board);
    endResetModel();
}

} // namespace wr::app
