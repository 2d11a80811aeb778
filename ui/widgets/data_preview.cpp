// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/data_preview.h"

#include "app/document/quantity.h"
#include "ui/widgets/class_bars.h"

#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace wr::ui {
namespace {

constexpr int kThumb = 44;

/// A picture of [height, width] or [height, width, channels] numbers from 0 to 1.
QImage pictureOf(const QVector<float>& features, const QVector<qint64>& shape)
{
    const auto height = static_cast<int>(shape.value(0));
    const auto width = static_cast<int>(shape.value(1));
    const auto channels = shape.size() > 2 ? static_cast<int>(shape.value(2)) : 1;
    QImage image(width, height, QImage::Format_RGB32);
    const auto byteAt = [&](int row, int column, int channel) {
        const qsizetype place = (qsizetype{row} * width + column) * channels + channel;
        return static_cast<int>(std::lround(std::clamp(features.value(place), 0.0F, 1.0F) * 255.0F));
    };
    for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
            const int red = byteAt(row, column, 0);
            image.setPixel(column, row,
                           channels >= 3 ? qRgb(red, byteAt(row, column, 1), byteAt(row, column, 2))
                                         : qRgb(red, red, red));
        }
    }
    return image;
}

} // namespace

DataPreview::DataPreview(QWidget* parent)
    : QWidget(parent), m_heading(new QLabel(this)), m_bars(new ClassBars(this)),
      m_examples(new QStackedWidget(this)), m_pictures(new QListWidget(this)),
      m_numbers(new QTableWidget(this)), m_columns(new QTableWidget(this))
{
    m_heading->setWordWrap(true);
    m_pictures->setViewMode(QListView::IconMode);
    m_pictures->setIconSize(QSize(kThumb, kThumb));
    m_pictures->setResizeMode(QListView::Adjust);
    m_pictures->setMovement(QListView::Static);
    m_pictures->setUniformItemSizes(true);
    m_pictures->setSpacing(2);
    m_pictures->setSelectionMode(QAbstractItemView::NoSelection);
    m_pictures->setAccessibleName(tr("Examples"));
    m_numbers->setAccessibleName(tr("Examples"));
    m_columns->setAccessibleName(tr("Columns of the table"));
    for (QTableWidget* table : {m_numbers, m_columns}) {
        table->setEditTriggers(QAbstractItemView::NoEditTriggers);
        table->verticalHeader()->hide();
        table->setShowGrid(false);
    }
    m_examples->addWidget(m_pictures);
    m_examples->addWidget(m_numbers);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_heading);
    layout->addWidget(m_bars);
    layout->addWidget(m_columns, 1);
    layout->addWidget(m_examples, 1);
    show(nullptr);
}

void DataPreview::show(const app::DataReportPtr& report)
{
    m_report = report;
    m_bars->show(report);
    m_examples->setVisible(report != nullptr);
    m_pictures->clear();
    m_numbers->clear();
    m_columns->setVisible(report && !report->columns.isEmpty());
    if (!report) {
        m_heading->setText(tr("No data is loaded. A script names its data in wr.train(data=…), for example "
                              "wr.data.digits() or wr.data.csv(\"iris.csv\")."));
        return;
    }
    QStringList shape;
    for (const qint64 dim : report->shape)
        shape += app::countText(dim);
    m_heading->setText(tr("<b>%1</b>: %2 to train, %3 to test; each of %4, from %5 to %6")
                           .arg(report->name.toHtmlEscaped(), app::countText(report->train),
                                app::countText(report->test),
                                shape.isEmpty() ? tr("one number") : shape.join(QStringLiteral(" × ")),
                                app::valueText(report->least), app::valueText(report->greatest)));
    showColumns();
    const bool isPicture = report->shape.size() >= 2 && report->shape[0] <= 256 && report->shape[1] <= 256 &&
                           (report->shape.size() == 2 || report->shape[2] == 1 || report->shape[2] == 3) &&
                           report->shape.size() <= 3;
    m_examples->setCurrentWidget(isPicture ? static_cast<QWidget*>(m_pictures) : m_numbers);
    if (isPicture)
        showPictures();
    else
        showNumbers();
}

void DataPreview::showColumns()
{
    m_columns->clear();
    m_columns->setColumnCount(4);
    m_columns->setHorizontalHeaderLabels(
        {tr("Column"), tr("Taken for"), tr("Missing"), tr("Mean ± deviation")});
    m_columns->setRowCount(static_cast<int>(m_report->columns.size()));
    for (int row = 0; row < m_columns->rowCount(); ++row) {
        const app::DataReport::Column& column = m_report->columns[row];
        const QString kind = !column.isUsed  ? tr("not used")
                             : column.isText ? tr("%1 texts").arg(app::countText(column.texts))
                                             : tr("numbers");
        m_columns->setItem(row, 0, new QTableWidgetItem(column.name));
        m_columns->setItem(row, 1, new QTableWidgetItem(column.isLabel ? tr("label, %1").arg(kind) : kind));
        auto* missing = new QTableWidgetItem(app::countText(column.missing));
        missing->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_columns->setItem(row, 2, missing);
        const bool hasMean = column.isUsed && !column.isText && !column.isLabel;
        m_columns->setItem(
            row, 3,
            new QTableWidgetItem(
                hasMean
                    ? QStringLiteral("%1 ± %2").arg(column.mean, 0, 'g', 4).arg(column.deviation, 0, 'g', 4)
                    : QString()));
    }
    m_columns->resizeColumnsToContents();
}

void DataPreview::showPictures()
{
    for (const app::DataReport::Example& example : m_report->examples) {
        const QPixmap picture = QPixmap::fromImage(pictureOf(example.features, m_report->shape))
                                    .scaled(kThumb, kThumb, Qt::KeepAspectRatio, Qt::FastTransformation);
        auto* item = new QListWidgetItem(QIcon(picture), example.label, m_pictures);
        item->setTextAlignment(Qt::AlignHCenter);
    }
}

void DataPreview::showNumbers()
{
    constexpr qsizetype kMostColumns = 32;
    const qsizetype columns =
        m_report->examples.isEmpty()
            ? 0
            : std::min<qsizetype>(m_report->examples.first().features.size(), kMostColumns);
    m_numbers->setColumnCount(static_cast<int>(columns) + 1);
    m_numbers->setRowCount(static_cast<int>(m_report->examples.size()));
    QStringList heads{tr("Label")};
    for (qsizetype i = 0; i < columns; ++i)
        heads += QString::number(i);
    m_numbers->setHorizontalHeaderLabels(heads);
    for (int row = 0; row < m_numbers->rowCount(); ++row) {
        const app::DataReport::Example& example = m_report->examples[row];
        m_numbers->setItem(row, 0, new QTableWidgetItem(example.label));
        for (int i = 0; i < static_cast<int>(columns); ++i) {
            auto* cell =
                new QTableWidgetItem(QString::number(static_cast<double>(example.features[i]), 'g', 4));
            cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_numbers->setItem(row, i + 1, cell);
        }
    }
    m_numbers->resizeColumnsToContents();
}

} // namespace wr::ui
