// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/training_run.h"

#include "app/run/carried_values.h"

#include <algorithm>
#include <cassert>
#include <chrono>

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
        m_test.reset();
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
    m_session->setStopFlag(m_stopFlag);
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
    m_test.reset();
    m_lineage = RunLineage::fresh();
}

void TrainingRun::resetPosition()
{
    if (m_trainer) {
        // The fresh trainer's own state always fits it.
        [[maybe_unused]] const Status status = m_trainer->setState(m_start);
        assert(status.isOk());
    }
    m_last = {};
    m_test.reset();
    m_due = {};
    m_savedAt = 0.0;
}

Status TrainingRun::initializeAll()
{
    if (!m_session)
        return m_obstacle;
    WR_RETURN_IF_ERROR(m_session->initializeAll());
    resetPosition();
    m_lineage = RunLineage::fresh();
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
        if (m_last.test)
            m_test = *m_last.test;
        records.push_back(m_last);
        m_due = dueAfter(m_last);
        if (m_due.any() || std::chrono::steady_clock::now() - start >= budget)
            break;
    }
    return {};
}

TrainingRun::DueSaves TrainingRun::dueAfter(const train::StepRecord& record) const
{
    const graph::RunRules& rules = m_model->recipe->rules;
    constexpr double kSecondsPerMinute = 60.0;
    DueSaves due;
    due.best = rules.keepsBest && record.isBest;
    if (rules.checkpointSteps > 0 && record.step % rules.checkpointSteps == 0)
        due.regular = SaveReason::Steps;
    else if (rules.checkpointMinutes > 0.0 &&
             trainedSeconds() - m_savedAt >= rules.checkpointMinutes * kSecondsPerMinute)
        due.regular = SaveReason::Minutes;
    else if ((rules.checkpointSteps > 0 || rules.checkpointMinutes > 0.0) && isFinished())
        due.regular = SaveReason::End;
    return due;
}

void TrainingRun::noteSaves()
{
    if (m_due.regular != SaveReason::None)
        m_savedAt = trainedSeconds();
    m_due = {};
}

void TrainingRun::setStopFlag(const std::atomic<bool>* flag)
{
    m_stopFlag = flag;
    if (m_session)
        m_session->setStopFlag(flag);
}

train::RunEnd TrainingRun::end() const
{
    return m_trainer ? m_trainer->end() : train::RunEnd::None;
}

std::int64_t TrainingRun::stepsPerEpoch() const
{
    return m_trainer ? m_trainer->stepsPerEpoch() : 0;
}

std::int64_t TrainingRun::bestStep() const
{
    return m_trainer ? m_trainer->state().bestStep : 0;
}

std::string TrainingRun::rateSource() const
{
    return m_trainer ? m_trainer->rateSource() : std::string();
}

double TrainingRun::trainedSeconds() const
{
    return m_trainer ? m_trainer->state().seconds : 0.0;
}

double TrainingRun::testAccuracy() const
{
    const int accuracy = m_model && m_model->recipe ? accuracyMetric(*m_model->recipe) : -1;
    return m_test && accuracy >= 0 ? m_test->metrics[static_cast<std::size_t>(accuracy)] : -1.0;
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

std::vector<session::OpTime> TrainingRun::takeTimes()
{
    return m_trainer ? m_trainer->takeTimes() : std::vector<session::OpTime>();
}

std::uint64_t TrainingRun::memoryBytes() const
{
    std::uint64_t bytes = m_trainer ? m_trainer->planBytes() : 0;
    if (m_model) {
        for (const graph::Variable& variable : m_model->variables)
            bytes += static_cast<std::uint64_t>(variable.shape.elementCount().value_or(0)) *
                     dtypeSize(variable.dtype);
    }
    if (m_dataset) {
        for (const train::Examples* part : {&m_dataset->train, &m_dataset->test})
            bytes += part->features.byteSize() + part->labels.byteSize();
    }
    return bytes;
}

void TrainingRun::rewind()
{
    resetPosition();
    m_lineage.runId = RunLineage::fresh().runId;
}

Result<train::Evaluation> TrainingRun::evaluate()
{
    if (!m_trainer)
        return fail(m_obstacle);
    WR_ASSIGN_OR_RETURN(const train::Evaluation evaluation, m_trainer->evaluate());
    m_test = evaluation;
    return evaluation;
}

} // namespace wr::app
