// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of a graph with their colour and pattern. UI thread.
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

namespace wr::ui {

class GraphLegend : public QWidget {
    Q_OBJECT
public:
    explicit GraphLegend(QWidget* parent = nullptr);
    /// `lanes`: their numbers, for the look of each.
    void setDevices(const QStringList& devices, const QVector<int>& lanes);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList m_devices;
    QVector<int> m_lanes;
};

} // namespace wr::ui
