// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tensor_panel.h"

#include "app/document/quantity.h"
#include "app/models/tensor_template_model.h"
#include "app/models/tensor_tree_model.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/table_setup.h"
#include "ui/widgets/tensor_viewer.h"

#include <QButtonGroup>
#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {
namespace {

const char* const kViewSetting = "checkpoints/tensorView";
/// Up to here a filter is done before the next picture is painted.
constexpr int kFewTensors = 5000;
const QVector<int> kWidths{250, 108, 72, 80, 104, 100, 100, 100};

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
    : QWidget(parent), m_model(new app::TensorListModel(this)), m_branches(new app::TensorTreeModel(this)),
      m_templates(new app::TensorTemplateModel(this)), m_about(new QLabel(this)),
      m_filter(new FilterField(FilterSubject::tensors(), this)), m_verdict(new QLabel(this)),
      m_count(new QLabel(this)), m_views(new QButtonGroup(this)), m_stack(new QStackedWidget(this)),
      m_table(new QTableView(this)), m_tree(new QTreeView(this)), m_templateTree(new QTreeView(this)),
      m_viewer(new TensorViewer(this))
{
    m_about->setProperty("role", QStringLiteral("muted"));
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* splitter = new QSplitter(Qt::Vertical, this);
    splitter->setHandleWidth(8);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(makeList());
    splitter->addWidget(m_viewer);
    splitter->setSizes({330, 430});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(splitter);

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_asked = app::TensorFilter(text);
        arrange();
    });
    for (const auto leave : {&FilterField::done, &FilterField::abandoned})
        connect(m_filter, leave, this, [this] { m_stack->currentWidget()->setFocus(); });
    connect(m_model, &app::TensorListModel::sortWanted, this, [this](int column, Qt::SortOrder order) {
        m_sortColumn = column;
        m_sortOrder = order;
        arrange();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) { choose(m_model->tensorIndex(current.row())); });
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) { choose(m_branches->tensorIndex(current)); });
    connect(m_templateTree->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) { choose(m_templates->tensorIndex(current)); });
    connect(m_views, &QButtonGroup::idClicked, this, [this](int view) { setView(static_cast<View>(view)); });
    setView(static_cast<View>(
        std::clamp(QSettings().value(QLatin1String(kViewSetting), List).toInt(), int{List}, int{Templates})));
    setFile(nullptr);
}

QWidget* TensorPanel::makeList()
{
    m_filter->setPlaceholderText(tr("Filter tensors ( / )"));
    m_filter->setAccessibleName(tr("Filter tensors"));
    m_filter->setClearButtonEnabled(true);
    m_count->setProperty("role", QStringLiteral("muted"));
    m_verdict->setWordWrap(true);
    m_verdict->hide();
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("tensors"));
    m_table->setAccessibleName(tr("Tensors of the checkpoint"));
    setUpTable(m_table, kWidths);
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_tree->setObjectName(QStringLiteral("tensorTree"));
    m_templateTree->setObjectName(QStringLiteral("tensorTemplates"));
    setUpTree(m_tree, m_branches, tr("Tensors of the checkpoint by scope"));
    setUpTree(m_templateTree, m_templates, tr("Tensors of the checkpoint by template"));
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_templateTree);

    auto* list = new QWidget(this);
    auto* top = new QHBoxLayout;
    top->setSpacing(4);
    top->addWidget(m_filter, 1);
    for (const auto& [view, text, tip] :
         {std::tuple(List, tr("List"), tr("All tensors by name, or by the column that is clicked")),
          std::tuple(Tree, tr("Tree"), tr("By scope, as the names are cut by / and .")),
          std::tuple(Templates, tr("Templates"),
                     tr("Names that differ in an index only are one row: layers.{i}.w"))}) {
        auto* button = new QPushButton(text, list);
        button->setCheckable(true);
        button->setToolTip(tip);
        m_views->addButton(button, view);
        top->addWidget(button);
    }
    auto* layout = new QVBoxLayout(list);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_about);
    layout->addLayout(top);
    layout->addWidget(m_verdict);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_count);
    return list;
}

void TensorPanel::setUpTree(QTreeView* tree, QAbstractItemModel* model, const QString& name)
{
    tree->setModel(model);
    tree->setAccessibleName(name);
    tree->setUniformRowHeights(true);
    tree->setTextElideMode(Qt::ElideMiddle);
    tree->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    tree->header()->setStretchLastSection(true);
    tree->header()->setHighlightSections(false);
    for (int column = 0; column < kWidths.size(); ++column)
        tree->setColumnWidth(column, kWidths[column]);
}

void TensorPanel::setView(View view)
{
    m_views->button(view)->setChecked(true);
    m_stack->setCurrentIndex(view);
    QSettings().setValue(QLatin1String(kViewSetting), view);
    if (m_file)
        select(m_file->columns().find(m_wanted));
}

/// What the filter lets through, in the order of the chosen column.
void TensorPanel::arrange()
{
    if (!m_file) {
        m_arranger.cancel();
        take({});
        return;
    }
    const auto work = [file = m_file, filter = m_asked, column = m_sortColumn,
                       order = m_sortOrder](const std::function<bool()>& goesOn) {
        Arranged arranged;
        arranged.inFileOrder = filter.apply(*file, goesOn);
        arranged.sorted = arranged.inFileOrder;
        if (column >= 0 && goesOn())
            app::TensorListModel::sort(*file, arranged.sorted, column, order);
        if (goesOn())
            arranged.templates = app::TensorTemplates::of(*file, arranged.inFileOrder);
        return arranged;
    };
    if (m_file->tensorCount() <= kFewTensors) {
        m_arranger.cancel();
        take(work([] { return true; }));
        return;
    }
    m_count->setText(tr("Filtering…"));
    m_arranger.start(
        [work](const app::JobTracker::Context& context) {
            return work([&context] { return !context.isCancelled(); });
        },
        [this](const Arranged& arranged) { take(arranged); });
}

void TensorPanel::take(const Arranged& arranged)
{
    const QVector<int>& inFileOrder = arranged.inFileOrder;
    m_isArranging = true;
    m_model->show(m_file, arranged.sorted);
    m_templates->show(m_file, arranged.templates);
    m_branches->show(m_file, inFileOrder);
    constexpr int kOpenedTogether = 24;
    constexpr int kFewBranches = 4;
    if (m_branches->rowCount() <= kFewBranches ||
        (!m_asked.isEmpty() && inFileOrder.size() <= kOpenedTogether))
        m_tree->expandToDepth(m_asked.isEmpty() ? 0 : 8);
    m_isArranging = false;
    m_filter->judge(m_asked, inFileOrder.isEmpty() && m_file, m_verdict);
    qint64 bytes = 0;
    for (const int tensor : inFileOrder)
        bytes += m_file->columns().bytes(tensor);
    const qint64 all = m_file ? m_file->tensorCount() : 0;
    m_count->setVisible(all > 0);
    m_count->setText(
        inFileOrder.size() == all
            ? tr("%1, %2").arg(app::countOf(all, tr("tensor"), tr("tensors")), app::byteText(bytes))
            : tr("%1 of %2, %3")
                  .arg(app::countText(inFileOrder.size()), app::countOf(all, tr("tensor"), tr("tensors")),
                       app::byteText(bytes)));
    if (inFileOrder.isEmpty())
        return;
    const int kept = m_file->columns().find(m_wanted);
    select(kept >= 0 && std::binary_search(inFileOrder.cbegin(), inFileOrder.cend(), kept)
               ? kept
               : arranged.sorted.first());
}

/// In the view that is shown; the other one follows when it is.
void TensorPanel::select(int tensor)
{
    if (tensor < 0)
        return;
    if (m_stack->currentWidget() == m_table) {
        if (const int row = m_model->rowOf(tensor); row >= 0)
            m_table->selectRow(row);
        return;
    }
    const bool isByScope = m_stack->currentWidget() == m_tree;
    QTreeView* const tree = isByScope ? m_tree : m_templateTree;
    const QModelIndex index = isByScope ? m_branches->indexOf(tensor) : m_templates->indexOf(tensor);
    if (index.isValid()) {
        tree->setCurrentIndex(index);
        tree->scrollTo(index);
    }
}

void TensorPanel::choose(int tensor)
{
    if (tensor < 0 || m_isArranging)
        return;
    m_wanted = m_file->columns().name(tensor);
    m_viewer->show(m_file, tensor);
}

void TensorPanel::setFile(const std::shared_ptr<const app::CheckpointFile>& file)
{
    m_file = file;
    m_viewer->show(file, -1);
    m_about->setText(about().join(u'\n'));
    arrange();
}

QStringList TensorPanel::about() const
{
    if (!m_file)
        return {};
    QStringList about{tr("%1 · %2 · %3 tensors")
                          .arg(m_file->format(), app::byteText(m_file->fileBytes()),
                               app::countText(m_file->tensorCount()))};
    const QMap<QString, QString> metadata = m_file->metadata();
    QStringList all;
    for (auto it = metadata.cbegin(); it != metadata.cend(); ++it) {
        constexpr int kLongest = 60;
        const QString value = it.value().simplified();
        all +=
            it.key() + QStringLiteral(": ") + (value.size() > kLongest ? value.left(kLongest) + u'…' : value);
    }
    m_about->setToolTip(all.join(u'\n'));
    if (const QStringList facts = toldFacts(metadata); !facts.isEmpty())
        about += facts.join(QStringLiteral(" · "));
    for (const QString& warning : m_file->warnings())
        about += tr("Note: %1").arg(warning);
    return about;
}

} // namespace wr::ui
