// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/weight_panel.h"

#include "app/document/quantity.h"
#include "ui/widgets/histogram_trail.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

namespace wr::ui {
namespace {

constexpr qsizetype kMostProbes = 128;

QTableWidgetItem* numberCell(const QString& text, const QString& tip = {})
{
    auto* cell = new QTableWidgetItem(text);
    cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    cell->setToolTip(tip);
    return cell;
}

} // namespace

WeightPanel::WeightPanel(QWidget* parent)
    : QWidget(parent), m_table(new QTableWidget(this)), m_trail(new HistogramTrail(this)),
      m_units(new QLabel(this))
{
    m_table->setColumnCount(5);
    m_table->setHorizontalHeaderLabels(
        {tr("Variable"), tr("Mean"), tr("Deviation"), tr("Zeros"), tr("Update")});
    m_table->horizontalHeaderItem(4)->setToolTip(
        tr("How much one step changes the variable: norm of the change over norm of the values. About "
           "0.001 is usual; far above it the rate may be too high, far below too low."));
    m_table->setAccessibleName(tr("Trainable variables"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_units->setWordWrap(true);
    m_units->setProperty("role", QStringLiteral("muted"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_trail, 1);
    layout->addWidget(m_units);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &WeightPanel::showSelected);
}

void WeightPanel::forget()
{
    m_trails.clear();
    m_table->setRowCount(0);
    m_units->clear();
    showSelected();
}

void WeightPanel::show(const app::WeightReportPtr& report)
{
    if (!report)
        return;
    m_table->setRowCount(static_cast<int>(report->variables.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const app::WeightProbe& probe = report->variables[row];
        m_table->setItem(row, 0, new QTableWidgetItem(probe.name));
        m_table->item(row, 0)->setToolTip(tr("%1: %2 values from %3 to %4")
                                              .arg(probe.name, app::countText(probe.elements),
                                                   app::valueText(probe.least),
                                                   app::valueText(probe.greatest)));
        m_table->setItem(row, 1, numberCell(QString::number(probe.mean, 'g', 3)));
        m_table->setItem(row, 2, numberCell(QString::number(probe.deviation, 'g', 3)));
        m_table->setItem(row, 3, numberCell(QStringLiteral("%1 %").arg(probe.zeros * 100.0, 0, 'f', 0)));
        m_table->setItem(row, 4,
                         numberCell(std::isnan(probe.updateRatio)
                                        ? QStringLiteral("–")
                                        : QString::number(probe.updateRatio, 'g', 2)));
        Trail& trail = m_trails[probe.name];
        // A run that went back begins anew from there.
        while (!trail.steps.isEmpty() && trail.steps.last() >= report->step) {
            trail.steps.removeLast();
            trail.probes.removeLast();
        }
        trail.steps.append(report->step);
        trail.probes.append(probe);
        if (trail.steps.size() > kMostProbes) {
            for (qsizetype i = 1; i < trail.steps.size() - 1; ++i) {
                trail.steps.removeAt(i);
                trail.probes.removeAt(i);
            }
        }
    }
    for (int column = 1; column < m_table->columnCount(); ++column)
        m_table->resizeColumnToContents(column);
    if (m_table->currentRow() < 0 && m_table->rowCount() > 0)
        m_table->selectRow(0);
    QStringList units;
    for (const app::WeightReport::Units& own : report->activations)
        units += tr("%1: %2 of %3").arg(own.name, app::countText(own.dead), app::countText(own.units));
    m_units->setVisible(!units.isEmpty());
    m_units->setText(tr("Units that are zero for all of %1 training examples – %2")
                         .arg(app::countText(report->examples), units.join(QStringLiteral("; "))));
    showSelected();
}

void WeightPanel::showSelected()
{
    const QTableWidgetItem* const item = m_table->item(m_table->currentRow(), 0);
    const Trail trail = item != nullptr ? m_trails.value(item->text()) : Trail();
    m_trail->show(trail.probes, trail.steps);
}

} // namespace wr::ui
