// SPDX-License-Identifier: GPL-3.0-or-later
// Variables that are cut along one axis: slices "name/part_0", "name/part_1", …, which read as one tensor.
#include "engine/graph/model_builder.h"

#include <limits>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

Value ModelBuilder::callPartitioner(CallArguments& arguments)
{
    PartitionerSpec spec;
    const bool fixed = arguments.function() == "tf.fixed_size_partitioner";
    const bool bySize = arguments.function() == "tf.variable_axis_size_partitioner";
    spec.kind = fixed    ? PartitionerKind::FixedSize
                : bySize ? PartitionerKind::VariableAxisSize
                         : PartitionerKind::MinMax;
    const char* const count = fixed ? "num_shards" : bySize ? "max_shard_bytes" : "max_partitions";
    if ((fixed || bySize) && arguments.required(count).isError())
        return Value::error();
    const std::optional<std::int64_t> number = arguments.integer(count, 1);
    const std::optional<std::int64_t> axis = arguments.integer("axis", 0);
    const std::optional<std::int64_t> least = arguments.integer("min_slice_size", spec.minSliceSize);
    const std::optional<std::int64_t> perString = arguments.integer("bytes_per_string_element", 16);
    if (!number || !axis || !least || !perString)
        return Value::error();
    if (*perString < 1)
        return error(arguments.rangeOf("bytes_per_string_element"),
                     "bytes_per_string_element must be positive.", "ValueError");
    if (arguments.has("max_shards") && arguments.value("max_shards").kind != Kind::None) {
        spec.maxShards = arguments.integer("max_shards", 1);
        if (!spec.maxShards)
            return Value::error();
    }
    spec.count = *number;
    spec.axis = *axis;
    spec.minSliceSize = *least;
    if (const Status sound = checkPartitioner(spec); !sound.isOk())
        return error(arguments.range(), sound.message(), "ValueError");
    m_partitioners.push_back(spec);
    return Value::ofIndex(Kind::Partitioner, m_partitioners.size() - 1);
}

/// What a slice starts with: what an initializer draws for it, or its part of a whole tensor.
Value ModelBuilder::sliceInitial(const Getting& getting, const VariableSlice& slice, const Shape& shape,
                                 const script::TextRange& range)
{
    if (getting.initializer.kind == Kind::Initializer)
        return applyInitializer(getting.initializer.index, shape, getting.dtype, range, &slice);
    Node part;
    part.op = OpCode::Slice;
    part.inputs = {getting.initializer.node};
    part.shape = shape;
    part.attributes.axisCount = shape.rank();
    for (std::size_t i = 0; i < slice.offset.size(); ++i)
        part.attributes.axes[i] = static_cast<std::int32_t>(slice.offset[i]);
    return addNode(std::move(part), range, {});
}

Value ModelBuilder::makeSlices(VariableRequest base, const Getting& getting,
                               const std::vector<std::int64_t>& partitions, const script::TextRange& range)
{
    const Result<std::vector<Part>> parts = partsOf(*getting.shape, partitions);
    if (!parts)
        return error(range, parts.error().message(),
                     parts.error().code() == StatusCode::Unimplemented ? "NotImplementedError"
                                                                       : "ValueError");
    for (const std::int64_t dim : getting.shape->dims()) {
        if (dim > std::numeric_limits<std::int32_t>::max())
            return error(range,
                         "a variable of shape " + getting.shape->toString() + " is too long to be cut");
    }
    doubtCount("a partitioned variable");
    claimName(base); // the whole's name, once
    Value whole = Value::of(Kind::Partitioned);
    whole.text = base.variable.name;
    int axis = 0;
    for (std::size_t i = 0; i < partitions.size(); ++i)
        axis = partitions[i] > 1 ? static_cast<int>(i) : axis;
    Node joined;
    joined.op = OpCode::Concat;
    joined.attributes.axisCount = 1;
    joined.attributes.axes[0] = axis;
    for (std::size_t i = 0; i < parts->size(); ++i) {
        const Part& part = (*parts)[i];
        VariableRequest request = base;
        request.given = "part_" + std::to_string(i);
        request.variable.name = whole.text + "/" + request.given;
        request.variable.slice = VariableSlice{whole.text, *getting.shape, part.offset};
        request.variable.source.editable = false;
        request.initial = sliceInitial(getting, *request.variable.slice, part.shape, range);
        const Value made = makeVariable(std::move(request));
        if (made.isError())
            return made;
        whole.items.push_back(made);
        joined.inputs.push_back(made.node);
    }
    if (whole.items.size() == 1) {
        whole.node = whole.items.front().node;
        return whole;
    }
    const Value concat = addNode(std::move(joined), range, whole.text + "/concat");
    whole.node = concat.node;
    return concat.isError() ? concat : whole;
}

/// The 0.x way: a list of slices.
Value ModelBuilder::callPartitionedVariables(CallArguments& arguments)
{
    Getting getting;
    const Value slicing = arguments.required("slicing");
    getting.initializer = arguments.required("initializer");
    getting.shape = toShape(arguments.required("shape"), arguments.rangeOf("shape"), false);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    const std::optional<bool> trainable = arguments.boolean("trainable", true);
    const std::optional<std::vector<std::string>> collections =
        collectionsOf(arguments, trainable.value_or(true));
    if (!getting.shape || slicing.isError() || getting.initializer.isError() || !dtype || !trainable ||
        !collections)
        return Value::error();
    if (slicing.kind != Kind::List || slicing.items.empty())
        return error(arguments.rangeOf("slicing"),
                     "slicing is a list of counts, one a dimension, and not empty", "ValueError");
    std::vector<std::int64_t> counts;
    for (const Value& item : slicing.items) {
        const std::optional<std::int64_t> count = toInteger(item, arguments.rangeOf("slicing"));
        if (!count)
            return Value::error();
        if (*count < 1)
            return error(arguments.rangeOf("slicing"),
                         "slicing must be positive: a variable has at least one part", "ValueError");
        counts.push_back(*count);
    }
    if (counts.size() != static_cast<std::size_t>(getting.shape->rank()))
        return error(arguments.rangeOf("slicing"),
                     "The 'shape' and 'slicing' of a partitioned Variable must have the length of each other",
                     "ValueError");
    if (getting.initializer.kind != Kind::Initializer) {
        const NodeId node = toNode(getting.initializer, arguments.rangeOf("initializer"), *dtype);
        if (node == kNoNode)
            return Value::error();
        if (!m_model->graph.node(node).shape.isCompatibleWith(*getting.shape))
            return error(arguments.rangeOf("initializer"),
                         "Shapes " + m_model->graph.node(node).shape.toString() + " and " +
                             getting.shape->toString() + " are not compatible",
                         "ValueError");
        getting.initializer = Value::ofNode(node);
    }
    getting.dtype = *dtype;
    const std::string name = arguments.text("name");
    VariableRequest request =
        requestOf(arguments, variableScoped(name.empty() ? "PartitionedVariable" : name));
    request.given = name.empty() ? "PartitionedVariable" : name;
    request.dtype = *dtype;
    request.variable.trainable = *trainable;
    request.variable.collections = *collections;
    request.variable.source.initializer = arguments.find("initializer");
    request.variable.initializer = std::string(m_model->tree->slice(arguments.rangeOf("initializer")));
    Value whole = makeSlices(std::move(request), getting, counts, arguments.range());
    if (whole.isError())
        return whole;
    Value list = Value::of(Kind::List);
    list.items = std::move(whole.items);
    return list;
}

} // namespace wr::graph
