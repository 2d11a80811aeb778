// SPDX-License-Identifier: GPL-3.0-or-later
// What a session that died left behind: what can be had again, what is lost, and the choice. Nothing is
// applied by itself. UI thread.
#pragma once

#include "app/recovery/lost_sessions.h"

#include <QFrame>

namespace wr::ui {

class RecoveryCard : public QFrame {
    Q_OBJECT
public:
    explicit RecoveryCard(const app::LostSession& session, QWidget* parent = nullptr);

    const app::LostSession& session() const { return m_session; }

signals:
    void recoverRequested();
    void savedRequested(); ///< the project as it was saved last
    void compareRequested();
    void discardRequested();

private:
    QString words() const;

    app::LostSession m_session;
};

} // namespace wr::ui
