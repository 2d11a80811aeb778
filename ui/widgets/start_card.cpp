// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/start_card.h"

#include "ui/theme/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace wr::ui {
namespace {
constexpr int kWidth = 200;
constexpr int kHeight = 124;
} // namespace

StartCard::StartCard(const QString& icon, const QString& title, const QString& words, QWidget* parent)
    : QPushButton(parent)
{
    setProperty("card", true);
    setAccessibleName(title);
    setAccessibleDescription(words);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAutoDefault(true); // Enter presses the card that has the focus
    auto* drawing = new QLabel(this);
    const auto draw = [drawing, icon] {
        constexpr int kIcon = 28;
        const Theme& theme = Theme::instance();
        drawing->setPixmap(theme.icon(icon, theme.colours().accent).pixmap(kIcon));
    };
    draw();
    connect(&Theme::instance(), &Theme::changed, drawing, draw);
    auto* heading = new QLabel(title, this);
    heading->setProperty("role", QStringLiteral("title"));
    auto* text = new QLabel(words, this);
    text->setProperty("role", QStringLiteral("muted"));
    text->setWordWrap(true);
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(4);
    layout->addWidget(drawing);
    layout->addWidget(heading);
    layout->addWidget(text, 1);
    for (QLabel* label : {drawing, heading, text})
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
}

QSize StartCard::sizeHint() const
{
    return {kWidth, kHeight};
}

QSize StartCard::minimumSizeHint() const
{
    return sizeHint();
}

} // namespace wr::ui
