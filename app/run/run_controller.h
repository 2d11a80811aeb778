// SPDX-License-Identifier: GPL-3.0-or-later
// The window's hand on the worker thread: commands go down as queued calls, values come up as signals and
// through a mailbox that the window empties at its own pace. Never waits. Lives on the UI thread; owns the
// worker thread and ends it when destroyed (which waits at most for one slice of about 10 ms).
#pragma once

#include "app/run/recipe_state.h"
#include "app/run/run_probes.h"
#include "app/run/run_state.h"

#include <QObject>
#include <QString>
#include <QVector>
#include <memory>

namespace wr::graph {
struct Model;
}

namespace wr::app {

class RestoreSession;

class RunController : public QObject {
    Q_OBJECT
public:
    explicit RunController(QObject* parent = nullptr);
    ~RunController() override;

    /// Gives the worker another model. Values of variables whose name, type and shape are unchanged are kept.
    /// `projectDirectory` is where relative data paths start, `checkpointDirectory` where saves go.
    void setModel(std::shared_ptr<const graph::Model> model, const QString& projectDirectory,
                  const QString& checkpointDirectory);
    /// Other data of the same kind, as the command line's --data; empty: as the recipe says.
    void setDataDirectory(const QString& directory);

    void initializeAll();
    void initialize(const QStringList& variables);
    void run(); ///< until paused or finished; initialises nothing by itself
    void pause();
    void step(int count);
    void stop();        ///< pauses and goes back to step 0 of the recipe; variables keep their values
    void stopAndSave(); ///< pauses after the step under way and saves a checkpoint
    /// Pauses without waiting for the step under way: as long as it has changed nothing it is given up.
    void stopNow();
    /// After a step that gave NaN: the values from before things went wrong, and training goes on from there
    /// with a tenth of the rate.
    void goBack();
    void goBackAndLowerRate();
    void setLearningRate(double rate);
    /// Saves into the checkpoint folder under the next step's name, or to `path`. compact: .wrck, plain:
    /// .safetensors.zst
    void save(bool compact, const QString& path = {});
    /// With a saver of the script, by its place in saverChoices(): its variables under its names, and its
    /// policy lets older ones go.
    void saveWith(int saver);
    /// Applies a plan, all or nothing; the variables that it says to initialise are initialised in the same
    /// command.
    void restore(const std::shared_ptr<RestoreSession>& plan);
    /// Puts back what the last restore or initialisation replaced, once.
    void undoRestore();

    /// Runs a session block or an init group of the script, by its place in recipePrograms(): its actions in
    /// order, to the first that fails or to a hole. A training is paused. `usesOwnFolders`: save to the
    /// folders that the script names, where they exist, rather than to the checkpoint folder.
    void runRecipe(int program, bool usesOwnFolders = false);
    void continueRecipe(); ///< past the hole at which it waits
    void stopRecipe();     ///< leaves it where it is; an action under way is finished
    const RecipeState& recipe() const;

    /// What is to be kept up to date, about twice a second, while somebody looks.
    void setProbes(const Probes& probes);

    const RunState& state() const;
    VariableLife variableLife(const QString& name) const;
    const QVector<DeviceInfo>& devices() const;
    /// Points since the last call, oldest first; the UI calls it on a timer of 30 Hz or less.
    QVector<MetricPoint> takeMetrics();
    bool canUndoRestore() const;

signals:
    void stateChanged();
    void recipeChanged(int step); ///< that step's state; -1: all
    void variablesChanged();      ///< some variable's life changed
    void devicesChanged();
    void metricsReset(); ///< the curves start anew
    void event(const wr::app::RunEvent& event);
    void saved(const QString& path, qint64 bytes, bool isAutomatic);
    void restored(int restored, int initialized, int kept);
    void failed(const wr::app::Explanation& explanation);
    void weightsProbed(const wr::app::WeightReportPtr& report);
    void surfaceProbed(const wr::app::SurfaceReportPtr& report); ///< null: this model has none
    void dataProbed(const wr::app::DataReportPtr& report);       ///< null: no data is loaded
    void timingProbed(const wr::app::TimingReportPtr& report);
    void nonFinite(const wr::app::NonFiniteStep& step);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace wr::app
