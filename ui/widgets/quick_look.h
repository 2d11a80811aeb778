// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint at a glance, beside the list that keeps the keyboard: what it is, where it comes from, how its
// numbers are, and small pictures of its largest matrices. UI thread; the file is read by jobs.
#pragma once

#include "app/jobs/job_tracker.h"
#include "app/library/checkpoint_file.h"
#include "app/library/tensor_slice.h"

#include <QFrame>

class QFormLayout;
class QHBoxLayout;
class QLabel;

namespace wr::ui {

class QuickLook : public QFrame {
    Q_OBJECT
public:
    explicit QuickLook(QWidget* parent);
    /// Looks at another one, where it is shown.
    void look(const app::CheckpointRow& row);
    /// At this place of its parent, or as near as there is room.
    void showAt(const QPoint& place);
    bool isReading() const { return m_reader.isRunning(); }
    QString text() const; ///< all that it says

protected:
    void hideEvent(QHideEvent* event) override;

private:
    struct Seen;
    void tell(const app::CheckpointRow& row, const Seen* seen);
    void fill(const Seen& seen);
    void fit(); ///< as high as what it says
    void addFact(const QString& what, const QString& value);

    app::CheckpointRow m_row;
    QLabel* m_title;
    QFormLayout* m_facts;
    QHBoxLayout* m_pictures;
    app::JobTracker m_reader;
};

} // namespace wr::ui
