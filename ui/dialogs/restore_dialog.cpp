// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/restore_dialog.h"

#include "app/document/quantity.h"
#include "app/models/restore_models.h"
#include "ui/theme/theme.h"
#include "ui/widgets/fate_delegate.h"
#include "ui/widgets/link_strip.h"
#include "ui/widgets/row_filter.h"
#include "ui/widgets/table_setup.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStyle>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace wr::ui {

using Fate = app::VariableFate;

RestoreDialog::RestoreDialog(std::shared_ptr<app::RestoreSession> session, const QString& projectDirectory,
                             QWidget* parent)
    : QDialog(parent), m_session(std::move(session)), m_sourceFilter(new RowFilter(this)),
      m_targetFilter(new RowFilter(this)), m_sources(new QTableView(this)), m_targets(new QTableView(this)),
      m_counts(new QLabel(this)), m_reason(new QLabel(this)), m_restore(new QPushButton(tr("Restore"), this))
{
    setWindowTitle(tr("Restore %1").arg(QFileInfo(m_session->file()->path()).fileName()));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(1120, 620);
    auto* targetModel = new app::RestoreTargetModel(m_session.get(), this);
    m_sourceFilter->setSourceModel(new app::RestoreSourceModel(m_session.get(), this));
    m_targetFilter->setSourceModel(targetModel);
    connect(targetModel, &app::RestoreTargetModel::dropRefused, this, &RestoreDialog::refused);

    m_sources->setObjectName(QStringLiteral("sources"));
    m_sources->setModel(m_sourceFilter);
    setUpTable(m_sources, {212, 104, 76, 68});
    m_sources->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_sources->setDragEnabled(true);
    m_sources->setDragDropMode(QAbstractItemView::DragOnly);
    m_targets->setObjectName(QStringLiteral("targets"));
    m_targets->setModel(m_targetFilter);
    m_targets->setItemDelegate(new FateDelegate(m_targets));
    setUpTable(m_targets, {124, 172, 100, 160});
    m_targets->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_targets->setAcceptDrops(true);
    m_targets->setDragDropMode(QAbstractItemView::DropOnly);
    m_targets->setDropIndicatorShown(true);
    m_targets->setDragDropOverwriteMode(true);

    m_links = new LinkStrip(
        m_sources, m_targets,
        [this] {
            QVector<LinkStrip::Link> links;
            for (int row = 0; row < m_targetFilter->rowCount(); ++row) {
                const int target = m_targetFilter->mapToSource(m_targetFilter->index(row, 0)).row();
                const app::RestoreTarget& variable = m_session->targets()[target];
                if (variable.fate != Fate::Restore || variable.sourceRow < 0)
                    continue;
                const QModelIndex source = m_sourceFilter->sourceModel()->index(variable.sourceRow, 0);
                if (const QModelIndex left = m_sourceFilter->mapFromSource(source); left.isValid())
                    links.append({left.row(), row});
            }
            return links;
        },
        this);

    auto* tables = new QHBoxLayout;
    tables->setSpacing(0);
    tables->addWidget(makeSide(m_sources, m_sourceFilter, tr("In the checkpoint"), tr("Filter tensors")), 5);
    tables->addWidget(m_links);
    tables->addWidget(makeSide(m_targets, m_targetFilter, tr("In the model"), tr("Filter variables")), 6);

    auto* hint =
        new QLabel(tr("Drag a tensor onto a variable, or select one on each side and press M."), this);
    hint->setProperty("role", QStringLiteral("muted"));
    m_counts->setProperty("role", QStringLiteral("title"));
    m_counts->setObjectName(QStringLiteral("counts"));
    m_reason->setProperty("role", QStringLiteral("bad"));
    m_reason->setWordWrap(true);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    m_restore->setProperty("primary", true);
    m_restore->setAutoDefault(false);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(8);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_counts);
    words->addWidget(m_reason);
    bottom->addLayout(words, 1);
    bottom->addWidget(cancel);
    bottom->addWidget(m_restore);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addWidget(hint);
    layout->addLayout(tables, 1);
    layout->addWidget(makeButtons(projectDirectory));
    layout->addLayout(bottom);

    for (QTableView* view : {m_sources, m_targets}) {
        view->installEventFilter(this);
        connect(view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
            m_reason->clear();
            update();
        });
    }
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_restore, &QPushButton::clicked, this, [this] {
        emit restoreRequested(m_session);
        accept();
    });
    connect(m_session.get(), &app::RestoreSession::changed, this, [this] {
        m_reason->clear();
        update();
    });
    if (m_sourceFilter->rowCount() > 0)
        m_sources->selectRow(0);
    for (int row = 0; row < m_targetFilter->rowCount(); ++row) {
        if (m_session->targets()[row].fate == Fate::Unresolved) {
            m_targets->selectRow(row);
            break;
        }
    }
    m_sources->setFocus();
    update();
}

QWidget* RestoreDialog::makeSide(QTableView* view, RowFilter* filter, const QString& title,
                                 const QString& placeholder)
{
    auto* side = new QWidget(this);
    auto* name = new QLabel(title, side);
    name->setProperty("role", QStringLiteral("title"));
    auto* text = new QLineEdit(side);
    text->setPlaceholderText(placeholder);
    text->setAccessibleName(placeholder);
    text->setClearButtonEnabled(true);
    text->setMaximumWidth(220);
    connect(text, &QLineEdit::textChanged, filter, &RowFilter::setText);
    connect(text, &QLineEdit::textChanged, this, [this] { m_links->update(); });
    view->setAccessibleName(title);
    auto* top = new QHBoxLayout;
    top->addWidget(name);
    top->addStretch();
    top->addWidget(text);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(view, 1);
    return side;
}

QWidget* RestoreDialog::makeButtons(const QString& projectDirectory)
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    const auto button = [&](const QString& text, const QString& tip, auto function) {
        auto* made = new QPushButton(text, bar);
        made->setToolTip(tip);
        made->setAutoDefault(false);
        connect(made, &QPushButton::clicked, this, function);
        row->addWidget(made);
        return made;
    };
    button(tr("Link  (M)"), tr("Restore the selected variable from the selected tensor"), [this] { link(); });
    m_keep = button(tr("Keep  (K)"), tr("The selected variables keep the values that they hold now"),
                    [this] { decide(Fate::Keep); });
    button(tr("Initialise  (X)"), tr("The selected variables get their initial values"),
           [this] { decide(Fate::Initialize); });
    m_rest =
        button(tr("Initialise the rest  (I)"),
               tr("Every variable that is not decided gets its initial value"), [this] { initializeRest(); });
    m_match = button(tr("Match names"),
                     tr("Find what belongs together under other names: other programs' spellings, prefixes, "
                        "transposed weights. What is not certain is asked."),
                     [this] { matchNames(); });
    button(tr("Match by shape"),
           tr("Link each open variable to the one unused tensor of its shape and last name"), [this] {
               if (m_session->linkByShape() == 0)
                   refused(tr("No open variable has exactly one unused tensor of its shape and last name."));
           });
    row->addStretch();
    m_undo = button(tr("Undo"), tr("Take back the last decision (Ctrl+Z)"), [this] { m_session->undo(); });
    m_redo = button(tr("Redo"), tr("Make it again (Ctrl+Shift+Z)"), [this] { m_session->redo(); });
    button(tr("Copy as command"), tr("The command line that restores in the same way"),
           [this, projectDirectory] {
               QGuiApplication::clipboard()->setText(m_session->asCommand(projectDirectory));
           });
    for (const auto& [keys, name] :
         {std::pair(QKeySequence(QKeySequence::Undo), 0), std::pair(QKeySequence(QKeySequence::Redo), 1)}) {
        auto* shortcut = new QShortcut(keys, this);
        connect(shortcut, &QShortcut::activated, this, [this, isRedo = name] {
            if (isRedo != 0)
                m_session->redo();
            else
                m_session->undo();
        });
    }
    return bar;
}

void RestoreDialog::matchNames()
{
    if (m_matcher.isRunning())
        return;
    m_match->setText(tr("Matching…"));
    m_matcher.start([find = m_session->matcher()](const app::JobTracker::Context&) { return find(); },
                    [this](const app::RestoreSession::NameMatch& match) {
                        m_match->setText(tr("Match names"));
                        const app::RestoreSession::MatchReport report = m_session->take(match);
                        if (report.linked == 0 && report.asked == 0)
                            refused(tr("Nothing more belongs together for certain."));
                        else if (report.asked > 0)
                            say(QStringLiteral("muted"),
                                tr("%1 linked; %2 for you to decide: each says why.")
                                    .arg(app::countText(report.linked), app::countText(report.asked)));
                    });
}

bool RestoreDialog::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    if ((key->modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier)
        return QDialog::eventFilter(watched, event);
    switch (key->key()) {
    case Qt::Key_M:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        link();
        return true;
    case Qt::Key_K:
        decide(Fate::Keep);
        return true;
    case Qt::Key_X:
        decide(Fate::Initialize);
        return true;
    case Qt::Key_I:
        initializeRest();
        return true;
    default:
        return QDialog::eventFilter(watched, event);
    }
}

QVector<int> RestoreDialog::selectedTargets() const
{
    QVector<int> rows;
    const QModelIndexList selected = m_targets->selectionModel()->selectedRows();
    for (const QModelIndex& index : selected)
        rows.append(m_targetFilter->mapToSource(index).row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

void RestoreDialog::link()
{
    QVector<int> sources;
    const QModelIndexList selected = m_sources->selectionModel()->selectedRows();
    for (const QModelIndex& index : selected)
        sources.append(m_sourceFilter->mapToSource(index).row());
    std::sort(sources.begin(), sources.end());
    const QVector<int> targets = selectedTargets();
    if (sources.isEmpty() || targets.isEmpty()) {
        refused(tr("Select a tensor on the left and a variable on the right."));
        return;
    }
    if (sources.size() != 1 && sources.size() != targets.size()) {
        refused(tr("Select as many variables as tensors: %1 and %2 are selected.")
                    .arg(sources.size())
                    .arg(targets.size()));
        return;
    }
    QVector<std::pair<int, int>> pairs;
    for (qsizetype i = 0; i < targets.size(); ++i)
        pairs.append({sources[sources.size() == 1 ? 0 : i], targets[i]});
    if (const app::Explanation problem = m_session->link(pairs); !problem.isEmpty())
        refused(problem.why);
}

void RestoreDialog::decide(Fate fate)
{
    const QVector<int> targets = selectedTargets();
    if (targets.isEmpty())
        refused(tr("Select a variable on the right."));
    else if (const app::Explanation problem = m_session->setFate(targets, fate); !problem.isEmpty())
        refused(problem.why);
}

void RestoreDialog::initializeRest()
{
    QVector<int> undecided;
    for (int target = 0; target < m_session->targets().size(); ++target) {
        if (m_session->targets()[target].fate == Fate::Unresolved)
            undecided.append(target);
    }
    m_session->setFate(undecided, Fate::Initialize);
}

void RestoreDialog::refused(const QString& why)
{
    say(QStringLiteral("bad"), why);
}

void RestoreDialog::say(const QString& role, const QString& words)
{
    m_reason->setProperty("role", role);
    m_reason->style()->unpolish(m_reason);
    m_reason->style()->polish(m_reason);
    m_reason->setText(words);
}

void RestoreDialog::update()
{
    const app::RestoreSession::Counts counts = m_session->counts();
    QStringList parts{tr("%1 restored").arg(counts.restore), tr("%1 kept").arg(counts.keep),
                      tr("%1 initialised").arg(counts.initialize)};
    if (counts.unresolved > 0)
        parts += tr("%1 undecided").arg(counts.unresolved);
    m_counts->setText(tr("This will be: %1.  Unused in the checkpoint: %2.")
                          .arg(parts.join(QStringLiteral(", ")))
                          .arg(counts.unused));
    m_restore->setEnabled(counts.unresolved == 0 && counts.restore + counts.initialize > 0);
    m_restore->setText(counts.restore > 0 || counts.initialize == 0
                           ? tr("Restore %1").arg(counts.restore)
                           : tr("Initialise %1").arg(counts.initialize));
    if (m_reason->text().isEmpty() && counts.unresolved > 0)
        m_reason->setText(
            tr("Decide about the undecided variables: link (M), keep (K) or initialise (X) them."));
    m_rest->setEnabled(counts.unresolved > 0);
    const QVector<int> targets = selectedTargets();
    m_keep->setEnabled(!targets.isEmpty() && std::all_of(targets.begin(), targets.end(), [this](int target) {
        return m_session->targets()[target].canKeep;
    }));
    m_undo->setEnabled(m_session->canUndo());
    m_redo->setEnabled(m_session->canRedo());
    m_links->update();
}

} // namespace wr::ui
