// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace wr::ui {

EmptyState::EmptyState(const QString& icon, const QString& title, const QString& text, QWidget* parent)
    : QWidget(parent), m_buttons(new QHBoxLayout)
{
    auto* drawing = new QLabel(this);
    drawing->setAlignment(Qt::AlignCenter);
    const auto draw = [drawing, icon] {
        constexpr int kSize = 48;
        const Theme& theme = Theme::instance();
        drawing->setPixmap(theme.icon(icon, theme.colours().muted).pixmap(kSize));
    };
    draw();
    connect(&Theme::instance(), &Theme::changed, drawing, draw);
    auto* heading = new QLabel(title, this);
    heading->setProperty("role", QStringLiteral("title"));
    heading->setAlignment(Qt::AlignCenter);
    auto* words = new QLabel(text, this);
    words->setProperty("role", QStringLiteral("muted"));
    words->setAlignment(Qt::AlignCenter);
    words->setWordWrap(true);

    m_buttons->setSpacing(8);
    m_buttons->addStretch();
    m_buttons->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(8);
    layout->addStretch(2);
    layout->addWidget(drawing);
    layout->addWidget(heading);
    layout->addWidget(words);
    layout->addSpacing(8);
    layout->addLayout(m_buttons);
    layout->addStretch(3);
}

void EmptyState::addButton(const QString& text, std::function<void()> action, bool isPrimary)
{
    auto* button = new QPushButton(text, this);
    button->setProperty("primary", isPrimary);
    connect(button, &QPushButton::clicked, this, std::move(action));
    m_buttons->insertWidget(m_buttons->count() - 1, button);
}

} // namespace wr::ui
