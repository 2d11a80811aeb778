// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tensor_viewer.h"

#include "app/document/quantity.h"
#include "app/library/tensor_export.h"
#include "app/models/slice_grid_model.h"
#include "ui/dialogs/file_choice.h"
#include "ui/widgets/moment_view.h"
#include "ui/widgets/norm_view.h"
#include "ui/widgets/range_bar.h"
#include "ui/widgets/slice_bar.h"
#include "ui/widgets/slice_view.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <algorithm>
#include <cmath>

namespace wr::ui {

TensorViewer::TensorViewer(QWidget* parent)
    : QWidget(parent), m_title(new QLabel(this)), m_facts(new QLabel(this)), m_turn(new QPushButton(this)),
      m_bar(new SliceBar(this)), m_tabs(new QTabWidget(this)), m_view(new SliceView(this)),
      m_narrow(new RangeBar(this)), m_wide(new RangeBar(this)), m_picked(new QLabel(this)),
      m_grid(new app::SliceGridModel(this)), m_numbers(new QTableView(this)), m_norms(new NormView(this)),
      m_moments(new MomentView(this))
{
    m_title->setProperty("role", QStringLiteral("title"));
    m_title->setTextFormat(Qt::PlainText);
    m_facts->setProperty("role", QStringLiteral("muted"));
    m_facts->setWordWrap(true);
    m_facts->setTextFormat(Qt::PlainText);
    auto* more = new QPushButton(tr("Export"), this);
    auto* menu = new QMenu(more);
    menu->addAction(tr("Values as NPY…"), this, [this] { exportTo(QStringLiteral("npy")); });
    menu->addAction(tr("Values as CSV…"), this, [this] { exportTo(QStringLiteral("csv")); });
    menu->addAction(tr("Picture as PNG…"), this, [this] { exportTo(QStringLiteral("png")); });
    more->setMenu(menu);
    m_turn->setText(tr("Transpose"));
    connect(m_turn, &QPushButton::clicked, m_bar, &SliceBar::transpose);
    auto* top = new QHBoxLayout;
    top->addWidget(m_title, 1);
    top->addWidget(m_turn);
    top->addWidget(more);
    m_numbers->setModel(m_grid);
    m_numbers->setAccessibleName(tr("Values of the tensor"));
    m_numbers->horizontalHeader()->setDefaultSectionSize(88);
    m_numbers->verticalHeader()->setDefaultSectionSize(24);
    m_numbers->setShowGrid(false);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeHeatMap(), tr("Heat map"));
    m_tabs->addTab(m_numbers, tr("Values"));
    m_tabs->addTab(makeHistogram(), tr("Histogram"));
    m_tabs->addTab(m_norms, tr("Norms"));
    m_tabs->addTab(m_moments, tr("Over time"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(top);
    layout->addWidget(m_facts);
    layout->addWidget(m_bar);
    layout->addWidget(m_tabs, 1);

    connect(m_bar, &SliceBar::changed, this, &TensorViewer::load);
    connect(m_view, &SliceView::picked, this, &TensorViewer::tellPicked);
    connect(m_numbers, &QTableView::clicked, this,
            [this](const QModelIndex& index) { m_view->pick(index.row(), index.column()); });
    connect(m_norms, &NormView::chosen, this, [this](qint64 row, qint64 column) {
        m_view->pick(row < 0 ? std::max<qint64>(0, m_view->pickedRow()) : row,
                     column < 0 ? std::max<qint64>(0, m_view->pickedColumn()) : column);
        m_tabs->setCurrentIndex(0);
    });
    connect(m_moments, &MomentView::chosen, this, &TensorViewer::checkpointChosen);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        if (m_tabs->currentWidget() == m_moments)
            readHistory();
    });
    for (RangeBar* const bar : {m_narrow, m_wide})
        connect(bar, &RangeBar::rangeChanged, this, &TensorViewer::setRange);
    show(nullptr, -1);
}

QWidget* TensorViewer::makeHeatMap()
{
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(4);
    m_picked->setTextFormat(Qt::PlainText);
    m_picked->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* range = new QHBoxLayout;
    range->addWidget(m_narrow, 1);
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(2);
    const auto button = [&](const QString& text, const QString& tip, Range kind) {
        auto* made = new QPushButton(text, page);
        made->setToolTip(tip);
        connect(made, &QPushButton::clicked, this, [this, kind] { useRange(kind); });
        buttons->addWidget(made);
    };
    button(tr("Symmetric"), tr("As far below zero as above, to the largest magnitude"), Range::Symmetric);
    button(tr("1–99 %"), tr("Leaves out the outermost hundredth at either end"), Range::Most);
    button(tr("All"), tr("From the smallest value to the largest"), Range::All);
    range->addLayout(buttons);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_picked);
    layout->addLayout(range);
    return page;
}

QWidget* TensorViewer::makeHistogram()
{
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    auto* log = new QCheckBox(tr("Logarithmic counts"), page);
    connect(log, &QCheckBox::toggled, m_wide, &RangeBar::setLogCounts);
    auto* symlog = new QCheckBox(tr("Logarithmic values, linear about zero"), page);
    connect(symlog, &QCheckBox::toggled, m_wide, &RangeBar::setSymlog);
    auto* scales = new QHBoxLayout;
    scales->setSpacing(16);
    scales->addWidget(log);
    scales->addWidget(symlog);
    scales->addStretch();
    layout->addWidget(m_wide, 1);
    layout->addLayout(scales);
    return page;
}

void TensorViewer::setCheckpoints(const QStringList& paths)
{
    if (paths == m_checkpoints)
        return;
    m_checkpoints = paths;
    if (m_tabs->currentWidget() == m_moments)
        readHistory();
}

void TensorViewer::show(const std::shared_ptr<const app::CheckpointFile>& file, int tensor)
{
    m_reader.cancel();
    m_file = file;
    m_tensor = file && tensor >= 0 && tensor < file->tensorCount() ? tensor : -1;
    m_tabs->setEnabled(m_tensor >= 0);
    if (m_tensor < 0) {
        m_title->setText(file ? tr("Select a tensor to see its values") : QString());
        m_facts->clear();
        m_bar->setDims({});
        m_turn->setEnabled(false);
        take({});
        return;
    }
    const app::TensorRow row = m_file->tensor(m_tensor);
    m_title->setText(tr("%1   %2   %3").arg(row.name, row.shape, row.dtype));
    m_bar->setDims(row.dims);
    m_turn->setEnabled(!row.dims.isEmpty());
    load();
    if (m_tabs->currentWidget() == m_moments)
        readHistory();
}

void TensorViewer::load()
{
    if (m_tensor < 0)
        return;
    m_reader.start(
        [file = m_file, tensor = m_tensor,
         choice = m_bar->choice()](const app::JobTracker::Context& context) {
            return app::TensorSlice::load(*file, tensor, choice, [&] { return !context.isCancelled(); });
        },
        [this](const app::TensorSlice::Loaded& loaded) { take(loaded); });
}

void TensorViewer::take(const app::TensorSlice::Loaded& loaded)
{
    m_slice = loaded.slice;
    m_view->setSlice(m_slice);
    m_narrow->setSlice(m_slice);
    m_wide->setSlice(m_slice);
    m_grid->setSlice(m_slice);
    m_norms->setSlice(m_slice);
    if (!loaded.problem.isEmpty() && !loaded.problem.cancelled) {
        m_facts->setText(loaded.problem.toText());
        return;
    }
    tellPicked(m_view->pickedRow(), m_view->pickedColumn());
    if (!m_slice)
        return;
    const app::TensorRow row = m_file->tensor(m_tensor);
    QStringList facts{tr("%1, %2").arg(app::countOf(row.elements, tr("element"), tr("elements")),
                                       app::byteText(row.bytes))};
    if (row.hasStatistics)
        facts +=
            tr("mean %1, standard deviation %2").arg(app::valueText(row.mean), app::valueText(row.stddev));
    facts += tr("shown from %1 to %2").arg(app::valueText(m_slice->low()), app::valueText(m_slice->high()));
    const auto count = [&](qint64 number, const QString& words) {
        if (number > 0)
            facts += words.arg(app::countText(number));
    };
    count(m_slice->nanCount(), tr("%1 NaN (yellow, ×)"));
    count(m_slice->infCount(), tr("%1 Inf (green, /)"));
    count(m_slice->zeroCount(), tr("%1 exact zeros (grey)"));
    count(loaded.rowsLeftOut, tr("the last %1 rows are left out: too large to be held"));
    count(loaded.columnsLeftOut, tr("the last %1 columns are left out: too large to be held"));
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    useRange(m_range);
}

void TensorViewer::useRange(Range range)
{
    m_range = range;
    if (!m_slice)
        return;
    double low = m_slice->low();
    double high = m_slice->high();
    if (range == Range::Symmetric) {
        high = std::max(std::abs(low), std::abs(high));
        low = -high;
    } else if (range == Range::Most) {
        low = m_slice->quantile(0.01);
        high = m_slice->quantile(0.99);
    }
    setRange(low, high);
}

void TensorViewer::setRange(double low, double high)
{
    m_view->setRange(low, high);
    m_narrow->setRange(low, high);
    m_wide->setRange(low, high);
}

QString TensorViewer::pickedText() const
{
    return m_picked->text();
}

void TensorViewer::tellPicked(qint64 row, qint64 column)
{
    if (!m_slice || row < 0 || column < 0 || row >= m_slice->rows() || column >= m_slice->columns()) {
        m_picked->setText(m_slice
                              ? tr("Click a cell for its value. The wheel zooms, dragging moves, a double "
                                   "click shows all.")
                              : QString());
        return;
    }
    const app::SliceChoice& choice = m_bar->choice();
    QStringList place;
    for (qsizetype axis = 0; axis < choice.at.size(); ++axis)
        place += QString::number(axis == choice.rowAxis      ? row
                                 : axis == choice.columnAxis ? column
                                                             : choice.at[axis]);
    m_picked->setText(
        tr("[%1] = %2").arg(place.join(QStringLiteral(", ")), m_slice->storedText(row, column)));
    const QModelIndex index = m_grid->index(static_cast<int>(row), static_cast<int>(column));
    m_numbers->setCurrentIndex(index);
}

void TensorViewer::readHistory()
{
    if (m_tensor < 0)
        return;
    const QString name = m_file->tensor(m_tensor).name;
    m_historian.start(
        [paths = m_checkpoints, name](const app::JobTracker::Context& context) {
            return app::tensorHistory(paths, name, [&] { return !context.isCancelled(); });
        },
        [this](const QVector<app::TensorMoment>& moments) {
            m_moments->setMoments(moments, m_file ? m_file->path() : QString());
        });
}

void TensorViewer::exportTo(const QString& extension)
{
    if (!m_slice)
        return;
    QString name = m_file->tensor(m_tensor).name;
    name.replace(u'/', u'_');
    chooseNewFile(
        this, tr("Export the tensor"), name + u'.' + extension,
        tr("%1 files (*.%2)").arg(extension.toUpper(), extension), [this, extension](const QString& path) {
            m_exporter.start(
                [path, slice = m_slice,
                 picture = extension == QLatin1String("png") ? m_view->picture()
                                                             : QImage()](const app::JobTracker::Context&) {
                    if (picture.isNull())
                        return app::exportSlice(*slice, path);
                    return picture.save(path)
                               ? app::Explanation()
                               : app::Explanation{tr("The picture was not written to “%1”.").arg(path),
                                                  tr("The folder cannot be written to, or is full."),
                                                  tr("Choose another folder.")};
                },
                [this, path](const app::Explanation& problem) {
                    if (!problem.isEmpty())
                        emit complained(problem);
                    else
                        emit noted(tr("Written to %1.").arg(path));
                });
        });
}

} // namespace wr::ui
