// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/run_list.h"

#include "app/document/quantity.h"
#include "app/run/run_words.h"

#include <algorithm>
#include <cmath>

namespace wr::app {
namespace {

constexpr qint64 kMostPoints = 20'000'000; // of all earlier runs; 16 bytes each and their pyramids

using Series = MetricHistory::Series;

} // namespace

RunList::RunList(MetricHistory* live, QObject* parent) : QAbstractTableModel(parent), m_live(live)
{
    Run first;
    first.id = ++m_lastId;
    first.name = tr("Run %1").arg(first.id);
    first.started = QDateTime::currentDateTime();
    m_runs.push_back(std::move(first));
    const auto refresh = [this] { emit dataChanged(index(0, 0), index(0, ColumnCount - 1)); };
    connect(live, &MetricHistory::changed, this, refresh);
    connect(live, &MetricHistory::metricsChanged, this,
            [this] { emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1); });
}

void RunList::setSettings(const RunSettings& settings)
{
    m_runs.front().settings = settings;
}

void RunList::keepCurrent()
{
    if (m_live->pointCount(Series::Loss) == 0)
        return;
    Run next;
    next.id = ++m_lastId;
    next.name = tr("Run %1").arg(next.id);
    next.started = QDateTime::currentDateTime();
    next.settings = m_runs.front().settings;
    constexpr int kColours = 6;
    // 0 and 1 are the training and test curves of the run under way.
    m_runs.front().colour = 2 + (m_runs.front().id - 1) % (kColours - 2);
    m_runs.front().history = m_live->copy();
    beginInsertRows({}, 0, 0);
    m_runs.insert(m_runs.begin(), std::move(next));
    endInsertRows();
    emit dataChanged(index(1, 0), index(1, ColumnCount - 1));
    dropOldest();
    emit shownChanged();
}

void RunList::dropOldest()
{
    qint64 points = 0;
    for (std::size_t row = 1; row < m_runs.size(); ++row) {
        points += m_runs[row].history->points();
        if (points <= kMostPoints || row == 1)
            continue;
        QList<int> old;
        for (std::size_t late = row; late < m_runs.size(); ++late)
            old += static_cast<int>(late);
        remove(old);
    }
}

void RunList::remove(const QList<int>& rows)
{
    QList<int> sorted = rows;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    for (const int row : sorted) {
        if (row < 1 || row >= rowCount())
            continue;
        const Run gone = std::move(m_runs[static_cast<std::size_t>(row)]);
        beginRemoveRows({}, row, row);
        m_runs.erase(m_runs.begin() + row);
        endRemoveRows();
        // Whoever draws these curves lets go of them before they are gone.
        emit shownChanged();
    }
}

void RunList::clear()
{
    QList<int> earlier;
    for (int row = 1; row < rowCount(); ++row)
        earlier += row;
    remove(earlier);
    m_lastId = 1;
    m_runs.front().id = m_lastId;
    m_runs.front().name = tr("Run %1").arg(m_lastId);
    m_runs.front().tag.clear();
    m_runs.front().settings.clear();
    emit dataChanged(index(0, 0), index(0, ColumnCount - 1));
}

const MetricHistory& RunList::historyOf(int row) const
{
    const Run& run = m_runs[static_cast<std::size_t>(row)];
    return run.history ? *run.history : *m_live;
}

QString RunList::numberOf(int row, Series series) const
{
    const double value = historyOf(row).last(series);
    return std::isnan(value) ? QStringLiteral("–") : QString::number(value, 'g', 4);
}

QVector<RunList::Difference> RunList::compare(const QList<int>& rows) const
{
    QVector<Difference> all;
    const auto rowOf = [&](const QString& name) -> Difference& {
        for (Difference& known : all) {
            if (known.name == name)
                return known;
        }
        all.append({name, QStringList(rows.size(), QString())});
        return all.last();
    };
    for (qsizetype i = 0; i < rows.size(); ++i) {
        const MetricHistory& history = historyOf(rows[i]);
        rowOf(tr("Steps")).values[i] = countText(history.lastStep());
        rowOf(tr("Loss")).values[i] = numberOf(rows[i], Series::Loss);
        rowOf(tr("Test loss")).values[i] = numberOf(rows[i], Series::TestLoss);
        for (int k = 0; k < static_cast<int>(history.metrics().size()); ++k) {
            const double value = history.last(MetricHistory::testMetric(k));
            rowOf(tr("Test %1").arg(history.metrics()[k])).values[i] =
                std::isnan(value) ? QStringLiteral("–") : metricText(history.metrics()[k], value);
        }
        for (const auto& [name, value] : m_runs[static_cast<std::size_t>(rows[i])].settings)
            rowOf(name).values[i] = value;
    }
    if (rows.size() < 2)
        return all;
    QVector<Difference> differences;
    for (const Difference& row : std::as_const(all)) {
        if (std::any_of(row.values.begin(), row.values.end(),
                        [&](const QString& value) { return value != row.values.first(); }))
            differences.append(row);
    }
    return differences;
}

int RunList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunList::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunList::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Run");
    case StepsColumn:
        return tr("Steps");
    case LossColumn:
        return tr("Loss");
    case TestLossColumn:
        return tr("Test loss");
    case MetricColumnIndex:
        return m_live->metrics().isEmpty() ? tr("Metric") : m_live->metrics().first();
    case TagColumn:
        return tr("Tag");
    default:
        return {};
    }
}

QVariant RunList::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Run& run = m_runs[static_cast<std::size_t>(index.row())];
    if (role == IdRole)
        return run.id;
    if (role == ColourRole)
        return run.history ? run.colour : 0;
    if (role == Qt::CheckStateRole && index.column() == NameColumn && run.history)
        return run.isShown ? Qt::Checked : Qt::Unchecked;
    if (role == Qt::ToolTipRole)
        return tr("%1, begun %2").arg(run.name, QLocale().toString(run.started, QLocale::ShortFormat));
    if (role == Qt::TextAlignmentRole && index.column() != NameColumn && index.column() != TagColumn)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::EditRole)
        return {};
    switch (index.column()) {
    case NameColumn:
        return role == Qt::DisplayRole && !run.history ? tr("%1 (now)").arg(run.name) : run.name;
    case StepsColumn:
        return countText(historyOf(index.row()).lastStep());
    case LossColumn:
        return numberOf(index.row(), Series::Loss);
    case TestLossColumn:
        return numberOf(index.row(), Series::TestLoss);
    case MetricColumnIndex: {
        const MetricHistory& history = historyOf(index.row());
        const double value =
            history.metrics().isEmpty() ? qQNaN() : history.last(MetricHistory::testMetric(0));
        return std::isnan(value) ? QStringLiteral("–") : metricText(history.metrics().first(), value);
    }
    case TagColumn:
        return run.tag;
    default:
        return {};
    }
}

bool RunList::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || index.row() >= rowCount())
        return false;
    Run& run = m_runs[static_cast<std::size_t>(index.row())];
    if (role == Qt::CheckStateRole && index.column() == NameColumn && run.history) {
        run.isShown = value.toInt() == Qt::Checked;
        emit dataChanged(index, index);
        emit shownChanged();
        return true;
    }
    if (role != Qt::EditRole)
        return false;
    const QString text = value.toString().simplified();
    if (index.column() == NameColumn && !text.isEmpty())
        run.name = text;
    else if (index.column() == TagColumn)
        run.tag = text;
    else
        return false;
    emit dataChanged(index, index);
    if (index.column() == NameColumn)
        emit shownChanged();
    return true;
}

Qt::ItemFlags RunList::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.column() == NameColumn || index.column() == TagColumn)
        flags |= Qt::ItemIsEditable;
    if (index.column() == NameColumn && index.row() > 0)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

} // namespace wr::app
