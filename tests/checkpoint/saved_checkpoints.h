// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints saved into a folder of the test's own, and opened again. For tests.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <QTemporaryDir>
#include <QtGlobal>

namespace wr::checkpoint {

class SavedCheckpoints {
public:
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }
    /// Null, and a warning, when it cannot be saved or is odd when it is opened.
    std::shared_ptr<const CheckpointReader> save(const char* name, const std::vector<NamedTensor>& tensors,
                                                 const SaveOptions& options = {}) const
    {
        const auto saved = saveCheckpoint(Vfs::posix(), path(name), tensors, {{"step", "1"}}, options);
        if (!saved) {
            qWarning("%s", saved.error().toString().c_str());
            return nullptr;
        }
        const auto reader = openCheckpoint(Vfs::posix(), path(name));
        return reader && (*reader)->warnings().empty() ? *reader : nullptr;
    }
    QTemporaryDir& folder() { return m_folder; }

private:
    QTemporaryDir m_folder;
};

} // namespace wr::checkpoint
