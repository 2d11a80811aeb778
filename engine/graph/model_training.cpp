// SPDX-License-Identifier: GPL-3.0-or-later
// The training recipe.
#include "engine/graph/training_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addTrainingFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    OpBuilder::addFunctions(table);
    TrainingBuilder::addFunctions(table);
    addDataFunctions(table);
    table.insert(table.end(), {
                                  {"wr.train",
                                   &B::callTrain,
                                   {"train_op",
                                    "data",
                                    "inputs",
                                    "labels",
                                    "batch_size",
                                    "epochs",
                                    "metrics",
                                    "loss",
                                    "train_feeds",
                                    "test_feeds",
                                    "augment",
                                    "steps",
                                    "minutes",
                                    "validate_every",
                                    "patience",
                                    "monitor",
                                    "mode",
                                    "checkpoint_steps",
                                    "checkpoint_minutes",
                                    "checkpoint_best",
                                    "checkpoint_on_pause",
                                    "checkpoint_keep",
                                    "checkpoint_keep_every_hours",
                                    "checkpoint_keep_best",
                                    "checkpoint_deltas"}},
                              });
}

/// {keep_prob: 0.5}: scalars by the tensors that they are fed to; none after a diagnostic.
std::optional<std::vector<std::pair<NodeId, double>>> ModelBuilder::feedsOf(CallArguments& arguments,
                                                                            std::string_view parameter)
{
    std::vector<std::pair<NodeId, double>> feeds;
    const Value given = arguments.value(parameter);
    if (given.isError())
        return std::nullopt;
    if (given.kind == Kind::None)
        return feeds;
    for (std::size_t i = 0; given.kind == Kind::Dict && i + 1 < given.items.size(); i += 2) {
        const Value& key = given.items[i];
        const Value& value = given.items[i + 1];
        if (key.isError() || value.isError())
            return std::nullopt;
        const bool isScalar = key.kind == Kind::Node && m_model->graph.node(key.node).shape.rank() == 0;
        if (!isScalar || (value.kind != Kind::Number && value.kind != Kind::Bool))
            break;
        feeds.emplace_back(key.node, value.number);
    }
    if (given.kind != Kind::Dict || feeds.size() * 2 != given.items.size()) {
        error(arguments.rangeOf(parameter),
              std::string(parameter) + " is {a scalar placeholder: the number that it is fed with, …}");
        return std::nullopt;
    }
    return feeds;
}

Value ModelBuilder::callTrain(CallArguments& arguments)
{
    const auto wanted = [&](const char* parameter, Kind kind, const char* what) {
        Value value = arguments.required(parameter);
        if (!value.isError() && value.kind != kind)
            value = error(arguments.rangeOf(parameter), std::string(what) + " is expected here");
        return value;
    };
    const Value op = arguments.required("train_op");
    const Value loss = arguments.value("loss");
    const Value data = wanted("data", Kind::Data, "a data set, as wr.data.digits(…),");
    const Value inputs = wanted("inputs", Kind::Node, "a placeholder");
    const Value labels = arguments.value("labels").kind == Kind::None
                             ? Value::of(Kind::None)
                             : wanted("labels", Kind::Node, "a placeholder");
    const std::optional<std::int64_t> batch = arguments.integer("batch_size", 32);
    // Without any limit the data is seen once.
    const bool isLimited =
        arguments.value("steps").kind != Kind::None || arguments.value("minutes").kind != Kind::None;
    const bool hasEpochs = arguments.value("epochs").kind != Kind::None;
    const std::optional<std::int64_t> epochs =
        isLimited && !hasEpochs ? std::optional<std::int64_t>(0) : arguments.integer("epochs", 1);
    if (op.isError() || loss.isError() || data.isError() || inputs.isError() || labels.isError() || !batch ||
        !epochs)
        return Value::error();
    if (*batch < 1 || (hasEpochs && *epochs < 1) || *batch > 1000000 || *epochs > 1000000)
        return error(arguments.range(), "batch_size and epochs must be from 1 to 1,000,000");
    if (m_model->recipe)
        return error(arguments.range(), "there is a wr.train(…) already; a script has one training recipe");
    const std::optional<std::size_t> trainOp = trainOpOf(op);
    if (!trainOp)
        return error(arguments.rangeOf("train_op"),
                     "the result of minimize(…) is expected here, or a tf.group(…) of such");
    TrainOp& step = m_model->trainOps[*trainOp];
    if (loss.kind != Kind::None) {
        const NodeId node = toNode(loss, arguments.rangeOf("loss"));
        if (node == kNoNode)
            return Value::error();
        if (!isFloating(m_model->graph.node(node).dtype) || m_model->graph.node(node).shape.rank() != 0)
            return error(arguments.rangeOf("loss"), "loss must be a floating-point scalar");
        step.loss = node;
    }
    if (step.loss == kNoNode)
        return error(arguments.rangeOf("train_op"),
                     "this step is made of gradients that do not tell of which loss: add loss=… to wr.train");
    TrainingRecipe recipe;
    recipe.trainOp = *trainOp;
    recipe.data = m_data[data.index];
    recipe.inputs = inputs.node;
    recipe.labels = labels.node;
    recipe.batchSize = *batch;
    recipe.epochs = *epochs;
    recipe.source = arguments.range();
    const auto isPlaceholder = [&](NodeId node) {
        return m_model->graph.node(node).op == OpCode::Placeholder;
    };
    if (!isPlaceholder(recipe.inputs) || m_model->graph.node(recipe.inputs).dtype != DType::Float32)
        return error(arguments.rangeOf("inputs"), "inputs must be a float32 placeholder");
    if (recipe.labels != kNoNode) {
        const LabelType labelType = labelTypeOf(recipe.data);
        const DType type = m_model->graph.node(recipe.labels).dtype;
        const bool isTargets = type == DType::Float32;
        const bool isClasses = type == DType::Int32 || type == DType::Int64;
        const bool fits =
            (isTargets && labelType != LabelType::Classes) || (isClasses && labelType != LabelType::Targets);
        if (!isPlaceholder(recipe.labels) || !fits)
            return error(arguments.rangeOf("labels"),
                         labelType == LabelType::Targets
                             ? "labels must be a float32 placeholder: the targets of this data are numbers"
                         : labelType == LabelType::Classes
                             ? "labels must be an int32 or int64 placeholder"
                             : "labels must be an int32 or int64 placeholder for classes, or a float32 "
                               "placeholder for targets");
    }
    const auto metrics = metricsOf(arguments);
    if (!metrics)
        return Value::error();
    recipe.metrics = *metrics;
    const auto rules = runRulesOf(arguments, recipe.metrics);
    if (!rules)
        return Value::error();
    recipe.rules = *rules;
    const auto feeds = feedsOf(arguments, "train_feeds");
    const auto testFeeds = feedsOf(arguments, "test_feeds");
    const std::optional<AugmentSettings> augmentation = augmentationOf(arguments, recipe.data);
    if (!feeds || !testFeeds || !augmentation)
        return Value::error();
    recipe.augmentation = *augmentation;
    recipe.trainFeeds = *feeds;
    recipe.testFeeds = *testFeeds;
    m_model->recipe = std::move(recipe);
    return Value::of(Kind::None);
}

} // namespace wr::graph
