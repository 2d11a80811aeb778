// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/trainer.h"

#include "engine/train/augmentation.h"
#include "engine/train/batch_reader.h"
#include "engine/train/batches.h"
#include "engine/train/label_types.h"
#include "engine/train/run_course.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace wr::train {
namespace {

using backend::OpCode;
using graph::kNoNode;
using graph::NodeId;

/// Number of classes that the model tells apart: the width of the logits whose labels are `labels`, or 0 when
/// unknown.
std::int64_t classesOf(const graph::Model& model, NodeId labels)
{
    for (const graph::Node& node : model.graph.nodes()) {
        if (node.op == OpCode::SparseSoftmaxCrossEntropyWithLogits && node.inputs[1] == labels)
            return std::max<std::int64_t>(0, model.graph.node(node.inputs[0]).shape.dims().back());
    }
    return 0;
}

/// The shape of a feed of `count` examples for a placeholder whose first dimension is the batch.
Result<Shape> feedShape(const graph::Node& placeholder, std::int64_t count, std::int64_t perExample,
                        const Shape& image)
{
    std::vector<std::int64_t> dims = placeholder.shape.dims();
    if (dims.empty())
        return fail(StatusCode::InvalidArgument,
                    placeholder.name + " is a scalar; its first dimension must be the batch");
    if (dims[0] >= 0 && dims[0] != count)
        return fail(StatusCode::InvalidArgument,
                    placeholder.name + " takes batches of " + std::to_string(dims[0]) + ", not of " +
                        std::to_string(count) + "; write None for its first dimension");
    dims[0] = count;
    const Shape shape(dims);
    if (shape.elementCount() != count * perExample)
        return fail(StatusCode::InvalidArgument, placeholder.name + " of shape " +
                                                     placeholder.shape.toString() +
                                                     " does not fit examples of shape " + image.toString());
    return shape;
}

Status checkLabels(const Examples& examples, std::int64_t classes, const char* part)
{
    const std::span<const std::int64_t> labels = examples.labels.values<std::int64_t>();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || labels[i] >= classes)
            return invalidArgument(std::string("the label ") + std::to_string(labels[i]) + " of " + part +
                                   " example " + std::to_string(i) + " is none of the " +
                                   std::to_string(classes) + " classes (0 to " + std::to_string(classes - 1) +
                                   ") that the model tells apart");
    }
    return {};
}

/// A step's DataLoss means numbers gone wrong, so that damaged examples must be something else.
Status readable(const Status& fed)
{
    if (fed.code() != StatusCode::DataLoss)
        return fed;
    return unavailable("the examples could not be read: " + fed.message());
}

class RecipeTrainer final : public Trainer {
public:
    RecipeTrainer(session::Session& session, std::shared_ptr<const Dataset> dataset)
        : m_session(session), m_recipe(*session.model().recipe),
          m_op(session.model().trainOps[session.model().recipe->trainOp]), m_dataset(std::move(dataset))
    {
        m_state.shuffleSeed = session.model().graphSeed;
        m_state.learningRate = m_op.initialLearningRate;
        const OpCode rate = session.model().graph.node(m_op.learningRate).op;
        m_awaitsRate = rate == OpCode::Placeholder;
        m_feedsRate = m_awaitsRate || rate == OpCode::Const;
    }
    ~RecipeTrainer() override
    {
        for (const session::PlanId plan : m_plans)
            m_session.dropPlan(plan);
    }

    Status prepare()
    {
        const Examples& train = m_dataset->train;
        if (train.count() < m_recipe.batchSize)
            return invalidArgument("the data holds " + std::to_string(train.count()) +
                                   " training examples, fewer than one batch of " +
                                   std::to_string(m_recipe.batchSize));
        if (m_recipe.augmentation.isOn()) {
            WR_ASSIGN_OR_RETURN(m_pictures, pictureLayout(*m_dataset, m_recipe.augmentation));
        }
        if (hasLabels())
            WR_RETURN_IF_ERROR(checkLabelType(*m_dataset, m_session.model().graph.node(m_recipe.labels)));
        if (const std::int64_t classes = classesOf(m_session.model(), m_recipe.labels); classes > 0) {
            WR_RETURN_IF_ERROR(checkLabels(train, classes, "training"));
            if (m_dataset->test.count() > 0)
                WR_RETURN_IF_ERROR(checkLabels(m_dataset->test, classes, "test"));
        }
        const graph::RunRules& rules = m_recipe.rules;
        if (m_dataset->test.count() == 0 && (rules.patience > 0 || rules.keepsBest))
            return invalidArgument("there are no test examples to tell a better step by, as patience and "
                                   "checkpoint_best want; leave some with test=");
        WR_ASSIGN_OR_RETURN(m_step, makePlan(train, m_recipe.batchSize, true));
        constexpr std::int64_t kTestBatch = 500;
        const std::int64_t tests = m_dataset->test.count();
        m_testBatch = std::min(tests, kTestBatch);
        if (tests > 0) {
            WR_ASSIGN_OR_RETURN(m_test, makePlan(m_dataset->test, m_testBatch, false));
            if (tests % m_testBatch != 0) {
                WR_ASSIGN_OR_RETURN(m_testRest, makePlan(m_dataset->test, tests % m_testBatch, false));
            }
        }
        startEpoch();
        return {};
    }

    Result<StepRecord> step() override
    {
        if (isFinished())
            return fail(StatusCode::OutOfRange, endText(m_recipe, m_state));
        if (m_awaitsRate && m_state.learningRate == 0.0)
            return fail(StatusCode::FailedPrecondition,
                        "the learning rate is the placeholder \"" +
                            m_session.model().graph.node(m_op.learningRate).name +
                            "\"; give a rate before the first step");
        const auto begin = std::chrono::steady_clock::now();
        const auto first = static_cast<std::size_t>(m_state.batchInEpoch * m_recipe.batchSize);
        WR_RETURN_IF_ERROR(readable(feedStep(first)));
        if (m_recipe.augmentation.isOn())
            augment(m_recipe.augmentation, m_pictures, m_state.shuffleSeed,
                    static_cast<std::uint64_t>(m_state.epoch), first, m_session.feedBuffer(m_step, 0));
        if (m_feedsRate)
            setScalar(m_session.feedBuffer(m_step, hasLabels() ? 2 : 1), m_state.learningRate);
        WR_RETURN_IF_ERROR(m_session.runUntilUpdates(m_step));
        StepRecord record;
        record.loss = m_session.fetched(m_step, 0).valueAt(0);
        record.gradientNorm = m_session.gradientNorm(m_step);
        if (!std::isfinite(record.loss) || std::isnan(record.gradientNorm)) {
            const std::string where = m_session.firstNonFinite(m_step);
            return fail(StatusCode::DataLoss, "NaN or Inf appeared in step " +
                                                  std::to_string(m_state.step + 1) + ", first in " +
                                                  (where.empty() ? std::string("the loss") : where));
        }
        WR_RETURN_IF_ERROR(m_session.runUpdates(m_step));
        record.step = ++m_state.step;
        record.epoch = m_state.epoch;
        for (std::size_t i = 0; i < m_recipe.metrics.size(); ++i)
            record.metrics[i] = *m_session.fetched(m_step, 1 + i).data<float>();
        if (!m_feedsRate)
            m_state.learningRate = m_session.fetched(m_step, m_rateFetch).valueAt(0);
        record.learningRate = m_state.learningRate;
        if (++m_state.batchInEpoch == stepsPerEpoch()) {
            m_state.batchInEpoch = 0;
            record.epoch = ++m_state.epoch;
            record.epochEnd = true;
            startEpoch();
        }
        record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        m_state.seconds += record.seconds;
        if (m_dataset->test.count() > 0 && isLookDue(m_recipe, m_state, record)) {
            const Result<Evaluation> evaluation = evaluate();
            if (evaluation) {
                record.test = std::make_shared<const Evaluation>(*evaluation);
                record.isBest = noteLook(m_recipe, *evaluation, m_state);
            } else if (evaluation.error().code() != StatusCode::Cancelled) {
                return fail(evaluation.error()); // stopped while looking: the step itself is done
            }
        }
        return record;
    }

    RunEnd end() const override { return endOf(m_recipe, m_state); }
    std::int64_t stepsPerEpoch() const override { return m_dataset->train.count() / m_recipe.batchSize; }
    std::int64_t totalSteps() const override { return train::totalSteps(m_recipe, stepsPerEpoch()); }

    /// Draws of random numbers while the test examples are looked at do not count: what is drawn while
    /// training must not depend on how often somebody looks.
    Result<Evaluation> evaluate() override
    {
        const std::map<std::string, std::uint64_t> streams = m_session.randomStreams();
        Result<Evaluation> evaluation = evaluateTest();
        m_session.setRandomStreams(streams);
        return evaluation;
    }

    Status setLearningRate(double rate) override
    {
        if (!m_op.otherRates.empty())
            return failedPrecondition("this training has " + std::to_string(m_op.otherRates.size() + 1) +
                                      " learning rates; change them in the script");
        if (!m_feedsRate)
            return failedPrecondition("the script computes the learning rate anew for each step, on " +
                                      rateSource() + "; change it there");
        m_state.learningRate = rate;
        return {};
    }
    std::string rateSource() const override
    {
        if (m_feedsRate && m_op.otherRates.empty())
            return {};
        const graph::Model& model = m_session.model();
        const script::TextRange source = model.graph.node(m_op.learningRate).source;
        return "line " + std::to_string(model.tree->position(source.begin).line);
    }
    double learningRate() const override
    {
        if (m_feedsRate || m_state.step > 0)
            return m_state.learningRate;
        const NodeId nodes[] = {m_op.learningRate};
        const Result<std::vector<Tensor>> first = m_session.evaluate(nodes, {});
        return first ? first->front().valueAt(0) : 0.0;
    }
    std::vector<session::OpTime> takeTimes() override { return m_session.takeTimes(m_step); }
    std::size_t planBytes() const override
    {
        std::size_t bytes = 0;
        for (const session::PlanId plan : m_plans)
            bytes += m_session.planBytes(plan);
        return bytes;
    }
    TrainerState state() const override { return m_state; }

    Status setState(const TrainerState& state) override
    {
        if (state.step < 0 || state.epoch < 0 || state.batchInEpoch < 0 ||
            state.batchInEpoch >= stepsPerEpoch() || (m_recipe.epochs > 0 && state.epoch > m_recipe.epochs))
            return invalidArgument("the position of epoch " + std::to_string(state.epoch) + ", batch " +
                                   std::to_string(state.batchInEpoch) + " lies outside this recipe of " +
                                   std::to_string(m_recipe.epochs) + " epochs of " +
                                   std::to_string(stepsPerEpoch()) + " batches");
        if (!std::isfinite(state.learningRate) || state.learningRate < 0.0)
            return invalidArgument("the learning rate of the position is no rate");
        m_state = state;
        startEpoch();
        return {};
    }

private:
    Result<Evaluation> evaluateTest()
    {
        const Examples& test = m_dataset->test;
        if (test.count() == 0)
            return fail(StatusCode::FailedPrecondition, "there are no test examples");
        Evaluation total;
        const std::size_t metrics = m_recipe.metrics.size();
        std::array<double, graph::kMostMetrics> sums{};
        std::vector<std::int64_t> rows;
        for (std::int64_t first = 0; first < test.count(); first += m_testBatch) {
            const std::int64_t count = std::min(m_testBatch, test.count() - first);
            const session::PlanId plan = count == m_testBatch ? m_test : m_testRest;
            rows.clear();
            for (std::int64_t i = 0; i < count; ++i)
                rows.push_back(first + i);
            WR_RETURN_IF_ERROR(readable(feed(plan, test, rows)));
            WR_RETURN_IF_ERROR(m_session.run(plan));
            const auto weight = static_cast<double>(count);
            total.loss += m_session.fetched(plan, 0).valueAt(0) * weight;
            for (std::size_t i = 0; i < metrics; ++i)
                sums[i] += m_session.fetched(plan, 1 + i).valueAt(0) * weight;
        }
        total.count = test.count();
        total.loss /= static_cast<double>(total.count);
        for (std::size_t i = 0; i < metrics; ++i)
            total.metrics[i] = sums[i] / static_cast<double>(total.count);
        return total;
    }

    Result<session::PlanId> makePlan(const Examples& examples, std::int64_t count, bool trains)
    {
        const graph::Graph& graph = m_session.model().graph;
        const Shape each = examples.featureShape();
        WR_ASSIGN_OR_RETURN(const Shape inputs,
                            feedShape(graph.node(m_recipe.inputs), count, *each.elementCount(), each));
        std::vector<NodeId> fetches{m_op.loss};
        for (const graph::Metric& metric : m_recipe.metrics)
            fetches.push_back(metric.node);
        m_rateFetch = fetches.size();
        if (trains && !m_feedsRate)
            fetches.push_back(m_op.learningRate);
        std::vector<NodeId> feeds{m_recipe.inputs};
        std::vector<Shape> shapes{inputs};
        if (hasLabels()) {
            const std::int64_t size = examples.labels.elementCount() / examples.count();
            WR_ASSIGN_OR_RETURN(const Shape labels, feedShape(graph.node(m_recipe.labels), count, size,
                                                              Shape{examples.count(), size}));
            feeds.push_back(m_recipe.labels);
            shapes.push_back(labels);
        }
        if (trains && m_feedsRate) {
            feeds.push_back(m_op.learningRate);
            shapes.emplace_back();
        }
        const std::size_t firstScalar = feeds.size();
        const auto& scalars = trains ? m_recipe.trainFeeds : m_recipe.testFeeds;
        for (const auto& [node, value] : scalars) {
            feeds.push_back(node);
            shapes.emplace_back();
        }
        const std::span<const NodeId> updates =
            trains ? std::span<const NodeId>(m_op.updates) : std::span<const NodeId>();
        WR_ASSIGN_OR_RETURN(const session::PlanId plan, m_session.plan(fetches, updates, feeds, shapes));
        m_plans.push_back(plan);
        for (std::size_t i = 0; i < scalars.size(); ++i)
            setScalar(m_session.feedBuffer(plan, firstScalar + i), scalars[i].second);
        return plan;
    }

    static void setScalar(Tensor& tensor, double value)
    {
        switch (tensor.dtype()) {
        case DType::Float64:
            *tensor.data<double>() = value;
            break;
        case DType::Bool:
            *tensor.data<bool>() = value != 0.0;
            break;
        case DType::Int32:
            *tensor.data<std::int32_t>() = static_cast<std::int32_t>(value);
            break;
        case DType::Int64:
            *tensor.data<std::int64_t>() = static_cast<std::int64_t>(value);
            break;
        default:
            *tensor.data<float>() = static_cast<float>(value);
        }
    }

    bool hasLabels() const { return m_recipe.labels != kNoNode; }

    Status feed(session::PlanId plan, const Examples& examples, std::span<const std::int64_t> chosen)
    {
        WR_RETURN_IF_ERROR(gatherFeatures(examples, chosen, m_session.feedBuffer(plan, 0)));
        if (hasLabels())
            gatherLabels(examples, chosen, m_session.feedBuffer(plan, 1));
        return {};
    }

    /// The batch that begins at place `first` of the epoch; where it comes from a file, a thread reads ahead.
    Status feedStep(std::size_t first)
    {
        if (!m_dataset->train.source)
            return feed(m_step, m_dataset->train,
                        std::span(m_order).subspan(first, static_cast<std::size_t>(m_recipe.batchSize)));
        Tensor& features = m_session.feedBuffer(m_step, 0);
        Tensor* const labels = hasLabels() ? &m_session.feedBuffer(m_step, 1) : nullptr;
        if (!m_reader)
            m_reader = std::make_unique<BatchReader>(m_dataset->train, m_recipe.batchSize, features, labels);
        return m_reader->take({m_state.shuffleSeed, m_state.epoch, m_state.batchInEpoch}, features, labels);
    }

    void startEpoch()
    {
        if (!m_dataset->train.source)
            m_order = shuffled(m_dataset->train.count(), m_state.shuffleSeed,
                               static_cast<std::uint64_t>(m_state.epoch));
    }

    session::Session& m_session;
    const graph::TrainingRecipe& m_recipe;
    const graph::TrainOp& m_op;
    std::shared_ptr<const Dataset> m_dataset;
    TrainerState m_state;
    PictureLayout m_pictures;  ///< where they are augmented
    bool m_awaitsRate = false; ///< the script leaves it to whoever runs it
    bool m_feedsRate = false;  ///< otherwise the script computes it
    std::size_t m_rateFetch = 0;
    std::vector<session::PlanId> m_plans;
    session::PlanId m_step = -1;
    session::PlanId m_test = -1;
    session::PlanId m_testRest = -1;
    std::int64_t m_testBatch = 0;
    std::vector<std::int64_t> m_order;
    std::unique_ptr<BatchReader> m_reader; ///< of examples that lie in a file
};

} // namespace

Result<std::unique_ptr<Trainer>> Trainer::create(session::Session& session,
                                                 std::shared_ptr<const Dataset> dataset)
{
    if (!session.model().recipe)
        return fail(StatusCode::FailedPrecondition,
                    "the script has no wr.train(…), so there is nothing to train by");
    auto trainer = std::make_unique<RecipeTrainer>(session, std::move(dataset));
    WR_RETURN_IF_ERROR(trainer->prepare());
    return std::unique_ptr<Trainer>(std::move(trainer));
}

} // namespace wr::train
