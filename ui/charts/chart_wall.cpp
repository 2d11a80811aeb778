// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_wall.h"

#include "app/models/run_list.h"
#include "app/run/run_words.h"
#include "ui/charts/curve_chart.h"

#include <QFrame>
#include <QGridLayout>
#include <QMenu>
#include <QSettings>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

using Series = app::MetricHistory::Series;

constexpr int kWide = 760; // pixels from which two charts fit beside each other

QString settingOf(const QString& key)
{
    return QStringLiteral("train/charts/") + key;
}

} // namespace

ChartWall::ChartWall(app::MetricHistory* history, app::RunList* runs, QWidget* parent)
    : QWidget(parent), m_history(history), m_runs(runs), m_grid(new QGridLayout(this)),
      m_menu(new QMenu(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(8);
    addChart(
        QStringLiteral("loss"), tr("Loss"),
        {{Series::Loss, tr("training"), 0, true, false}, {Series::TestLoss, tr("test"), 1, false, false}},
        true, true);
    addChart(QStringLiteral("rate"), tr("Learning rate"),
             {{Series::LearningRate, tr("rate"), 2, false, false}}, false, false);
    addChart(QStringLiteral("gradient"), tr("Gradient norm"),
             {{Series::GradientNorm, tr("all variables"), 3, true, false}}, false, true);
    connect(history, &app::MetricHistory::metricsChanged, this, &ChartWall::rebuildMetrics);
    connect(runs, &app::RunList::shownChanged, this, &ChartWall::showRuns);
    rebuildMetrics();
}

void ChartWall::addChart(const QString& key, const QString& title, const QVector<Curve>& curves, bool isShown,
                         bool canBeLog)
{
    Entry entry;
    entry.key = key;
    entry.canBeLog = canBeLog;
    entry.isShown = QSettings().value(settingOf(key), isShown).toBool();
    entry.card = new QFrame(this);
    entry.card->setProperty("role", QStringLiteral("card"));
    entry.card->hide(); // until arrange() has a place for it
    entry.chart = new CurveChart(m_history, title, curves, entry.card);
    entry.chart->setSmoothing(m_smoothing);
    entry.chart->setLogSteps(m_hasLogSteps);
    auto* inner = new QVBoxLayout(entry.card);
    inner->setContentsMargins(1, 1, 1, 1);
    inner->addWidget(entry.chart);
    connect(entry.chart, &CurveChart::zoomed, this, [this](double from, double to) {
        for (const Entry& other : std::as_const(m_charts))
            other.chart->setZoom(from, to);
    });
    connect(entry.chart, &CurveChart::pointed, this, [this](double step) {
        for (const Entry& other : std::as_const(m_charts))
            other.chart->setPointer(step);
    });
    connect(entry.chart, &CurveChart::runChosen, this, [this](int id) {
        m_chosen = id;
        showRuns();
        emit runChosen(id);
    });
    m_charts.append(entry);
}

void ChartWall::rebuildMetrics()
{
    for (qsizetype i = m_charts.size() - 1; i >= 0; --i) {
        if (!m_charts[i].isMetric)
            continue;
        m_grid->removeWidget(m_charts[i].card);
        delete m_charts[i].card;
        m_charts.remove(i);
    }
    const QStringList names = m_history->metrics();
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        const bool isShare = app::isShare(names[i]);
        QString title = names[i];
        title[0] = title[0].toUpper();
        addChart(QStringLiteral("metric/") + names[i], title,
                 {{app::MetricHistory::metric(i), tr("training"), 0, true, isShare},
                  {app::MetricHistory::testMetric(i), tr("test"), 1, false, isShare}},
                 true, false);
        m_charts.last().isMetric = true;
        // Behind the loss and the metrics before it.
        m_charts.move(m_charts.size() - 1, 1 + i);
    }
    m_columns = 0;
    fillMenu();
    showRuns();
    arrange();
}

void ChartWall::fillMenu()
{
    m_menu->clear();
    for (Entry& entry : m_charts) {
        QAction* action = m_menu->addAction(entry.chart->title());
        action->setCheckable(true);
        action->setChecked(entry.isShown);
        connect(action, &QAction::toggled, this, [this, key = entry.key](bool isShown) {
            for (Entry& own : m_charts) {
                if (own.key == key)
                    own.isShown = isShown;
            }
            QSettings().setValue(settingOf(key), isShown);
            m_columns = 0;
            arrange();
        });
    }
}

QVector<CurveChart*> ChartWall::shownCharts() const
{
    QVector<CurveChart*> shown;
    for (const Entry& entry : m_charts) {
        if (entry.isShown)
            shown.append(entry.chart);
    }
    return shown;
}

void ChartWall::arrange()
{
    const int count = static_cast<int>(shownCharts().size());
    const int columns = count > 2 && width() >= kWide ? 2 : 1;
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (const Entry& entry : std::as_const(m_charts)) {
        m_grid->removeWidget(entry.card);
        entry.card->setVisible(entry.isShown);
    }
    int place = 0;
    for (const Entry& entry : std::as_const(m_charts)) {
        if (!entry.isShown)
            continue;
        // The last of an odd number takes the whole row.
        const bool isWhole = place % columns == 0 && place == count - 1;
        m_grid->addWidget(entry.card, place / columns, place % columns, 1, isWhole ? columns : 1);
        ++place;
    }
    for (int row = 0; row < m_grid->rowCount(); ++row)
        m_grid->setRowStretch(row, row < (count + columns - 1) / columns ? 1 : 0);
    for (int column = 0; column < m_grid->columnCount(); ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
}

void ChartWall::resizeEvent(QResizeEvent* event)
{
    arrange();
    QWidget::resizeEvent(event);
}

void ChartWall::showRuns()
{
    QVector<OtherRun> shown;
    for (const app::RunList::Run& run : m_runs->runs()) {
        if (run.history && run.isShown)
            shown.append({run.id, run.name, run.colour, run.history.get(), run.id == m_chosen});
    }
    for (const Entry& entry : std::as_const(m_charts)) {
        QVector<OtherRun> own = shown;
        // The curves of a metric belong to runs that measure the same ones.
        if (entry.isMetric)
            own.removeIf(
                [this](const OtherRun& run) { return run.history->metrics() != m_history->metrics(); });
        entry.chart->setOtherRuns(own);
    }
}

void ChartWall::setLogValues(bool isLog)
{
    m_hasLogValues = isLog;
    for (const Entry& entry : std::as_const(m_charts)) {
        if (entry.canBeLog)
            entry.chart->setLogScale(isLog);
    }
}

void ChartWall::setLogSteps(bool isLog)
{
    m_hasLogSteps = isLog;
    for (const Entry& entry : std::as_const(m_charts))
        entry.chart->setLogSteps(isLog);
}

void ChartWall::setSmoothing(double weight)
{
    m_smoothing = weight;
    for (const Entry& entry : std::as_const(m_charts))
        entry.chart->setSmoothing(weight);
}

void ChartWall::resetZoom()
{
    for (const Entry& entry : std::as_const(m_charts))
        entry.chart->resetZoom();
}

} // namespace wr::ui
