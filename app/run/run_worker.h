// SPDX-License-Identifier: GPL-3.0-or-later
// The run's side of the wall: owns the TrainingRun and carries out the window's commands between two slices
// of training. Made by the controller; every function runs on the worker thread. What it has to say goes into
// the outbox and the mailbox. Reading and writing of checkpoint files is left to a second thread, so that
// training goes on.
#pragma once

#include "app/run/mailbox.h"
#include "app/run/outbox.h"
#include "app/run/recipe_actions.h"
#include "app/run/task_thread.h"
#include "app/run/training_run.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>

namespace wr::app {

/// A restore on its way: what was asked for, then what was read.
struct RestoreRequest {
    std::shared_ptr<const checkpoint::CheckpointReader> reader;
    remap::RestorePlan plan;
};

/// A program of the script that is to be run; see recipePrograms().
struct RecipeRequest {
    std::shared_ptr<const graph::Model> model;
    std::size_t program = 0;
    bool usesOwnFolders = false;
};

class RunWorker {
public:
    /// Threads and message boxes outlive the worker. `newestModel` counts the models asked for, `ending` is
    /// set when the window goes.
    struct Surroundings {
        Outbox& outbox;
        Mailbox<MetricPoint>& metrics;
        TaskThread& self; ///< the thread that runs this worker
        TaskThread& files;
        const std::atomic<int>& newestModel;
        const std::atomic<bool>& ending;
        const std::atomic<bool>& stopFlag; ///< a step that has changed nothing yet is to be given up
    };
    explicit RunWorker(const Surroundings& surroundings) : m_around(surroundings) {}

    void start();
    /// One slice of about 10 ms; false when there is nothing to do.
    bool slice();

    struct Assignment {
        std::shared_ptr<const graph::Model> model; ///< null: none, and values are forgotten
        train::DataSource source;
        std::string checkpointDirectory; ///< no QString: its shared data would cross threads
        int number = 0;                  ///< superseded once newestModel is greater
    };
    void setModel(const Assignment& assignment);
    void initializeAll();
    void initialize(const std::vector<std::string>& variables);
    void run(qint64 steps); ///< negative: until the end
    void pause();
    void stopAndSave();
    void rewind();
    /// To the values from before a step gave NaN; `lowersRate`: and on from there with a tenth of the rate.
    void goBack(bool lowersRate);
    void setLearningRate(double rate);
    void setProbes(const Probes& probes);
    void save(bool compact, const std::string& path);
    /// With a saver of the script, under its names and its policy: "NAME-<step>".
    void saveWith(std::size_t saver);
    void restore(const std::shared_ptr<const RestoreRequest>& request);
    void undo();
    void runRecipe(const RecipeRequest& request);
    void continueRecipe(); ///< past the hole at which it waits
    void stopRecipe();

private:
    using Clock = std::chrono::steady_clock;

    // Recipes (run_recipe.cpp)
    void goOn();
    void nextStep();
    RecipePlace recipePlace() const;
    void saveStep(const graph::RecipeAction& action);
    void post(RecipeSave save, std::function<void(const Result<checkpoint::SaveReport>&)> then);
    void restoreStep(const graph::RecipeAction& action);
    void applyStep(const Result<RecipeRestore>& read);
    void reportStep(RecipeStepState state, const QString& result);
    void endStep(RecipeStepState state, const QString& result);
    void finishStep(const Result<QString>& done);
    void endRecipe();

    // What is looked at besides the curves (run_probes.cpp)
    bool areProbesDue() const;
    void probe(const std::vector<Tensor>& before);
    void probeTiming();

    bool saveWhatIsDue();
    void write(const std::string& path, bool compact, const std::string& reason);
    void keepGood();
    void stopOnNonFinite(const Status& status);
    void saved(const Result<checkpoint::SaveReport>& report, qint64 step, const std::string& asked,
               bool isAutomatic);
    void applyRestore(const RestoreRequest& request, const Result<std::vector<NamedTensor>>& values);
    void stopOn(const Status& status);
    void fail(const QString& what, const Status& status, const QString& wayOut = {});
    void keepForUndo();
    void resetCurves();
    void noteEvent(RunEvent::Kind kind, const QString& text);
    bool hasRun(const QString& what);

    RunPhase restingPhase() const;
    void publishState();
    void publishVariables();
    void publishDevices();
    double measuredSpeed();
    QString activity() const;

    Surroundings m_around;
    std::unique_ptr<TrainingRun> m_run; ///< null when no runtime could be had
    std::optional<TrainingRun::Backup> m_undo;
    /// States while training went well, older and newer: a training gone wrong is taken back to the older
    /// one.
    std::optional<TrainingRun::Backup> m_good;
    std::optional<TrainingRun::Backup> m_newerGood;
    Clock::time_point m_goodAt;
    Clock::duration m_goodInterval{};
    qint64 m_savedStep = -1; ///< of the last save under the name of its step
    Probes m_probes;
    Clock::time_point m_probedAt;
    Clock::duration m_probeInterval{};
    qint64 m_timedSteps = 0;
    double m_timedSeconds = 0.0;
    train::DataSource m_source;
    std::string m_checkpointDirectory;

    RunPhase m_phase = RunPhase::Empty;
    Status m_broken; ///< why the model asked for last could not be set up; Ok when it was
    bool m_isRunning = false;
    qint64 m_stepsLeft = -1;
    bool m_livesChange = false;   ///< the next steps change what variables hold
    const char* m_task = nullptr; ///< what the worker itself is at, untranslated
    int m_filesSaving = 0;
    int m_filesReading = 0;
    std::vector<train::StepRecord> m_records;

    Clock::time_point m_published;
    struct Sample {
        Clock::time_point at;
        qint64 step;
    };
    std::deque<Sample> m_speed;
    qint64 m_uninitialized = 0;

    struct Playing {
        int number = 0; ///< tells answers of the file thread that come too late
        std::shared_ptr<const graph::Model> model;
        std::size_t program = 0;
        std::vector<graph::RecipeAction> actions;
        std::size_t next = 0;
        bool isOpen = false; ///< waits at a hole
        bool usesOwnFolders = false;
        QString savedPath;
    };
    std::optional<Playing> m_recipe;
    int m_recipesRun = 0;
};

} // namespace wr::app
