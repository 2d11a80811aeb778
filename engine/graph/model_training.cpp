// SPDX-License-Identifier: GPL-3.0-or-later
// Data sets, and the training recipe.
#include "engine/graph/training_builder.h"

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addTrainingFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    OpBuilder::addFunctions(table);
    TrainingBuilder::addFunctions(table);
    table.insert(table.end(),
                 {
                     {"wr.data.digits", &B::callDigits, {"train", "test", "seed"}},
                     {"wr.data.spiral", &B::callPoints, {"train", "test", "seed", "classes", "noise"}},
                     {"wr.data.xor", &B::callPoints, {"train", "test", "seed", "noise"}},
                     {"wr.data.blobs", &B::callPoints, {"train", "test", "seed", "classes", "noise"}},
                     {"wr.data.moons", &B::callPoints, {"train", "test", "seed", "noise"}},
                     {"wr.data.sine", &B::callPoints, {"train", "test", "seed", "noise"}},
                     {"wr.data.idx", &B::callIdx, {"images", "labels", "train", "test"}},
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
                       "steps",
                       "minutes",
                       "validate_every",
                       "patience",
                       "monitor",
                       "mode",
                       "checkpoint_steps",
                       "checkpoint_minutes",
                       "checkpoint_best",
                       "checkpoint_on_pause"}},
                 });
}

Value ModelBuilder::callDigits(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = "digits";
    spec.kind = DataKind::Digits;
    spec.classes = 10;
    spec.source = arguments.range();
    const std::optional<std::int64_t> train = arguments.integer("train", 8000);
    const std::optional<std::int64_t> test = arguments.integer("test", 2000);
    const std::optional<std::int64_t> seed = arguments.integer("seed", 1);
    if (!train || !test || !seed)
        return Value::error();
    constexpr std::int64_t kMost = 10000000;
    if (*train < 1 || *test < 0 || *train > kMost || *test > kMost)
        return error(arguments.range(), "train must be from 1 and test from 0 to 10,000,000 examples");
    spec.train = *train;
    spec.test = *test;
    spec.seed = static_cast<std::uint64_t>(*seed);
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

/// Points of a plane, or of a curve over a line.
Value ModelBuilder::callPoints(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = std::string(arguments.function().substr(std::string_view("wr.data.").size()));
    spec.source = arguments.range();
    spec.kind = spec.name == "spiral"  ? DataKind::Spiral
                : spec.name == "xor"   ? DataKind::Xor
                : spec.name == "blobs" ? DataKind::Blobs
                : spec.name == "moons" ? DataKind::Moons
                                       : DataKind::Sine;
    const std::optional<std::int64_t> train = arguments.integer("train", 2000);
    const std::optional<std::int64_t> test = arguments.integer("test", 500);
    const std::optional<std::int64_t> seed = arguments.integer("seed", 1);
    const std::optional<std::int64_t> classes =
        arguments.integer("classes", spec.kind == DataKind::Blobs ? 3 : 2);
    const std::optional<double> noise = arguments.number("noise", spec.kind == DataKind::Xor ? 0.0 : 0.1);
    if (!train || !test || !seed || !classes || !noise)
        return Value::error();
    constexpr std::int64_t kMost = 10000000;
    if (*train < 1 || *test < 0 || *train > kMost || *test > kMost)
        return error(arguments.range(), "train must be from 1 and test from 0 to 10,000,000 examples");
    if (*classes < 2 || *classes > 100)
        return error(arguments.rangeOf("classes"), "classes must be from 2 to 100");
    if (!(*noise >= 0.0 && *noise <= 10.0))
        return error(arguments.rangeOf("noise"), "noise must be from 0 to 10");
    spec.train = *train;
    spec.test = *test;
    spec.seed = static_cast<std::uint64_t>(*seed);
    spec.classes = spec.kind == DataKind::Sine ? 0 : *classes;
    spec.noise = *noise;
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
}

Value ModelBuilder::callIdx(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = "IDX files";
    spec.kind = DataKind::Idx;
    spec.source = arguments.range();
    const Value images = arguments.required("images");
    const Value labels = arguments.required("labels");
    const std::optional<std::string> imagesPath = toText(images, arguments.rangeOf("images"));
    const std::optional<std::string> labelsPath = toText(labels, arguments.rangeOf("labels"));
    const std::optional<std::int64_t> train = arguments.integer("train", 0);
    const std::optional<std::int64_t> test = arguments.integer("test", 0);
    if (!imagesPath || !labelsPath || !train || !test)
        return Value::error();
    if (*train < 0 || *test < 0)
        return error(arguments.range(), "train and test cannot be negative");
    spec.imagesPath = *imagesPath;
    spec.labelsPath = *labelsPath;
    spec.train = *train;
    spec.test = *test;
    m_data.push_back(std::move(spec));
    return Value::ofIndex(Kind::Data, m_data.size() - 1);
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
        const bool isSine = recipe.data.kind == DataKind::Sine;
        const DType type = m_model->graph.node(recipe.labels).dtype;
        const bool fits = isSine ? type == DType::Float32 : type == DType::Int32 || type == DType::Int64;
        if (!isPlaceholder(recipe.labels) || !fits)
            return error(arguments.rangeOf("labels"),
                         isSine ? "labels must be a float32 placeholder: the targets of this data are numbers"
                                : "labels must be an int32 or int64 placeholder");
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
    if (!feeds || !testFeeds)
        return Value::error();
    recipe.trainFeeds = *feeds;
    recipe.testFeeds = *testFeeds;
    m_model->recipe = std::move(recipe);
    return Value::of(Kind::None);
}

} // namespace wr::graph
