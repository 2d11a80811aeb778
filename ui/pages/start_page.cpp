// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/start_page.h"

#include "app/recovery/session_journal.h"
#include "ui/dialogs/text_compare_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/recovery_card.h"
#include "ui/widgets/start_card.h"
#include "ui/workspace.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

enum class Place { Gone, Folder, File };

QLabel* heading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("title"));
    return label;
}

} // namespace

StartPage::StartPage(Workspace* workspace, QWidget* parent)
    : QWidget(parent), m_workspace(workspace), m_noRecent(new QLabel(this)), m_recent(new QVBoxLayout),
      m_lost(new QVBoxLayout)
{
    setObjectName(QStringLiteral("start"));
    setAcceptDrops(true);
    auto* content = new QWidget(this);
    content->setMaximumWidth(980);

    auto* title = new QLabel(tr("Weightroom"), content);
    title->setProperty("role", QStringLiteral("number"));
    auto* words = new QLabel(tr("Set up models, train them, and look after their checkpoints."), content);
    words->setProperty("role", QStringLiteral("muted"));

    const auto card = [&](QHBoxLayout* row, const char* icon, const QString& name, const QString& text,
                          const auto& action) {
        auto* button = new StartCard(QLatin1String(icon), name, text, content);
        connect(button, &QPushButton::clicked, this, action);
        row->addWidget(button);
        return button;
    };
    auto* examples = new QHBoxLayout;
    examples->setSpacing(12);
    m_first = card(examples, "chart", tr("Digits 784-200-10"),
                   tr("Two layers that learn to read digits: Init, Run, and watch the curve."),
                   [this] { emit exampleRequested(QStringLiteral("digits")); });
    card(examples, "table", tr("Variables"),
         tr("Weights and biases, two variables made from them, and a recipe that saves and restores them."),
         [this] { emit exampleRequested(QStringLiteral("variables")); });
    card(examples, "device", tr("Parameter servers"),
         tr("Layers spread over the tasks of /job:ps, in the order in which they are made."),
         [this] { emit exampleRequested(QStringLiteral("parameter_servers")); });

    auto* images = new QHBoxLayout;
    images->setSpacing(12);
    card(images, "chart", tr("LeNet"), tr("Convolutions and pools read digits: 99 % within seconds."),
         [this] { emit exampleRequested(QStringLiteral("lenet")); });
    card(images, "chart", tr("Residual network"), tr("Blocks that add what they find to what came in."),
         [this] { emit exampleRequested(QStringLiteral("resnet")); });
    card(images, "chart", tr("Transformer"),
         tr("The rows of a picture as a sentence, with attention and dropout."),
         [this] { emit exampleRequested(QStringLiteral("transformer")); });
    auto* small = new QHBoxLayout;
    small->setSpacing(12);
    card(small, "chart", tr("Spiral"), tr("Two wound arms of points, told apart by a small network."),
         [this] { emit exampleRequested(QStringLiteral("spiral")); });
    card(small, "chart", tr("Sine"), tr("A curve learned from noisy points; the targets are numbers."),
         [this] { emit exampleRequested(QStringLiteral("sine")); });
    card(small, "table", tr("Autoencoder"),
         tr("Digits pressed into 32 numbers and drawn again, without labels."),
         [this] { emit exampleRequested(QStringLiteral("autoencoder")); });

    auto* yours = new QHBoxLayout;
    yours->setSpacing(12);
    card(yours, "code", tr("Paste TensorFlow code"),
         tr("A new project from the clipboard's text (Ctrl+Shift+V). Text may be dropped here, too."),
         [this] { emit pasteRequested(); });
    card(yours, "open", tr("Open project"), tr("A folder with a model.wr (Ctrl+O)."),
         [this] { emit openRequested(); });
    card(yours, "checkpoint", tr("Open checkpoint"), tr("Look at its tensors, or compare it (Ctrl+Shift+O)."),
         [this] { emit checkpointRequested(); });

    m_noRecent->setText(tr("None yet. What you open or save is listed here."));
    m_noRecent->setProperty("role", QStringLiteral("muted"));
    m_recent->setSpacing(2);

    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(8);
    column->addWidget(title);
    column->addWidget(words);
    column->addSpacing(4);
    column->addLayout(m_lost);
    column->addSpacing(12);
    column->addWidget(heading(tr("Try it now"), content));
    column->addLayout(examples);
    column->addSpacing(4);
    column->addLayout(images);
    column->addSpacing(4);
    column->addLayout(small);
    column->addSpacing(12);
    column->addWidget(heading(tr("Your own"), content));
    column->addLayout(yours);
    column->addSpacing(12);
    column->addWidget(heading(tr("Recent projects and checkpoints"), content));
    column->addWidget(m_noRecent);
    column->addLayout(m_recent);
    column->addStretch(1);

    auto* middle = new QWidget(this);
    auto* across = new QHBoxLayout(middle);
    across->setContentsMargins(0, 0, 0, 0);
    across->addStretch(1);
    across->addWidget(content, 100);
    across->addStretch(1);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(middle);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    setFocusProxy(m_first);
    refresh();
}

void StartPage::refresh()
{
    m_searching.start([folder = app::SessionJournal::folder()](
                          const app::JobTracker::Context&) { return app::findLostSessions(folder); },
                      [this](const QVector<app::LostSession>& sessions) { showLost(sessions); });
    const QStringList paths = m_workspace->recent();
    m_looking.start(
        [paths](const app::JobTracker::Context& context) {
            QVector<Place> there;
            for (const QString& path : paths) {
                if (context.isCancelled())
                    break;
                const bool isProject = QFileInfo::exists(QDir(path).filePath(QStringLiteral("model.wr")));
                there.append(isProject                  ? Place::Folder
                             : QFileInfo(path).isFile() ? Place::File
                                                        : Place::Gone);
            }
            there.resize(paths.size());
            return there;
        },
        [this, paths](const QVector<Place>& there) {
            while (QLayoutItem* item = m_recent->takeAt(0)) {
                if (QWidget* row = item->widget())
                    row->deleteLater();
                delete item;
            }
            for (qsizetype i = 0; i < paths.size(); ++i)
                addRecent(paths[i], there[i] != Place::Gone, there[i] == Place::File);
            m_noRecent->setVisible(paths.isEmpty());
        });
}

void StartPage::showLost(const QVector<app::LostSession>& sessions)
{
    while (QLayoutItem* item = m_lost->takeAt(0)) {
        if (QWidget* card = item->widget())
            card->deleteLater();
        delete item;
    }
    constexpr qsizetype kMost = 3;
    for (const app::LostSession& session : sessions.mid(0, kMost)) {
        auto* card = new RecoveryCard(session, this);
        connect(card, &RecoveryCard::recoverRequested, this,
                [this, session] { emit recoverRequested(session); });
        connect(card, &RecoveryCard::savedRequested, this,
                [this, session] { emit recentRequested(session.record.directory); });
        connect(card, &RecoveryCard::compareRequested, this, [this, session] {
            auto* dialog =
                new TextCompareDialog(tr("What the recovered edits change in “%1”").arg(session.record.title),
                                      session.saved, session.record.script, this);
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->open();
        });
        connect(card, &RecoveryCard::discardRequested, this, [this, session] {
            app::discardSession(session.path);
            refresh();
        });
        m_lost->addWidget(card);
    }
    emit lostSessionsFound(static_cast<int>(sessions.size()));
}

void StartPage::addRecent(const QString& path, bool isThere, bool isFile)
{
    auto* row = new QWidget(this);
    auto* open = new QToolButton(row);
    open->setObjectName(QStringLiteral("recent"));
    const QString shown = QDir::toNativeSeparators(path);
    constexpr int kLongest = 560;
    const QString name = QFileInfo(path).fileName();
    open->setText(QStringLiteral("%1   %2").arg(
        name, open->fontMetrics().elidedText(shown, Qt::ElideMiddle, kLongest)));
    open->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    Theme::instance().bindIcon(open, isFile ? QStringLiteral("checkpoint") : QStringLiteral("folder"));
    open->setEnabled(isThere);
    open->setToolTip(
        isThere ? shown : tr("%1\nThis file or folder is gone, or holds no model.wr any more.").arg(shown));
    open->setAccessibleName(isThere ? tr("Open %1").arg(shown) : tr("%1, gone").arg(shown));
    open->setFocusPolicy(Qt::StrongFocus);
    auto* forget = new QToolButton(row);
    forget->setObjectName(QStringLiteral("forget"));
    Theme::instance().bindIcon(forget, QStringLiteral("close"));
    forget->setToolTip(tr("Take it off the list; nothing is deleted"));
    forget->setAccessibleName(tr("Take %1 off the list").arg(name));
    forget->setFocusPolicy(Qt::StrongFocus);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(open);
    layout->addWidget(forget);
    layout->addStretch(1);
    connect(open, &QToolButton::clicked, this, [this, path] { emit recentRequested(path); });
    connect(forget, &QToolButton::clicked, this, [this, path] {
        m_workspace->forget(path);
        refresh();
    });
    m_recent->addWidget(row);
}

void StartPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasText() && !event->mimeData()->hasUrls())
        event->acceptProposedAction();
    else
        event->ignore(); // files are the window's
}

void StartPage::dropEvent(QDropEvent* event)
{
    if (!event->mimeData()->hasText() || event->mimeData()->hasUrls()) {
        event->ignore();
        return;
    }
    event->acceptProposedAction();
    emit textDropped(event->mimeData()->text());
}

} // namespace wr::ui
