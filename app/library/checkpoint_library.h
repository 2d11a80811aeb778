// SPDX-License-Identifier: GPL-3.0-or-later
// The checkpoints of a project folder, listed by a job and kept current when files come and go. UI thread.
#pragma once

#include "app/library/checkpoint_file.h"

#include <QObject>
#include <QVector>
#include <memory>

namespace wr::app {

class CheckpointLibrary : public QObject {
    Q_OBJECT
public:
    explicit CheckpointLibrary(QObject* parent = nullptr);
    ~CheckpointLibrary() override;

    void setDirectory(const QString& directory);
    void refresh();
    const QVector<CheckpointRow>& rows() const; ///< newest first
    /// A file from elsewhere, listed above the project's own until the program ends.
    void addExternal(const QString& path);
    /// Moves files to the desktop's trash.
    Explanation moveToTrash(const QStringList& paths);

signals:
    void changed();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
