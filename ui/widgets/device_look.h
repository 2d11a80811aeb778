// SPDX-License-Identifier: GPL-3.0-or-later
// How devices look: a colour and a pattern for each number in the order of the lanes (app::LaneOrder), in the
// lanes, in the graph and in its legend alike. UI thread.
#pragma once

#include <QBrush>
#include <QWidget>

class QPainter;

namespace wr::ui {

constexpr int kAnyDevice = 0; ///< Auto: nobody asked for one
constexpr int kSeveralDevices = -1;

QColor deviceColour(int lane);
QBrush deviceBrush(int lane);
/// A box filled with it, with a frame around.
void paintDevice(QPainter* painter, const QRectF& box, int lane);

/// The box alone.
class DeviceSwatch : public QWidget {
    Q_OBJECT
public:
    explicit DeviceSwatch(QWidget* parent = nullptr);
    void show(int lane);
    int lane() const { return m_lane; }
    QSize sizeHint() const override { return {kSize, kSize}; }
    static constexpr int kSize = 14;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int m_lane = kAnyDevice;
};

} // namespace wr::ui
