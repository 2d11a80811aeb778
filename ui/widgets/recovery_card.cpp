// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/recovery_card.h"

#include "app/document/quantity.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace wr::ui {

RecoveryCard::RecoveryCard(const app::LostSession& session, QWidget* parent)
    : QFrame(parent), m_session(session)
{
    setProperty("role", QStringLiteral("card"));
    setObjectName(QStringLiteral("recovery"));
    const app::SessionRecord& record = session.record;
    const QDateTime at = record.writtenAt.toLocalTime();
    const QString time = at.date() == QDate::currentDate()
                             ? QLocale().toString(at.time(), QStringLiteral("HH:mm"))
                             : QLocale().toString(at, QStringLiteral("d MMMM, HH:mm"));
    auto* title = new QLabel(tr("Weightroom closed unexpectedly at %1").arg(time), this);
    title->setProperty("role", QStringLiteral("title"));
    auto* text = new QLabel(words(), this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setToolTip(record.edits.join(u'\n'));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    const auto button = [&](const QString& words, const QString& tip, auto function) {
        auto* made = new QPushButton(words, this);
        made->setToolTip(tip);
        made->setAutoDefault(true);
        connect(made, &QPushButton::clicked, this, function);
        buttons->addWidget(made);
        return made;
    };
    auto* recover = button(record.hasEdits ? tr("Open recovered") : tr("Open"),
                           tr("The project with these edits; Undo takes them away again"),
                           &RecoveryCard::recoverRequested);
    recover->setProperty("primary", true);
    if (session.isFolderThere && record.hasEdits) {
        button(tr("Open last saved"), tr("The project without them; they are kept here until you decide"),
               &RecoveryCard::savedRequested);
        button(tr("Compare"), tr("What the edits change in the saved script"),
               &RecoveryCard::compareRequested);
    }
    button(tr("Copy report"), tr("What happened, in words to send to somebody; without the script"),
           [this] { QGuiApplication::clipboard()->setText(app::reportOf(m_session)); });
    buttons->addStretch();
    button(tr("Discard"), tr("Forgets what could be recovered"), &RecoveryCard::discardRequested);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(6);
    layout->addWidget(title);
    layout->addWidget(text);
    layout->addLayout(buttons);
    setAccessibleName(title->text());
    setAccessibleDescription(text->text());
}

QString RecoveryCard::words() const
{
    const app::SessionRecord& record = m_session.record;
    QStringList lines{
        record.directory.isEmpty()
            ? tr("“%1”, which has no folder yet").arg(record.title)
            : tr("“%1” in %2")
                  .arg(record.title, QDir::toNativeSeparators(QFileInfo(record.directory).absolutePath()))};
    if (!record.directory.isEmpty() && !m_session.isFolderThere)
        lines += tr("The folder holds no project any more: it is opened as a new one.");
    if (!record.edits.isEmpty()) {
        constexpr qsizetype kNamed = 3;
        QString named =
            record.edits.mid(std::max<qsizetype>(0, record.edits.size() - kNamed)).join(QStringLiteral(", "));
        if (record.edits.size() > kNamed)
            named.prepend(QStringLiteral("…, "));
        lines += tr("Edits that were not saved: %1 recovered (%2)")
                     .arg(app::countText(record.edits.size()), named);
    } else if (record.hasEdits) {
        lines += tr("The script was never saved, and is recovered.");
    }
    if (m_session.isChangedSince)
        lines += tr("The saved script was changed since by another program: compare before you decide.");
    if (record.step >= 0)
        lines += record.savedStep >= 0
                     ? tr("Training: step %1, newest checkpoint step %2, %3 lost")
                           .arg(app::countText(record.step), app::countText(record.savedStep),
                                app::countOf(record.step - record.savedStep, tr("step"), tr("steps")))
                     : tr("Training: step %1 without a checkpoint; its values are lost")
                           .arg(app::countText(record.step));
    if (!record.homeless.isEmpty())
        lines += tr("Checkpoints without a project folder: %1").arg(app::countText(record.homeless.size()));
    return lines.join(u'\n');
}

} // namespace wr::ui
