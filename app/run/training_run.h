// SPDX-License-Identifier: GPL-3.0-or-later
// One run of a model: runtime, session, data and trainer, driven step by step on the calling thread. The
// window's worker calls it in slices, the command line in one go; both get the same bits. Owns everything it
// made; used by one thread at a time. Failures are statuses and leave the run as it was before the call.
#pragma once

#include "app/run/model_snapshot.h"
#include "engine/graph/model.h"
#include "engine/remap/restore_plan.h"
#include "engine/runtime/runtime.h"
#include "engine/session/session.h"
#include "engine/train/dataset.h"
#include "engine/train/trainer.h"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wr::app {

class TrainingRun {
public:
    /// Looks for the machine's devices; fails as Runtime::create does.
    static Result<std::unique_ptr<TrainingRun>> create(const runtime::RuntimeOptions& options = {});
    ~TrainingRun();
    TrainingRun(const TrainingRun&) = delete;
    TrainingRun& operator=(const TrainingRun&) = delete;

    /// What a change of model left standing.
    struct BuildReport {
        int kept = 0;           ///< variables that kept their value: same name, type and shape
        bool continues = false; ///< the training goes on where it was: same recipe, all values kept
    };
    /// Makes the session, carries over the values of variables whose name (or, by wr.alias, a former one),
    /// type and shape are unchanged, then loads the data and makes the trainer. When only data or recipe are
    /// at fault the session stands and trainingObstacle() says why it cannot train; loaded data is reused
    /// while recipe and source stay the same. `progress` (of the data only) may cancel. An error means that
    /// no session could be made; an earlier one stays.
    Result<BuildReport> build(std::shared_ptr<const graph::Model> model, const train::DataSource& source,
                              const Progress& progress = {});
    /// Forgets model and values; the runtime stays.
    void clear();

    bool hasSession() const { return m_session != nullptr; }
    bool canTrain() const { return m_trainer != nullptr; }
    /// Why there is no trainer: FailedPrecondition without a recipe, else what loading or planning said; Ok
    /// when canTrain().
    const Status& trainingObstacle() const { return m_obstacle; }

    runtime::Runtime& runtime() const { return *m_runtime; }
    /// Valid while hasSession(); replaced by build() and rollBack().
    session::Session& session() const { return *m_session; }
    const std::shared_ptr<const graph::Model>& model() const { return m_model; }
    const std::shared_ptr<const train::Dataset>& dataset() const { return m_dataset; }

    /// Gives every variable its initial value and goes back to step 0.
    Status initializeAll();
    Status initialize(std::span<const std::string> variables);
    /// Initialises what holds no value yet; nothing else changes.
    Status initializeMissing();
    std::vector<std::string> uninitializedVariables() const;

    /// Runs at least one and at most `maxSteps` steps, until `seconds` have passed, a checkpoint is due or
    /// the training has ended; appends a record per step. Ok with no records when the training is finished.
    /// On failure the steps before stand.
    Status advance(std::int64_t maxSteps, double seconds, std::vector<train::StepRecord>& records);
    train::RunEnd end() const;
    bool isFinished() const { return end() != train::RunEnd::None; }
    std::int64_t step() const;
    std::int64_t epoch() const;      ///< epochs done
    std::int64_t totalSteps() const; ///< 0: no limit of steps or epochs
    std::int64_t epochs() const;     ///< of the recipe; 0: no limit
    std::int64_t stepsPerEpoch() const;
    double trainedSeconds() const; ///< spent on steps
    std::int64_t bestStep() const; ///< the best look at the test examples so far; 0 before the first
    /// Where the script computes the learning rate: "line 12"; empty when it can be set.
    std::string rateSource() const;
    /// Ends the step that another thread waits for before it has changed anything: advance() gives Cancelled.
    /// Null: nothing can. The flag must outlive its use.
    void setStopFlag(const std::atomic<bool>* flag);

    /// Why the recipe's rules want a checkpoint that is named by its step.
    enum class SaveReason { None, Steps, Minutes, End };
    /// The checkpoints that the rules want of the values as they are.
    struct DueSaves {
        SaveReason regular = SaveReason::None;
        bool best = false; ///< the best look so far: into the one file of the best
        bool any() const { return best || regular != SaveReason::None; }
    };
    const DueSaves& dueSaves() const { return m_due; }
    void noteSaves(); ///< they are taken care of
    double learningRate() const;
    Status setLearningRate(double rate);
    /// Back to step 0 with the recipe's learning rate; variables keep their values.
    void rewind();
    /// Time by op since the last call, while the session is timed.
    std::vector<session::OpTime> takeTimes();
    /// Memory of variables, plans and data.
    std::uint64_t memoryBytes() const;
    /// Over the whole test set; remembered as lastTest().
    Result<train::Evaluation> evaluate();
    /// The last step's record; step 0 before the first.
    const train::StepRecord& lastRecord() const { return m_last; }
    /// Of the last look at the test examples, by a rule or evaluate().
    const std::optional<train::Evaluation>& lastTest() const { return m_test; }
    /// Its metric that is called an accuracy; negative when there is none.
    double testAccuracy() const;

    /// Deep copy of all that a checkpoint holds. FailedPrecondition when no variable holds a value.
    Result<ModelSnapshot> snapshot() const;
    /// snapshot() and writeSnapshot(). `keeper`: see checkpoint_keeping.h.
    Result<checkpoint::SaveReport> save(const QString& directory, const QString& path,
                                        checkpoint::Profile profile, const std::string& keeper = {},
                                        const Progress& progress = {});
    /// What the next save names as its parent.
    void setParentCheckpoint(const checkpoint::SaveReport& saved)
    {
        m_lineage.parent = saved.path;
        m_lineage.parentUuid = saved.uuid;
    }
    const RunLineage& lineage() const { return m_lineage; }

    /// A copy of the run's state between two steps, for undoing what follows.
    struct Backup {
        std::shared_ptr<const graph::Model> model;
        std::vector<NamedTensor> values;
        std::vector<session::VariableState> states; ///< parallel to `values`
        std::map<std::string, std::uint64_t> randomStreams;
        std::optional<train::TrainerState> trainer;
        train::StepRecord last;
        std::optional<train::Evaluation> test;
        RunLineage lineage;
    };

    struct RestoreReport {
        int restored = 0;
        int initialized = 0;
        int kept = 0;
        /// Step, epoch, learning rate and random streams came from the checkpoint: it holds them, and every
        /// trainable variable and slot was restored under its own name. Otherwise the training is at step 0.
        bool continues = false;
    };
    /// readPlan() and apply().
    Result<RestoreReport> restore(const checkpoint::CheckpointReader& reader, const remap::RestorePlan& plan,
                                  const Progress& progress = {});
    /// All variables of a model from a checkpoint, by name or former name.
    static remap::RestorePlan resumePlan(const graph::Model& model,
                                         const checkpoint::CheckpointReader& reader);
    /// Assigns `values` (as readPlan() gave them), initialises what the plan says, sets the training's
    /// position from the metadata of `from`; all or nothing. `before`, if given, receives the
    /// state that was replaced.
    Result<RestoreReport> apply(const remap::RestorePlan& plan, std::span<const NamedTensor> values,
                                const checkpoint::CheckpointReader& from, Backup* before = nullptr);

    Result<Backup> backup() const;
    /// Goes back to the backup: variables without a value then have none again. FailedPrecondition when the
    /// model is another by now.
    Status rollBack(const Backup& backup);

private:
    explicit TrainingRun(std::unique_ptr<runtime::Runtime> runtime);
    Status makeTrainer(const train::DataSource& source, const Progress& progress);
    void resetPosition();
    DueSaves dueAfter(const train::StepRecord& record) const;

    std::unique_ptr<runtime::Runtime> m_runtime;
    std::shared_ptr<const graph::Model> m_model;
    std::shared_ptr<const train::Dataset> m_dataset;
    std::string m_datasetKey; ///< the recipe's data and its source, to know when to load again
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<train::Trainer> m_trainer;
    train::TrainerState m_start; ///< of the fresh trainer
    Status m_obstacle;
    train::StepRecord m_last;
    std::optional<train::Evaluation> m_test;
    DueSaves m_due;
    double m_savedAt = 0.0; ///< trainedSeconds() of the last regular save
    const std::atomic<bool>* m_stopFlag = nullptr;
    RunLineage m_lineage = RunLineage::fresh();
};

} // namespace wr::app
