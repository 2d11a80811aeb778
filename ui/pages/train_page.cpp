// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train_page.h"

#include "app/document/quantity.h"
#include "ui/charts/curve_chart.h"
#include "ui/charts/curve_image.h"
#include "ui/dialogs/file_choice.h"
#include "ui/pages/number_tile.h"
#include "ui/widgets/empty_state.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSaveFile>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <cmath>

namespace wr::ui {

using Series = app::MetricHistory::Series;

TrainPage::TrainPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_lossNumber(new NumberTile(tr("Loss"), this)),
      m_accuracyNumber(new NumberTile(tr("Test accuracy"), this)),
      m_testLossNumber(new NumberTile(tr("Test loss"), this)),
      m_speed(new NumberTile(tr("Steps per second"), this)), m_left(new NumberTile(tr("Time left"), this)),
      m_place(new QLabel(this)), m_stack(new QStackedWidget(this))
{
    app::MetricHistory* history = &workspace->history();
    m_loss = new CurveChart(
        history, tr("Loss"),
        {{Series::Loss, tr("training"), 0, true, false}, {Series::TestLoss, tr("test"), 1, false, false}},
        this);
    m_accuracy = new CurveChart(history, tr("Accuracy"),
                                {{Series::Accuracy, tr("training"), 0, true, true},
                                 {Series::TestAccuracy, tr("test"), 1, false, true}},
                                this);
    auto* tiles = new QHBoxLayout;
    tiles->setSpacing(12);
    for (NumberTile* tile : {m_lossNumber, m_accuracyNumber, m_testLossNumber, m_speed, m_left})
        tiles->addWidget(tile, 1);

    auto* charts = new QSplitter(Qt::Vertical, this);
    charts->setHandleWidth(8);
    charts->setChildrenCollapsible(false);
    for (CurveChart* chart : {m_loss, m_accuracy}) {
        auto* card = new QFrame(this);
        card->setProperty("role", QStringLiteral("card"));
        auto* inner = new QVBoxLayout(card);
        inner->setContentsMargins(1, 1, 1, 1);
        inner->addWidget(chart);
        charts->addWidget(card);
        m_accuracyCard = card; // the last one
    }
    auto* empty = new EmptyState(QStringLiteral("chart"), tr("No curves yet"),
                                 tr("Press Init (Ctrl+I) to give the variables their values, then Run (F5). "
                                    "Loss and accuracy appear here as they come."),
                                 this);
    empty->addButton(
        tr("Init"), [this] { emit initRequested(); }, true);
    empty->addButton(tr("Run"), [this] { emit runRequested(); });
    m_stack->addWidget(empty);
    m_stack->addWidget(charts);
    m_place->setProperty("role", QStringLiteral("muted"));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addLayout(tiles);
    layout->addWidget(makeControls());
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_place);

    connect(history, &app::MetricHistory::changed, this, &TrainPage::updateStack);
    connect(&workspace->run(), &app::RunController::stateChanged, this, &TrainPage::updateNumbers);
    updateStack();
    updateNumbers();
}

QWidget* TrainPage::makeControls()
{
    auto* bar = new QWidget(this);
    auto* logScale = new QCheckBox(tr("Logarithmic loss"), bar);
    auto* smoothing = new QSlider(Qt::Horizontal, bar);
    smoothing->setRange(0, 99);
    smoothing->setFixedWidth(160);
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Weight of the past in the moving average; the raw curve stays behind it"));
    auto* smoothingValue = new QLabel(QStringLiteral("0.00"), bar);
    smoothingValue->setProperty("role", QStringLiteral("muted"));
    auto* all = new QPushButton(tr("Show all"), bar);
    all->setToolTip(tr("Back from a zoom (double click on a chart)"));
    auto* csv = new QPushButton(tr("Export CSV…"), bar);
    auto* png = new QPushButton(tr("Export PNG…"), bar);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(logScale);
    row->addSpacing(16);
    row->addWidget(new QLabel(tr("Smoothing"), bar));
    row->addWidget(smoothing);
    row->addWidget(smoothingValue);
    row->addStretch();
    for (QPushButton* button : {all, csv, png})
        row->addWidget(button);
    connect(logScale, &QCheckBox::toggled, m_loss, &CurveChart::setLogScale);
    connect(smoothing, &QSlider::valueChanged, this, [this, smoothingValue](int percent) {
        const double weight = percent / 100.0;
        smoothingValue->setText(QString::number(weight, 'f', 2));
        m_loss->setSmoothing(weight);
        m_accuracy->setSmoothing(weight);
    });
    connect(all, &QPushButton::clicked, this, [this] {
        m_loss->resetZoom();
        m_accuracy->resetZoom();
    });
    connect(csv, &QPushButton::clicked, this, [this] { exportFile(QStringLiteral("csv")); });
    connect(png, &QPushButton::clicked, this, [this] { exportFile(QStringLiteral("png")); });
    return bar;
}

void TrainPage::exportFile(const QString& suffix)
{
    const QString title = m_workspace->project().title();
    chooseNewFile(this, tr("Export the curves"), title + u'.' + suffix,
                  tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
                  [this, suffix, title](const QString& path) {
                      const bool isCsv = suffix == QLatin1String("csv");
                      QSaveFile file(path);
                      bool ok = file.open(QIODevice::WriteOnly);
                      if (ok && isCsv)
                          ok = file.write(m_workspace->history().toCsv()) >= 0;
                      else if (ok)
                          ok = curveImage(m_workspace->history(), title).save(&file, "PNG");
                      if (ok && file.commit())
                          emit noted(tr("The curves are in %1.").arg(path));
                      else
                          emit complained({tr("The curves could not be written to %1.").arg(path),
                                           file.errorString(), tr("Choose another folder.")});
                  });
}

void TrainPage::updateStack()
{
    const bool hasCurves = m_workspace->history().pointCount(Series::Loss) > 0;
    m_stack->setCurrentIndex(hasCurves ? 1 : 0);
    // A model that measures no accuracy is judged by its test loss.
    const bool hasAccuracy = !hasCurves || m_workspace->history().pointCount(Series::Accuracy) > 0 ||
                             m_workspace->history().pointCount(Series::TestAccuracy) > 0;
    m_accuracyCard->setVisible(hasAccuracy);
    m_accuracyNumber->setVisible(hasAccuracy);
    m_testLossNumber->setVisible(!hasAccuracy);
    const double testLoss = m_workspace->history().last(Series::TestLoss);
    m_testLossNumber->setValue(std::isnan(testLoss) ? QStringLiteral("–") : app::valueText(testLoss));
}

void TrainPage::updateNumbers()
{
    const app::RunState& state = m_workspace->run().state();
    const QString none = QStringLiteral("–");
    m_lossNumber->setValue(state.step > 0 ? app::valueText(state.loss) : none);
    m_accuracyNumber->setValue(state.testAccuracy >= 0 ? QString::number(state.testAccuracy * 100.0, 'f', 2) +
                                                             QStringLiteral(" %")
                                                       : none);
    const bool isRunning = state.phase == app::RunPhase::Running;
    m_speed->setValue(
        isRunning && state.stepsPerSecond > 0 ? app::countText(std::llround(state.stepsPerSecond)) : none);
    const auto left = static_cast<double>(state.totalSteps - state.step);
    m_left->setValue(isRunning && state.stepsPerSecond > 0    ? app::durationText(left / state.stepsPerSecond)
                     : state.phase == app::RunPhase::Finished ? tr("done")
                                                              : none);
    QStringList place;
    if (!state.dataset.isEmpty())
        place += tr("Data: %1").arg(state.dataset);
    if (!state.device.isEmpty())
        place += tr("Device: %1").arg(state.device);
    if (!state.canTrain && state.phase != app::RunPhase::Building)
        place += tr("This model has no wr.train(…) recipe, so it cannot be trained.");
    m_place->setText(place.join(QStringLiteral("   ·   ")));
}

} // namespace wr::ui
