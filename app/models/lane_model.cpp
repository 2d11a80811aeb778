// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/lane_model.h"

#include "app/document/quantity.h"

#include <QMimeData>
#include <algorithm>

namespace wr::app {

int LaneModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant LaneModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[index.row()];
    if (row.variable < 0) {
        const QString& scope = m_board->variables[m_rows[row.first].variable].scope;
        const QString count = countOf(row.last - row.first, tr("variable"), tr("variables"));
        switch (role) {
        case Qt::DisplayRole:
            return QString(scope + QLatin1Char('/'));
        case Qt::ToolTipRole:
        case Qt::AccessibleTextRole:
            return tr("Scope %1, %2").arg(scope, count);
        case IsHeaderRole:
            return true;
        case VariableRole:
            return -1;
        case SizeRole:
            return countText(row.last - row.first);
        default:
            return {};
        }
    }
    const BoardVariable& variable = m_board->variables[row.variable];
    const auto pinText = [&] {
        switch (variable.pin) {
        case BoardVariable::Pin::None:
            return tr("no pin");
        case BoardVariable::Pin::Block:
            return tr("pinned");
        case BoardVariable::Pin::Rule:
            return tr("by the rule “%1”").arg(m_board->rules.value(variable.rule).pattern);
        }
        return QString();
    };
    switch (role) {
    case Qt::DisplayRole:
        return variable.name;
    case Qt::ToolTipRole: {
        QString text = tr("%1\n%2, %3, %4")
                           .arg(variable.name, variable.shape, byteText(variable.bytes.values), pinText());
        if (variable.followers > 0)
            text += QLatin1Char('\n') + tr("Its updates and optimizer slots follow it.");
        if (!variable.note.isEmpty())
            text += QLatin1Char('\n') + variable.note;
        if (variable.groupSize > 1)
            text += QLatin1Char('\n') + tr("It is %1.").arg(variable.origin);
        return text;
    }
    case Qt::AccessibleTextRole:
        return tr("%1, %2, %3, %4")
            .arg(variable.name, variable.shape, byteText(variable.bytes.values), pinText());
    case IsHeaderRole:
        return false;
    case VariableRole:
        return row.variable;
    case ShapeRole:
        return variable.shape;
    case SizeRole:
        return byteText(variable.bytes.values);
    case PinRole:
        return static_cast<int>(variable.pin);
    case FollowersRole:
        return variable.followers;
    default:
        return {};
    }
}

Qt::ItemFlags LaneModel::flags(const QModelIndex& index) const
{
    return index.isValid()
               ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren
               : Qt::NoItemFlags;
}

QMimeData* LaneModel::mimeData(const QModelIndexList& indexes) const
{
    const QVector<int> chosen = variablesOf(indexes);
    if (chosen.isEmpty())
        return nullptr;
    QStringList names;
    for (const int at : chosen)
        names += m_board->variables[at].name;
    auto* data = new QMimeData;
    data->setData(dragType(), names.join(QLatin1Char('\n')).toUtf8());
    data->setText(
        names.size() == 1
            ? tr("%1, %2").arg(names.constFirst(), byteText(m_board->bytesOf(chosen)))
            : tr("%1 variables, %2").arg(countText(names.size()), byteText(m_board->bytesOf(chosen))));
    return data;
}

bool LaneModel::accepts(int variable) const
{
    if (m_filter.isEmpty())
        return true;
    const VariableRow& row = m_board->rows[variable];
    const bool needsLife = m_life && m_filter.asksForState();
    return m_filter.accepts(row, needsLife ? m_life(row.name) : VariableLife::Uninitialized);
}

QVector<LaneModel::Row> LaneModel::rows() const
{
    QVector<Row> result;
    if (!m_board || m_lane >= m_board->lanes.size())
        return result;
    QHash<QString, qsizetype> ranks; // of scopes, by first appearance; the outermost level stands first
    ranks.insert(QString(), 0);
    QVector<QVector<int>> scopes(1);
    for (const int at : std::as_const(m_board->lanes[m_lane].variables)) {
        const BoardVariable& variable = m_board->variables[at];
        if (!accepts(at))
            continue;
        auto rank = ranks.constFind(variable.scope);
        if (rank == ranks.constEnd()) {
            rank = ranks.insert(variable.scope, scopes.size());
            scopes.append(QVector<int>());
        }
        scopes[rank.value()].append(at);
    }
    for (qsizetype i = 0; i < scopes.size(); ++i) {
        const auto first = static_cast<int>(result.size()) + 1;
        if (i > 0)
            result.append({-1, first, first + static_cast<int>(scopes[i].size())});
        for (const int at : std::as_const(scopes[i]))
            result.append({at, 0, 0});
    }
    return result;
}

/// Of a variable its name, of a header its scope.
QStringView LaneModel::nameOf(const PlacementBoard& board, const QVector<Row>& rows, const Row& row)
{
    return row.variable >= 0 ? QStringView(board.variables[row.variable].name)
                             : QStringView(board.variables[rows[row.first].variable].scope);
}

void LaneModel::refill(QVector<Row> fresh)
{
    m_variableCount = static_cast<int>(
        std::count_if(fresh.begin(), fresh.end(), [](const Row& row) { return row.variable >= 0; }));
    beginResetModel();
    m_rows = std::move(fresh);
    endResetModel();
}

void LaneModel::show(std::shared_ptr<const PlacementBoard> board, int lane)
{
    const std::shared_ptr<const PlacementBoard> before = std::exchange(m_board, std::move(board));
    m_lane = lane;
    // The same variables: selection and scroll place stay, whatever numbers they have on the new board.
    QVector<Row> fresh = rows();
    const bool isSame =
        before && std::equal(fresh.begin(), fresh.end(), m_rows.begin(), m_rows.end(),
                             [&](const Row& now, const Row& then) {
                                 return (now.variable < 0) == (then.variable < 0) &&
                                        nameOf(*m_board, fresh, now) == nameOf(*before, m_rows, then);
                             });
    if (!isSame) {
        refill(std::move(fresh));
        return;
    }
    m_rows = std::move(fresh);
    if (!m_rows.isEmpty())
        emit dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
}

void LaneModel::setFilter(const VariableFilter& filter, LifeOf life)
{
    if (m_filter.isEmpty() && filter.isEmpty())
        return;
    m_filter = filter;
    m_life = std::move(life);
    QVector<Row> fresh = rows();
    if (fresh != m_rows)
        refill(std::move(fresh));
}

QVector<int> LaneModel::variablesOf(const QModelIndexList& indexes) const
{
    QVector<int> found;
    if (!m_board)
        return found;
    std::vector<bool> isIn(static_cast<std::size_t>(m_board->variables.size()), false);
    const auto add = [&](int variable) {
        if (variable >= 0)
            isIn[static_cast<std::size_t>(variable)] = true;
    };
    for (const QModelIndex& index : indexes) {
        const Row& row = m_rows[index.row()];
        add(row.variable);
        for (int inside = row.first; row.variable < 0 && inside < row.last; ++inside)
            add(m_rows[inside].variable);
    }
    for (std::size_t i = 0; i < isIn.size(); ++i) {
        if (isIn[i])
            found.append(static_cast<int>(i));
    }
    return found;
}

int LaneModel::rowOf(int variable) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].variable == variable)
            return row;
    }
    return -1;
}

} // namespace wr::app
