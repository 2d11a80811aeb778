// SPDX-License-Identifier: GPL-3.0-or-later
// Which checkpoints of a folder stay under the rules of a script, and the removal of those that do not, after
// a new one is safely there. Blocking: call from a job or the file thread.
#pragma once

#include "app/library/checkpoint_notes.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/retention.h"

#include <map>
#include <string>

namespace wr::graph {
struct Model;
struct SaverInfo;
} // namespace wr::graph

namespace wr::app {

/// The metadata of a checkpoint says who keeps it under this key; by hand, nobody does. It holds as long as
/// the file bears the name that it was saved under: a copy, a renamed or a recovered one is somebody's own.
inline constexpr const char* kKeeperKey = "keeper";
inline constexpr const char* kSavedAsKey = "saved_as";
/// Keeper of what the rules of wr.train save.
inline constexpr const char* kRuleKeeper = "wr.train";

/// By keeper, what a script asks for.
using KeepingRules = std::map<std::string, checkpoint::RetentionPolicy>;
KeepingRules keepingRules(const graph::Model& model);
std::string keeperOf(const graph::SaverInfo& saver);
/// "Best" is judged as the training of the script judges it.
checkpoint::RetentionPolicy policyOf(const graph::Model& model, const graph::SaverInfo& saver);

/// A file of a folder, by its metadata.
struct KeptFile {
    QString path;
    std::string keeper; ///< empty: by hand
    checkpoint::StoredCheckpoint stored;
    std::int64_t deltaNumber = 0;
};

/// "step-00000020.wrck" and its like.
bool isCheckpointName(const QString& fileName);
/// Files of a folder that are checkpoints, by name: parts of a larger one are not, and links are not
/// followed.
QStringList checkpointsIn(const QString& directory);
/// What metadata and notes say of a file; `reader` is null when it cannot be opened.
KeptFile keptFile(const QString& path, const checkpoint::CheckpointReader* reader,
                  const CheckpointNotes& notes);
/// The checkpoints of a folder; links are not followed.
std::vector<KeptFile> keptFiles(const QString& directory);
/// Parallel to `files`: each keeper's own under its rule. A keeper without a rule keeps all.
std::vector<checkpoint::Stay> stays(const std::vector<KeptFile>& files, const KeepingRules& rules);

/// What the next checkpoint of a keeper may be written as a difference to.
struct DeltaBase {
    std::shared_ptr<const checkpoint::CheckpointReader> reader; ///< null: a whole one is due
    std::int64_t number = 1; ///< how many differences to it there have been, with this one
};
/// The keeper's newest one that stands alone, unless nine differences to it have been written or the last one
/// was hardly smaller than a whole one.
DeltaBase deltaBase(const QString& directory, const std::string& keeper);
/// The metadata of a difference has its number under this key, since earlier ones may be gone.
inline constexpr const char* kDeltaNumberKey = "delta_number";

struct KeepingReport {
    QStringList removed; ///< file names
    Status status;       ///< why one could not be removed
};
/// Removes what `keeper` need not keep, and writes the state file "checkpoint".
KeepingReport tidyFolder(const QString& directory, const std::string& keeper,
                         const checkpoint::RetentionPolicy& policy);

} // namespace wr::app
