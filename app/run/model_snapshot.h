// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that a checkpoint of a run holds, as it was between two steps: copies of the variables and the
// position of the training. Made by the thread that owns the run; then a value that any thread may write to
// disk.
#pragma once

#include "app/library/checkpoint_keeping.h"
#include "app/run/run_lineage.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/train/trainer.h"

#include <QString>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wr::app {

struct ModelSnapshot {
    std::vector<NamedTensor> tensors; ///< initialised variables, slots included, in model order
    std::int64_t step = 0;
    checkpoint::Metadata metadata; ///< see snapshotMetadata()
};

/// What the metadata of a checkpoint says of its run, apart from the tensors.
struct RunRecord {
    std::int64_t step = 0;
    std::int64_t epoch = 0;
    std::optional<double> loss;
    std::optional<double> testLoss;
    std::optional<double> testAccuracy;
    std::optional<double> monitored; ///< what "better" is judged by, over the test examples
    std::optional<train::TrainerState> trainer;
    std::map<std::string, std::uint64_t> randomStreams;
    std::string script;
    RunLineage lineage;
};

/// Keys: step, epoch, loss, test_loss, test_accuracy, monitored, learning_rate, saved_at (ISO 8601, UTC),
/// app_version, run_id, parent, parent_uuid, script, those of TrainerState, and "random.<stream>" for each
/// random stream. Numbers in decimal, shortest exact form.
checkpoint::Metadata toMetadata(const RunRecord& record);
/// Reads back what toMetadata() wrote; what is absent or no number is left out, never an error. A trainer
/// state that is there but damaged is left out as well.
RunRecord fromMetadata(const checkpoint::Metadata& metadata);

/// "<directory>/step-00001200.wrck" (compact) or ".safetensors.zst" (plain); with "-2", "-3", … before the
/// extension while the name is taken.
QString nextCheckpointPath(const QString& directory, std::int64_t step, checkpoint::Profile profile);

/// Makes the folder if need be and writes durably. With `path` empty the name is nextCheckpointPath();
/// otherwise `path` is replaced if it exists. `base`: see deltaBase(). FailedPrecondition
/// when the snapshot is empty.
Result<checkpoint::SaveReport> writeSnapshot(const ModelSnapshot& snapshot, const QString& directory,
                                             const QString& path, checkpoint::Profile profile,
                                             const Progress& progress = {}, const DeltaBase& base = {});

} // namespace wr::app
