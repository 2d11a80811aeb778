// SPDX-License-Identifier: GPL-3.0-or-later
// One line of text asked for inside the page, with a word on it while it is typed, instead of a dialog.
// Return accepts, Escape closes. UI thread.
#pragma once

#include <QFrame>
#include <functional>

class QLabel;
class QLineEdit;
class QPushButton;

namespace wr::ui {

class PromptStrip : public QFrame {
    Q_OBJECT
public:
    explicit PromptStrip(QWidget* parent = nullptr);

    struct Verdict {
        bool isGood = true;
        QString text; ///< what it would do, or what is wrong with it
    };
    struct Question {
        QString label;  ///< "New lane for"
        QString text;   ///< to begin with
        QString accept; ///< on the button
        std::function<Verdict(const QString&)> judge;
        std::function<void(const QString&)> accepted;
    };
    void ask(Question question);
    void close();
    QLineEdit* edit() const { return m_edit; }
    QString verdict() const;

signals:
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void judge();
    void accept();

    Question m_question;
    QLabel* m_label;
    QLineEdit* m_edit;
    QLabel* m_verdict;
    QPushButton* m_accept;
};

} // namespace wr::ui
