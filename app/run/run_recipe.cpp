// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes on the worker: one action after another, files on the file thread, and a stop at the first failure
// or at a hole of the script.
#include "app/document/quantity.h"
#include "app/library/checkpoint_keeping.h"
#include "app/run/run_worker.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace wr::app {
namespace {

using Action = graph::RecipeAction::Kind;

QString tr(const char* text)
{
    return QCoreApplication::translate("RunWorker", text);
}

QString decoded(const std::string& path)
{
    return QFile::decodeName(QByteArray::fromStdString(path));
}

} // namespace

void RunWorker::runRecipe(const RecipeRequest& request)
{
    const QString what = tr("The recipe was not run.");
    if (!hasRun(what))
        return;
    std::vector<RecipeProgram> programs = recipePrograms(*m_run->model());
    if (m_run->model() != request.model || request.program >= programs.size()) {
        fail(what, failedPrecondition("the script has changed meanwhile"), tr("Run it again."));
        return;
    }
    m_isRunning = false; // a recipe and a training would change the same values
    m_recipe.emplace();
    m_recipe->number = ++m_recipesRun;
    m_recipe->model = m_run->model();
    m_recipe->program = request.program;
    m_recipe->actions = std::move(programs[request.program].actions);
    m_recipe->usesOwnFolders = request.usesOwnFolders;
    RecipeReport report;
    report.program = static_cast<int>(request.program);
    report.step = static_cast<int>(m_recipe->actions.size());
    m_around.outbox.post(report);
    goOn();
}

void RunWorker::continueRecipe()
{
    if (!m_recipe || !m_recipe->isOpen)
        return;
    const QString what = tr("The recipe was not continued.");
    if (!hasRun(what))
        return;
    // The script may have been edited at the hole; what follows the hole is read from it as it is now.
    std::vector<RecipeProgram> programs = recipePrograms(*m_run->model());
    const bool fits = m_recipe->program < programs.size() &&
                      m_recipe->next < programs[m_recipe->program].actions.size() &&
                      programs[m_recipe->program].actions[m_recipe->next].kind == Action::Hole &&
                      programs[m_recipe->program].actions.size() == m_recipe->actions.size();
    if (!fits) {
        fail(what, failedPrecondition("the session block has other actions by now"),
             tr("Run the recipe from its beginning."));
        endRecipe();
        return;
    }
    m_isRunning = false;
    m_recipe->model = m_run->model();
    m_recipe->actions = std::move(programs[m_recipe->program].actions);
    m_recipe->isOpen = false;
    endStep(RecipeStepState::Done, tr("continued"));
    goOn();
}

void RunWorker::stopRecipe()
{
    if (m_recipe)
        endRecipe();
}

/// The first step of a run or of what follows a hole.
void RunWorker::goOn()
{
    // Also where nothing holds a value yet: to undo a restore is then to hold none again.
    m_undo.reset();
    if (Result<TrainingRun::Backup> backup = m_run->backup())
        m_undo = std::move(*backup);
    m_task = QT_TRANSLATE_NOOP("RunWorker", "Running the recipe…");
    m_phase = restingPhase();
    publishState();
    nextStep();
}

void RunWorker::nextStep()
{
    if (!m_recipe || m_recipe->isOpen)
        return;
    if (m_recipe->next >= m_recipe->actions.size()) {
        endRecipe();
        return;
    }
    if (m_recipe->model != m_run->model()) {
        endStep(RecipeStepState::Failed, tr("The script was changed while its recipe ran."));
        endRecipe();
        return;
    }
    const graph::RecipeAction& action = m_recipe->actions[m_recipe->next];
    reportStep(RecipeStepState::Running, {});
    switch (action.kind) {
    case Action::Init: {
        const Result<QString> done = runInitAction(*m_run, action);
        if (done) {
            if (m_run->step() == 0)
                resetCurves();
            noteEvent(RunEvent::Kind::Initialized, *done);
        }
        finishStep(done);
        return;
    }
    case Action::Run:
    case Action::Report:
        finishStep(runValuesAction(*m_run, action));
        return;
    case Action::Log:
        finishStep(logText(action, m_recipe->savedPath));
        return;
    case Action::Save:
        saveStep(action);
        return;
    case Action::Restore:
        restoreStep(action);
        return;
    case Action::Hole:
        m_recipe->isOpen = true;
        reportStep(RecipeStepState::Open, tr("The script leaves this open: train or edit, then continue."));
        m_task = nullptr;
        publishVariables();
        publishState();
        return;
    }
}

RecipePlace RunWorker::recipePlace() const
{
    RecipePlace place;
    place.checkpointDirectory = decoded(m_checkpointDirectory);
    place.usesOwnFolders = m_recipe->usesOwnFolders;
    return place;
}

void RunWorker::saveStep(const graph::RecipeAction& action)
{
    Result<RecipeSave> prepared = prepareSave(*m_run, action, recipePlace());
    if (!prepared) {
        finishStep(wr::fail(prepared.error()));
        return;
    }
    if (prepared->snapshot.tensors.empty()) {
        finishStep(tr("This saver has no variables: nothing was saved."));
        return;
    }
    post(std::move(*prepared), [this,
                                number = m_recipe->number](const Result<checkpoint::SaveReport>& report) {
        if (!m_recipe || m_recipe->number != number) {
            publishState();
            return;
        }
        if (!report) {
            finishStep(wr::fail(report.error()));
            return;
        }
        m_recipe->savedPath = decoded(report->path);
        finishStep(
            tr("Saved %1 (%2)").arg(m_recipe->savedPath, byteText(static_cast<qint64>(report->fileBytes))));
    });
}

void RunWorker::saveWith(std::size_t saver)
{
    const QString what = tr("No checkpoint was saved.");
    if (!hasRun(what) || saver >= m_run->model()->savers.size())
        return;
    graph::RecipeAction action;
    action.kind = graph::RecipeAction::Kind::Save;
    action.saver = saver;
    action.path = m_run->model()->savers[saver].name;
    action.step = m_run->step();
    RecipePlace place;
    place.checkpointDirectory = decoded(m_checkpointDirectory);
    Result<RecipeSave> prepared = prepareSave(*m_run, action, place);
    if (prepared && prepared->snapshot.tensors.empty())
        prepared = wr::fail(failedPrecondition("this saver has no variables"));
    if (!prepared) {
        fail(what, prepared.error());
        return;
    }
    post(std::move(*prepared), [this, what](const Result<checkpoint::SaveReport>& report) {
        if (!report)
            fail(what, report.error());
        publishState();
    });
}

/// Writes on the file thread, lets the saver's policy work, tells of it, then calls `then` on this one.
void RunWorker::post(RecipeSave save, std::function<void(const Result<checkpoint::SaveReport>&)> then)
{
    ++m_filesSaving;
    publishState();
    m_around.files.post([this, save = std::make_shared<const RecipeSave>(std::move(save)),
                         then = std::move(then)] {
        const Result<checkpoint::SaveReport> report = writeSnapshot(
            save->snapshot, QFileInfo(save->path).absolutePath(), save->path, checkpoint::Profile::Compact);
        KeepingReport keeping;
        if (report)
            keeping = tidyFolder(QFileInfo(save->path).absolutePath(), save->keeper, save->policy);
        m_around.self.post([this, report, keeping, step = save->snapshot.step, then] {
            --m_filesSaving;
            if (!keeping.status.isOk())
                fail(tr("An older checkpoint could not be removed, or the folder's list not be written."),
                     keeping.status);
            if (report) {
                m_run->setParentCheckpoint(*report);
                RunEvent event;
                event.kind = RunEvent::Kind::Saved;
                event.step = step;
                event.text = QFileInfo(decoded(report->path)).fileName();
                m_around.outbox.post(event);
                m_around.outbox.post(
                    SavedReport{decoded(report->path), static_cast<qint64>(report->fileBytes)});
            }
            then(report);
        });
    });
}

void RunWorker::restoreStep(const graph::RecipeAction& action)
{
    ++m_filesReading;
    publishState();
    m_around.files.post(
        [this, action, model = m_recipe->model, place = recipePlace(), number = m_recipe->number] {
            auto read = std::make_shared<const Result<RecipeRestore>>(
                readRestore(*model, action, place, [this](std::uint64_t, std::uint64_t) {
                    return !m_around.ending.load(std::memory_order_relaxed);
                }));
            m_around.self.post([this, read, number] {
                --m_filesReading;
                if (m_recipe && m_recipe->number == number)
                    applyStep(*read);
                else
                    publishState();
            });
        });
}

void RunWorker::applyStep(const Result<RecipeRestore>& read)
{
    if (!read) {
        finishStep(wr::fail(read.error()));
        return;
    }
    if (!read->plan) {
        finishStep(tr("This saver has no variables: nothing was restored."));
        return;
    }
    const QString path = decoded(read->reader->path());
    const Result<TrainingRun::RestoreReport> report = m_run->apply(*read->plan, read->values, *read->reader);
    if (!report) {
        finishStep(wr::fail(report.error()));
        return;
    }
    if (!report->continues)
        resetCurves();
    noteEvent(RunEvent::Kind::Restored, QFileInfo(path).fileName());
    finishStep(
        tr("%1 restored from %2").arg(countOf(report->restored, tr("variable"), tr("variables")), path));
}

void RunWorker::reportStep(RecipeStepState state, const QString& result)
{
    RecipeReport report;
    report.what = RecipeReport::What::Step;
    report.program = static_cast<int>(m_recipe->program);
    report.step = static_cast<int>(m_recipe->next);
    report.now = {state, result};
    m_around.outbox.post(report);
}

void RunWorker::endStep(RecipeStepState state, const QString& result)
{
    reportStep(state, result);
    ++m_recipe->next;
}

void RunWorker::finishStep(const Result<QString>& done)
{
    m_livesChange = true;
    if (!done) {
        const Explanation why =
            explain(tr("The recipe stopped at its action %1.").arg(m_recipe->next + 1), done.error());
        m_around.outbox.post(why);
        endStep(RecipeStepState::Failed, why.why);
        endRecipe();
        return;
    }
    endStep(RecipeStepState::Done, *done);
    m_around.self.post([this, number = m_recipe->number] {
        if (m_recipe && m_recipe->number == number)
            nextStep();
    });
}

void RunWorker::endRecipe()
{
    RecipeReport report;
    report.what = RecipeReport::What::Ended;
    report.program = static_cast<int>(m_recipe->program);
    m_around.outbox.post(report);
    m_recipe.reset();
    m_task = nullptr;
    m_phase = restingPhase();
    m_speed.clear();
    publishVariables();
    publishState();
}

} // namespace wr::app
