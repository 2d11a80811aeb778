// SPDX-License-Identifier: GPL-3.0-or-later
// How the window looks: light, dark, or as the system; palette, style sheet and recoloured icons, switched
// while the program runs and remembered. One per program, owned by the QApplication; UI thread.
#pragma once

#include "ui/theme/colours.h"

#include <QHash>
#include <QIcon>
#include <QObject>
#include <QString>

class QAbstractButton;
class QAction;

namespace wr::ui {

class Theme : public QObject {
    Q_OBJECT
public:
    enum class Choice { Light, Dark, System };

    /// Made on first use; a QApplication must exist.
    static Theme& instance();

    Choice choice() const { return m_choice; }
    void setChoice(Choice choice, bool remember = true);
    /// "light", "dark" or "system"; anything else leaves the choice as it is and returns false.
    bool setChoice(const QString& name, bool remember);
    const Colours& colours() const { return *m_colours; }

    /// A drawing of resources/icons in the text colour, or in `colour`.
    QIcon icon(const QString& name) const;
    QIcon icon(const QString& name, const QColor& colour) const;
    /// Gives the icon and keeps it in step with the appearance.
    void bindIcon(QAction* action, const QString& name);
    void bindIcon(QAbstractButton* button, const QString& name);

signals:
    void changed();

private:
    explicit Theme(QObject* parent);
    bool eventFilter(QObject* watched, QEvent* event) override;
    void apply();

    Choice m_choice = Choice::System;
    const Colours* m_colours;
    bool m_systemIsDark = false;
    bool m_isApplying = false;
    mutable QHash<QString, QIcon> m_icons; ///< by name and colour
};

} // namespace wr::ui
