// SPDX-License-Identifier: GPL-3.0-or-later
// A big button with a drawing, a title and a few words. UI thread.
#pragma once

#include <QPushButton>

namespace wr::ui {

class StartCard : public QPushButton {
    Q_OBJECT
public:
    StartCard(const QString& icon, const QString& title, const QString& words, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
};

} // namespace wr::ui
