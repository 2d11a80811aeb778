// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes of each parameter server under three ways of dealing out the variables, side by side. Own painting,
// with the same numbers as text for those who do not see it; UI thread.
#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

namespace wr::ui {

class ServerChart : public QWidget {
    Q_OBJECT
public:
    struct Group {
        QString name; ///< "Round robin"
        QString note; ///< "42 % above an even share"
        QVector<qint64> loads;
    };
    explicit ServerChart(QWidget* parent = nullptr);
    void show(const QVector<Group>& groups);
    QString text() const; ///< the numbers as lines

    QSize minimumSizeHint() const override { return {320, 120}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QVector<Group> m_groups;
};

} // namespace wr::ui
