// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/timing_panel.h"

#include "app/document/quantity.h"
#include "app/run/process_usage.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

QString microseconds(double seconds)
{
    return QStringLiteral("%1 µs").arg(seconds * 1e6, 0, 'f', seconds < 1e-5 ? 1 : 0);
}

} // namespace

TimingPanel::TimingPanel(QWidget* parent)
    : QWidget(parent), m_machine(new QLabel(this)), m_step(new QLabel(this)), m_shares(new QTableWidget(this))
{
    m_machine->setWordWrap(true);
    m_step->setWordWrap(true);
    m_step->setText(tr("The time of each kind of op appears here while a training runs."));
    m_shares->setColumnCount(4);
    m_shares->setHorizontalHeaderLabels({tr("Op"), tr("Nodes"), tr("A step"), tr("Share")});
    m_shares->setAccessibleName(tr("Time of a step by op"));
    m_shares->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_shares->verticalHeader()->hide();
    m_shares->setShowGrid(false);
    m_shares->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_machine);
    layout->addWidget(m_step);
    layout->addWidget(m_shares, 1);
    constexpr int kMilliseconds = 1000;
    m_timer.setInterval(kMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &TimingPanel::showMachine);
}

void TimingPanel::showEvent(QShowEvent* event)
{
    m_clock.start();
    m_processSeconds = app::processUsage().processorSeconds;
    m_timer.start();
    showMachine();
    QWidget::showEvent(event);
}

void TimingPanel::hideEvent(QHideEvent* event)
{
    m_timer.stop();
    QWidget::hideEvent(event);
}

void TimingPanel::showMachine()
{
    const app::ProcessUsage usage = app::processUsage();
    const double elapsed = static_cast<double>(m_clock.nsecsElapsed()) * 1e-9;
    QString processors = tr("%1 processors").arg(usage.processors);
    if (elapsed > 0.1) {
        processors = tr("%1 of %2 processors")
                         .arg((usage.processorSeconds - m_processSeconds) / elapsed, 0, 'f', 2)
                         .arg(usage.processors);
        m_processSeconds = usage.processorSeconds;
        m_clock.restart();
    }
    QString text = tr("Weightroom uses %1 and %2 of %3 memory.")
                       .arg(processors, app::byteText(static_cast<qint64>(usage.residentBytes)),
                            app::byteText(static_cast<qint64>(usage.machineBytes)));
    if (m_trainBytes > 0)
        text += u' ' + tr("The training needs %1: variables, activations and data.")
                           .arg(app::byteText(static_cast<qint64>(m_trainBytes)));
    m_machine->setText(text);
}

void TimingPanel::show(const app::TimingReportPtr& report)
{
    if (!report)
        return;
    m_trainBytes = report->trainBytes;
    if (report->steps == 0)
        return;
    double total = 0.0;
    for (const app::TimingReport::Share& share : report->shares)
        total += share.seconds;
    m_step->setText(tr("A step takes %1, %2 of it in kernels; the mean of %3.")
                        .arg(microseconds(report->secondsPerStep), microseconds(total),
                             app::countOf(report->steps, tr("step"), tr("steps"))));
    int row = 0;
    m_shares->setRowCount(static_cast<int>(report->shares.size()));
    for (const app::TimingReport::Share& share : report->shares) {
        const double part = total > 0.0 ? share.seconds / total : 0.0;
        m_shares->setItem(row, 0, new QTableWidgetItem(share.op));
        for (const auto& [column, text] :
             {std::pair{1, QString::number(share.nodes)}, std::pair{2, microseconds(share.seconds)},
              std::pair{3, QStringLiteral("%1 %").arg(part * 100.0, 0, 'f', 1)}}) {
            auto* cell = new QTableWidgetItem(text);
            cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_shares->setItem(row, column, cell);
        }
        ++row;
    }
    for (int column = 1; column < m_shares->columnCount(); ++column)
        m_shares->resizeColumnToContents(column);
}

} // namespace wr::ui
