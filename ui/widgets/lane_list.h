// SPDX-License-Identifier: GPL-3.0-or-later
// The list of a lane: drags carry the names of all selected variables, a scope's header its whole scope.
// UI thread.
#pragma once

#include <QListView>

namespace wr::app {
class LaneModel;
}

namespace wr::ui {

class LaneList : public QListView {
    Q_OBJECT
public:
    LaneList(app::LaneModel* model, QWidget* parent);

    /// "12 variables, 4.2 MB" as the picture under the pointer.
    static QPixmap dragPicture(const QString& text, const QWidget* widget);

protected:
    void startDrag(Qt::DropActions actions) override;
    void paintEvent(QPaintEvent* event) override;

private:
    app::LaneModel* m_model;
};

} // namespace wr::ui
