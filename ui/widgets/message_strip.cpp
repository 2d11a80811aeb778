// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/message_strip.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

namespace wr::ui {
namespace {

constexpr int kIconSize = 20;

QString kindName(MessageStrip::Kind kind)
{
    switch (kind) {
    case MessageStrip::Kind::Good:
        return QStringLiteral("good");
    case MessageStrip::Kind::Warning:
        return QStringLiteral("warning");
    case MessageStrip::Kind::Bad:
        return QStringLiteral("bad");
    case MessageStrip::Kind::Info:
        break;
    }
    return QStringLiteral("info");
}

QIcon kindIcon(MessageStrip::Kind kind)
{
    const Theme& theme = Theme::instance();
    const Colours& colours = theme.colours();
    switch (kind) {
    case MessageStrip::Kind::Good:
        return theme.icon(QStringLiteral("check"), colours.good);
    case MessageStrip::Kind::Warning:
        return theme.icon(QStringLiteral("warning"), colours.warning);
    case MessageStrip::Kind::Bad:
        return theme.icon(QStringLiteral("error"), colours.bad);
    case MessageStrip::Kind::Info:
        break;
    }
    return theme.icon(QStringLiteral("info"), colours.accent);
}

} // namespace

MessageStrip::MessageStrip(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_what(new QLabel(this)), m_details(new QLabel(this)),
      m_action(new QPushButton(this)), m_second(new QPushButton(this)), m_toggle(new QToolButton(this)),
      m_copy(new QToolButton(this)), m_fade(new QTimer(this))
{
    m_what->setObjectName(QStringLiteral("what"));
    m_what->setProperty("role", QStringLiteral("title"));
    for (QLabel* label : {m_what, m_details}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_toggle->setText(tr("Details"));
    m_toggle->setCheckable(true);
    m_copy->setText(tr("Copy"));
    m_copy->setToolTip(tr("Copy the whole message"));
    auto* close = new QToolButton(this);
    Theme::instance().bindIcon(close, QStringLiteral("close"));
    close->setToolTip(tr("Close this message"));
    close->setAccessibleName(tr("Close message"));

    auto* sentences = new QVBoxLayout;
    sentences->setSpacing(4);
    sentences->addWidget(m_what);
    sentences->addWidget(m_details);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addLayout(sentences, 1);
    for (QWidget* button :
         {static_cast<QWidget*>(m_action), static_cast<QWidget*>(m_second), static_cast<QWidget*>(m_toggle),
          static_cast<QWidget*>(m_copy), static_cast<QWidget*>(close)})
        layout->addWidget(button, 0, Qt::AlignTop);

    m_fade->setSingleShot(true);
    connect(m_fade, &QTimer::timeout, this, &MessageStrip::dismiss);
    connect(close, &QToolButton::clicked, this, &MessageStrip::dismiss);
    connect(m_toggle, &QToolButton::toggled, m_details, &QLabel::setVisible);
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(text()); });
    connect(m_action, &QPushButton::clicked, this, [this] {
        const std::function<void()> action = m_do;
        dismiss();
        if (action)
            action();
    });
    connect(m_second, &QPushButton::clicked, this, [this] {
        const std::function<void()> action = m_doSecond;
        dismiss();
        if (action)
            action();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] { setKind(m_kind); });
    hide();
}

void MessageStrip::showExplanation(const app::Explanation& explanation, const QVector<Action>& actions)
{
    if (explanation.isEmpty())
        return;
    const Action first = actions.value(0);
    const Action second = actions.value(1);
    m_do = first.run;
    m_doSecond = second.run;
    m_what->setText(explanation.what);
    QStringList rest;
    for (const QString& sentence : {explanation.why, explanation.wayOut}) {
        if (!sentence.isEmpty())
            rest += sentence;
    }
    m_details->setText(rest.join(u'\n'));
    m_action->setText(first.text);
    m_action->setVisible(!first.text.isEmpty());
    m_second->setText(second.text);
    m_second->setVisible(!second.text.isEmpty());
    m_toggle->setVisible(!rest.isEmpty());
    m_toggle->setChecked(!rest.isEmpty());
    m_details->setVisible(!rest.isEmpty());
    setKind(explanation.cancelled ? Kind::Info : Kind::Bad);
    present();
}

void MessageStrip::showText(Kind kind, const QString& text, const QString& actionText,
                            std::function<void()> action)
{
    m_do = std::move(action);
    m_doSecond = {};
    m_second->hide();
    m_what->setText(text);
    m_details->clear();
    m_details->hide();
    m_toggle->hide();
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    setKind(kind);
    present();
}

void MessageStrip::present()
{
    // Good news need not be put away by hand; whatever asks for something stays.
    constexpr int kGoodNewsMilliseconds = 8000;
    m_copy->setVisible(m_kind == Kind::Warning || m_kind == Kind::Bad);
    if (m_kind == Kind::Good)
        m_fade->start(kGoodNewsMilliseconds);
    else
        m_fade->stop();
    show();
    setAccessibleName(text());
    QAccessibleEvent event(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void MessageStrip::dismiss()
{
    m_do = {};
    m_doSecond = {};
    hide();
}

QString MessageStrip::text() const
{
    return m_details->text().isEmpty() ? m_what->text() : m_what->text() + u'\n' + m_details->text();
}

void MessageStrip::setKind(Kind kind)
{
    m_kind = kind;
    setProperty("kind", kindName(kind));
    m_icon->setPixmap(kindIcon(kind).pixmap(kIconSize));
    style()->unpolish(this);
    style()->polish(this);
    for (QLabel* label : {m_what, m_details}) {
        style()->unpolish(label);
        style()->polish(label);
    }
}

} // namespace wr::ui
