// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tensor_panel.h"

#include "app/document/quantity.h"
#include "ui/widgets/table_setup.h"
#include "ui/widgets/tensor_viewer.h"

#include <QDateTime>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

/// Of the metadata, what a person looks for, in words; the rest is in the tool tip.
QStringList toldFacts(const QMap<QString, QString>& metadata)
{
    QStringList facts;
    const auto number = [&](const QString& key, const QString& words, double scale, const QString& unit) {
        bool isNumber = false;
        const double value = metadata.value(key).toDouble(&isNumber);
        if (isNumber)
            facts += words.arg(app::valueText(value * scale) + unit);
    };
    const auto count = [&](const QString& key, const QString& words) {
        bool isNumber = false;
        const qint64 value = metadata.value(key).toLongLong(&isNumber);
        if (isNumber)
            facts += words.arg(app::countText(value));
    };
    count(QStringLiteral("step"), TensorPanel::tr("step %1"));
    count(QStringLiteral("epoch"), TensorPanel::tr("epoch %1"));
    number(QStringLiteral("loss"), TensorPanel::tr("loss %1"), 1.0, {});
    number(QStringLiteral("test_accuracy"), TensorPanel::tr("test accuracy %1"), 100.0, QStringLiteral(" %"));
    number(QStringLiteral("learning_rate"), TensorPanel::tr("learning rate %1"), 1.0, {});
    const QDateTime saved = QDateTime::fromString(metadata.value(QStringLiteral("saved_at")), Qt::ISODate);
    if (saved.isValid())
        facts += TensorPanel::tr("saved %1")
                     .arg(saved.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")));
    constexpr int kLongest = 60;
    for (const char* key : {"format", "producer"}) {
        const QString value = metadata.value(QLatin1String(key)).simplified();
        if (!value.isEmpty() && value != QLatin1String("wr1"))
            facts += QLatin1String(key) + u' ' + value.left(kLongest);
    }
    return facts;
}

} // namespace

TensorPanel::TensorPanel(QWidget* parent)
    : QWidget(parent), m_model(new app::TensorListModel(this)), m_about(new QLabel(this)),
      m_table(new QTableView(this)), m_viewer(new TensorViewer(this))
{
    m_about->setProperty("role", QStringLiteral("muted"));
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* filter = new QLineEdit(this);
    filter->setPlaceholderText(tr("Filter tensors"));
    filter->setAccessibleName(tr("Filter tensors"));
    filter->setClearButtonEnabled(true);
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("tensors"));
    m_table->setAccessibleName(tr("Tensors of the checkpoint"));
    setUpTable(m_table, {150, 108, 72, 80, 104, 100, 100, 100});
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);

    auto* list = new QWidget(this);
    auto* listLayout = new QVBoxLayout(list);
    listLayout->setContentsMargins(0, 0, 0, 0);
    listLayout->setSpacing(8);
    listLayout->addWidget(m_about);
    listLayout->addWidget(filter);
    listLayout->addWidget(m_table, 1);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setHandleWidth(8);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(list);
    splitter->addWidget(m_viewer);
    splitter->setSizes({260, 460});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(splitter);

    connect(filter, &QLineEdit::textChanged, m_model, &app::TensorListModel::setFilter);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid())
                    m_viewer->show(m_file, m_model->tensorIndex(current.row()));
            });
    setFile(nullptr);
}

void TensorPanel::setFile(const std::shared_ptr<const app::CheckpointFile>& file)
{
    // The tensor of the same name is looked at in the next file as well.
    const int before = m_file ? m_model->tensorIndex(m_table->currentIndex().row()) : -1;
    const QString name = before >= 0 ? m_file->tensors()[before].name : QString();
    m_file = file;
    m_model->setFile(file);
    m_viewer->show(file, -1);
    QStringList about;
    if (file) {
        about += tr("%1 · %2 · %3 tensors")
                     .arg(file->format(), app::byteText(file->fileBytes()),
                          app::countText(file->tensors().size()));
        const QMap<QString, QString> metadata = file->metadata();
        const QStringList facts = toldFacts(metadata);
        QStringList all;
        for (auto it = metadata.cbegin(); it != metadata.cend(); ++it) {
            constexpr int kLongest = 60;
            const QString value = it.value().simplified();
            const QString fact = it.key() + QStringLiteral(": ") +
                                 (value.size() > kLongest ? value.left(kLongest) + u'…' : value);
            all += fact;
        }
        if (!facts.isEmpty())
            about += facts.join(QStringLiteral(" · "));
        m_about->setToolTip(all.join(u'\n'));
        for (const QString& warning : file->warnings())
            about += tr("Note: %1").arg(warning);
        int chosen = 0;
        for (int row = 0; row < m_model->rowCount() && !name.isEmpty(); ++row) {
            if (file->tensors()[m_model->tensorIndex(row)].name == name) {
                chosen = row;
                break;
            }
        }
        if (m_model->rowCount() > 0)
            m_table->selectRow(chosen);
    }
    m_about->setText(about.join(u'\n'));
}

} // namespace wr::ui
