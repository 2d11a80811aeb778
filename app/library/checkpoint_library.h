// SPDX-License-Identifier: GPL-3.0-or-later
// The checkpoints of a project folder, listed by a job and kept current when files come and go. UI thread.
#pragma once

#include "app/library/checkpoint_file.h"
#include "app/library/checkpoint_keeping.h"

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
    /// What the script says of which ones stay; it is shown, and done by whoever saves.
    void setRules(const KeepingRules& rules);
    /// Stars, tags and words of a file of the project.
    void setNote(const QString& path, const CheckpointNote& note);
    /// Gives a file another name in its folder; its star, tags and note follow. An extension that is left
    /// out is added. Says with complained() why it cannot be.
    void rename(const QString& path, const QString& name);
    void refresh();
    const QVector<CheckpointRow>& rows() const; ///< newest first
    /// A file from elsewhere, listed above the project's own until the program ends.
    void addExternal(const QString& path);
    /// Moves files to the desktop's trash; says so with trashed().
    void moveToTrash(const QStringList& paths);
    /// What went there last comes back.
    void putBack();

signals:
    void changed();
    void trashed(int files);
    void renamed(const QString& path); ///< it will be listed under this one
    void complained(const wr::app::Explanation& explanation);

private:
    void writeNotes();

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
