// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the rows that contain a text in any column, and none of those that a predicate hides. For tables of
// some thousand rows. UI thread.
#pragma once

#include <QSortFilterProxyModel>
#include <functional>

namespace wr::ui {

class RowFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setText(const QString& text);
    /// Given the row's first index in the source model.
    void setHides(std::function<bool(const QModelIndex&)> hides);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QString m_text;
    std::function<bool(const QModelIndex&)> m_hides;
};

} // namespace wr::ui
