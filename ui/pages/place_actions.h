// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done in Place mode, for the main menu, the lanes' menu and the buttons. The keys stand in the
// texts only: single letters belong to the lists, which hear them themselves. Owned by the page; UI thread.
#pragma once

#include <QAction>
#include <QList>

namespace wr::ui {

struct PlaceActions {
    explicit PlaceActions(QObject* owner);
    QList<QAction*> all() const { return {mark, placeMarked, unpin, rule, newLane}; }

    QAction* mark;
    QAction* placeMarked;
    QAction* unpin;
    QAction* rule;
    QAction* newLane;
};

} // namespace wr::ui
