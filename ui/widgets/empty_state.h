// SPDX-License-Identifier: GPL-3.0-or-later
// What a page says while it has nothing to show: a drawing, what would stand here, and buttons for what to do
// next. UI thread.
#pragma once

#include <QWidget>
#include <functional>

class QHBoxLayout;
class QLabel;

namespace wr::ui {

class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& icon, const QString& title, const QString& text, QWidget* parent = nullptr);
    void addButton(const QString& text, std::function<void()> action, bool isPrimary = false);

private:
    QHBoxLayout* m_buttons;
};

} // namespace wr::ui
