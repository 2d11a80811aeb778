// SPDX-License-Identifier: GPL-3.0-or-later
// A message above the page that waits to be read: what happened, why, the way out. Never steals the focus,
// never blocks. A newer message takes the place of an older one. UI thread.
#pragma once

#include "app/document/explanation.h"

#include <QFrame>
#include <QVector>
#include <functional>

class QLabel;
class QPushButton;
class QTimer;
class QToolButton;

namespace wr::ui {

class MessageStrip : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Info, Good, Warning, Bad };
    explicit MessageStrip(QWidget* parent = nullptr);

    struct Action {
        QString text;
        std::function<void()> run;
    };
    /// With buttons for the ways out, at most two.
    void showExplanation(const app::Explanation& explanation, const QVector<Action>& actions = {});
    /// A short word, with a button for what can be done about it.
    void showText(Kind kind, const QString& text, const QString& actionText = {},
                  std::function<void()> action = {});
    void dismiss();
    QString text() const; ///< all that it says

private:
    void setKind(Kind kind);
    void present();

    QLabel* m_icon;
    QLabel* m_what;
    QLabel* m_details;
    QPushButton* m_action;
    QPushButton* m_second;
    QToolButton* m_toggle;
    QToolButton* m_copy;
    QTimer* m_fade;
    std::function<void()> m_do;
    std::function<void()> m_doSecond;
    Kind m_kind = Kind::Info;
};

} // namespace wr::ui
