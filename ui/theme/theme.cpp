// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "ui/theme/style_sheet.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QPainter>
#include <QPalette>
#include <QPixmap>
#include <QPointer>
#include <QSettings>
#include <QStyle>
#include <QSvgRenderer>

namespace wr::ui {
namespace {

QPalette paletteOf(const Colours& c)
{
    QPalette palette;
    palette.setColor(QPalette::Window, c.window);
    palette.setColor(QPalette::WindowText, c.text);
    palette.setColor(QPalette::Base, c.base);
    palette.setColor(QPalette::AlternateBase, c.currentLine);
    palette.setColor(QPalette::Text, c.text);
    palette.setColor(QPalette::PlaceholderText, c.muted);
    palette.setColor(QPalette::Button, c.window);
    palette.setColor(QPalette::ButtonText, c.text);
    palette.setColor(QPalette::BrightText, c.bad);
    palette.setColor(QPalette::ToolTipBase, c.base);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::Highlight, c.selection);
    palette.setColor(QPalette::HighlightedText, c.text);
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::Mid, c.line);
    palette.setColor(QPalette::Midlight, c.hover);
    palette.setColor(QPalette::Dark, c.line);
    palette.setColor(QPalette::Light, c.base);
    palette.setColor(QPalette::Shadow, c.line);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, c.muted);
    return palette;
}

QPixmap drawing(const QByteArray& svg, int size, const QColor& colour)
{
    QByteArray coloured = svg;
    coloured.replace("#000", colour.name(QColor::HexRgb).toLatin1());
    QSvgRenderer renderer(coloured);
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    return pixmap;
}

QString nameOf(Theme::Choice choice)
{
    switch (choice) {
    case Theme::Choice::Light:
        return QStringLiteral("light");
    case Theme::Choice::Dark:
        return QStringLiteral("dark");
    case Theme::Choice::System:
        break;
    }
    return QStringLiteral("system");
}

} // namespace

Theme& Theme::instance()
{
    static QPointer<Theme> theme;
    if (!theme)
        theme = new Theme(qApp);
    return *theme;
}

Theme::Theme(QObject* parent) : QObject(parent), m_colours(&lightColours())
{
    QApplication::setStyle(QStringLiteral("fusion"));
    m_systemIsDark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    const QString kept = QSettings().value(QStringLiteral("theme")).toString();
    if (kept == QLatin1String("light"))
        m_choice = Choice::Light;
    else if (kept == QLatin1String("dark"))
        m_choice = Choice::Dark;
    qApp->installEventFilter(this);
    apply();
}

void Theme::setChoice(Choice choice, bool remember)
{
    if (remember)
        QSettings().setValue(QStringLiteral("theme"), nameOf(choice));
    if (choice == m_choice)
        return;
    m_choice = choice;
    apply();
}

bool Theme::setChoice(const QString& name, bool remember)
{
    for (const Choice choice : {Choice::Light, Choice::Dark, Choice::System}) {
        if (name == nameOf(choice)) {
            setChoice(choice, remember);
            return true;
        }
    }
    return false;
}

void Theme::apply()
{
    const bool isDark = m_choice == Choice::Dark || (m_choice == Choice::System && m_systemIsDark);
    m_colours = isDark ? &darkColours() : &lightColours();
    m_isApplying = true;
    QApplication::setPalette(paletteOf(*m_colours));
    qApp->setStyleSheet(styleSheet(*m_colours));
    m_isApplying = false;
    emit changed();
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    // The desktop's own palette, told to the application when the user changes it.
    if (event->type() == QEvent::ThemeChange && watched == qApp && !m_isApplying) {
        const QPalette system = QApplication::style()->standardPalette();
        m_systemIsDark = system.color(QPalette::Window).lightness() < 128;
        if (m_choice == Choice::System)
            apply();
    }
    return QObject::eventFilter(watched, event);
}

QIcon Theme::icon(const QString& name) const
{
    return icon(name, m_colours->text);
}

QIcon Theme::icon(const QString& name, const QColor& colour) const
{
    const QString key = name + colour.name();
    if (const auto known = m_icons.constFind(key); known != m_icons.constEnd())
        return *known;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QColor faded = colour;
    faded.setAlphaF(0.38F);
    QIcon icon;
    for (const int size : {16, 20, 24, 32, 48}) {
        icon.addPixmap(drawing(svg, size, colour));
        QPixmap dim(size, size);
        dim.fill(Qt::transparent);
        QPainter painter(&dim);
        painter.setOpacity(faded.alphaF());
        painter.drawPixmap(0, 0, drawing(svg, size, colour));
        icon.addPixmap(dim, QIcon::Disabled);
    }
    m_icons.insert(key, icon);
    return icon;
}

void Theme::bindIcon(QAction* action, const QString& name)
{
    action->setIcon(icon(name));
    connect(this, &Theme::changed, action, [this, action, name] { action->setIcon(icon(name)); });
}

void Theme::bindIcon(QAbstractButton* button, const QString& name)
{
    button->setIcon(icon(name));
    connect(this, &Theme::changed, button, [this, button, name] { button->setIcon(icon(name)); });
}

} // namespace wr::ui
