// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/training_run.h"

#include "app/library/old_names.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <set>

namespace wr::app {
namespace {

using session::VariableState;

/// Everything that decides which examples loadDataset() gives.
std::string datasetKey(const graph::DataSpec& spec, const train::DataSource& source)
{
    std::string key = graph::dataKey(spec);
    // Made data does not depend on folders.
    if (graph::readsFiles(spec.kind) || !source.overrideDirectory.empty())
        key += source.projectDirectory + '\n' + source.overrideDirectory;
    return key;
}

/// True for the variables that the course of a training depends on.
bool isTrained(const graph::Variable& variable)
{
    return variable.trainable || !variable.slotOf.empty();
}

bool isSameVariable(const graph::Variable& a, const graph::Variable* b)
{
    return b != nullptr && a.dtype == b->dtype && a.shape == b->shape;
}

/// The variable of `before` whose value `variable` of `after` takes over: the one of its name, or of a name
/// that it had before it was renamed. Null when there is none of its type and shape.
const graph::Variable* predecessor(const graph::Model& before, const graph::Model& after,
                                   const graph::Variable& variable)
{
    if (const graph::Variable* const same = before.findVariable(variable.name))
        return isSameVariable(variable, same) ? same : nullptr;
    for (const std::string& name : oldNames(after, variable)) {
        const graph::Variable* const old = before.findVariable(name);
        if (isSameVariable(variable, old) && after.findVariable(name) == nullptr)
            return old;
    }
    return nullptr;
}

/// True when a position in the training by `before` means the same in `after`.
bool isSameCourse(const graph::Model& before, const graph::Model& after)
{
    if (!before.recipe || !after.recipe)
        return false;
    const graph::TrainingRecipe& a = *before.recipe;
    const graph::TrainingRecipe& b = *after.recipe;
    const graph::TrainOp& trainA = before.trainOps[a.trainOp];
    const graph::TrainOp& trainB = after.trainOps[b.trainOp];
    return a.batchSize == b.batchSize && trainA.optimizer == trainB.optimizer &&
           std::all_of(after.variables.begin(), after.variables.end(), [&](const graph::Variable& variable) {
               return !isTrained(variable) || predecessor(before, after, variable) != nullptr;
           });
}

/// Assigns values under the states they had.
Status assignByState(session::Session& session, const std::vector<NamedTensor>& values,
                     const std::vector<VariableState>& states)
{
    for (const VariableState state :
         {VariableState::Initialized, VariableState::Restored, VariableState::Trained}) {
        std::vector<NamedTensor> group;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (states[i] == state)
                group.push_back(values[i]);
        }
        if (!group.empty())
            WR_RETURN_IF_ERROR(session.assign(group, state));
    }
    return {};
}

void continueRandomStreams(session::Session& session, const std::map<std::string, std::uint64_t>& streams)
{
    std::map<std::string, std::uint64_t> known = session.randomStreams();
    for (auto& [name, position] : known) {
        if (const auto found = streams.find(name); found != streams.end())
            position = found->second;
    }
    session.setRandomStreams(known);
}

} // namespace

TrainingRun::TrainingRun(std::unique_ptr<runtime::Runtime> runtime)
    : m_runtime(std::move(runtime)), m_obstacle(failedPrecondition("there is no model"))
{
}

TrainingRun::~TrainingRun() = default;

Result<std::unique_ptr<TrainingRun>> TrainingRun::create(const runtime::RuntimeOptions& options)
{
    WR_ASSIGN_OR_RETURN(std::unique_ptr<runtime::Runtime> runtime, runtime::Runtime::create(options));
    return std::unique_ptr<TrainingRun>(new TrainingRun(std::move(runtime)));
}

Result<TrainingRun::BuildReport> TrainingRun::build(std::shared_ptr<const graph::Model> model,
                                                    const train::DataSource& source, const Progress& progress)
{
    if (!model)
        return fail(invalidArgument("there is no model"));
    WR_ASSIGN_OR_RETURN(std::unique_ptr<session::Session> session,
                        session::Session::create(model, *m_runtime));
    BuildReport report;
    std::vector<NamedTensor> values;
    std::vector<VariableState> states;
    std::optional<train::TrainerState> position;
    if (m_session) {
        for (const graph::Variable& variable : model->variables) {
            const graph::Variable* const before = predecessor(*m_model, *model, variable);
            const VariableState state =
                before == nullptr ? VariableState::Uninitialized : m_session->variableState(before->name);
            if (state == VariableState::Uninitialized)
                continue;
            WR_ASSIGN_OR_RETURN(Tensor value, m_session->value(before->name));
            values.push_back({variable.name, std::move(value)});
            states.push_back(state);
        }
        WR_RETURN_IF_ERROR(assignByState(*session, values, states));
        continueRandomStreams(*session, m_session->randomStreams());
        if (m_trainer && isSameCourse(*m_model, *model)) {
            position = m_trainer->state();
            // A rate that was changed in the script counts; one changed by hand stays otherwise.
            const double rate = model->trainOps[model->recipe->trainOp].initialLearningRate;
            if (rate != m_model->trainOps[m_model->recipe->trainOp].initialLearningRate)
                position->learningRate = rate;
        }
    }
    report.kept = static_cast<int>(values.size());

    const std::shared_ptr<const train::Dataset> before = m_dataset;
    m_trainer.reset(); // it refers to the old session
    m_session = std::move(session);
    m_model = std::move(model);
    m_obstacle = makeTrainer(source, progress);
    if (position && m_trainer && m_dataset == before && m_trainer->setState(*position).isOk()) {
        report.continues = true;
    } else {
        m_last = {};
        m_testAccuracy = -1.0;
    }
    return report;
}

Status TrainingRun::makeTrainer(const train::DataSource& source, const Progress& progress)
{
    if (!m_model->recipe) {
        m_dataset.reset();
        return failedPrecondition("the script has no training recipe: no wr.train(...)");
    }
    const graph::DataSpec& spec = m_model->recipe->data;
    if (const std::string key = datasetKey(spec, source); !m_dataset || key != m_datasetKey) {
        m_dataset.reset();
        WR_ASSIGN_OR_RETURN(m_dataset, train::loadDataset(spec, source, Vfs::posix(), progress));
        m_datasetKey = key;
    }
    WR_ASSIGN_OR_RETURN(m_trainer, train::Trainer::create(*m_session, m_dataset));
    m_start = m_trainer->state();
    return {};
}

void TrainingRun::clear()
{
    m_trainer.reset();
    m_session.reset();
    m_dataset.reset();
    m_model.reset();
    m_obstacle = failedPrecondition("there is no model");
    m_last = {};
    m_testAccuracy = -1.0;
    m_parent.clear();
}

void TrainingRun::resetPosition()
{
    if (m_trainer) {
        // The fresh trainer's own state always fits it.
        [[maybe_unused]] const Status status = m_trainer->setState(m_start);
        assert(status.isOk());
    }
    m_last = {};
    m_testAccuracy = -1.0;
}

Status TrainingRun::initializeAll()
{
    if (!m_session)
        return m_obstacle;
    WR_RETURN_IF_ERROR(m_session->initializeAll());
    resetPosition();
    return {};
}

Status TrainingRun::initialize(std::span<const std::string> variables)
{
    return m_session ? m_session->initialize(variables) : m_obstacle;
}

Status TrainingRun::initializeMissing()
{
    return initialize(uninitializedVariables());
}

std::vector<std::string> TrainingRun::uninitializedVariables() const
{
    return m_session ? m_session->uninitializedVariables() : std::vector<std::string>();
}

Status TrainingRun::advance(std::int64_t maxSteps, double seconds, std::vector<train::StepRecord>& records)
{
    if (!m_trainer)
        return m_obstacle;
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::duration<double> budget(seconds);
    for (std::int64_t done = 0; done < maxSteps && !m_trainer->isFinished(); ++done) {
        WR_ASSIGN_OR_RETURN(m_last, m_trainer->step());
        if (m_last.epochEnd && m_last.testAccuracy >= 0.0)
            m_testAccuracy = m_last.testAccuracy;
        records.push_back(m_last);
        if (std::chrono::steady_clock::now() - start >= budget)
            break;
    }
    return {};
}

bool TrainingRun::isFinished() const
{
    return m_trainer && m_trainer->isFinished();
}

std::int64_t TrainingRun::step() const
{
    return m_trainer ? m_trainer->state().step : 0;
}

std::int64_t TrainingRun::epoch() const
{
    return m_trainer ? m_trainer->state().epoch : 0;
}

std::int64_t TrainingRun::totalSteps() const
{
    return m_trainer ? m_trainer->totalSteps() : 0;
}

std::int64_t TrainingRun::epochs() const
{
    return m_model && m_model->recipe ? m_model->recipe->epochs : 0;
}

double TrainingRun::learningRate() const
{
    return m_trainer ? m_trainer->learningRate() : 0.0;
}

Status TrainingRun::setLearningRate(double rate)
{
    return m_trainer ? m_trainer->setLearningRate(rate) : m_obstacle;
}

void TrainingRun::rewind()
{
    resetPosition();
}

Result<train::Evaluation> TrainingRun::evaluate()
{
    if (!m_trainer)
        return fail(m_obstacle);
    WR_ASSIGN_OR_RETURN(const train::Evaluation evaluation, m_trainer->evaluate());
    m_testAccuracy = evaluation.accuracy;
    return evaluation;
}

Result<ModelSnapshot> TrainingRun::snapshot() const
{
    if (!m_session)
        return fail(m_obstacle);
    ModelSnapshot snapshot;
    WR_ASSIGN_OR_RETURN(snapshot.tensors, m_session->snapshot());
    if (snapshot.tensors.empty())
        return fail(failedPrecondition("no variable holds a value yet"));
    RunRecord record;
    record.step = snapshot.step = step();
    record.epoch = m_trainer ? m_trainer->state().epoch : 0;
    if (m_last.step > 0)
        record.loss = m_last.loss;
    if (m_testAccuracy >= 0.0)
        record.testAccuracy = m_testAccuracy;
    if (m_trainer)
        record.trainer = m_trainer->state();
    record.randomStreams = m_session->randomStreams();
    record.script = m_model->tree->text();
    record.parent = m_parent;
    snapshot.metadata = toMetadata(record);
    return snapshot;
}

Result<checkpoint::SaveReport> TrainingRun::save(const QString& directory, const QString& path,
                                                 checkpoint::Profile profile, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const ModelSnapshot taken, snapshot());
    WR_ASSIGN_OR_RETURN(checkpoint::SaveReport report,
                        writeSnapshot(taken, directory, path, profile, progress));
    m_parent = report.path;
    return report;
}

Result<TrainingRun::RestoreReport> TrainingRun::restore(const checkpoint::CheckpointReader& reader,
                                                        const checkpoint::RestorePlan& plan,
                                                        const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::vector<NamedTensor> values, checkpoint::readPlan(reader, plan, progress));
    return apply(plan, values, reader.metadata(), reader.path());
}

Result<TrainingRun::RestoreReport> TrainingRun::apply(const checkpoint::RestorePlan& plan,
                                                      std::span<const NamedTensor> values,
                                                      const checkpoint::Metadata& metadata,
                                                      const std::string& path, Backup* before)
{
    if (!m_session)
        return fail(m_obstacle);
    std::vector<std::string> fresh;
    std::map<std::string, std::string> sources;
    for (const checkpoint::PlanTarget& target : plan.targets()) {
        const graph::Variable* variable = m_model->findVariable(target.spec.name);
        if (variable == nullptr || variable->dtype != target.spec.dtype ||
            variable->shape != target.spec.shape)
            return fail(failedPrecondition("the model has changed since the restore was prepared: " +
                                           target.spec.name + " is not what it was"));
        if (target.fate == checkpoint::Fate::Unresolved)
            return fail(failedPrecondition(target.spec.name + ": " + target.problem));
        if (target.fate == checkpoint::Fate::Initialize)
            fresh.push_back(target.spec.name);
        if (target.fate == checkpoint::Fate::Restore)
            sources[target.spec.name] = target.source;
    }

    WR_ASSIGN_OR_RETURN(Backup saved, backup());
    WR_RETURN_IF_ERROR(m_session->assign(values, VariableState::Restored));
    if (const Status status = m_session->initialize(fresh); !status.isOk()) {
        WR_RETURN_IF_ERROR(rollBack(saved));
        return fail(status);
    }

    const checkpoint::RestorePlan::Counts counts = plan.counts();
    RestoreReport report{static_cast<int>(counts.restore), static_cast<int>(counts.initialize),
                         static_cast<int>(counts.keep), false};
    const RunRecord record = fromMetadata(metadata);
    // Where every trained variable comes from a tensor of its own, whatever its name, the training goes on
    // where it stood; else it begins anew from these values.
    std::set<std::string> used;
    const bool isWhole = std::all_of(
        m_model->variables.begin(), m_model->variables.end(), [&](const graph::Variable& variable) {
            const auto found = sources.find(variable.name);
            return !isTrained(variable) || (found != sources.end() && used.insert(found->second).second);
        });
    resetPosition();
    if (isWhole && m_trainer && record.trainer && m_trainer->setState(*record.trainer).isOk()) {
        continueRandomStreams(*m_session, record.randomStreams);
        m_last.step = record.step;
        m_last.epoch = record.epoch;
        m_last.loss = record.loss.value_or(0.0);
        m_last.learningRate = m_trainer->learningRate();
        m_testAccuracy = record.testAccuracy.value_or(-1.0);
        report.continues = true;
    }
    m_parent = path;
    if (before != nullptr)
        *before = std::move(saved);
    return report;
}

Result<TrainingRun::Backup> TrainingRun::backup() const
{
    if (!m_session)
        return fail(m_obstacle);
    Backup backup;
    backup.model = m_model;
    WR_ASSIGN_OR_RETURN(backup.values, m_session->snapshot());
    for (const NamedTensor& value : backup.values)
        backup.states.push_back(m_session->variableState(value.name));
    backup.randomStreams = m_session->randomStreams();
    if (m_trainer)
        backup.trainer = m_trainer->state();
    backup.last = m_last;
    backup.testAccuracy = m_testAccuracy;
    backup.parent = m_parent;
    return backup;
}

Status TrainingRun::rollBack(const Backup& backup)
{
    if (!m_session || backup.model != m_model)
        return failedPrecondition("the model has changed since");
    WR_ASSIGN_OR_RETURN(std::unique_ptr<session::Session> session,
                        session::Session::create(m_model, *m_runtime));
    WR_RETURN_IF_ERROR(assignByState(*session, backup.values, backup.states));
    session->setRandomStreams(backup.randomStreams);
    std::unique_ptr<train::Trainer> trainer;
    if (m_trainer) {
        WR_ASSIGN_OR_RETURN(trainer, train::Trainer::create(*session, m_dataset));
        if (backup.trainer)
            WR_RETURN_IF_ERROR(trainer->setState(*backup.trainer));
    }
    m_trainer = std::move(trainer); // before the session that the old one refers to
    m_session = std::move(session);
    m_last = backup.last;
    m_testAccuracy = backup.testAccuracy;
    m_parent = backup.parent;
    return {};
}

} // namespace wr::app
