// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/graph_legend.h"

#include "ui/theme/theme.h"
#include "ui/widgets/device_look.h"

#include <QPainter>

namespace wr::ui {
namespace {
constexpr int kSwatch = DeviceSwatch::kSize;
constexpr int kGap = 6;
constexpr int kBetween = 16;
} // namespace

GraphLegend::GraphLegend(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void GraphLegend::setDevices(const QStringList& devices, const QVector<int>& lanes)
{
    m_lanes = lanes;
    m_devices = devices;
    setAccessibleName(tr("Devices: %1").arg(devices.join(QStringLiteral(", "))));
    setToolTip(devices.join(u'\n'));
    setVisible(!devices.isEmpty());
    updateGeometry();
    update();
}

QSize GraphLegend::sizeHint() const
{
    int width = 0;
    for (const QString& device : m_devices)
        width += kSwatch + kGap + fontMetrics().horizontalAdvance(device) + kBetween;
    return {width, fontMetrics().height() + 4};
}

QSize GraphLegend::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void GraphLegend::paintEvent(QPaintEvent* /*event*/)
{
    const Colours& colours = Theme::instance().colours();
    QPainter painter(this);
    int x = 0;
    for (int device = 0; device < m_devices.size(); ++device) {
        const QRect swatch(x, (height() - kSwatch) / 2, kSwatch, kSwatch);
        paintDevice(&painter, swatch, m_lanes[device]);
        x += kSwatch + kGap;
        const int room = width() - x;
        const QString text = fontMetrics().elidedText(m_devices[device], Qt::ElideMiddle, room);
        painter.setPen(colours.text);
        painter.drawText(QRect(x, 0, room, height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += fontMetrics().horizontalAdvance(text) + kBetween;
        if (x >= width())
            break;
    }
}

} // namespace wr::ui
