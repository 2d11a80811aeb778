// SPDX-License-Identifier: GPL-3.0-or-later
// What a model of two features answers over the plane, or one of a single feature over the line, with the
// examples on it. Own painting; UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QImage>
#include <QWidget>

namespace wr::ui {

class SurfaceView : public QWidget {
    Q_OBJECT
public:
    explicit SurfaceView(QWidget* parent = nullptr);
    void show(const app::SurfaceReportPtr& report); ///< null: nothing to show
    bool hasSurface() const { return m_report != nullptr; }
    QSize sizeHint() const override { return {320, 320}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void redraw();
    QRectF area() const;

    app::SurfaceReportPtr m_report;
    QImage m_image;
};

} // namespace wr::ui
