// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the window that opens, saves and asks before something is lost.
#include "app/library/example.h"
#include "app/run/recipe_actions.h"
#include "ui/dialogs/file_choice.h"
#include "ui/main_window/main_window.h"
#include "ui/pages/checkpoint_page.h"
#include "ui/pages/model_page.h"
#include "ui/pages/place_page.h"
#include "ui/pages/start_page.h"
#include "ui/widgets/file_drop.h"
#include "ui/widgets/message_strip.h"
#include "ui/workspace.h"

#include <QClipboard>
#include <QCloseEvent>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStandardPaths>

namespace wr::ui {
namespace {

bool isProject(const QFileInfo& info)
{
    return info.isDir() || info.suffix() == QLatin1String("wr");
}

} // namespace

void MainWindow::wireFiles()
{
    connect(m_actions->newProject, &QAction::triggered, this, [this] { newProject({}); });
    const auto paste = [this] {
        const QString text = QGuiApplication::clipboard()->text();
        if (text.trimmed().isEmpty())
            note(tr("The clipboard holds no text. Copy some tf.Variable(…) lines first."));
        else
            newProject(text);
    };
    connect(m_actions->paste, &QAction::triggered, this, paste);
    connect(m_model, &ModelPage::pasteRequested, this, paste);
    const auto openDigits = [this] { openExample(QStringLiteral("digits")); };
    connect(m_actions->example, &QAction::triggered, this, openDigits);
    connect(m_model, &ModelPage::exampleRequested, this, openDigits);
    connect(m_actions->startPage, &QAction::triggered, this, &MainWindow::showStart);
    connect(m_start, &StartPage::exampleRequested, this, &MainWindow::openExample);
    connect(m_start, &StartPage::pasteRequested, this, paste);
    connect(m_start, &StartPage::textDropped, this, &MainWindow::newProject);
    connect(m_start, &StartPage::recentRequested, this, &MainWindow::openPath);
    connect(m_start, &StartPage::recoverRequested, this, &MainWindow::openRecovered);
    connect(m_start, &StartPage::lostSessionsFound, this, [this](int count) {
        if (count > 0 && m_whole->currentWidget() != m_start)
            m_messages->showText(MessageStrip::Kind::Warning,
                                 tr("Weightroom closed unexpectedly: edits or a training can be recovered."),
                                 tr("Show"), [this] { showStart(); });
    });
    connect(m_start, &StartPage::openRequested, m_actions->open, &QAction::trigger);
    connect(m_start, &StartPage::checkpointRequested, m_actions->openCheckpoint, &QAction::trigger);
    const auto openProject = [this] {
        chooseFolder(this, tr("Open a project"), QFileInfo(m_workspace->project().directory()).path(),
                     [this](const QString& path) { openPath(path); });
    };
    connect(m_actions->open, &QAction::triggered, this, openProject);
    connect(m_model, &ModelPage::openRequested, this, openProject);
    connect(m_actions->openCheckpoint, &QAction::triggered, this, [this] {
        chooseCheckpoint(this, tr("Open a checkpoint"), m_workspace->project().checkpointDirectory(),
                         [this](const QString& path) { openPath(path); });
    });
    connect(m_actions->save, &QAction::triggered, this, [this] { save(); });
    connect(m_actions->saveAs, &QAction::triggered, this, [this] { saveAs(); });
    connect(m_actions->quit, &QAction::triggered, this, &QWidget::close);
    connect(m_actions->dataFolder, &QAction::triggered, this, [this] {
        chooseFolder(this, tr("A folder with IDX files"), {},
                     [this](const QString& path) { m_workspace->run().setDataDirectory(path); });
    });
    connect(m_actions->recent, &QMenu::aboutToShow, this, &MainWindow::refillRecent);
    auto* drop = new FileDrop(this);
    connect(drop, &FileDrop::dropped, this, [this](const QStringList& paths) {
        for (const QString& path : paths)
            openPath(path);
    });
}

void MainWindow::newProject(const QString& text)
{
    replaceProject([this, text] {
        m_workspace->project().newFromText(text, tr("Untitled"));
        showPage(Model);
    });
}

void MainWindow::openExample(const QString& name)
{
    replaceProject([this, name] {
        if (m_workspace->openExample(name))
            showPage(Model);
    });
}

void MainWindow::openPath(const QString& path)
{
    if (isProject(QFileInfo(path))) {
        replaceProject([this, path] {
            if (m_workspace->openProject(path))
                showPage(Model);
        });
        return;
    }
    m_workspace->remember(QFileInfo(path).absoluteFilePath());
    m_checkpoints->open(path);
    showPage(Checkpoints);
}

void MainWindow::openRecovered(const app::LostSession& session)
{
    replaceProject([this, session] {
        if (!m_workspace->openRecovered(session))
            return;
        showPage(Model);
        const QString checkpoint = session.record.checkpoint;
        if (session.record.savedStep >= 0 && QFileInfo::exists(checkpoint))
            m_messages->showText(
                MessageStrip::Kind::Info,
                tr("The training can go on from its checkpoint at step %1.").arg(session.record.savedStep),
                tr("Restore…"), [this, checkpoint] { requestRestore(checkpoint); });
        else if (session.record.hasEdits)
            note(tr("The edits are recovered; they are not saved yet. Undo takes them away."));
    });
}

void MainWindow::refillRecent()
{
    m_actions->recent->clear();
    const QStringList recent = m_workspace->recent();
    for (const QString& path : recent) {
        QAction* action = m_actions->recent->addAction(QDir::toNativeSeparators(path), this,
                                                       [this, path] { openPath(path); });
        action->setEnabled(QFileInfo::exists(path));
    }
    if (recent.isEmpty())
        m_actions->recent->addAction(tr("No projects yet"))->setEnabled(false);
}

void MainWindow::save(const std::function<void()>& then)
{
    app::Project& project = m_workspace->project();
    if (project.directory().isEmpty()) {
        saveAs(then);
        return;
    }
    if (project.isChangedOnDisk()) {
        ask(tr("Another program changed %1.").arg(project.title()), tr("Saving replaces what it wrote."),
            tr("Replace"),
            [this, then] {
                const app::Explanation problem = m_workspace->project().saveAnyway();
                if (!problem.isEmpty())
                    complain(problem);
                else if (then)
                    then();
            },
            {});
        return;
    }
    if (m_workspace->save() && then)
        then();
}

void MainWindow::saveAs(const std::function<void()>& then)
{
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    chooseNewFile(this, tr("Save the project as a folder"), documents + u'/' + m_workspace->project().title(),
                  tr("Project folder (*)"), [this, then](const QString& path) {
                      if (m_workspace->saveAs(path) && then)
                          then();
                  });
}

void MainWindow::ask(const QString& text, const QString& details, const QString& save,
                     const std::function<void()>& onSave, const std::function<void()>& onDiscard)
{
    auto* question =
        new QMessageBox(QMessageBox::Question, tr("Weightroom"), text, QMessageBox::Cancel, this);
    question->setInformativeText(details);
    question->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* yes = question->addButton(save, QMessageBox::AcceptRole);
    question->setDefaultButton(yes);
    connect(yes, &QPushButton::clicked, this, onSave);
    if (onDiscard) {
        QPushButton* no = question->addButton(tr("Discard"), QMessageBox::DestructiveRole);
        connect(no, &QPushButton::clicked, this, onDiscard);
    }
    question->open();
}

void MainWindow::refillSavers()
{
    m_actions->savers->clear();
    QVector<app::SaverChoice> savers;
    if (const auto model = m_workspace->project().model())
        savers = app::saverChoices(*model);
    for (int i = 0; i < savers.size(); ++i) {
        QString text = tr("%1: %2").arg(savers[i].name, savers[i].words);
        QAction* action = m_actions->savers->addAction(text.replace(u'&', QLatin1String("&&")), this,
                                                       [this, i] { m_workspace->run().saveWith(i); });
        action->setEnabled(!savers[i].isEmpty);
    }
    if (savers.isEmpty())
        m_actions->savers->addAction(tr("The script makes none: saver = tf.train.Saver()"))
            ->setEnabled(false);
}

bool MainWindow::hasHomelessCheckpoints() const
{
    const app::Project& project = m_workspace->project();
    return project.directory().isEmpty() &&
           !QDir(project.checkpointDirectory())
                .entryList({QStringLiteral("*.wrck"), QStringLiteral("*.zst")}, QDir::Files)
                .isEmpty();
}

void MainWindow::replaceProject(const std::function<void()>& open)
{
    const app::Project& project = m_workspace->project();
    const bool isHomeless = hasHomelessCheckpoints();
    if (!project.isModified() && !isHomeless) {
        open();
        return;
    }
    ask(
        tr("Save the changes to %1?").arg(project.title()),
        isHomeless ? tr("The project has no folder yet: its checkpoints lie in a temporary one and would be "
                        "lost too.")
                   : QString(),
        tr("Save"), [this, open] { save(open); }, open);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const bool isRunning = m_workspace->run().state().phase == app::RunPhase::Running;
    const bool losesWork = m_workspace->project().isModified() || hasHomelessCheckpoints();
    if (m_isLeaving || (!isRunning && !losesWork)) {
        saveLayout();
        event->accept();
        return;
    }
    event->ignore();
    const auto leave = [this] {
        m_isLeaving = true;
        close();
    };
    if (losesWork)
        replaceProject(leave);
    else
        ask(tr("A training is running."),
            tr("At step %1; what was not saved as a checkpoint is lost.")
                .arg(m_workspace->run().state().step),
            tr("Stop and quit"), leave, {});
}

void MainWindow::restoreLayout()
{
    const QSettings settings;
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    m_model->restoreLayoutState(settings.value(QStringLiteral("window/model")).toByteArray());
    m_place->restoreLayoutState(settings.value(QStringLiteral("window/place")).toByteArray());
}

void MainWindow::saveLayout()
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/model"), m_model->layoutState());
    settings.setValue(QStringLiteral("window/place"), m_place->layoutState());
}

void MainWindow::showShortcuts()
{
    QString rows;
    const QList<QAction*> all = QWidget::actions();
    for (const QAction* action : all) {
        if (!action->shortcut().isEmpty())
            rows += QStringLiteral("<tr><td style='padding-right:24px'>%1</td><td>%2</td></tr>")
                        .arg(action->statusTip().toHtmlEscaped(),
                             action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped());
    }
    const QString more =
        tr("<tr><td>Pages</td><td>Ctrl+1 … Ctrl+5</td></tr>"
           "<tr><td>Script, table and graph of the Model page: show or hide</td><td>Alt+1, Alt+2, "
           "Alt+3</td></tr>"
           "<tr><td>Script: find, next match, the one before</td><td>Ctrl+F, F3, Shift+F3</td></tr>"
           "<tr><td>Script: complete, comment out</td><td>Ctrl+Space, Ctrl+/</td></tr>"
           "<tr><td>Fix what is wrong on this line of the script</td><td>Ctrl+.</td></tr>"
           "<tr><td>Place: mark, unpin, by rule, choose the lane, place</td><td>M, X, R, ← →, Enter</td></tr>"
           "<tr><td>Restore dialog: link, keep, initialise, initialise the rest</td><td>M, K, X, I</td></tr>"
           "<tr><td>Next and previous difference</td><td>N, P</td></tr>");
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Keyboard shortcuts"),
                                QStringLiteral("<table>") + rows + more + QStringLiteral("</table>"),
                                QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::showAbout()
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("About Weightroom"),
                                tr("<h3>Weightroom %1</h3><p>Set up models, train them, and look after their "
                                   "checkpoints.</p><p>GNU General Public License, version 3 or later.</p>")
                                    .arg(QCoreApplication::applicationVersion()),
                                QMessageBox::Close, this);
    box->setIconPixmap(windowIcon().pixmap(64, 64));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace wr::ui
