// SPDX-License-Identifier: GPL-3.0-or-later
// The strip between two tables that draws a line for each visible pair. Own painting; UI thread.
#pragma once

#include <QVector>
#include <QWidget>
#include <functional>

class QTableView;

namespace wr::ui {

class LinkStrip : public QWidget {
    Q_OBJECT
public:
    struct Link {
        int left = 0; ///< rows of the two views
        int right = 0;
    };
    /// `links` is asked at every painting.
    LinkStrip(QTableView* left, QTableView* right, std::function<QVector<Link>()> links,
              QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QTableView* m_left;
    QTableView* m_right;
    std::function<QVector<Link>()> m_links;
};

} // namespace wr::ui
