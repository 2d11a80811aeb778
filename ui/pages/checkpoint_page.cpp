// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/checkpoint_page.h"

#include "app/document/quantity.h"
#include "app/models/checkpoint_list_model.h"
#include "ui/dialogs/file_choice.h"
#include "ui/dialogs/save_copy_dialog.h"
#include "ui/pages/checkpoint_jobs.h"
#include "ui/theme/theme.h"
#include "ui/widgets/checkpoint_delegate.h"
#include "ui/widgets/checkpoint_timeline.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_drop.h"
#include "ui/widgets/quick_look.h"
#include "ui/widgets/table_setup.h"
#include "ui/widgets/tensor_panel.h"
#include "ui/widgets/tensor_viewer.h"
#include "ui/workspace.h"

#include <QAction>
#include <QDesktopServices>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

namespace wr::ui {

using Model = app::CheckpointListModel;

CheckpointPage::CheckpointPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_model(new Model(&workspace->library(), this)),
      m_list(new QTableView(this)), m_tensors(new TensorPanel(this)), m_summary(new QLabel(this)),
      m_stack(new QStackedWidget(this)), m_jobs(new CheckpointJobs(this)), m_quickLook(new QuickLook(this))
{
    m_list->setModel(m_model);
    m_summary->setProperty("role", QStringLiteral("muted"));
    m_timeline = new CheckpointTimeline(&workspace->history(), m_model, m_list->selectionModel(), this);
    m_list->setObjectName(QStringLiteral("checkpoints"));
    m_list->setAccessibleName(tr("Checkpoints"));
    setUpTable(m_list, {32, 158, 72, 92, 96, 128, 90, 150, 76, 132, 90});
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setDragEnabled(true);

    auto* empty =
        new EmptyState(QStringLiteral("checkpoint"), tr("No checkpoints yet"),
                       tr("Ctrl+Shift+S saves one. Checkpoint files dropped here are opened, also those of "
                          "TensorFlow, PyTorch, Keras, NumPy, ONNX, llama.cpp and safetensors."),
                       this);
    empty->addButton(
        tr("Save checkpoint"), [this] { emit saveRequested(); }, true);
    empty->addButton(tr("Open checkpoint…"), [this] {
        chooseCheckpoint(this, tr("Open a checkpoint"), m_workspace->project().checkpointDirectory(),
                         [this](const QString& path) { open(path); });
    });
    auto* left = new QWidget(this);
    auto* leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 4, 0);
    leftLayout->setSpacing(8);
    leftLayout->addWidget(makeButtons());
    auto* const board = new QFrame(left);
    m_board = board;
    board->setProperty("role", QStringLiteral("card"));
    auto* boardLayout = new QVBoxLayout(board);
    boardLayout->setContentsMargins(8, 4, 8, 4);
    boardLayout->addWidget(m_timeline);
    leftLayout->addWidget(board);
    leftLayout->addWidget(m_list, 1);
    leftLayout->addWidget(m_summary);
    auto* splitter = new QSplitter(Qt::Horizontal, this);
    splitter->setHandleWidth(8);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(left);
    splitter->addWidget(m_tensors);
    splitter->setSizes({640, 640});
    m_stack->addWidget(empty);
    m_stack->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->addWidget(m_stack);

    m_list->setItemDelegate(new CheckpointDelegate(m_list));
    connect(m_list, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == Model::StarColumn)
            star({index.row()});
    });
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto action = [&](const QString& text, const QKeySequence& key, auto function) {
        auto* made = new QAction(text, m_list);
        made->setShortcut(key);
        made->setShortcutContext(Qt::WidgetShortcut);
        connect(made, &QAction::triggered, this, function);
        m_list->addAction(made);
    };
    const auto edit = [this](Model::Column column) {
        if (const QModelIndex current = m_list->currentIndex(); current.isValid())
            m_list->edit(current.siblingAtColumn(column));
    };
    action(tr("Quick look"), QKeySequence(Qt::Key_Space), [this] { toggleQuickLook(); });
    action(tr("Restore…"), QKeySequence(Qt::Key_R), [this] { m_restore->click(); });
    action(tr("Diff"), QKeySequence(Qt::Key_D), [this] { m_diff->click(); });
    action(tr("Star, so that no rule removes it"), QKeySequence(Qt::Key_S), [this] {
        QVector<int> rows;
        for (const QModelIndex& row : m_list->selectionModel()->selectedRows())
            rows += row.row();
        star(rows);
    });
    action(tr("Rename"), QKeySequence(Qt::Key_F2), [edit] { edit(Model::NameColumn); });
    action(tr("Tags"), QKeySequence(Qt::Key_T), [edit] { edit(Model::TagsColumn); });
    action(tr("Note"), QKeySequence(Qt::Key_N), [edit] { edit(Model::NoteColumn); });
    action(tr("Verify"), QKeySequence(Qt::Key_V), [this] { m_verify->click(); });
    action(tr("Verify resume: train on from here with the same bits?"), {}, [this] { checkResume(); });
    action(tr("Save a copy as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), [this] { saveCopy(); });
    action(tr("Make it stand alone"), {}, [this] {
        if (const QString path = selectedPaths().value(0); !path.isEmpty())
            m_jobs->makeStandalone(path);
    });
    action(tr("Move to the trash"), QKeySequence(Qt::Key_Delete), [this] { trash(); });

    auto* drop = new FileDrop(this);
    connect(drop, &FileDrop::dropped, this, [this](const QStringList& paths) {
        for (const QString& path : paths)
            open(path);
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CheckpointPage::update);
    m_list->installEventFilter(this);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (m_quickLook->isVisible() && current.isValid())
                    m_quickLook->look(m_model->row(current.row()));
            });
    connect(m_model, &QAbstractItemModel::modelReset, this, &CheckpointPage::update);
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &CheckpointPage::update);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, &CheckpointPage::update);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &CheckpointPage::summarise);
    TensorViewer* const viewer = m_tensors->viewer();
    connect(viewer, &TensorViewer::complained, this, &CheckpointPage::complained);
    connect(viewer, &TensorViewer::noted, this, &CheckpointPage::noted);
    connect(viewer, &TensorViewer::checkpointChosen, this, [this](const QString& path) {
        m_wanted = QStringList(path);
        update();
    });
    connect(m_timeline, &CheckpointTimeline::activated, this,
            [this](int row) { m_list->scrollTo(m_model->index(row, 0)); });
    connect(&workspace->library(), &app::CheckpointLibrary::complained, this, &CheckpointPage::complained);
    connect(&workspace->library(), &app::CheckpointLibrary::renamed, this,
            [this](const QString& path) { m_wanted = QStringList(path); });
    connect(&workspace->library(), &app::CheckpointLibrary::trashed, this, &CheckpointPage::trashed);
    wireJobs();
    update();
}

QWidget* CheckpointPage::makeButtons()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    const auto button = [&](const QString& text, const QString& icon, auto function) {
        auto* made = new QPushButton(text, bar);
        Theme::instance().bindIcon(made, icon);
        connect(made, &QPushButton::clicked, this, function);
        row->addWidget(made);
        return made;
    };
    m_restore = button(tr("Restore…"), QStringLiteral("restore"),
                       [this] { emit restoreRequested(selectedPaths().value(0)); });
    m_diff = button(tr("Diff"), QStringLiteral("diff"), [this] {
        const QStringList paths = selectedPaths();
        // The list is newest first: from the older to the newer.
        if (paths.size() >= 2)
            emit diffRequested(paths.last(), paths.first());
        else
            emit diffRequested(paths.value(0), {});
    });
    m_diff->setToolTip(tr("Compare the two selected checkpoints, older to newer"));
    m_verify = button(tr("Verify"), QStringLiteral("check"), [this] {
        if (!m_jobs->isChecking()) {
            m_jobs->verify(selectedPaths());
            return;
        }
        m_jobs->cancelCheck();
        m_verify->setText(tr("Verify"));
    });
    row->addStretch();
    m_reveal = button(QString(), QStringLiteral("folder"), [this] {
        const QString path = selectedPaths().value(0);
        const QString folder =
            path.isEmpty() ? m_workspace->project().checkpointDirectory() : QFileInfo(path).absolutePath();
        QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
    });
    m_reveal->setToolTip(tr("Show the folder"));
    m_reveal->setAccessibleName(tr("Show the folder"));
    m_trash = button(QString(), QStringLiteral("remove"), [this] { trash(); });
    m_trash->setToolTip(tr("Move to the trash"));
    m_trash->setAccessibleName(tr("Move to the trash"));
    return bar;
}

QStringList CheckpointPage::selectedPaths() const
{
    QStringList paths;
    QModelIndexList rows = m_list->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(),
              [](const QModelIndex& a, const QModelIndex& b) { return a.row() < b.row(); });
    for (const QModelIndex& row : std::as_const(rows))
        paths += row.data(Model::PathRole).toString();
    return paths;
}

void CheckpointPage::open(const QString& path)
{
    m_wanted = QStringList(QFileInfo(path).absoluteFilePath());
    m_workspace->library().addExternal(path);
}

void CheckpointPage::update()
{
    m_stack->setCurrentIndex(m_model->rowCount() == 0 ? 0 : 1);
    summarise();
    const QStringList wanted = std::exchange(m_wanted, {});
    bool isFound = wanted.isEmpty();
    for (int row = 0; row < m_model->rowCount() && !isFound; ++row) {
        if (wanted.contains(m_model->index(row, 0).data(Model::PathRole).toString())) {
            isFound = true;
            m_list->selectRow(row);
        }
    }
    if (!isFound)
        m_wanted = wanted;
    const QStringList paths = selectedPaths();
    if (paths.isEmpty() && m_model->rowCount() > 0 && m_wanted.isEmpty()) {
        m_list->selectRow(0);
        return;
    }
    m_restore->setEnabled(paths.size() == 1);
    m_diff->setEnabled(!paths.isEmpty());
    m_diff->setText(paths.size() == 2 ? tr("Diff the two") : tr("Diff with…"));
    m_verify->setEnabled(!paths.isEmpty());
    m_trash->setEnabled(!paths.isEmpty());
    if (!paths.isEmpty())
        show(paths.first());
    else
        m_tensors->setFile(nullptr);
}

void CheckpointPage::show(const QString& path)
{
    // While another page is looked at, files may come and go by the dozen.
    if ((path == m_shown && m_tensors->file()) || !isVisible())
        return;
    m_shown = path;
    struct Looked {
        app::CheckpointFile::Opened opened;
        bool isGone = false; ///< a rule has removed it since it was listed
    };
    m_opener.start(
        [path](const app::JobTracker::Context&) {
            Looked looked{app::CheckpointFile::open(path)};
            looked.isGone = !looked.opened.file && !QFileInfo::exists(path);
            return looked;
        },
        [this](const Looked& looked) {
            m_tensors->setFile(looked.opened.file);
            if (looked.isGone)
                m_workspace->library().refresh();
            else if (!looked.opened.file)
                emit complained(looked.opened.problem);
        });
}

void CheckpointPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    update();
}

void CheckpointPage::trash()
{
    const QStringList chosen = selectedPaths();
    for (int base = 0; base < m_model->rowCount(); ++base) {
        const app::CheckpointRow& whole = m_model->row(base);
        if (!chosen.contains(whole.path) || whole.uuid.isEmpty())
            continue;
        for (int row = 0; row < m_model->rowCount(); ++row) {
            const app::CheckpointRow& delta = m_model->row(row);
            if (delta.baseUuid != whole.uuid || chosen.contains(delta.path))
                continue;
            emit complained(
                {tr("“%1” was not moved to the trash.").arg(whole.fileName),
                 tr("“%1” is a difference to it and could not be read without it.").arg(delta.fileName),
                 tr("Select both, or make “%1” stand alone first (in its menu).").arg(delta.fileName)});
            return;
        }
    }
    m_workspace->library().moveToTrash(selectedPaths());
}

void CheckpointPage::wireJobs()
{
    connect(m_jobs, &CheckpointJobs::checkStarted, this, [this] { m_verify->setText(tr("Stop")); });
    connect(m_jobs, &CheckpointJobs::checkProgress, this,
            [this](int percent) { m_verify->setText(tr("Stop (%1 %)").arg(percent)); });
    connect(m_jobs, &CheckpointJobs::checkEnded, this, [this] { m_verify->setText(tr("Verify")); });
    connect(m_jobs, &CheckpointJobs::complained, this, &CheckpointPage::complained);
    connect(m_jobs, &CheckpointJobs::noted, this, &CheckpointPage::noted);
    connect(m_jobs, &CheckpointJobs::damaged, this, &CheckpointPage::damaged);
    connect(m_jobs, &CheckpointJobs::copied, &m_workspace->library(), &app::CheckpointLibrary::addExternal);
    connect(m_jobs, &CheckpointJobs::written, this, [this](const QString& path) {
        m_wanted = QStringList(path);
        m_workspace->library().refresh();
    });
}

void CheckpointPage::recover(const QString& path)
{
    m_jobs->recover(path);
}

void CheckpointPage::toggleQuickLook()
{
    const QModelIndex current = m_list->currentIndex();
    if (m_quickLook->isVisible() || !current.isValid()) {
        m_quickLook->hide();
        return;
    }
    m_quickLook->look(m_model->row(current.row()));
    const QRect row = m_list->visualRect(current.siblingAtColumn(Model::NameColumn));
    constexpr int kAside = 24;
    m_quickLook->showAt(m_list->viewport()->mapTo(this, row.bottomLeft() + QPoint(kAside, kAside / 4)));
}

void CheckpointPage::hideEvent(QHideEvent* event)
{
    m_quickLook->hide();
    QWidget::hideEvent(event);
}

/// The quick look goes with the keyboard.
bool CheckpointPage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusOut &&
        static_cast<QFocusEvent*>(event)->reason() != Qt::ActiveWindowFocusReason)
        m_quickLook->hide();
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape &&
        m_quickLook->isVisible()) {
        m_quickLook->hide();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void CheckpointPage::saveCopy()
{
    const QString path = selectedPaths().value(0);
    if (path.isEmpty() || m_jobs->isChecking())
        return;
    auto* dialog = new SaveCopyDialog(path, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &SaveCopyDialog::chosen, m_jobs, &CheckpointJobs::copy);
    dialog->open();
}

/// From one to the other where two are selected.
void CheckpointPage::checkResume()
{
    const QStringList paths = selectedPaths();
    if (paths.isEmpty() || m_jobs->isChecking())
        return;
    app::ResumeRequest request;
    request.path = paths.last();
    if (paths.size() > 1)
        request.later = paths.first();
    request.projectDirectory = m_workspace->project().directory();
    m_jobs->checkResume(request);
}

/// All of them, or none where all bear one.
void CheckpointPage::star(const QVector<int>& rows)
{
    const bool all =
        std::all_of(rows.begin(), rows.end(), [this](int row) { return m_model->row(row).note.isStarred; });
    for (const int row : rows)
        m_model->setData(m_model->index(row, Model::StarColumn), all ? Qt::Unchecked : Qt::Checked,
                         Qt::CheckStateRole);
}

/// How many there are, what they take, and what the rules are about to do.
void CheckpointPage::summarise()
{
    qint64 bytes = 0;
    int going = 0;
    qint64 goingBytes = 0;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const app::CheckpointRow& checkpoint = m_model->row(row);
        bytes += checkpoint.bytes;
        if (checkpoint.goes()) {
            ++going;
            goingBytes += checkpoint.bytes;
        }
    }
    QStringList paths;
    bool hasPins = false;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        paths += m_model->row(row).path;
        hasPins = hasPins || m_model->row(row).step >= 0;
    }
    m_board->setVisible(hasPins);
    m_tensors->viewer()->setCheckpoints(paths);
    QString words = tr("%1, %2").arg(app::countOf(m_model->rowCount(), tr("checkpoint"), tr("checkpoints")),
                                     app::byteText(bytes));
    if (going > 0)
        words += tr(" · with the next save by a rule %1 (%2): star what you want to keep")
                     .arg(app::countOf(going, tr("goes"), tr("go")), app::byteText(goingBytes));
    m_summary->setText(words);
}

} // namespace wr::ui
