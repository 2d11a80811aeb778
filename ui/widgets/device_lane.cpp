// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/device_lane.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"
#include "ui/widgets/device_look.h"
#include "ui/widgets/lane_delegate.h"
#include "ui/widgets/lane_list.h"
#include "ui/widgets/memory_bar.h"

#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QListView>
#include <QMimeData>
#include <QPainter>
#include <QSet>
#include <QToolTip>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

constexpr int kWidth = 248;

QLabel* mutedLabel(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setProperty("role", QStringLiteral("muted"));
    label->setWordWrap(true);
    return label;
}

} // namespace

DeviceLane::DeviceLane(QWidget* parent)
    : QFrame(parent), m_swatch(new DeviceSwatch(this)), m_name(new QLabel(this)), m_count(new QLabel(this)),
      m_description(mutedLabel(this)), m_where(mutedLabel(this)), m_message(new QLabel(this)),
      m_bar(new MemoryBar(this)), m_model(new app::LaneModel(this)), m_list(new LaneList(m_model, this))
{
    setProperty("role", QStringLiteral("card"));
    setAcceptDrops(true);
    setFixedWidth(kWidth);
    m_name->setProperty("role", QStringLiteral("title"));
    m_count->setProperty("role", QStringLiteral("muted"));
    m_message->setProperty("role", QStringLiteral("bad"));
    m_message->setWordWrap(true);
    m_message->hide();
    m_list->setItemDelegate(new LaneDelegate(m_list));
    m_where->setProperty("role", QStringLiteral("warning"));

    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(m_swatch);
    top->addWidget(m_name, 1);
    top->addWidget(m_count);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 12);
    layout->setSpacing(6);
    layout->addLayout(top);
    layout->addWidget(m_description);
    layout->addWidget(m_where);
    layout->addWidget(m_bar);
    layout->addWidget(m_message);
    layout->addWidget(m_list, 1);
}

QStringList DeviceLane::namesIn(const QMimeData* data)
{
    return QString::fromUtf8(data->data(app::LaneModel::dragType()))
        .split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

void DeviceLane::setObstacle(std::function<QString(int, const QStringList&, bool)> obstacle)
{
    m_obstacle = std::move(obstacle);
}

void DeviceLane::show(const std::shared_ptr<const app::PlacementBoard>& board, int lane)
{
    m_board = board;
    m_lane = lane;
    const app::BoardLane& about = board->lanes[lane];
    m_title = about.title;
    m_name->setText(fontMetrics().elidedText(about.title, Qt::ElideMiddle, kWidth - 100));
    m_name->setToolTip(about.title);
    m_swatch->show(lane);
    m_description->setText(about.description);
    m_description->setVisible(!about.description.isEmpty());
    // The name of a device is not to break behind its slash.
    constexpr QChar kWordJoiner(0x2060);
    m_where->setText(QString(about.where).replace(u'/', QString(u'/') + kWordJoiner));
    m_where->setVisible(!about.where.isEmpty());
    m_bar->show(about.bytes, about.limit);
    m_model->show(board, lane);
    m_list->setAccessibleName(tr("Variables on %1").arg(about.title));
    setAccessibleName(about.title);
    updateCount();
}

void DeviceLane::setFilter(const app::VariableFilter& filter, const app::LaneModel::LifeOf& life)
{
    m_model->setFilter(filter, life);
    updateCount();
}

void DeviceLane::updateCount()
{
    const qsizetype all = m_board ? m_board->lanes[m_lane].variables.size() : 0;
    const int shown = m_model->variableCount();
    m_count->setText(shown == all ? app::countText(all)
                                  : tr("%1 of %2").arg(app::countText(shown), app::countText(all)));
    m_count->setToolTip(app::countOf(all, tr("variable"), tr("variables")));
}

QVector<int> DeviceLane::selectedVariables() const
{
    return m_model->variablesOf(m_list->selectionModel()->selectedIndexes());
}

QStringList DeviceLane::namesOf(const QVector<int>& variables) const
{
    QStringList names;
    names.reserve(variables.size());
    for (const int at : variables)
        names += m_board->variables[at].name;
    return names;
}

QStringList DeviceLane::selectedNames() const
{
    return namesOf(selectedVariables());
}

QStringList DeviceLane::currentNames() const
{
    if (m_list->currentIndex().isValid())
        return namesOf(m_model->variablesOf({m_list->currentIndex()}));
    QModelIndexList all;
    for (int row = 0; row < m_model->rowCount(); ++row)
        all += m_model->index(row);
    return namesOf(m_model->variablesOf(all));
}

void DeviceLane::select(const QStringList& names)
{
    QSet<int> wanted;
    for (const int at : m_board->variablesAt(names))
        wanted.insert(at);
    QItemSelection selection;
    int first = -1;
    int begin = -1;
    const int rows = m_model->rowCount();
    for (int row = 0; row <= rows; ++row) {
        const bool isIn =
            row < rows && wanted.contains(m_model->index(row).data(app::LaneModel::VariableRole).toInt());
        if (isIn && begin < 0)
            begin = row;
        if (!isIn && begin >= 0) {
            selection.append(QItemSelectionRange(m_model->index(begin), m_model->index(row - 1)));
            first = first < 0 ? begin : first;
            begin = -1;
        }
    }
    if (first < 0)
        return;
    m_list->selectionModel()->setCurrentIndex(m_model->index(first), QItemSelectionModel::NoUpdate);
    m_list->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    m_list->scrollTo(m_model->index(first));
}

void DeviceLane::look(const QStringList& names, bool byRule)
{
    const QString obstacle = m_obstacle ? m_obstacle(m_lane, names, byRule) : QString();
    m_isTarget = true;
    m_bar->setFuture(obstacle.isEmpty() ? std::optional(m_board->after(m_lane, m_board->variablesAt(names)))
                                        : std::nullopt);
    m_message->setText(obstacle);
    m_message->setVisible(!obstacle.isEmpty());
    update();
}

void DeviceLane::lookAway()
{
    if (!m_isTarget)
        return;
    m_isTarget = false;
    m_hovering.clear();
    m_bar->setFuture(std::nullopt);
    m_message->clear();
    m_message->hide();
    QToolTip::hideText();
    update();
}

QString DeviceLane::message() const
{
    return m_message->text();
}

void DeviceLane::dragEnterEvent(QDragEnterEvent* event)
{
    if (!event->mimeData()->hasFormat(app::LaneModel::dragType()))
        return;
    m_hovering = namesIn(event->mimeData());
    event->acceptProposedAction();
    emit entered();
}

void DeviceLane::dragMoveEvent(QDragMoveEvent* event)
{
    if (m_hovering.isEmpty())
        m_hovering = namesIn(event->mimeData());
    look(m_hovering, event->modifiers().testFlag(Qt::AltModifier));
    if (message().isEmpty()) {
        QToolTip::hideText();
        event->acceptProposedAction();
    } else {
        QToolTip::showText(mapToGlobal(event->position().toPoint()) + QPoint(12, 12), message(), this);
        event->ignore();
    }
}

void DeviceLane::dragLeaveEvent(QDragLeaveEvent* /*event*/)
{
    lookAway();
}

void DeviceLane::dropEvent(QDropEvent* event)
{
    const QStringList names = namesIn(event->mimeData());
    const bool byRule = event->modifiers().testFlag(Qt::AltModifier);
    look(names, byRule);
    const bool isPossible = message().isEmpty();
    lookAway();
    if (!isPossible) {
        event->ignore();
        return;
    }
    event->acceptProposedAction();
    emit dropped(m_lane, names, byRule);
}

void DeviceLane::paintEvent(QPaintEvent* event)
{
    QFrame::paintEvent(event);
    if (!m_isTarget)
        return;
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool isBad = m_message->isVisible() || m_bar->isOver();
    painter.setPen(QPen(isBad ? colours.bad : colours.accent, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
}

} // namespace wr::ui
