// SPDX-License-Identifier: GPL-3.0-or-later
// Where to begin: what a session that died left, examples to try, a script to paste or drop, a project or a
// checkpoint to open. Holds nothing of its own; the window does what it asks for. UI thread; whether recent
// folders are still there is looked up by a job.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/recovery/lost_sessions.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace wr::ui {

class StartCard;
class Workspace;

class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(Workspace* workspace, QWidget* parent = nullptr);
    void refresh(); ///< the recent projects

signals:
    void exampleRequested(const QString& name);
    void pasteRequested();
    void textDropped(const QString& text);
    void openRequested();
    void checkpointRequested();
    void recentRequested(const QString& directory);
    void recoverRequested(const wr::app::LostSession& session);
    void lostSessionsFound(int count);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void showLost(const QVector<app::LostSession>& sessions);
    void addRecent(const QString& path, bool isThere, bool isFile);

    Workspace* m_workspace;
    StartCard* m_first;
    QLabel* m_noRecent;
    QVBoxLayout* m_recent;
    QVBoxLayout* m_lost; ///< what died sessions left
    app::JobTracker m_looking;
    app::JobTracker m_searching;
};

} // namespace wr::ui
