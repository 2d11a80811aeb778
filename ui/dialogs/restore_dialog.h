// SPDX-License-Identifier: GPL-3.0-or-later
// Restoring with remapping: the checkpoint's tensors left, the model's variables right, a line for each link.
// Links are made by dragging or by keys; nothing happens to the model before Restore is pressed. UI thread.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/restore_session.h"

#include <QDialog>
#include <memory>

class QLabel;
class QPushButton;
class QTableView;

namespace wr::ui {

class LinkStrip;
class RowFilter;

class RestoreDialog : public QDialog {
    Q_OBJECT
public:
    RestoreDialog(std::shared_ptr<app::RestoreSession> session, const QString& projectDirectory,
                  QWidget* parent = nullptr);

    QTableView* sources() const { return m_sources; }
    QTableView* targets() const { return m_targets; }
    QPushButton* restoreButton() const { return m_restore; }

signals:
    void restoreRequested(const std::shared_ptr<wr::app::RestoreSession>& session);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeSide(QTableView* view, RowFilter* filter, const QString& title, const QString& placeholder);
    QWidget* makeButtons(const QString& projectDirectory);
    void link();
    void decide(app::VariableFate fate);
    void initializeRest();
    void matchNames();
    void refused(const QString& why);
    void say(const QString& role, const QString& words);
    void update();
    QVector<int> selectedTargets() const;

    std::shared_ptr<app::RestoreSession> m_session;
    RowFilter* m_sourceFilter;
    RowFilter* m_targetFilter;
    QTableView* m_sources;
    QTableView* m_targets;
    LinkStrip* m_links;
    QLabel* m_counts;
    QLabel* m_reason;
    QPushButton* m_undo = nullptr;
    QPushButton* m_redo = nullptr;
    QPushButton* m_keep = nullptr;
    QPushButton* m_rest = nullptr;
    QPushButton* m_match = nullptr;
    app::JobTracker m_matcher;
    QPushButton* m_restore;
};

} // namespace wr::ui
