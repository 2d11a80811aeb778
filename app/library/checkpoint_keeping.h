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

/// The metadata of a checkpoint says who keeps it under this key; by hand, nobody does.
inline constexpr const char* kKeeperKey = "keeper";
/// Keeper of what the rules of wr.train save.
inline constexpr const char* kRuleKeeper = "wr.train";

/// By keeper, what a script asks for.
using KeepingRules = std::map<std::string, checkpoint::RetentionPolicy>;
KeepingRules keepingRules(const graph::Model& model);
std::string keeperOf(const graph::SaverInfo& saver);
checkpoint::RetentionPolicy policyOf(const graph::SaverInfo& saver);

/// A file of a folder, by its metadata.
struct KeptFile {
    QString path;
    std::string keeper; ///< empty: by hand
    checkpoint::StoredCheckpoint stored;
};

/// "step-00000020.wrck" and its like.
bool isCheckpointName(const QString& fileName);
/// What metadata and notes say of a file; `reader` is null when it cannot be opened.
KeptFile keptFile(const QString& path, const checkpoint::CheckpointReader* reader,
                  const CheckpointNotes& notes);
/// Parallel to `files`: each keeper's own under its rule. A keeper without a rule keeps all.
std::vector<checkpoint::Stay> stays(const std::vector<KeptFile>& files, const KeepingRules& rules);

struct KeepingReport {
    QStringList removed; ///< file names
    Status status;       ///< why one could not be removed
};
/// Removes what `keeper` need not keep, and writes the state file "checkpoint".
KeepingReport tidyFolder(const QString& directory, const std::string& keeper,
                         const checkpoint::RetentionPolicy& policy);

} // namespace wr::app
