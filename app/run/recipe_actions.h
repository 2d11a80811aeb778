// SPDX-License-Identifier: GPL-3.0-or-later
// The actions of a recipe, carried out one by one on a run, and described for people. What runs as one piece
// is a program: a session block, or an init group of the script by itself. Functions that take a TrainingRun
// belong to the thread that owns it; the others to any thread. Errors carry TensorFlow's words where it has
// some.
#pragma once

#include "app/run/training_run.h"
#include "engine/checkpoint/retention.h"
#include "engine/graph/model.h"
#include "engine/remap/restore_plan.h"

#include <QString>
#include <QVector>

namespace wr::app {

/// Session blocks first, then the init groups that the script gives a name to.
struct RecipeProgram {
    QString name; ///< "sess", "init_op"
    bool isGroup = false;
    int line = 1;
    std::vector<graph::RecipeAction> actions;
};

/// Pure; empty programs are left out.
std::vector<RecipeProgram> recipePrograms(const graph::Model& model);

QString actionText(const graph::Model& model, const graph::RecipeAction& action);
/// "init", "run", "report", "save", "restore", "print", "hole".
QString actionWord(const graph::RecipeAction& action);

/// Where a recipe's checkpoints lie. "/tmp/model.ckpt" means model.ckpt.wrck in the project's checkpoints
/// folder; the script's own folder is used only when somebody asks for it, and it exists.
struct RecipePlace {
    QString checkpointDirectory;
    bool usesOwnFolders = false;
    checkpoint::Profile profile = checkpoint::Profile::Compact;
};

/// Init: "3 variables initialised". FailedPrecondition names the variables that are not complete yet.
Result<QString> runInitAction(TrainingRun& run, const graph::RecipeAction& action);
/// Run and Report: what was computed, as text.
Result<QString> runValuesAction(TrainingRun& run, const graph::RecipeAction& action);
/// Log; `savedPath`: the path of the last save of the program, where there was one.
QString logText(const graph::RecipeAction& action, const QString& savedPath);

/// What a save writes, under the saver's names, and where. FailedPrecondition names every variable without a
/// value. A saver without variables gives no tensors.
struct RecipeSave {
    ModelSnapshot snapshot;
    QString path;
    std::string keeper; ///< the saver, whose max_to_keep then applies; see checkpoint_keeping.h
    checkpoint::RetentionPolicy policy;
};
Result<RecipeSave> prepareSave(TrainingRun& run, const graph::RecipeAction& action, const RecipePlace& place);

/// A saver of the script as a choice: "part: 2 variables, my_w2 and b; the newest 5".
struct SaverChoice {
    QString name;
    QString words;
    bool isEmpty = false; ///< it saves nothing
};
QVector<SaverChoice> saverChoices(const graph::Model& model);

/// What a restore assigns, read from its file. NotFound names the path or every missing key; InvalidArgument
/// every type or shape that does not fit; DataLoss a damaged file.
struct RecipeRestore {
    std::shared_ptr<const checkpoint::CheckpointReader> reader; ///< null: the saver has no variables
    std::optional<remap::RestorePlan> plan;
    std::vector<NamedTensor> values;
};
Result<RecipeRestore> readRestore(const graph::Model& model, const graph::RecipeAction& action,
                                  const RecipePlace& place, const Progress& progress = {});

} // namespace wr::app
