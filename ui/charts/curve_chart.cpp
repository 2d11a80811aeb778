// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_chart.h"

#include "app/document/quantity.h"
#include "ui/charts/chart_axes.h"
#include "ui/charts/curve_view.h"
#include "ui/theme/theme.h"

#include <QChart>
#include <QHBoxLayout>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::ui {
namespace {
constexpr int kFrameMilliseconds = 100;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void widen(const QVector<QPointF>& points, double& low, double& high, double& positive)
{
    for (const QPointF& point : points) {
        low = std::min(low, point.y());
        high = std::max(high, point.y());
        if (point.y() > 0)
            positive = std::min(positive, point.y());
    }
}

/// Raises what lies below `bottom` to it, and counts.
int raisedTo(QVector<QPointF>& points, double bottom)
{
    int raised = 0;
    for (QPointF& point : points) {
        if (point.y() < bottom) {
            point.setY(bottom);
            ++raised;
        }
    }
    return raised;
}

} // namespace

CurveChart::CurveChart(app::MetricHistory* history, const QString& title, const QVector<Curve>& curves,
                       QWidget* parent)
    : QWidget(parent), m_history(history), m_title(title), m_curves(curves), m_legend(new QLabel(this)),
      m_note(new QLabel(this))
{
    auto* chart = new QChart;
    chart->setAnimationOptions(QChart::NoAnimation);
    chart->legend()->hide();
    chart->setMargins(QMargins());
    chart->setBackgroundRoundness(0);
    chart->setBackgroundVisible(false);
    m_axes = new ChartAxes(chart, this);
    m_view = new CurveView(chart, this);
    m_view->setAccessibleName(title);
    for (const Curve& curve : m_curves) {
        auto* raw = new QLineSeries(chart);
        auto* smooth = curve.isSmooth ? new QLineSeries(chart) : nullptr;
        for (QLineSeries* series : {raw, smooth}) {
            if (series == nullptr)
                continue;
            chart->addSeries(series);
            m_axes->attach(series);
        }
        m_raw.append(raw);
        m_smooth.append(smooth);
    }
    auto* heading = new QLabel(title, this);
    heading->setProperty("role", QStringLiteral("title"));
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setObjectName(QStringLiteral("readout"));
    m_note->setProperty("role", QStringLiteral("muted"));
    // Long read-outs and notes give way rather than widen the chart.
    m_legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_note->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_note->setMinimumWidth(0);
    auto* top = new QHBoxLayout;
    top->setContentsMargins(12, 8, 12, 0);
    top->setSpacing(16);
    top->addWidget(heading);
    top->addWidget(m_legend, 1);
    top->addWidget(m_note);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);

    m_frame.setInterval(kFrameMilliseconds);
    connect(&m_frame, &QTimer::timeout, this, [this] {
        if (m_isDirty && isVisible() && m_pace.isDue())
            refresh();
    });
    m_frame.start();
    connect(history, &app::MetricHistory::changed, this, &CurveChart::markDirty);
    connect(&Theme::instance(), &Theme::changed, this, &CurveChart::paintColours);
    paintColours();
    refresh();
}

void CurveChart::markDirty()
{
    m_isDirty = true;
}

bool CurveChart::isLogScale() const
{
    return m_axes->hasLogValues();
}

void CurveChart::paintColours()
{
    const Colours& colours = Theme::instance().colours();
    for (qsizetype i = 0; i < m_curves.size(); ++i) {
        const auto place = static_cast<std::size_t>(m_curves[i].colour);
        QColor ink = colours.categories[place % colours.categories.size()];
        const bool isBehind = m_smooth[i] != nullptr && m_smoothing > 0.0;
        if (m_smooth[i] != nullptr)
            m_smooth[i]->setPen(QPen(ink, 2.0));
        if (isBehind)
            ink.setAlphaF(0.3F);
        // Thin lines of many points are painted ten times as fast.
        m_raw[i]->setPen(QPen(ink, isBehind || m_curves[i].isSmooth ? 1.0 : 1.8));
    }
    for (qsizetype i = 0; i < m_behind.size(); ++i) {
        const OtherRun& run = m_others[i / m_curves.size()];
        QColor ink = colours.categories[static_cast<std::size_t>(run.colour) % colours.categories.size()];
        ink.setAlphaF(run.isChosen ? 1.0F : 0.6F);
        QPen pen(ink, run.isChosen ? 2.0 : 1.0);
        // The first curve of a chart is of the training, those after it of the test examples.
        pen.setStyle(i % m_curves.size() == 0 ? Qt::SolidLine : Qt::DashLine);
        m_behind[i]->setPen(pen);
    }
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1.0));
    m_axes->paint(small);
    m_isDirty = true;
    readOut(m_pointer, m_pointer >= 0);
}

void CurveChart::setOtherRuns(const QVector<OtherRun>& runs)
{
    QChart* chart = m_view->chart();
    m_others = runs;
    const qsizetype wanted = runs.size() * m_curves.size();
    while (m_behind.size() > wanted) {
        chart->removeSeries(m_behind.last());
        delete m_behind.takeLast();
    }
    while (m_behind.size() < wanted) {
        auto* series = new QLineSeries(chart);
        chart->addSeries(series);
        m_axes->attach(series);
        m_behind.append(series);
    }
    paintColours();
    refresh();
}

void CurveChart::setLogScale(bool isLog)
{
    m_axes->setLogValues(isLog);
    refresh();
}

void CurveChart::setLogSteps(bool isLog)
{
    m_axes->setLogSteps(isLog);
    refresh();
}

void CurveChart::setSmoothing(double weight)
{
    m_smoothing = weight;
    paintColours();
}

void CurveChart::zoomTo(double from, double to)
{
    emit zoomed(std::max(0.0, from), to);
}

void CurveChart::setZoom(double from, double to)
{
    m_from = from;
    m_to = std::min(to, lastStep());
    refresh();
}

void CurveChart::setPointer(double step)
{
    m_view->setPointer(step);
    readOut(step, step >= 0.0);
}

double CurveChart::firstStep() const
{
    const double from = m_to > m_from ? m_from : 0.0;
    return m_axes->hasLogSteps() ? std::max(1.0, from) : from;
}

double CurveChart::lastStep() const
{
    if (m_to > m_from)
        return m_to;
    qint64 last = m_history->lastStep();
    for (const OtherRun& run : m_others)
        last = std::max(last, run.history->lastStep());
    return std::max(1.0, static_cast<double>(last));
}

QVector<QPointF> CurveChart::pointsOf(const app::MetricHistory& history, const Curve& curve,
                                      bool isSmoothed) const
{
    constexpr int kMostColumns = 500;
    const int columns = std::clamp(m_view->width() / 2, 50, kMostColumns);
    const bool isLog = m_axes->hasLogSteps();
    QVector<QPointF> points =
        isSmoothed ? history.smoothed(curve.series, m_smoothing, firstStep(), lastStep(), columns, isLog)
                   : history.reduced(curve.series, firstStep(), lastStep(), columns, isLog);
    if (curve.isPercent) {
        for (QPointF& point : points)
            point.setY(point.y() * 100.0);
    }
    return points;
}

void CurveChart::refresh()
{
    m_pace.begin();
    QElapsedTimer clock;
    clock.start();
    m_isDirty = false;
    QVector<QVector<QPointF>> raw;
    QVector<QVector<QPointF>> smooth;
    QVector<QVector<QPointF>> behind;
    double low = kInfinity;
    double high = -kInfinity;
    double positive = kInfinity;
    qint64 total = 0;
    qint64 drawn = 0;
    for (const Curve& curve : std::as_const(m_curves)) {
        raw.append(pointsOf(*m_history, curve, false));
        const bool isSmoothed = curve.isSmooth && m_smoothing > 0.0;
        smooth.append(isSmoothed ? pointsOf(*m_history, curve, true) : QVector<QPointF>());
        total = std::max(total, m_history->pointCount(curve.series));
        drawn = std::max(drawn, static_cast<qint64>(raw.last().size()));
        widen(raw.last(), low, high, positive);
    }
    for (const OtherRun& run : std::as_const(m_others)) {
        for (const Curve& curve : std::as_const(m_curves)) {
            behind.append(pointsOf(*run.history, curve, curve.isSmooth && m_smoothing > 0.0));
            widen(behind.last(), low, high, positive);
        }
    }
    m_axes->setSteps(firstStep(), lastStep());
    m_axes->fitValues(low, high, positive);
    m_clamped = 0;
    if (m_axes->hasLogValues()) {
        for (QVector<QVector<QPointF>>* group : {&raw, &smooth, &behind}) {
            for (QVector<QPointF>& points : *group)
                m_clamped += raisedTo(points, m_axes->bottom());
        }
    }
    for (qsizetype i = 0; i < m_curves.size(); ++i) {
        m_raw[i]->replace(raw[i]);
        if (m_smooth[i] != nullptr)
            m_smooth[i]->replace(smooth[i]);
    }
    for (qsizetype i = 0; i < m_behind.size(); ++i)
        m_behind[i]->replace(behind[i]);
    QStringList notes;
    if (total > drawn)
        notes += tr("drawn as min/max of %1 points").arg(app::countText(total));
    if (m_clamped > 0)
        notes += tr("%1 of 0 or less at the bottom").arg(app::countOf(m_clamped, tr("value"), tr("values")));
    if (m_to > m_from)
        notes += tr("zoomed; double click shows all");
    m_note->setText(notes.join(QStringLiteral(" · ")));
    m_view->setEvents(m_history->events());
    readOut(m_pointer, m_pointer >= 0);
    m_pace.add(clock.nsecsElapsed());
}

void CurveChart::readOut(double step, bool isInside)
{
    m_pointer = isInside ? step : -1.0;
    const Colours& colours = Theme::instance().colours();
    const auto numberOf = [&](const app::MetricHistory& history, const Curve& curve) {
        const double value = isInside ? history.valueAt(curve.series, step) : history.last(curve.series);
        return std::isnan(value) ? QStringLiteral("–")
               : curve.isPercent ? QString::number(value * 100.0, 'f', 2) + QStringLiteral(" %")
                                 : app::valueText(value);
    };
    const auto part = [&](int colour, const QString& name, const QString& number) {
        const auto place = static_cast<std::size_t>(colour) % colours.categories.size();
        return QStringLiteral("<span style='color:%1'>●</span> %2 <b>%3</b>")
            .arg(colours.categories[place].name(), name.toHtmlEscaped(), number);
    };
    QStringList parts;
    if (isInside)
        parts += tr("step %1").arg(app::countText(static_cast<qint64>(std::llround(std::max(0.0, step)))));
    for (const Curve& curve : std::as_const(m_curves))
        parts += part(curve.colour, curve.name, numberOf(*m_history, curve));
    for (const OtherRun& run : std::as_const(m_others)) {
        if (run.isChosen || m_others.size() == 1)
            parts += part(run.colour, run.name, numberOf(*run.history, m_curves.first()));
    }
    m_legend->setText(parts.join(QStringLiteral("&nbsp;&nbsp; ")));
}

/// Chooses the run whose curve lies nearest to a click.
void CurveChart::clickAt(const QPointF& place)
{
    constexpr double kNear = 8.0;
    double nearest = kNear;
    int id = 0;
    for (qsizetype i = 0; i < m_behind.size(); ++i) {
        const QList<QPointF> points = m_behind[i]->points();
        for (const QPointF& point : points) {
            const QPointF at = m_view->chart()->mapToPosition(point, m_behind[i]);
            const double distance = std::hypot(at.x() - place.x(), at.y() - place.y());
            if (distance < nearest) {
                nearest = distance;
                id = m_others[i / m_curves.size()].id;
            }
        }
    }
    emit runChosen(id);
}

int CurveChart::drawnPoints(int curve) const
{
    return m_raw[curve]->count();
}

QPointF CurveChart::drawnPoint(int curve, int point) const
{
    return m_raw[curve]->at(point);
}

} // namespace wr::ui
