// SPDX-License-Identifier: GPL-3.0-or-later
// Lets a widget take files dropped on it, whatever lies on top of it does not take first. Owned by the
// widget; UI thread.
#pragma once

#include <QObject>
#include <QStringList>

class QWidget;

namespace wr::ui {

class FileDrop : public QObject {
    Q_OBJECT
public:
    explicit FileDrop(QWidget* widget);

signals:
    void dropped(const QStringList& paths);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace wr::ui
