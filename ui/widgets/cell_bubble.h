// SPDX-License-Identifier: GPL-3.0-or-later
// A line under a cell that is being edited: what is wrong with the text, or what the keys do. Belongs to the
// table; UI thread.
#pragma once

#include <QFrame>
#include <QPointer>

class QAbstractItemView;
class QLabel;

namespace wr::ui {

class CellBubble : public QFrame {
    Q_OBJECT
public:
    enum class Tone { Problem, Note };
    explicit CellBubble(QAbstractItemView* view);
    /// Shows the text under `editor` until it goes.
    void say(const QString& text, Tone tone, QWidget* editor);
    QString text() const;

private:
    void paintAnew();
    bool eventFilter(QObject* watched, QEvent* event) override;

    QAbstractItemView* m_view;
    QLabel* m_label;
    QPointer<QWidget> m_editor;
    Tone m_tone = Tone::Note;
};

} // namespace wr::ui
