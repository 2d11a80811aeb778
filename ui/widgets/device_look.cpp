// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/device_look.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace wr::ui {

QColor deviceColour(int lane)
{
    const Colours& colours = Theme::instance().colours();
    if (lane == kAnyDevice)
        return colours.line;
    if (lane < 0)
        return colours.muted;
    return colours.categories[static_cast<std::size_t>(lane - 1) % colours.categories.size()];
}

QBrush deviceBrush(int lane)
{
    // As many patterns as have no factor in common with the colours: 42 devices differ.
    constexpr Qt::BrushStyle kPatterns[] = {Qt::SolidPattern, Qt::BDiagPattern, Qt::HorPattern,
                                            Qt::FDiagPattern, Qt::CrossPattern, Qt::VerPattern,
                                            Qt::Dense4Pattern};
    if (lane <= 0)
        return QBrush(deviceColour(lane), lane < 0 ? Qt::DiagCrossPattern : Qt::SolidPattern);
    return QBrush(deviceColour(lane), kPatterns[static_cast<std::size_t>(lane - 1) % std::size(kPatterns)]);
}

void paintDevice(QPainter* painter, const QRectF& box, int lane)
{
    const Colours& colours = Theme::instance().colours();
    painter->fillRect(box, colours.base);
    painter->fillRect(box, deviceBrush(lane));
    painter->setPen(colours.muted);
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(box.adjusted(0, 0, -1, -1));
}

DeviceSwatch::DeviceSwatch(QWidget* parent) : QWidget(parent)
{
    setFixedSize(sizeHint());
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DeviceSwatch::show(int lane)
{
    m_lane = lane;
    setToolTip(lane == kAnyDevice ? tr("No device was asked for")
                                  : tr("The graph shows this device in the same colour and pattern"));
    update();
}

void DeviceSwatch::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    paintDevice(&painter, QRectF(rect()), m_lane);
}

} // namespace wr::ui
