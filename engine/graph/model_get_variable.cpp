// SPDX-License-Identifier: GPL-3.0-or-later
// tf.get_variable: variables that are shared by name, within variable scopes.
#include "engine/graph/model_builder.h"

namespace wr::graph {

using script::ExprKind;
using Kind = Value::Kind;

void ModelBuilder::addGetVariableFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kParameters{
        "name",         "shape",         "dtype",          "initializer",     "regularizer",
        "trainable",    "collections",   "caching_device", "partitioner",     "validate_shape",
        "use_resource", "custom_getter", "constraint",     "synchronization", "aggregation"};
    table.insert(table.end(), {{"tf.get_variable", &B::callGetVariable, kParameters},
                               {"tf.get_local_variable", &B::callGetVariable, kParameters},
                               {"tf.fixed_size_partitioner", &B::callPartitioner, {"num_shards", "axis"}},
                               {"tf.variable_axis_size_partitioner",
                                &B::callPartitioner,
                                {"max_shard_bytes", "axis", "bytes_per_string_element", "max_shards"}},
                               {"tf.min_max_variable_partitioner",
                                &B::callPartitioner,
                                {"max_partitions", "axis", "min_slice_size", "bytes_per_string_element"}},
                               {"tf.create_partitioned_variables",
                                &B::callPartitionedVariables,
                                {"shape", "slicing", "initializer", "dtype", "trainable", "collections",
                                 "name", "reuse"}}});
}

namespace {

std::string nameOf(DType dtype)
{
    return std::string(dtypeName(dtype));
}

} // namespace

/// reuse: the variable that was made before under this name.
Value ModelBuilder::getExisting(CallArguments& arguments, const Getting& getting, const Value& found)
{
    const bool isCut = found.kind == Kind::Partitioned;
    const Value& first = isCut ? found.items.front() : found;
    const Variable& own = m_model->variables[first.index];
    const Shape& shape = isCut ? own.slice->fullShape : own.shape;
    if (getting.shape && !own.isIncomplete && !getting.shape->isCompatibleWith(shape))
        return error(arguments.rangeOf("shape"),
                     "Trying to share variable " + getting.name + ", but specified shape " +
                         getting.shape->toString() + " and found shape " + shape.toString() + ".",
                     "ValueError");
    if (arguments.has("dtype") && getting.dtype != own.dtype)
        return error(arguments.rangeOf("dtype"),
                     "Trying to share variable " + getting.name + ", but specified dtype " +
                         nameOf(getting.dtype) + " and found dtype " + nameOf(own.dtype) + ".",
                     "ValueError");
    if (getting.partitioner.kind != Kind::Partitioner)
        return isCut ? error(arguments.range(),
                             "Trying to reuse " + getting.name +
                                 " without a partitioner, but a partitioned version of it exists (found " +
                                 own.name + ")",
                             "ValueError")
                     : found;
    const Result<std::vector<std::int64_t>> wanted =
        partitionsOf(m_partitioners[getting.partitioner.index], shape, own.dtype);
    std::size_t parts = 1;
    for (const std::int64_t count : wanted ? *wanted : std::vector<std::int64_t>{})
        parts *= static_cast<std::size_t>(count);
    if (!isCut || !wanted || parts != found.items.size())
        return error(arguments.range(),
                     "Trying to reuse partitioned variable " + getting.name + " with " +
                         std::to_string(parts) + " partitions, but found " +
                         std::to_string(isCut ? found.items.size() : 1),
                     "ValueError");
    return found;
}

Value ModelBuilder::callGetVariable(CallArguments& arguments)
{
    const VariableScope scope = m_variableScopes[m_variableScope];
    const bool isLocal = arguments.function() == "tf.get_local_variable";
    const std::optional<std::string> name = toText(arguments.required("name"), arguments.rangeOf("name"));
    const std::optional<DType> dtype = arguments.type("dtype", scope.dtype);
    const std::optional<bool> trainable = arguments.boolean("trainable", !isLocal);
    if (!name || !dtype || !trainable)
        return Value::error();
    Getting getting;
    getting.name = variableScoped(*name);
    getting.dtype = *dtype;
    getting.partitioner = arguments.value("partitioner");
    if (getting.partitioner.kind == Kind::None)
        getting.partitioner = scope.partitioner;
    ++m_initialDepth;
    getting.initializer = arguments.value("initializer");
    --m_initialDepth;
    if (getting.initializer.kind == Kind::None)
        getting.initializer = scope.initializer;
    if (getting.initializer.isError() || getting.partitioner.isError())
        return Value::error();
    if (getting.partitioner.kind != Kind::None && getting.partitioner.kind != Kind::Partitioner)
        return error(arguments.rangeOf("partitioner"),
                     "Partitioner must be callable, as tf.fixed_size_partitioner(…) is", "TypeError");
    const Value shape = arguments.value("shape");
    if (shape.isError())
        return shape;
    if (shape.kind == Kind::Hole)
        getting.initializer = shape;
    else if (shape.kind != Kind::None && !(getting.shape = toShape(shape, arguments.rangeOf("shape"), true)))
        return Value::error();
    const auto found = m_variableStore.find(getting.name);
    if (found != m_variableStore.end() && scope.reuse != Reuse::No)
        return getExisting(arguments, getting, found->second);
    if (scope.reuse == Reuse::Yes)
        return error(arguments.rangeOf("name"),
                     "Variable " + getting.name +
                         " does not exist, or was not created with tf.get_variable(). Did you mean to set "
                         "reuse=None (or tf.AUTO_REUSE) in VarScope? Here reuse is on, so a variable must be "
                         "there already",
                     "ValueError");
    std::string clash;
    if (found != m_variableStore.end()) {
        const Value& first =
            found->second.kind == Kind::Partitioned ? found->second.items.front() : found->second;
        const Variable& own = m_model->variables[first.index];
        const int line = m_model->tree->position(own.source.statement.begin).line;
        clash = "Variable " + getting.name +
                " already exists, disallowed. Did you mean to set reuse=True (or tf.AUTO_REUSE) in VarScope? "
                "It was made on line " +
                std::to_string(line);
    }
    return getNew(arguments, getting, *trainable, std::move(clash));
}

Value ModelBuilder::getNew(CallArguments& arguments, Getting& getting, bool trainable, std::string clash)
{
    const std::optional<bool> validate = arguments.boolean("validate_shape", true);
    std::optional<std::vector<std::string>> collections = collectionsOf(arguments, trainable);
    if (!validate || !collections)
        return Value::error();
    if (arguments.function() == "tf.get_local_variable" && !arguments.has("collections"))
        *collections = {"local_variables"};
    ignore(arguments, "regularizer", "Weightroom adds no losses by itself; write the penalty into the loss");
    ignore(arguments, "caching_device", "values are read where they are needed");
    ignore(arguments, "constraint", "a script is read and never executed");

    VariableRequest request = requestOf(arguments, getting.name);
    request.given = arguments.text("name");
    request.clashClass = clash.empty() ? "" : "ValueError";
    request.clashMessage = std::move(clash);
    request.dtype = getting.dtype;
    Variable& variable = request.variable;
    variable.trainable = trainable;
    variable.validateShape = *validate;
    variable.collections = std::move(*collections);
    variable.source.editable = false; // the table writes tf.Variable(…)
    variable.source.initializer = arguments.find("initializer");
    const Expr* const shapeExpr = arguments.find("shape");
    if (shapeExpr != nullptr && (shapeExpr->kind == ExprKind::List || shapeExpr->kind == ExprKind::Tuple))
        variable.source.shape = shapeExpr;
    request.initialRange =
        variable.source.initializer != nullptr ? variable.source.initializer->range : arguments.range();
    const auto remember = [&](const Value& made) {
        if (!made.isError() && m_variableStore.count(getting.name) == 0)
            m_variableStore.emplace(getting.name, made);
        return made;
    };

    const Kind kind = getting.initializer.kind;
    if (kind == Kind::Hole) {
        request.shape = getting.shape;
        request.initial = getting.initializer;
        return remember(makeVariable(std::move(request)));
    }
    const bool isValue = kind != Kind::None && kind != Kind::Initializer;
    if (isValue && getting.shape)
        return error(arguments.rangeOf("shape"),
                     "If initializer is a constant, do not specify shape: it has one already", "ValueError");
    if (!isValue && !getting.shape)
        return error(arguments.range(),
                     "Shape of a new variable (" + getting.name +
                         ") must be fully defined, but instead was <unknown>: write shape=[…]",
                     "ValueError");
    if (!isValue && !getting.shape->isFullyDefined())
        return error(arguments.rangeOf("shape"),
                     "Shape of a new variable (" + getting.name +
                         ") must be fully defined, but instead was " + getting.shape->toString() + ".",
                     "ValueError");
    if (kind == Kind::None) {
        const bool isOld = m_model->options.version == TensorFlowVersion::V011;
        const bool isFloat = isFloating(getting.dtype);
        const char* const spelling = isOld     ? "tf.uniform_unit_scaling_initializer"
                                     : isFloat ? "tf.glorot_uniform_initializer"
                                               : "tf.zeros_initializer";
        getting.initializer = makeInitializer(spelling);
        variable.initializer = std::string(spelling) + "()";
    } else if (variable.source.initializer != nullptr) {
        variable.initializer = std::string(m_model->tree->slice(variable.source.initializer->range));
    } else {
        variable.initializer = "the scope's initializer";
    }

    if (isValue) {
        ++m_initialDepth;
        const NodeId node = toNode(getting.initializer, request.initialRange);
        --m_initialDepth;
        if (node == kNoNode)
            return Value::error();
        getting.initializer = Value::ofNode(node);
        getting.dtype = m_model->graph.node(node).dtype;
        getting.shape = m_model->graph.node(node).shape;
        request.dtype = DType::Invalid;
        if (!getting.shape->isFullyDefined())
            return error(request.initialRange,
                         "initial_value must have a shape specified, and fully so, but it is " +
                             getting.shape->toString(),
                         "ValueError");
    }
    if (getting.partitioner.kind == Kind::Partitioner && getting.shape->rank() > 0) {
        const Result<std::vector<std::int64_t>> parts =
            partitionsOf(m_partitioners[getting.partitioner.index], *getting.shape, getting.dtype);
        if (!parts)
            return error(arguments.rangeOf("partitioner"), parts.error().message(), "ValueError");
        return remember(makeSlices(std::move(request), getting, *parts, arguments.range()));
    }
    request.initial = isValue ? getting.initializer
                              : applyInitializer(getting.initializer.index, *getting.shape, getting.dtype,
                                                 arguments.range());
    return remember(makeVariable(std::move(request)));
}

} // namespace wr::graph
