// SPDX-License-Identifier: GPL-3.0-or-later
// The margin of a script editor that shows its line numbers. Owned by the editor, which paints it; UI thread.
#pragma once

#include "ui/widgets/script_editor.h"

namespace wr::ui {

class LineNumbers : public QWidget {
public:
    explicit LineNumbers(ScriptEditor* editor) : QWidget(editor), m_editor(editor) {}
    QSize sizeHint() const override { return {m_editor->marginWidth(), 0}; }

protected:
    void paintEvent(QPaintEvent* event) override { m_editor->paintLineNumbers(event); }

private:
    ScriptEditor* m_editor;
};

} // namespace wr::ui
