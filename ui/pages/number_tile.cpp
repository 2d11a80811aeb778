// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/number_tile.h"

#include <QLabel>
#include <QVBoxLayout>

namespace wr::ui {

NumberTile::NumberTile(const QString& name, QWidget* parent)
    : QFrame(parent), m_name(name), m_value(new QLabel(QStringLiteral("–"), this)),
      m_label(new QLabel(name, this))
{
    setProperty("role", QStringLiteral("card"));
    m_value->setProperty("role", QStringLiteral("number"));
    m_label->setProperty("role", QStringLiteral("muted"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 16, 8);
    layout->setSpacing(0);
    layout->addWidget(m_value);
    layout->addWidget(m_label);
}

void NumberTile::setName(const QString& name)
{
    if (name == m_name)
        return;
    m_name = name;
    m_label->setText(name);
    setAccessibleName(m_name + u' ' + m_value->text());
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
