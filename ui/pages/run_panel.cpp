// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_panel.h"

#include "app/models/run_list.h"
#include "ui/theme/theme.h"
#include "ui/widgets/table_setup.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

/// The colour of the run's curves in front of its name.
class RunDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const auto& inks = Theme::instance().colours().categories;
        const auto colour = static_cast<std::size_t>(index.data(app::RunList::ColourRole).toInt());
        QPixmap dot(20, 20);
        dot.setDevicePixelRatio(2.0);
        dot.fill(Qt::transparent);
        QPainter painter(&dot);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(inks[colour % inks.size()]);
        painter.drawEllipse(QRectF(1, 1, 8, 8));
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->icon = QIcon(dot);
        option->decorationSize = QSize(10, 10);
    }
};

} // namespace

RunPanel::RunPanel(app::RunList* runs, QWidget* parent)
    : QWidget(parent), m_runs(runs), m_table(new QTableView(this)), m_heading(new QLabel(this)),
      m_comparison(new QTableWidget(this)), m_remove(new QPushButton(tr("Remove"), this))
{
    m_table->setModel(runs);
    m_table->setObjectName(QStringLiteral("runs"));
    m_table->setAccessibleName(tr("Runs"));
    setUpTable(m_table, {112, 58, 64, 64, 70, 60});
    m_table->setItemDelegateForColumn(app::RunList::NameColumn, new RunDelegate(m_table));
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_heading->setWordWrap(true);
    m_heading->setProperty("role", QStringLiteral("muted"));
    m_comparison->setAccessibleName(tr("Comparison of runs"));
    m_comparison->verticalHeader()->hide();
    m_comparison->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_comparison->setSelectionMode(QAbstractItemView::NoSelection);
    m_comparison->setShowGrid(false);
    m_comparison->setWordWrap(true);
    m_remove->setToolTip(tr("Forget the selected runs and their curves (Delete)"));
    m_remove->setShortcut(QKeySequence());

    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_heading, 1);
    buttons->addWidget(m_remove, 0, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_table, 1);
    layout->addLayout(buttons);
    layout->addWidget(m_comparison, 1);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunPanel::compare);
    connect(runs, &QAbstractItemModel::rowsInserted, this, &RunPanel::compare);
    connect(runs, &QAbstractItemModel::rowsRemoved, this, &RunPanel::compare);
    connect(m_remove, &QPushButton::clicked, this, [this] { m_runs->remove(selectedRows()); });
    auto* remove = new QAction(this);
    remove->setShortcut(QKeySequence::Delete);
    remove->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(remove);
    connect(remove, &QAction::triggered, m_remove, &QPushButton::click);
    compare();
}

QList<int> RunPanel::selectedRows() const
{
    QList<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows += index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void RunPanel::choose(int id)
{
    m_table->clearSelection();
    for (int row = 0; id != 0 && row < m_runs->rowCount(); ++row) {
        if (m_runs->index(row, 0).data(app::RunList::IdRole).toInt() == id)
            m_table->selectRow(row);
    }
}

void RunPanel::compare()
{
    const QList<int> rows = selectedRows();
    m_remove->setEnabled(std::any_of(rows.begin(), rows.end(), [](int row) { return row > 0; }));
    const QVector<app::RunList::Difference> differences =
        rows.isEmpty() ? QVector<app::RunList::Difference>() : m_runs->compare(rows);
    m_heading->setText(m_runs->rowCount() == 1
                           ? tr("Each Init begins a run; the runs before it stay here with their curves.")
                       : rows.size() < 2       ? tr("Select several runs to see only what differs.")
                       : differences.isEmpty() ? tr("These runs are alike in all that is set.")
                                               : tr("Only what differs:"));
    m_comparison->setVisible(!rows.isEmpty());
    m_comparison->clear();
    m_comparison->setRowCount(static_cast<int>(differences.size()));
    m_comparison->setColumnCount(static_cast<int>(rows.size()) + 1);
    QStringList heads{QString()};
    for (const int row : rows)
        heads += m_runs->index(row, 0).data(Qt::EditRole).toString();
    m_comparison->setHorizontalHeaderLabels(heads);
    for (int i = 0; i < static_cast<int>(differences.size()); ++i) {
        m_comparison->setItem(i, 0, new QTableWidgetItem(differences[i].name));
        for (int k = 0; k < static_cast<int>(rows.size()); ++k) {
            auto* cell = new QTableWidgetItem(differences[i].values[k]);
            cell->setToolTip(differences[i].values[k]);
            m_comparison->setItem(i, k + 1, cell);
        }
    }
    m_comparison->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_comparison->resizeRowsToContents();
}

} // namespace wr::ui
