// SPDX-License-Identifier: GPL-3.0-or-later
// The state of a run between two steps: taken for a checkpoint, put back from one, kept for undoing.
#include "app/library/checkpoint_keeping.h"
#include "app/library/old_names.h"
#include "app/run/carried_values.h"
#include "app/run/training_run.h"

#include <algorithm>
#include <limits>
#include <set>

namespace wr::app {

using session::VariableState;

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
    if (const double accuracy = testAccuracy(); accuracy >= 0.0)
        record.testAccuracy = accuracy;
    if (m_test) {
        record.testLoss = m_test->loss;
        const int monitor = m_model->recipe ? m_model->recipe->rules.monitor : -1;
        record.monitored = monitor < 0 ? m_test->loss : m_test->metrics[static_cast<std::size_t>(monitor)];
    }
    if (m_trainer)
        record.trainer = m_trainer->state();
    record.randomStreams = m_session->randomStreams();
    record.script = m_model->tree->text();
    record.lineage = m_lineage;
    snapshot.metadata = toMetadata(record);
    return snapshot;
}

Result<checkpoint::SaveReport> TrainingRun::save(const QString& directory, const QString& path,
                                                 checkpoint::Profile profile, const std::string& keeper,
                                                 const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(ModelSnapshot taken, snapshot());
    if (!keeper.empty())
        taken.metadata[kKeeperKey] = keeper;
    const bool isDelta = keeper == kRuleKeeper && profile == checkpoint::Profile::Compact &&
                         m_model->recipe && m_model->recipe->rules.savesDeltas;
    WR_ASSIGN_OR_RETURN(checkpoint::SaveReport report,
                        writeSnapshot(taken, directory, path, profile, progress,
                                      isDelta ? deltaBase(directory, keeper) : DeltaBase()));
    setParentCheckpoint(report);
    return report;
}

Result<TrainingRun::RestoreReport> TrainingRun::restore(const checkpoint::CheckpointReader& reader,
                                                        const remap::RestorePlan& plan,
                                                        const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::vector<NamedTensor> values, remap::readPlan(reader, plan, progress));
    return apply(plan, values, reader);
}

remap::RestorePlan TrainingRun::resumePlan(const graph::Model& model,
                                           const checkpoint::CheckpointReader& reader)
{
    std::vector<TensorSpec> sources;
    for (const checkpoint::TensorEntry& entry : reader.tensors())
        sources.push_back(entry.spec);
    std::vector<remap::PlanTarget> targets;
    for (const graph::Variable& variable : model.variables)
        targets.push_back({{variable.name, variable.dtype, variable.shape},
                           false,
                           remap::Fate::Unresolved,
                           {},
                           {},
                           oldNames(model, variable)});
    return {std::move(sources), std::move(targets)};
}

Result<TrainingRun::RestoreReport> TrainingRun::apply(const remap::RestorePlan& plan,
                                                      std::span<const NamedTensor> values,
                                                      const checkpoint::CheckpointReader& from,
                                                      Backup* before)
{
    if (!m_session)
        return fail(m_obstacle);
    std::vector<std::string> fresh;
    std::map<std::string, std::string> sources;
    for (const remap::PlanTarget& target : plan.targets()) {
        const graph::Variable* variable = m_model->findVariable(target.spec.name);
        if (variable == nullptr || variable->dtype != target.spec.dtype ||
            variable->shape != target.spec.shape)
            return fail(failedPrecondition("the model has changed since the restore was prepared: " +
                                           target.spec.name + " is not what it was"));
        if (target.fate == remap::Fate::Unresolved)
            return fail(failedPrecondition(target.spec.name + ": " + target.problem));
        if (target.fate == remap::Fate::Initialize)
            fresh.push_back(target.spec.name);
        if (target.fate == remap::Fate::Restore)
            sources[target.spec.name] = target.source;
    }

    WR_ASSIGN_OR_RETURN(Backup saved, backup());
    WR_RETURN_IF_ERROR(m_session->assign(values, VariableState::Restored));
    if (const Status status = m_session->initialize(fresh); !status.isOk()) {
        WR_RETURN_IF_ERROR(rollBack(saved));
        return fail(status);
    }

    const remap::RestorePlan::Counts counts = plan.counts();
    RestoreReport report{static_cast<int>(counts.restore), static_cast<int>(counts.initialize),
                         static_cast<int>(counts.keep), false};
    const RunRecord record = fromMetadata(from.metadata());
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
        m_test.reset();
        const int accuracy = m_model->recipe ? accuracyMetric(*m_model->recipe) : -1;
        if (record.testLoss || (record.testAccuracy && accuracy >= 0)) {
            m_test.emplace();
            m_test->loss = record.testLoss.value_or(std::numeric_limits<double>::quiet_NaN());
            if (record.testAccuracy && accuracy >= 0)
                m_test->metrics[static_cast<std::size_t>(accuracy)] = *record.testAccuracy;
        }
        report.continues = true;
    }
    m_lineage = RunLineage::of(from, report.continues);
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
    backup.test = m_test;
    backup.lineage = m_lineage;
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
    m_test = backup.test;
    m_due = {};
    m_session->setStopFlag(m_stopFlag);
    m_lineage = backup.lineage;
    return {};
}

} // namespace wr::app
