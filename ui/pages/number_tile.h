// SPDX-License-Identifier: GPL-3.0-or-later
// One big number with its name under it. UI thread.
#pragma once

#include <QFrame>

class QLabel;

namespace wr::ui {

class NumberTile : public QFrame {
    Q_OBJECT
public:
    explicit NumberTile(const QString& name, QWidget* parent = nullptr);
    void setName(const QString& name);
    void setValue(const QString& value);
    QString value() const;

private:
    QString m_name;
    QLabel* m_value;
    QLabel* m_label;
};

} // namespace wr::ui
