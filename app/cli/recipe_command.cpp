// SPDX-License-Identifier: GPL-3.0-or-later
// weightroom-cli run-recipe: the session block of a script, action by action.
#include "app/cli/cli_project.h"
#include "app/document/quantity.h"
#include "app/library/checkpoint_keeping.h"
#include "app/run/recipe_actions.h"

#include <QFileInfo>

namespace wr::app {
namespace {

using Action = graph::RecipeAction::Kind;

/// Carries one action out; what it did, in words. `saved` becomes the path of a save.
Result<QString> perform(TrainingRun& run, const graph::RecipeAction& action, const RecipePlace& place,
                        QString& saved)
{
    switch (action.kind) {
    case Action::Init:
        return runInitAction(run, action);
    case Action::Run:
    case Action::Report:
        return runValuesAction(run, action);
    case Action::Log:
        return logText(action, saved);
    case Action::Save: {
        WR_ASSIGN_OR_RETURN(const RecipeSave save, prepareSave(run, action, place));
        if (save.snapshot.tensors.empty())
            return QStringLiteral("this saver has no variables: nothing was saved");
        WR_ASSIGN_OR_RETURN(
            const checkpoint::SaveReport report,
            writeSnapshot(save.snapshot, QFileInfo(save.path).absolutePath(), save.path, place.profile));
        run.setParentCheckpoint(report);
        WR_RETURN_IF_ERROR(tidyFolder(QFileInfo(save.path).absolutePath(), save.keeper, save.policy).status);
        saved = QString::fromStdString(report.path);
        return QStringLiteral("saved %1 (%2)").arg(saved, byteText(static_cast<qint64>(report.fileBytes)));
    }
    case Action::Restore: {
        WR_ASSIGN_OR_RETURN(const RecipeRestore restore, readRestore(*run.model(), action, place));
        if (!restore.plan)
            return QStringLiteral("this saver has no variables: nothing was restored");
        WR_ASSIGN_OR_RETURN(const TrainingRun::RestoreReport report,
                            run.apply(*restore.plan, restore.values, *restore.reader));
        return QStringLiteral("%1 restored from %2")
            .arg(countOf(report.restored, QStringLiteral("variable"), QStringLiteral("variables")),
                 QString::fromStdString(restore.reader->path()));
    }
    case Action::Hole:
        break;
    }
    return QStringLiteral("the script leaves this open; passed over");
}

const RecipeProgram* findProgram(const std::vector<RecipeProgram>& programs, const Invocation& invocation)
{
    const QString wanted = invocation.positional.value(1);
    QStringList names;
    for (const RecipeProgram& program : programs) {
        if (wanted.isEmpty() || program.name == wanted)
            return &program;
        names += program.name;
    }
    if (programs.empty())
        invocation.output.error(
            {QStringLiteral("There is nothing to run."),
             QStringLiteral("The script has no session block and no op that initialises variables."),
             QStringLiteral("Write “with tf.Session() as sess:” and below it what is to be done, or use "
                            "the commands train and init.")});
    else
        invocation.output.error({QStringLiteral("The script has no recipe “%1”.").arg(wanted),
                                 QStringLiteral("There are: %1.").arg(names.join(QStringLiteral(", "))),
                                 {}});
    return nullptr;
}

} // namespace

int runRecipe(const Invocation& invocation)
{
    const Output& output = invocation.output;
    const std::optional<checkpoint::Profile> profile = profileOption(invocation);
    if (!profile)
        return ExitUsage;
    const std::optional<CliProject> project = loadProject(invocation.positional[0], output);
    if (!project)
        return ExitUsage;
    const std::vector<RecipeProgram> programs = recipePrograms(*project->model);
    const RecipeProgram* program = findProgram(programs, invocation);
    if (program == nullptr)
        return ExitUsage;
    const std::unique_ptr<TrainingRun> run = makeRun(*project, invocation);
    if (!run)
        return ExitFailed;
    RecipePlace place;
    place.checkpointDirectory = project->checkpointDirectory();
    place.usesOwnFolders = invocation.options.isSet(QStringLiteral("own-folders"));
    place.profile = *profile;
    QString saved;
    int number = 0;
    for (const graph::RecipeAction& action : program->actions) {
        ++number;
        const QString what = actionText(*project->model, action);
        const Result<QString> done = perform(*run, action, place, saved);
        const bool isPrinted = action.kind == Action::Log || action.kind == Action::Report;
        const QString result = done ? *done : QString::fromStdString(done.error().message());
        output.object({{QStringLiteral("event"), QStringLiteral("action")},
                       {QStringLiteral("number"), number},
                       {QStringLiteral("kind"), actionWord(action)},
                       {QStringLiteral("what"), what},
                       {QStringLiteral("state"), done ? QStringLiteral("done") : QStringLiteral("failed")},
                       {QStringLiteral("result"), result}});
        if (!done) {
            output.error(
                explain(QStringLiteral("Action %1 failed: %2.").arg(number).arg(what), done.error()));
            return ExitFailed;
        }
        output.line(isPrinted ? escapedName(result) : QStringLiteral("%1: %2").arg(what, result));
    }
    output.object({{QStringLiteral("event"), QStringLiteral("done")},
                   {QStringLiteral("recipe"), program->name},
                   {QStringLiteral("actions"), number},
                   {QStringLiteral("checkpoint"), saved}});
    return ExitDone;
}

} // namespace wr::app
