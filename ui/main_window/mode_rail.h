// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the window as buttons at its left edge. UI thread.
#pragma once

#include <QFrame>
#include <QVector>

class QButtonGroup;
class QVBoxLayout;

namespace wr::ui {

class ModeRail : public QFrame {
    Q_OBJECT
public:
    explicit ModeRail(QWidget* parent = nullptr);
    void addMode(const QString& name, const QString& icon);
    void setCurrent(int mode);
    int current() const;

signals:
    void chosen(int mode);

private:
    QButtonGroup* m_group;
    QVBoxLayout* m_layout;
};

} // namespace wr::ui
