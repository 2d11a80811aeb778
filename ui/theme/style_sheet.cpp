// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_sheet.h"

#include <utility>

namespace wr::ui {

QString styleSheet(const Colours& c)
{
    QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: @window; }
QToolTip { background: @base; color: @text; border: 1px solid @line; padding: 4px; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @line; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { background: @line; width: 1px; margin: 4px 6px; }
QToolButton { color: @text; border: 1px solid transparent; border-radius: 4px; padding: 4px 8px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selection; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @muted; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton::menu-button { border: none; width: 16px; }
QPushButton { background: @base; color: @text; border: 1px solid @line; border-radius: 4px; padding: 4px 12px;
              min-height: 20px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @muted; background: @window; }
QPushButton:checked { background: @selection; border-color: @accent; }
QPushButton[primary="true"] { background: @accent; color: @accentText; border-color: @accent; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 3px 11px; }
QPushButton[primary="true"]:disabled { background: @hover; color: @muted; border-color: @line; }
QPushButton[card="true"] { border-radius: 8px; padding: 0; text-align: left; }
QPushButton[card="true"]:hover { border-color: @accent; }
QPushButton[card="true"]:focus { border: 2px solid @accent; }
QPushButton[card="true"] QLabel { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; border: none; border-bottom: 2px solid transparent;
              padding: 5px 12px; margin-bottom: 4px; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:focus { color: @accent; }
QLineEdit, QComboBox, QAbstractSpinBox { background: @base; color: @text; border: 1px solid @line; border-radius: 4px;
              padding: 2px 8px; min-height: 22px; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow, QAbstractSpinBox::down-arrow { image: url(:/arrows/down.svg); width: 12px; height: 12px; }
QAbstractSpinBox::up-arrow { image: url(:/arrows/up.svg); width: 12px; height: 12px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border: none; width: 20px; height: 13px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border: none; width: 20px; height: 13px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover; }
QTableView QLineEdit, QTableView QComboBox { border-radius: 0; padding: 0 4px; min-height: 0; }
QPlainTextEdit, QTextEdit { background: @base; color: @text; border: 1px solid @line; border-radius: 4px;
              selection-background-color: @selection; selection-color: @text; }
QPlainTextEdit:focus, QTextEdit:focus { border-color: @accent; }
QAbstractItemView { background: @base; color: @text; border: 1px solid @line; border-radius: 4px; outline: none;
              alternate-background-color: @currentLine; selection-background-color: @selection;
              selection-color: @text; }
QAbstractItemView:focus { border-color: @accent; }
QTableView::item { padding: 0 8px; border: none; }
QTableView::item:selected { background: @selection; color: @text; }
QTreeView::item { min-height: 24px; padding: 0 8px 0 0; border: none; }
QTreeView::item:selected { background: @selection; color: @text; }
QTableView::item:focus { border: 1px solid @accent; }
QHeaderView { background: @window; border: none; }
QHeaderView::section { background: @window; color: @muted; border: none; border-bottom: 1px solid @line;
              padding: 4px 8px; }
QTableCornerButton::section { background: @window; border: none; }
QStatusBar { background: @window; border-top: 1px solid @line; color: @muted; }
QStatusBar::item { border: none; }
QMenuBar { background: @window; color: @text; }
QMenuBar::item { padding: 4px 8px; background: transparent; }
QMenuBar::item:selected { background: @hover; border-radius: 4px; }
QMenu { background: @base; color: @text; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 4px 24px 4px 12px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @hover; }
QCheckBox { spacing: 6px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px; background: @base; }
QCheckBox::indicator:focus, QCheckBox::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/arrows/check_@tone.svg); }
QSlider::groove:horizontal { height: 4px; background: @line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @accent; }
QSlider::handle:horizontal:focus { border: 2px solid @text; width: 10px; height: 10px; }
QProgressBar { background: @hover; border: none; border-radius: 3px; height: 6px; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="number"] { font-size: 22px; font-weight: 600; }
QLabel[role="bad"] { color: @bad; }
QLabel[role="warning"] { color: @warning; }
QFrame[role="card"] { background: @base; border: 1px solid @line; border-radius: 6px; }
QFrame[role="modes"] { background: @window; border-right: 1px solid @line; }
QFrame[role="modes"] QToolButton { padding: 8px 4px; border-radius: 6px; }
QFrame[role="modes"] QToolButton:checked { background: @selection; color: @text; font-weight: 600; }
QFrame[kind="info"] { background: @infoFill; border: 1px solid @accent; border-radius: 6px; }
QFrame[kind="good"] { background: @goodFill; border: 1px solid @good; border-radius: 6px; }
QFrame[kind="warning"] { background: @warningFill; border: 1px solid @warning; border-radius: 6px; }
QFrame[kind="bad"] { background: @badFill; border: 1px solid @bad; border-radius: 6px; }
QFrame[kind] QLabel { color: @text; border: none; background: transparent; }
)");
    const std::pair<QLatin1String, QColor> names[] = {// The longer name of two that start alike comes first.
                                                      {QLatin1String("@accentText"), c.accentText},
                                                      {QLatin1String("@accent"), c.accent},
                                                      {QLatin1String("@warningFill"), c.warningFill},
                                                      {QLatin1String("@warning"), c.warning},
                                                      {QLatin1String("@goodFill"), c.goodFill},
                                                      {QLatin1String("@good"), c.good},
                                                      {QLatin1String("@badFill"), c.badFill},
                                                      {QLatin1String("@bad"), c.bad},
                                                      {QLatin1String("@base"), c.base},
                                                      {QLatin1String("@window"), c.window},
                                                      {QLatin1String("@hover"), c.hover},
                                                      {QLatin1String("@line"), c.line},
                                                      {QLatin1String("@text"), c.text},
                                                      {QLatin1String("@muted"), c.muted},
                                                      {QLatin1String("@selection"), c.selection},
                                                      {QLatin1String("@currentLine"), c.currentLine},
                                                      {QLatin1String("@infoFill"), c.infoFill}};
    sheet.replace(QLatin1String("@tone"),
                  c.accentText.lightness() > 127 ? QStringLiteral("light") : QStringLiteral("dark"));
    for (const auto& [name, colour] : names)
        sheet.replace(name, colour.name());
    return sheet;
}

} // namespace wr::ui
