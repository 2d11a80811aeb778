// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/diff_page.h"

#include "app/models/diff_model.h"
#include "ui/pages/checkpoint_picker.h"
#include "ui/theme/theme.h"
#include "ui/widgets/diff_delegate.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/table_setup.h"
#include "ui/workspace.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace wr::ui {

using Model = app::DiffModel;

DiffPage::DiffPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_model(new Model(this)), m_a(new CheckpointPicker(workspace, tr("A"), this)),
      m_b(new CheckpointPicker(workspace, tr("B"), this)), m_progress(new QProgressBar(this)),
      m_cancel(new QPushButton(tr("Cancel"), this)), m_summary(new QLabel(this)),
      m_table(new QTableView(this)), m_stack(new QStackedWidget(this))
{
    auto* swap = new QToolButton(this);
    swap->setText(tr("⇄"));
    swap->setToolTip(tr("Swap A and B"));
    swap->setAccessibleName(tr("Swap A and B"));
    auto* again = new QPushButton(tr("Compare again"), this);
    auto* showEqual = new QCheckBox(tr("Show equal tensors"), this);
    showEqual->setChecked(true);
    auto* previous = new QPushButton(tr("Previous  (P)"), this);
    auto* next = new QPushButton(tr("Next  (N)"), this);
    m_progress->setRange(0, 100);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_summary->setProperty("role", QStringLiteral("title"));
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("differences"));
    m_table->setAccessibleName(tr("Differences"));
    m_table->setItemDelegate(new DiffDelegate(m_table));
    setUpTable(m_table, {116, 280, 140, 120, 100, 132, 88, 200});

    auto* pickers = new QHBoxLayout;
    pickers->setSpacing(12);
    pickers->addWidget(m_a, 1);
    pickers->addWidget(swap);
    pickers->addWidget(m_b, 1);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(8);
    bar->addWidget(m_summary);
    bar->addWidget(m_progress, 1);
    bar->addWidget(m_cancel);
    bar->addStretch();
    for (QWidget* widget : {static_cast<QWidget*>(showEqual), static_cast<QWidget*>(previous),
                            static_cast<QWidget*>(next), static_cast<QWidget*>(again)})
        bar->addWidget(widget);
    auto* result = new QWidget(this);
    auto* resultLayout = new QVBoxLayout(result);
    resultLayout->setContentsMargins(0, 0, 0, 0);
    resultLayout->setSpacing(8);
    resultLayout->addLayout(bar);
    resultLayout->addWidget(m_table, 1);
    m_stack->addWidget(new EmptyState(QStringLiteral("diff"), tr("Pick two checkpoints"),
                                      tr("A is the earlier, B the later one. Files dropped on a field are "
                                         "taken. On the Checkpoints page, select two and press D."),
                                      this));
    m_stack->addWidget(result);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addLayout(pickers);
    layout->addWidget(m_stack, 1);

    connect(m_a, &CheckpointPicker::pathChanged, this, &DiffPage::start);
    connect(m_b, &CheckpointPicker::pathChanged, this, &DiffPage::start);
    connect(swap, &QToolButton::clicked, this, [this] { compare(m_b->path(), m_a->path()); });
    connect(again, &QPushButton::clicked, this, &DiffPage::start);
    connect(m_cancel, &QPushButton::clicked, m_model, &Model::cancel);
    connect(showEqual, &QCheckBox::toggled, m_model, &Model::setShowEqual);
    connect(previous, &QPushButton::clicked, this, [this] { go(-1); });
    connect(next, &QPushButton::clicked, this, [this] { go(1); });
    const auto bind = [this](Qt::Key key, int direction) {
        auto* shortcut = new QShortcut(QKeySequence(key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, direction] { go(direction); });
    };
    bind(Qt::Key_N, 1);
    bind(Qt::Key_P, -1);
    connect(m_model, &Model::started, this, [this] { setBusy(true); });
    connect(m_model, &Model::progress, this,
            [this](double fraction) { m_progress->setValue(static_cast<int>(fraction * 100)); });
    connect(m_model, &Model::finished, this, &DiffPage::finish);
    connect(m_model, &Model::failed, this, [this](const app::Explanation& explanation) {
        setBusy(false);
        m_summary->setText(tr("Not compared"));
        emit complained(explanation);
    });
    setBusy(false);
}

void DiffPage::compare(const QString& a, const QString& b)
{
    m_isSetting = true;
    m_a->setPath(a);
    m_b->setPath(b);
    m_isSetting = false;
    start();
}

void DiffPage::start()
{
    if (m_isSetting || m_a->path().isEmpty() || m_b->path().isEmpty()) {
        if (!m_isSetting)
            m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    m_model->compare(m_a->path(), m_b->path());
}

void DiffPage::setBusy(bool isBusy)
{
    m_progress->setVisible(isBusy);
    m_cancel->setVisible(isBusy);
    if (isBusy) {
        m_progress->setValue(0);
        m_summary->setText(tr("Comparing…"));
    }
}

void DiffPage::finish()
{
    setBusy(false);
    m_summary->setText(m_model->summary());
    if (m_model->rowCount() > 0)
        m_table->selectRow(0);
    m_table->setFocus();
}

void DiffPage::go(int direction)
{
    for (int row = m_table->currentIndex().row() + direction; row >= 0 && row < m_model->rowCount();
         row += direction) {
        const auto kind = static_cast<Model::Kind>(m_model->index(row, 0).data(Model::KindRole).toInt());
        if (kind != Model::Kind::Equal) {
            m_table->selectRow(row);
            return;
        }
    }
}

} // namespace wr::ui
