// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train_page.h"

#include "app/document/quantity.h"
#include "app/run/run_words.h"
#include "ui/charts/chart_wall.h"
#include "ui/charts/curve_chart.h"
#include "ui/pages/curve_export.h"
#include "ui/pages/number_tile.h"
#include "ui/pages/run_panel.h"
#include "ui/pages/timing_panel.h"
#include "ui/pages/training_form.h"
#include "ui/pages/weight_panel.h"
#include "ui/widgets/data_preview.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/surface_view.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>
#include <cmath>

namespace wr::ui {

using Series = app::MetricHistory::Series;

TrainPage::TrainPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace),
      m_charts(new ChartWall(&workspace->history(), &workspace->runs())), m_form(new TrainingForm(workspace)),
      m_runs(new RunPanel(&workspace->runs())), m_data(new DataPreview), m_weights(new WeightPanel),
      m_surface(new SurfaceView), m_timing(new TimingPanel), m_side(new QTabWidget(this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)), m_lossNumber(new NumberTile(tr("Loss"), this)),
      m_testNumber(new NumberTile(tr("Test loss"), this)),
      m_speed(new NumberTile(tr("Steps per second"), this)), m_left(new NumberTile(tr("Time left"), this)),
      m_place(new QLabel(this)), m_stack(new QStackedWidget(this))
{
    auto* tiles = new QHBoxLayout;
    tiles->setSpacing(12);
    for (NumberTile* tile : {m_lossNumber, m_testNumber, m_speed, m_left})
        tiles->addWidget(tile, 1);
    auto* empty = new EmptyState(QStringLiteral("chart"), tr("No curves yet"),
                                 tr("Press Init (Ctrl+I) to give the variables their values, then Run (F5). "
                                    "Loss and accuracy appear here as they come."),
                                 this);
    empty->addButton(
        tr("Init"), [this] { emit initRequested(); }, true);
    empty->addButton(tr("Run"), [this] { emit runRequested(); });
    m_stack->addWidget(empty);
    m_stack->addWidget(m_charts);
    m_place->setProperty("role", QStringLiteral("muted"));
    m_place->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    auto* left = new QWidget(this);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addLayout(tiles);
    column->addWidget(makeControls());
    column->addWidget(m_stack, 1);
    m_splitter->setHandleWidth(12);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(left);
    m_splitter->addWidget(makeSide());
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setSizes({860, 380});

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addWidget(m_splitter, 1);
    layout->addWidget(m_place);

    connect(&workspace->history(), &app::MetricHistory::changed, this, &TrainPage::updateStack);
    connect(&workspace->history(), &app::MetricHistory::changed, this, &TrainPage::updateNumbers);
    connect(&workspace->runs(), &app::RunList::shownChanged, this, &TrainPage::updateStack);
    connect(&workspace->run(), &app::RunController::stateChanged, this, &TrainPage::updateNumbers);
    connect(m_charts, &ChartWall::runChosen, this, [this](int id) {
        m_runs->choose(id);
        if (id != 0)
            m_side->setCurrentWidget(m_runs);
    });
    updateStack();
    updateNumbers();
}

CurveChart* TrainPage::lossChart() const
{
    return m_charts->lossChart();
}

QWidget* TrainPage::makeSide()
{
    m_side->setObjectName(QStringLiteral("trainSide"));
    m_side->setDocumentMode(true);
    m_side->setUsesScrollButtons(true);
    m_side->setMinimumWidth(300);
    m_side->addTab(m_form, tr("Setup"));
    m_side->addTab(m_runs, tr("Runs"));
    m_side->addTab(m_data, tr("Data"));
    m_side->addTab(m_weights, tr("Weights"));
    m_side->addTab(m_timing, tr("Time"));
    m_side->addTab(m_surface, tr("Answers"));
    m_side->setTabVisible(m_side->indexOf(m_surface), false);
    app::RunController& run = m_workspace->run();
    connect(m_side, &QTabWidget::currentChanged, this, &TrainPage::updateProbes);
    connect(m_form, &TrainingForm::complained, this, &TrainPage::complained);
    connect(m_form, &TrainingForm::initRequested, this, &TrainPage::initRequested);
    connect(m_form, &TrainingForm::problemsRequested, this, &TrainPage::problemsRequested);
    connect(m_form, &TrainingForm::textRequested, this, &TrainPage::textRequested);
    connect(&run, &app::RunController::dataProbed, m_data, &DataPreview::show);
    connect(&run, &app::RunController::dataProbed, this, [this](const app::DataReportPtr& report) {
        // A plane or a line of features can be shown as a whole.
        const bool hasSurface =
            report && report->shape.size() == 1 && (report->shape[0] == 1 || report->shape[0] == 2);
        m_side->setTabVisible(m_side->indexOf(m_surface), hasSurface);
        if (!hasSurface)
            m_surface->show(nullptr);
        else
            m_side->setCurrentWidget(m_surface);
    });
    connect(&run, &app::RunController::weightsProbed, m_weights, &WeightPanel::show);
    connect(&run, &app::RunController::metricsReset, m_weights, &WeightPanel::forget);
    connect(&run, &app::RunController::surfaceProbed, m_surface, &SurfaceView::show);
    connect(&run, &app::RunController::timingProbed, m_timing, &TimingPanel::show);
    return m_side;
}

QWidget* TrainPage::makeControls()
{
    auto* bar = new QWidget(this);
    auto* logValues = new QCheckBox(tr("Log loss"), bar);
    logValues->setObjectName(QStringLiteral("logValues"));
    logValues->setToolTip(tr("Loss and gradient norm on a logarithmic scale"));
    auto* logSteps = new QCheckBox(tr("Log steps"), bar);
    logSteps->setObjectName(QStringLiteral("logSteps"));
    logSteps->setToolTip(tr("Steps on a logarithmic scale: the beginning gets the room it needs"));
    auto* smoothing = new QSlider(Qt::Horizontal, bar);
    smoothing->setRange(0, 99);
    smoothing->setFixedWidth(120);
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Weight of the past in the moving average; the raw curve stays behind it"));
    auto* smoothingValue = new QLabel(QStringLiteral("0.00"), bar);
    smoothingValue->setProperty("role", QStringLiteral("muted"));
    auto* all = new QPushButton(tr("Show all"), bar);
    all->setToolTip(tr("Back from a zoom (double click on a chart)"));
    auto* charts = new QPushButton(tr("Charts"), bar);
    charts->setToolTip(tr("Choose which charts are shown"));
    charts->setMenu(m_charts->chartMenu());
    auto* save = new QPushButton(tr("Export"), bar);
    save->setMenu(makeExportMenu(
        m_workspace, this, [this](const QString& text) { emit noted(text); },
        [this](const app::Explanation& explanation) { emit complained(explanation); }));
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(logValues);
    row->addWidget(logSteps);
    row->addSpacing(8);
    row->addWidget(new QLabel(tr("Smoothing"), bar));
    row->addWidget(smoothing);
    row->addWidget(smoothingValue);
    row->addStretch();
    for (QPushButton* button : {all, charts, save})
        row->addWidget(button);
    connect(logValues, &QCheckBox::toggled, m_charts, &ChartWall::setLogValues);
    connect(logSteps, &QCheckBox::toggled, m_charts, &ChartWall::setLogSteps);
    connect(smoothing, &QSlider::valueChanged, this, [this, smoothingValue](int percent) {
        const double weight = percent / 100.0;
        smoothingValue->setText(QString::number(weight, 'f', 2));
        m_charts->setSmoothing(weight);
    });
    connect(all, &QPushButton::clicked, m_charts, &ChartWall::resetZoom);
    return bar;
}

void TrainPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    updateProbes();
}

void TrainPage::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    updateProbes();
}

void TrainPage::updateProbes()
{
    // What nobody looks at is not computed.
    app::Probes probes;
    if (isVisible()) {
        probes.weights = m_side->currentWidget() == m_weights;
        probes.surface = m_side->currentWidget() == m_surface;
        probes.timing = m_side->currentWidget() == m_timing;
    }
    m_workspace->run().setProbes(probes);
}

void TrainPage::updateStack()
{
    const bool hasCurves =
        m_workspace->history().pointCount(Series::Loss) > 0 || m_workspace->runs().rowCount() > 1;
    m_stack->setCurrentIndex(hasCurves ? 1 : 0);
}

void TrainPage::updateNumbers()
{
    const app::RunState& state = m_workspace->run().state();
    const app::MetricHistory& history = m_workspace->history();
    const QString none = QStringLiteral("–");
    m_lossNumber->setValue(state.step > 0 ? app::valueText(state.loss) : none);
    // A model is judged by its first metric, or by its loss where it measures nothing else.
    if (!state.metrics.isEmpty()) {
        const double value = history.last(app::MetricHistory::testMetric(0));
        m_testNumber->setName(tr("Test %1").arg(state.metrics.first()));
        m_testNumber->setValue(std::isnan(value) ? none : app::metricText(state.metrics.first(), value));
    } else {
        m_testNumber->setName(tr("Test loss"));
        m_testNumber->setValue(std::isnan(state.testLoss) ? none : app::valueText(state.testLoss));
    }
    const bool isRunning = state.phase == app::RunPhase::Running;
    m_speed->setValue(
        isRunning && state.stepsPerSecond > 0 ? app::countText(std::llround(state.stepsPerSecond)) : none);
    double left = state.secondsLeft;
    if (state.totalSteps > 0 && state.stepsPerSecond > 0) {
        const double bySteps = static_cast<double>(state.totalSteps - state.step) / state.stepsPerSecond;
        left = left < 0.0 ? bySteps : std::min(left, bySteps);
    }
    m_left->setValue(isRunning && left >= 0.0                 ? app::durationText(left)
                     : isRunning                              ? tr("open")
                     : state.phase == app::RunPhase::Finished ? tr("done")
                                                              : none);
    QStringList place;
    if (!state.dataset.isEmpty())
        place += tr("Data: %1").arg(state.dataset);
    if (!state.device.isEmpty())
        place += tr("Device: %1").arg(state.device);
    if (!state.ending.isEmpty())
        place += tr("Ended: %1").arg(state.ending);
    if (!state.canTrain && state.phase != app::RunPhase::Building)
        place += tr("This model has no wr.train(…) recipe, so it cannot be trained.");
    m_place->setText(place.join(QStringLiteral("   ·   ")));
}

} // namespace wr::ui
