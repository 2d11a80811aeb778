// SPDX-License-Identifier: GPL-3.0-or-later
// The script's file on disk: reads it without loss, writes it durably, and notices when another program wrote
// it in between. Blocking, small files; one thread.
#pragma once

#include "app/document/text_map.h"

#include <QByteArray>
#include <QString>

namespace wr::app {

class ScriptStore {
public:
    /// What is on disk becomes the version that this store knows. InvalidArgument when it is no text that can
    /// be kept byte for byte, ResourceExhausted past 16 MiB, else what the file system says.
    Result<ScriptFile> read(const QString& path);
    /// Replaces the file durably; what was written becomes the known version.
    Status write(const QString& path, const ScriptFile& file);
    /// True when the file is not as it was read or written last, or is gone.
    bool isChanged(const QString& path) const;

private:
    void remember(const QString& path, const QByteArray& bytes);

    qint64 m_size = -1;    ///< bytes; −1: nothing known
    qint64 m_modified = 0; ///< ms since the epoch
    QByteArray m_digest;
};

} // namespace wr::app
