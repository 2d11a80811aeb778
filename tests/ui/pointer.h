// SPDX-License-Identifier: GPL-3.0-or-later
// Clicks and drags on cells of tables, as a person makes them. For tests.
#pragma once

#include <QApplication>
#include <QDragEnterEvent>
#include <QDragLeaveEvent>
#include <QDropEvent>
#include <QItemSelectionModel>
#include <QMimeData>
#include <QTableView>
#include <QTest>
#include <memory>

namespace wr::ui {

inline QPoint cellCentre(const QTableView* view, int row, int column)
{
    return view->visualRect(view->model()->index(row, column)).center();
}

inline void clickCell(QTableView* view, int row, int column, Qt::KeyboardModifiers modifiers = {})
{
    QTest::mouseClick(view->viewport(), Qt::LeftButton, modifiers, cellCentre(view, row, column));
}

/// Takes a row and drops it on a row of another table; whether it was taken there. The offscreen platform has
/// no drags of its own, so what a drag would send is sent.
inline bool dragRow(QTableView* from, int fromRow, QTableView* to, int toRow)
{
    clickCell(from, fromRow, 0);
    const std::unique_ptr<QMimeData> data(from->model()->mimeData(from->selectionModel()->selectedRows()));
    const QPoint at = cellCentre(to, toRow, 1);
    const Qt::DropActions actions = from->model()->supportedDragActions();
    QDragEnterEvent enter(at, actions, data.get(), Qt::LeftButton, {});
    QApplication::sendEvent(to->viewport(), &enter);
    QDragMoveEvent move(at, actions, data.get(), Qt::LeftButton, {});
    QApplication::sendEvent(to->viewport(), &move);
    if (!enter.isAccepted() || !move.isAccepted()) {
        QDragLeaveEvent leave;
        QApplication::sendEvent(to->viewport(), &leave);
        return false;
    }
    QDropEvent drop(at, actions, data.get(), Qt::LeftButton, {});
    QApplication::sendEvent(to->viewport(), &drop);
    return drop.isAccepted();
}

} // namespace wr::ui
