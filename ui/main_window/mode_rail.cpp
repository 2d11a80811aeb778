// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/mode_rail.h"

#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QToolButton>
#include <QVBoxLayout>

namespace wr::ui {

ModeRail::ModeRail(QWidget* parent)
    : QFrame(parent), m_group(new QButtonGroup(this)), m_layout(new QVBoxLayout(this))
{
    setProperty("role", QStringLiteral("modes"));
    m_layout->setContentsMargins(6, 10, 6, 10);
    m_layout->setSpacing(4);
    m_layout->addStretch();
    connect(m_group, &QButtonGroup::idClicked, this, &ModeRail::chosen);
}

void ModeRail::addMode(const QString& name, const QString& icon)
{
    constexpr int kWidth = 92;
    const int mode = static_cast<int>(m_group->buttons().size());
    auto* button = new QToolButton(this);
    button->setText(name);
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(name).arg(mode + 1));
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setIconSize(QSize(22, 22));
    button->setCheckable(true);
    button->setFixedWidth(kWidth);
    Theme::instance().bindIcon(button, icon);
    m_group->addButton(button, mode);
    m_layout->insertWidget(m_layout->count() - 1, button);
    if (mode == 0)
        button->setChecked(true);
}

void ModeRail::setCurrent(int mode)
{
    if (QAbstractButton* button = m_group->button(mode))
        button->setChecked(true);
}

int ModeRail::current() const
{
    return m_group->checkedId();
}

} // namespace wr::ui
