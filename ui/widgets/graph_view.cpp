// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/graph_view.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace wr::ui {
namespace {

constexpr double kLargest = 4.0;
constexpr double kSmallest = 0.01;
constexpr double kMargin = 16.0;

std::size_t index(int i)
{
    return static_cast<std::size_t>(i);
}

} // namespace

GraphView::GraphView(QWidget* parent) : QWidget(parent), m_info(new QLabel(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(160, 120);
    setAccessibleName(tr("Graph of the model"));
    m_info->setObjectName(QStringLiteral("graphInfo"));
    m_info->setTextFormat(Qt::PlainText);
    m_info->setMargin(10);
    m_info->setWordWrap(true);
    m_info->setAutoFillBackground(true);
    m_info->setFrameShape(QFrame::StyledPanel);
    m_info->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_info->hide();
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void GraphView::setLife(LifeOf life)
{
    m_life = std::move(life);
    m_painter.setLife(m_life);
}

const app::GraphBox* GraphView::box(int number) const
{
    const bool isThere =
        m_picture.graph && number > 0 && number < static_cast<int>(m_picture.graph->boxes.size());
    return isThere ? &m_picture.graph->boxes[index(number)] : nullptr;
}

int GraphView::placeOf(int number) const
{
    return box(number) != nullptr && m_picture.layout
               ? m_picture.layout->visiblePlaceOf(*m_picture.graph, number)
               : -1;
}

QRectF GraphView::windowRectOf(int number) const
{
    const int place = placeOf(number);
    if (place < 0 || m_picture.layout->boxes[index(place)].box != number)
        return {};
    const QRectF& rect = m_picture.layout->boxes[index(place)].rect;
    return {toWindow(rect.topLeft()), rect.size() * m_scale};
}

void GraphView::setPicture(const app::GraphPicture& picture)
{
    endRename(false);
    // What stays in place: the group that was opened or closed, else the chosen box, else what is in the
    // middle.
    int kept = box(m_anchor) != nullptr ? m_anchor : m_current;
    if (placeOf(kept) < 0 || (kept != m_anchor && !QRectF(rect()).intersects(windowRectOf(kept))))
        kept = boxAt(rect().center());
    QString name;
    QPointF before;
    if (const int place = placeOf(kept); place >= 0) {
        before = toWindow(m_picture.layout->boxes[index(place)].rect.topLeft());
        name = box(m_picture.layout->boxes[index(place)].box)->name;
    }
    const bool isOther = picture.graph != m_picture.graph;
    const QString currentName = box(m_current) != nullptr ? box(m_current)->name : QString();
    m_picture = picture;
    m_anchor = -1;
    m_hovered = -1;
    m_painter.setPicture(picture, font());
    const auto find = [this](const QString& wanted) {
        if (!m_picture.graph || wanted.isEmpty())
            return -1;
        const std::vector<app::GraphBox>& boxes = m_picture.graph->boxes;
        const auto found = std::find_if(boxes.begin(), boxes.end(),
                                        [&](const app::GraphBox& other) { return other.name == wanted; });
        return found == boxes.end() ? -1 : static_cast<int>(found - boxes.begin());
    };
    if (isOther)
        m_current = find(currentName);
    const int place = placeOf(isOther ? find(name) : kept);
    if (!m_isFitted && place >= 0 && !name.isEmpty()) {
        m_origin = m_picture.layout->boxes[index(place)].rect.topLeft() - before / m_scale;
        keepInSight();
    } else if (m_isFitted || isOther) {
        fit();
    }
    tellWhatIsCurrent();
    update();
}

void GraphView::fit()
{
    m_isFitted = true;
    if (!m_picture.layout || m_picture.layout->bounds.isEmpty())
        return;
    const QRectF& bounds = m_picture.layout->bounds;
    const double wide = (width() - 2 * kMargin) / bounds.width();
    const double tall = (height() - 2 * kMargin) / bounds.height();
    m_scale = std::clamp(std::min(wide, tall), kSmallest, 1.0);
    m_origin = bounds.center() - QPointF(width(), height()) / (2 * m_scale);
    update();
}

void GraphView::zoomBy(double factor, const QPointF& at)
{
    endRename(false);
    const QPointF held = toGraph(at);
    m_scale = std::clamp(m_scale * factor, kSmallest, kLargest);
    m_origin = held - at / m_scale;
    m_isFitted = false;
    keepInSight();
    update();
}

/// What is in the middle of the window is never outside the graph.
void GraphView::keepInSight()
{
    m_isFitted = false;
    if (!m_picture.layout)
        return;
    const QRectF& bounds = m_picture.layout->bounds;
    const QPointF half = QPointF(width(), height()) / (2 * m_scale);
    const QPointF middle = m_origin + half;
    m_origin = QPointF(std::clamp(middle.x(), bounds.left(), bounds.right()),
                       std::clamp(middle.y(), bounds.top(), bounds.bottom())) -
               half;
}

void GraphView::bringIntoView(int place)
{
    const QRectF& rect = m_picture.layout->boxes[index(place)].rect;
    const QRectF seen(toGraph(QPointF(kMargin, kMargin)),
                      toGraph(QPointF(width() - kMargin, height() - kMargin)));
    if (seen.contains(rect))
        return;
    const auto shift = [](double low, double high, double from, double to) {
        return low < from || high - low > to - from ? low - from : std::max(0.0, high - to);
    };
    const bool isFrame = m_picture.layout->boxes[index(place)].isOpen && rect.intersects(seen);
    if (!isFrame)
        m_origin += QPointF(shift(rect.left(), rect.right(), seen.left(), seen.right()),
                            shift(rect.top(), rect.bottom(), seen.top(), seen.bottom()));
    m_isFitted = false;
    endRename(false);
}

void GraphView::centreOn(int number)
{
    const int place = placeOf(number);
    if (place < 0)
        return;
    m_scale = std::max(m_scale, 0.8);
    m_origin =
        m_picture.layout->boxes[index(place)].rect.center() - QPointF(width(), height()) / (2 * m_scale);
    m_isFitted = false;
    endRename(false);
    update();
}

void GraphView::setCurrent(int number, bool bring)
{
    m_current = box(number) != nullptr ? number : -1;
    if (const int place = placeOf(m_current); bring && place >= 0)
        bringIntoView(place);
    tellWhatIsCurrent();
    update();
}

void GraphView::choose(int place)
{
    if (place < 0 || !m_picture.layout)
        return;
    m_current = m_picture.layout->boxes[index(place)].box;
    bringIntoView(place);
    tellWhatIsCurrent();
    update();
    emit currentChanged(m_current);
}

void GraphView::tellWhatIsCurrent()
{
    const QString info =
        m_picture.graph && m_current > 0 ? graphInfo(*m_picture.graph, m_current, m_life) : QString();
    const QString words = info.isEmpty() ? tr("Nothing is selected. Arrow keys choose a box.")
                                         : QString(info).replace(u'\n', QStringLiteral("; "));
    if (words != accessibleDescription()) {
        setAccessibleDescription(words);
        QAccessibleEvent event(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&event);
    }
    m_info->setText(info);
    if (info.isEmpty())
        m_info->hide();
    placeInfo();
}

void GraphView::showInfo(bool show)
{
    m_info->setVisible(show && !m_info->text().isEmpty());
    placeInfo();
}

bool GraphView::isInfoShown() const
{
    return m_info->isVisibleTo(this);
}

void GraphView::placeInfo()
{
    if (m_info->text().isEmpty())
        return;
    const int room = std::max(120, width() - 24);
    const int wide = fontMetrics().size(0, m_info->text()).width() + 2 * m_info->margin() + 4;
    m_info->setFixedWidth(std::min(room, wide));
    m_info->setFixedHeight(m_info->heightForWidth(m_info->width()));
    m_info->move(12, height() - m_info->height() - 12);
}

int GraphView::placeAt(const QPointF& position) const
{
    if (!m_picture.layout)
        return -1;
    const QPointF point = toGraph(position);
    int found = -1;
    const std::vector<app::PlacedBox>& boxes = m_picture.layout->boxes;
    for (int place = 0; place < static_cast<int>(boxes.size());) {
        const app::PlacedBox& placed = boxes[index(place)];
        const bool isHit = placed.rect.contains(point);
        if (isHit)
            found = place;
        place = isHit ? place + 1 : placed.next;
    }
    return found;
}

int GraphView::boxAt(const QPointF& position) const
{
    const int place = placeAt(position);
    return place < 0 ? -1 : m_picture.layout->boxes[index(place)].box;
}

void GraphView::activate(int place)
{
    if (place < 0)
        return;
    const int number = m_picture.layout->boxes[index(place)].box;
    if (box(number)->isGroup()) {
        m_anchor = number;
        m_isFitted = false;
        emit toggled(number);
    } else {
        emit jumpRequested(number);
    }
}

bool GraphView::beginRename()
{
    const app::GraphBox* const what = box(m_current);
    const QRectF rect = windowRectOf(m_current);
    if (what == nullptr || what->kind != app::GraphBox::Kind::Variable || rect.isEmpty())
        return false;
    endRename(false);
    m_rename = new QLineEdit(what->name, this);
    m_rename->setAccessibleName(tr("New name of %1").arg(what->name));
    const int wide =
        std::max({static_cast<int>(rect.width()), 160, fontMetrics().horizontalAdvance(what->name) + 40});
    const int x = std::clamp(static_cast<int>(rect.left()), 0, std::max(0, width() - wide));
    const int y = std::clamp(static_cast<int>(rect.center().y()) - 14, 0, std::max(0, height() - 28));
    m_rename->setGeometry(x, y, std::min(wide, width()), 28);
    m_rename->selectAll();
    m_rename->show();
    m_rename->setFocus();
    m_rename->installEventFilter(this);
    connect(m_rename, &QLineEdit::editingFinished, this, [this] { endRename(true); });
    return true;
}

void GraphView::endRename(bool isKept)
{
    if (m_rename.isNull())
        return;
    QLineEdit* const edit = m_rename;
    m_rename.clear();
    edit->disconnect(this);
    if (edit->hasFocus())
        setFocus();
    edit->hide();
    edit->deleteLater();
    const QString before = box(m_current) != nullptr ? box(m_current)->name : QString();
    if (isKept && !before.isEmpty() && edit->text() != before)
        emit renamed(before, edit->text());
}

void GraphView::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    painter.fillRect(rect(), colours.base);
    painter.setPen(hasFocus() ? colours.accent : colours.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.setClipRect(rect().adjusted(1, 1, -1, -1));
    painter.scale(m_scale, m_scale);
    painter.translate(-m_origin);
    const QRectF visible(m_origin, QSizeF(size()) / m_scale);
    m_painter.paint(&painter, visible, m_scale, placeOf(m_current), m_hovered, hasFocus());
}

void GraphView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    endRename(false);
    if (m_isFitted)
        fit();
    placeInfo();
}

void GraphView::contextMenuEvent(QContextMenuEvent* event)
{
    QPoint at = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) {
        const QRectF rect = windowRectOf(m_current);
        at = mapToGlobal(rect.isEmpty() ? this->rect().center() : rect.center().toPoint());
    } else if (const int place = placeAt(event->pos()); place >= 0) {
        choose(place);
    }
    emit menuRequested(m_current, at);
}

bool GraphView::event(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        m_painter.setPicture(m_picture, font());
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int number = boxAt(help->pos());
    if (number > 0)
        QToolTip::showText(help->globalPos(), graphInfo(*m_picture.graph, number, m_life), this);
    else
        QToolTip::hideText();
    return true;
}

bool GraphView::eventFilter(QObject* watched, QEvent* event)
{
    const int key = event->type() == QEvent::KeyPress ? static_cast<QKeyEvent*>(event)->key() : 0;
    const bool isKept = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (watched != m_rename || (!isKept && key != Qt::Key_Escape))
        return QWidget::eventFilter(watched, event);
    endRename(isKept); // here, since the view takes these keys for itself
    return true;
}

} // namespace wr::ui
