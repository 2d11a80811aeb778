// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/number_tile.h"

#include <QLabel>
#include <QVBoxLayout>

namespace wr::ui {

NumberTile::NumberTile(const QString& name, QWidget* parent)
    : QFrame(parent), m_name(name), m_value(new QLabel(QStringLiteral("–"), this))
{
    setProperty("role", QStringLiteral("card"));
    m_value->setProperty("role", QStringLiteral("number"));
    auto* label = new QLabel(name, this);
    label->setProperty("role", QStringLiteral("muted"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 16, 8);
    layout->setSpacing(0);
    layout->addWidget(m_value);
    layout->addWidget(label);
}

void NumberTile::setValue(const QString& value)
{
    if (value == m_value->text())
        return;
    m_value->setText(value);
    setAccessibleName(m_name + u' ' + value);
}

QString NumberTile::value() const
{
    return m_value->text();
}

} // namespace wr::ui
