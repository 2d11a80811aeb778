// SPDX-License-Identifier: GPL-3.0-or-later
// Optimizers with their slots and updates, data sets, and the training recipe.
#include "engine/graph/gradients.h"
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addTrainingFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(table.end(),
                 {
                     {"tf.train.GradientDescentOptimizer",
                      &B::callOptimizer,
                      {"learning_rate", "use_locking", "name"},
                      OpCode::ApplyGradientDescent},
                     {"tf.train.MomentumOptimizer",
                      &B::callOptimizer,
                      {"learning_rate", "momentum", "use_locking", "name"},
                      OpCode::ApplyMomentum},
                     {"tf.train.AdamOptimizer",
                      &B::callOptimizer,
                      {"learning_rate", "beta1", "beta2", "epsilon", "use_locking", "name"},
                      OpCode::ApplyAdam},
                     {"wr.data.digits", &B::callDigits, {"train", "test", "seed"}},
                     {"wr.data.idx", &B::callIdx, {"images", "labels", "train", "test"}},
                     {"wr.train",
                      &B::callTrain,
                      {"train_op", "data", "inputs", "labels", "batch_size", "epochs", "metrics"}},
                 });
}

Value ModelBuilder::callOptimizer(CallArguments& arguments)
{
    OptimizerSettings settings;
    settings.kind = arguments.op() == OpCode::ApplyAdam       ? OptimizerKind::Adam
                    : arguments.op() == OpCode::ApplyMomentum ? OptimizerKind::Momentum
                                                              : OptimizerKind::GradientDescent;
    const bool adam = settings.kind == OptimizerKind::Adam;
    settings.learningRate = arguments.has("learning_rate") || !adam ? arguments.required("learning_rate")
                                                                    : Value::ofNumber(0.001);
    settings.range = arguments.range();
    settings.name = arguments.has("name")                      ? arguments.text("name")
                    : adam                                     ? "Adam"
                    : settings.kind == OptimizerKind::Momentum ? "Momentum"
                                                               : "GradientDescent";
    if (settings.learningRate.isError())
        return Value::error();
    if (!settings.learningRate.isTensor() &&
        !toNumber(settings.learningRate, arguments.rangeOf("learning_rate")))
        return Value::error();
    if (settings.learningRate.kind == Kind::Number && !(settings.learningRate.number >= 0.0))
        return error(arguments.rangeOf("learning_rate"), "the learning rate cannot be negative");
    if (settings.kind == OptimizerKind::Momentum) {
        const std::optional<double> momentum =
            toNumber(arguments.required("momentum"), arguments.rangeOf("momentum"));
        if (!momentum)
            return Value::error();
        settings.momentum = *momentum;
    }
    if (adam) {
        const std::optional<double> beta1 = arguments.number("beta1", settings.beta1);
        const std::optional<double> beta2 = arguments.number("beta2", settings.beta2);
        const std::optional<double> epsilon = arguments.number("epsilon", settings.epsilon);
        if (!beta1 || !beta2 || !epsilon)
            return Value::error();
        if (!(*beta1 >= 0.0 && *beta1 < 1.0 && *beta2 >= 0.0 && *beta2 < 1.0))
            return error(arguments.range(), "beta1 and beta2 must lie in [0, 1)");
        settings.beta1 = *beta1;
        settings.beta2 = *beta2;
        settings.epsilon = *epsilon;
    }
    m_optimizers.push_back(std::move(settings));
    return Value::ofIndex(Kind::Optimizer, m_optimizers.size() - 1);
}

/// The nodes of one minimize(): hyperparameters, slots, one Apply a variable.
class UpdateBuilder {
public:
    UpdateBuilder(ModelBuilder& builder, const ModelBuilder::OptimizerSettings& settings, DType dtype)
        : m_builder(builder), m_settings(settings), m_dtype(dtype)
    {
    }

    bool makeScalars(TrainOp& op)
    {
        m_learningRate = m_settings.learningRate.isTensor()
                             ? m_settings.learningRate.node
                             : scalar("learning_rate", m_settings.learningRate.number);
        op.learningRate = m_learningRate;
        op.initialLearningRate = m_settings.learningRate.isTensor() ? 0.0 : m_settings.learningRate.number;
        switch (m_settings.kind) {
        case OptimizerKind::GradientDescent:
            break;
        case OptimizerKind::Momentum:
            m_momentum = scalar("momentum", m_settings.momentum);
            break;
        case OptimizerKind::Adam:
            m_beta1 = scalar("beta1", m_settings.beta1);
            m_beta2 = scalar("beta2", m_settings.beta2);
            m_epsilon = scalar("epsilon", m_settings.epsilon);
            m_beta1Power = slot("beta1_power", Shape{}, m_settings.beta1, "beta1_power", m_dtype);
            m_beta2Power = slot("beta2_power", Shape{}, m_settings.beta2, "beta2_power", m_dtype);
            break;
        }
        return !m_failed;
    }

    void apply(std::size_t variable, NodeId gradient, TrainOp& op)
    {
        const Variable target = m_builder.m_model->variables[variable];
        const auto scalarOf = [&](NodeId id) { return inType(id, target.dtype); };
        const auto slotOf = [&](const std::string& suffix) {
            return slot(target.name + "/" + m_settings.name + suffix, target.shape, 0.0, target.name,
                        target.dtype);
        };
        Node node;
        node.colocateWith = target.node;
        switch (m_settings.kind) {
        case OptimizerKind::GradientDescent:
            node.op = OpCode::ApplyGradientDescent;
            node.inputs = {target.node, scalarOf(m_learningRate), gradient};
            break;
        case OptimizerKind::Momentum:
            node.op = OpCode::ApplyMomentum;
            node.inputs = {target.node, slotOf(""), scalarOf(m_learningRate), gradient, scalarOf(m_momentum)};
            break;
        case OptimizerKind::Adam:
            node.op = OpCode::ApplyAdam;
            node.inputs = {target.node, slotOf(""), slotOf("_1")};
            for (const NodeId id : {m_beta1Power, m_beta2Power, m_learningRate, m_beta1, m_beta2, m_epsilon})
                node.inputs.push_back(scalarOf(id));
            node.inputs.push_back(gradient);
            break;
        }
        if (m_failed)
            return;
        const std::string name = "update_" + target.name + "/" + std::string(backend::opName(node.op));
        addUpdate(std::move(node), name, target.device, op);
    }

    /// After all Apply nodes: Adam's powers advance.
    void finish(TrainOp& op)
    {
        if (m_settings.kind != OptimizerKind::Adam)
            return;
        for (const auto& [power, beta] :
             {std::pair{m_beta1Power, m_beta1}, std::pair{m_beta2Power, m_beta2}}) {
            Node product;
            product.op = OpCode::Mul;
            product.inputs = {power, beta};
            const Value value =
                m_builder.addNode(std::move(product), m_settings.range, m_settings.name + "/mul");
            Node node;
            node.op = OpCode::Assign;
            node.inputs = {power, value.node};
            node.colocateWith = power;
            addUpdate(std::move(node), m_settings.name + "/Assign", {}, op);
        }
    }

    bool failed() const { return m_failed; }

    void addUpdate(Node node, const std::string& name, const std::string& device, TrainOp& op)
    {
        const Value added = m_builder.addNode(std::move(node), m_settings.range, name);
        if (added.isError()) {
            m_failed = true;
            return;
        }
        m_builder.m_model->graph.node(added.node).device = device;
        op.updates.push_back(added.node);
    }

private:
    NodeId scalar(const char* name, double value) { return scalar(name, value, m_dtype); }

    NodeId scalar(const char* name, double value, DType dtype)
    {
        Tensor tensor =
            dtype == DType::Float64 ? Tensor::scalar(value) : Tensor::scalar(static_cast<float>(value));
        const Value added =
            m_builder.addConstant(std::move(tensor), m_settings.range, m_settings.name + "/" + name);
        m_failed = m_failed || added.isError();
        return added.node;
    }

    /// The scalar for a variable whose type is another than the loss's.
    NodeId inType(NodeId id, DType dtype)
    {
        if (m_failed || m_builder.m_model->graph.node(id).dtype == dtype)
            return id;
        Node cast;
        cast.op = OpCode::Cast;
        cast.inputs = {id};
        cast.dtype = dtype;
        const Value added = m_builder.addNode(std::move(cast), m_settings.range, m_settings.name + "/Cast");
        m_failed = m_failed || added.isError();
        return added.node;
    }

    NodeId slot(const std::string& name, Shape shape, double start, const std::string& of, DType dtype)
    {
        Node fill;
        fill.op = OpCode::Fill;
        fill.inputs = {scalar("initial", start, dtype)};
        fill.dtype = dtype;
        fill.shape = shape;
        const Value initial = m_builder.addNode(std::move(fill), m_settings.range, name + "/Initializer");
        Variable variable;
        variable.name = name;
        for (int number = 1; m_builder.m_model->findVariable(variable.name) != nullptr; ++number)
            variable.name =
                name + "_" + std::to_string(number); // a second minimize(), as TensorFlow numbers it
        variable.dtype = dtype;
        variable.shape = std::move(shape);
        variable.trainable = false;
        variable.slotOf = of;
        variable.initializer = start == 0.0 ? "zeros" : "constant";
        variable.source.editable = false;
        if (const Variable* const home = m_builder.m_model->findVariable(of))
            variable.device = home->device;
        const std::size_t index = m_builder.addVariable(std::move(variable), initial.node, m_settings.range);
        if (initial.isError() || index >= m_builder.m_model->variables.size()) {
            m_failed = true;
            return kNoNode;
        }
        return m_builder.m_model->variables[index].node;
    }

    ModelBuilder& m_builder;
    const ModelBuilder::OptimizerSettings& m_settings;
    DType m_dtype;
    NodeId m_learningRate = kNoNode;
    NodeId m_momentum = kNoNode;
    NodeId m_beta1 = kNoNode;
    NodeId m_beta2 = kNoNode;
    NodeId m_epsilon = kNoNode;
    NodeId m_beta1Power = kNoNode;
    NodeId m_beta2Power = kNoNode;
    bool m_failed = false;
};

Value ModelBuilder::callMinimize(CallArguments& arguments, const Value& optimizer)
{
    const OptimizerSettings settings = m_optimizers[optimizer.index];
    const NodeId loss = toNode(arguments.required("loss"), arguments.rangeOf("loss"));
    const Value chosen = arguments.value("var_list");
    if (loss == kNoNode || chosen.isError())
        return Value::error();
    std::vector<Value> list = chosen.items;
    if (chosen.kind == Kind::None)
        list = m_collections["trainable_variables"];
    else if (chosen.kind != Kind::List)
        list = {chosen};
    std::vector<std::size_t> candidates;
    for (const Value& whole : list) {
        for (const Value& item : whole.kind == Kind::Partitioned ? whole.items : std::vector<Value>{whole}) {
            if (item.kind != Kind::Variable)
                return item.isError()
                           ? item
                           : error(arguments.rangeOf("var_list"), "var_list takes variables", "TypeError");
            if (!m_model->variables[item.index].isIncomplete)
                candidates.push_back(item.index);
        }
    }
    std::vector<NodeId> targets;
    for (const std::size_t index : candidates)
        targets.push_back(m_model->variables[index].node);
    const std::size_t before = m_model->graph.nodes().size();
    const Result<std::vector<NodeId>> gradients = addGradients(m_model->graph, loss, targets);
    if (!gradients)
        return error(arguments.rangeOf("loss"), gradients.error().message());
    const std::string device = currentDeviceText(); // of the blocks around minimize()
    for (std::size_t id = before; !device.empty() && id < m_model->graph.nodes().size(); ++id)
        m_model->graph.node(static_cast<NodeId>(id)).device = device;

    TrainOp op;
    op.name = m_target.empty() ? settings.name : m_target;
    op.optimizer = settings.kind;
    op.loss = loss;
    UpdateBuilder updates(*this, settings, m_model->graph.node(loss).dtype);
    if (!updates.makeScalars(op))
        return Value::error();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const std::string name = m_model->variables[candidates[i]].name;
        if ((*gradients)[i] == kNoNode) {
            warn(arguments.range(), "the loss does not depend on \"" + name + "\"; it is not trained");
            continue;
        }
        op.gradients.push_back((*gradients)[i]);
        op.variables.push_back(name);
        updates.apply(candidates[i], (*gradients)[i], op);
    }
    if (op.variables.empty())
        return error(arguments.range(),
                     "No gradients provided for any variable: the loss depends on none that is trainable",
                     "ValueError");
    updates.finish(op);
    if (const Value step = arguments.value("global_step"); step.kind == Kind::Variable) {
        Node node;
        node.op = OpCode::AssignAdd;
        node.inputs = {step.node,
                       toNode(Value::ofInteger(1), arguments.range(), m_model->graph.node(step.node).dtype)};
        node.colocateWith = step.node;
        updates.addUpdate(std::move(node), settings.name, m_model->variables[step.index].device, op);
    }
    if (updates.failed())
        return Value::error();
    m_model->trainOps.push_back(std::move(op));
    return Value::ofIndex(Kind::TrainOp, m_model->trainOps.size() - 1);
}

Value ModelBuilder::callDigits(CallArguments& arguments)
{
    DataSpec spec;
    spec.name = "digits";
    spec.kind = DataKind::Digits;
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

Value ModelBuilder::callTrain(CallArguments& arguments)
{
    const auto wanted = [&](const char* parameter, Kind kind, const char* what) {
        Value value = arguments.required(parameter);
        if (!value.isError() && value.kind != kind)
            value = error(arguments.rangeOf(parameter), std::string(what) + " is expected here");
        return value;
    };
    const Value op = wanted("train_op", Kind::TrainOp, "the result of minimize(…)");
    const Value data = wanted("data", Kind::Data, "a data set, as wr.data.digits(…),");
    const Value inputs = wanted("inputs", Kind::Node, "a placeholder");
    const Value labels = wanted("labels", Kind::Node, "a placeholder");
    const std::optional<std::int64_t> batch = arguments.integer("batch_size", 32);
    const std::optional<std::int64_t> epochs = arguments.integer("epochs", 1);
    const Value metrics = arguments.value("metrics");
    if (op.isError() || data.isError() || inputs.isError() || labels.isError() || !batch || !epochs ||
        metrics.isError())
        return Value::error();
    if (*batch < 1 || *epochs < 1 || *batch > 1000000 || *epochs > 1000000)
        return error(arguments.range(), "batch_size and epochs must be from 1 to 1,000,000");
    if (m_model->recipe)
        return error(arguments.range(), "there is a wr.train(…) already; a script has one training recipe");
    TrainingRecipe recipe;
    recipe.trainOp = op.index;
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
    const DType labelType = m_model->graph.node(recipe.labels).dtype;
    if (!isPlaceholder(recipe.labels) || (labelType != DType::Int32 && labelType != DType::Int64))
        return error(arguments.rangeOf("labels"), "labels must be an int32 or int64 placeholder");
    if (metrics.kind == Kind::Dict) {
        for (std::size_t i = 0; i + 1 < metrics.items.size(); i += 2) {
            const Value& name = metrics.items[i];
            const Value& value = metrics.items[i + 1];
            if (name.isError() || value.isError())
                return Value::error();
            const bool scalar = value.isTensor() && m_model->graph.node(value.node).shape.rank() == 0 &&
                                m_model->graph.node(value.node).dtype == DType::Float32;
            if (name.kind != Kind::String || !scalar || metrics.items.size() > 2)
                return error(arguments.rangeOf("metrics"), "metrics is {\"accuracy\": a float32 scalar}");
            recipe.accuracy = value.node;
            recipe.accuracyName = name.text;
        }
    } else if (metrics.kind != Kind::None) {
        return error(arguments.rangeOf("metrics"), "metrics is {\"accuracy\": a float32 scalar}");
    }
    m_model->recipe = std::move(recipe);
    return Value::of(Kind::None);
}

} // namespace wr::graph
