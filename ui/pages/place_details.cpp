// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/place_details.h"

#include "app/document/quantity.h"
#include "app/models/board_table_model.h"
#include "app/models/server_loads.h"
#include "ui/widgets/server_chart.h"
#include "ui/widgets/table_setup.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {

using app::BoardTableModel;
using app::ServerStrategy;

PlaceDetails::PlaceDetails(QWidget* parent)
    : QTabWidget(parent), m_remove(new QPushButton(tr("Remove rule"), this)), m_tasks(new QSpinBox(this)),
      m_chart(new ServerChart(this))
{
    setDocumentMode(true);
    addTab(makeSheet(Copies, tr("Copies per step"), {}, {280, 180, 180, 96}), tr("Copies per step"));
    addTab(makeSheet(Notices, tr("Ignored directives"),
                     tr("Everything that the script asks for is done as it says."), {56, 320, 420}),
           tr("Ignored directives"));
    QWidget* rules = makeSheet(Rules, tr("Rules"),
                               tr("No rules. Hold Alt while dropping to place by name instead of pinning."),
                               {260, 200, 88, 64});
    m_remove->setToolTip(tr("Take the selected rule out of the script (Del)"));
    m_remove->setEnabled(false);
    rules->layout()->addWidget(m_remove);
    addTab(rules, tr("Rules"));

    auto* servers = new QWidget(this);
    auto* label = new QLabel(tr("Parameter servers"), servers);
    label->setBuddy(m_tasks);
    m_tasks->setRange(1, 64);
    m_tasks->setValue(2);
    m_tasks->setAccessibleName(tr("Number of parameter servers"));
    auto* left = new QVBoxLayout;
    left->addWidget(label);
    left->addWidget(m_tasks);
    left->addStretch();
    auto* row = new QHBoxLayout(servers);
    row->setContentsMargins(4, 8, 4, 0);
    row->setSpacing(20);
    row->addLayout(left);
    row->addWidget(m_chart, 1);
    addTab(servers, tr("Parameter servers"));

    connect(m_remove, &QPushButton::clicked, this, &PlaceDetails::removeRule);
    auto* removeKey = new QShortcut(QKeySequence::Delete, m_sheets[Rules].table);
    removeKey->setContext(Qt::WidgetShortcut);
    connect(removeKey, &QShortcut::activated, this, &PlaceDetails::removeRule);
    connect(m_sheets[Rules].table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            [this] { m_remove->setEnabled(m_sheets[Rules].table->selectionModel()->hasSelection()); });
    connect(this, &QTabWidget::currentChanged, this, &PlaceDetails::showServers);
    connect(m_tasks, &QSpinBox::valueChanged, this, [this] {
        m_isTasksChosen = true;
        showServers();
    });
}

QWidget* PlaceDetails::makeSheet(Tab tab, const QString& name, const QString& empty,
                                 const QVector<int>& widths)
{
    const auto kind = tab == Copies
                          ? BoardTableModel::Kind::Copies
                          : (tab == Notices ? BoardTableModel::Kind::Notices : BoardTableModel::Kind::Rules);
    Sheet& sheet = m_sheets[tab];
    auto* page = new QWidget(this);
    sheet.model = new BoardTableModel(kind, this);
    sheet.table = new QTableView(page);
    sheet.table->setModel(sheet.model);
    sheet.table->setAccessibleName(name);
    setUpTable(sheet.table, widths);
    sheet.empty = new QLabel(empty, page);
    sheet.empty->setProperty("role", QStringLiteral("muted"));
    sheet.empty->setAlignment(Qt::AlignCenter);
    sheet.empty->setWordWrap(true);
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(sheet.table, 1);
    layout->addWidget(sheet.empty, 1);
    const auto jump = [this, table = sheet.table](const QModelIndex& index) {
        const int begin = index.data(BoardTableModel::BeginRole).toInt();
        if (begin >= 0)
            emit textRequested(begin, index.data(BoardTableModel::EndRole).toInt());
    };
    connect(sheet.table, &QTableView::doubleClicked, this, jump);
    connect(sheet.table, &QTableView::activated, this, jump);
    return page;
}

QTableView* PlaceDetails::table(Tab tab) const
{
    return tab == Servers ? nullptr : m_sheets[tab].table;
}

void PlaceDetails::show(const std::shared_ptr<const app::PlacementBoard>& board)
{
    m_board = board;
    for (Sheet& sheet : m_sheets) {
        sheet.model->show(board);
        const bool isEmpty = sheet.model->rowCount() == 0;
        sheet.table->setVisible(!isEmpty);
        sheet.empty->setVisible(isEmpty);
    }
    m_remove->setVisible(!board->rules.isEmpty());
    m_remove->setEnabled(false);
    const auto titled = [](const QString& name, qsizetype count) {
        return count == 0 ? name : QStringLiteral("%1 (%2)").arg(name, app::countText(count));
    };
    const QString bytes = app::byteText(board->copiedBytes());
    m_sheets[Copies].empty->setText(board->stepProblem.isEmpty()
                                        ? tr("No value is copied between devices in a training step.")
                                        : board->stepProblem);
    setTabText(Copies, board->copies.isEmpty()
                           ? tr("Copies per step")
                           : tr("Copies per step (%1, %2)").arg(app::countText(board->copies.size()), bytes));
    setTabToolTip(Copies, board->copies.isEmpty() ? m_sheets[Copies].empty->text()
                                                  : tr("%1 are copied in each step").arg(bytes));
    setTabText(Notices, titled(tr("Ignored directives"), board->notices.size()));
    setTabText(Rules, titled(tr("Rules"), board->rules.size()));
    if (const int count = app::serverCount(*board); !m_isTasksChosen && count > 0) {
        const QSignalBlocker quiet(m_tasks);
        m_tasks->setValue(count);
    }
    showServers();
}

void PlaceDetails::showServers()
{
    if (!m_board || currentIndex() != Servers)
        return; // a hash for each name: only for those who look
    QVector<ServerChart::Group> groups;
    const std::pair<QString, ServerStrategy> strategies[] = {
        {tr("Round robin"), ServerStrategy::RoundRobin},
        {tr("Greedy by bytes"), ServerStrategy::GreedyByBytes},
        {tr("Random"), ServerStrategy::Random}};
    for (const auto& [name, strategy] : strategies) {
        const QVector<qint64> loads = app::serverLoads(*m_board, m_tasks->value(), strategy);
        const double percent = 100.0 * app::imbalance(loads);
        const QString note = percent < 1.0
                                 ? tr("even")
                                 : tr("the fullest has %1 % more than an even share").arg(percent, 0, 'f', 0);
        groups.append({name, note, loads});
    }
    m_chart->show(groups);
}

void PlaceDetails::removeRule()
{
    const QModelIndexList rows = m_sheets[Rules].table->selectionModel()->selectedRows();
    if (!rows.isEmpty())
        emit removalRequested(rows.first().row());
}

} // namespace wr::ui
