// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/row_filter.h"

namespace wr::ui {

void RowFilter::setText(const QString& text)
{
    m_text = text.trimmed();
    invalidateFilter();
}

void RowFilter::setHides(std::function<bool(const QModelIndex&)> hides)
{
    m_hides = std::move(hides);
    invalidateFilter();
}

bool RowFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QAbstractItemModel* model = sourceModel();
    if (m_hides && m_hides(model->index(row, 0, parent)))
        return false;
    if (m_text.isEmpty())
        return true;
    for (int column = 0; column < model->columnCount(parent); ++column) {
        const QString cell = model->index(row, column, parent).data().toString();
        if (cell.contains(m_text, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

} // namespace wr::ui
