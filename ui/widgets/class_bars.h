// SPDX-License-Identifier: GPL-3.0-or-later
// How many examples of each class a data set holds, as bars. Own painting; UI thread.
#pragma once

#include "app/run/run_probes.h"

#include <QWidget>

namespace wr::ui {

class ClassBars : public QWidget {
    Q_OBJECT
public:
    explicit ClassBars(QWidget* parent = nullptr);
    void show(const app::DataReportPtr& report);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    int rowAt(int y) const;

    app::DataReportPtr m_report;
};

} // namespace wr::ui
