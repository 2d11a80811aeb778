// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of a graph with their colour and pattern. UI thread.
#pragma once

#include <QStringList>
#include <QWidget>

namespace wr::ui {

class GraphLegend : public QWidget {
    Q_OBJECT
public:
    explicit GraphLegend(QWidget* parent = nullptr);
    void setDevices(const QStringList& devices);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList m_devices;
};

} // namespace wr::ui
