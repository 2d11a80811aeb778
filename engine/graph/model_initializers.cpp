// SPDX-License-Identifier: GPL-3.0-or-later
// Initializer objects: made by one call, drawn by another that says the shape, or by get_variable.
#include "engine/graph/model_builder.h"

#include <cctype>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addInitializerFunctions(std::vector<Known>& table)
{
    for (const InitializerRow& row : initializerRows())
        table.push_back({row.name, &ModelBuilder::callInitializerObject, row.parameters});
}

/// The object of that spelling with TensorFlow's defaults.
Value ModelBuilder::makeInitializer(std::string_view name)
{
    const InitializerRow* const row = findInitializer(name);
    if (row == nullptr)
        return Value::error();
    m_initializers.push_back({row->defaults, Value::ofInteger(0), nullptr});
    return Value::ofIndex(Kind::Initializer, m_initializers.size() - 1);
}

namespace {

std::string lowered(std::string text)
{
    for (char& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

} // namespace

Value ModelBuilder::callInitializerObject(CallArguments& arguments)
{
    const InitializerRow* const row = findInitializer(arguments.function());
    if (row == nullptr)
        return Value::error();
    // In 0.x zeros_initializer and its kin were plain functions of a shape.
    const bool isPlain =
        row->defaults.kind == InitializerKind::Zeros || row->defaults.kind == InitializerKind::Ones;
    if (isPlain && arguments.has("dtype") && arguments.value("dtype").kind == Kind::List)
        return applyInitializer(makeInitializer(row->name), arguments.call());
    InitializerCall made{row->defaults, Value::ofInteger(0), &arguments.call()};
    InitializerSpec& spec = made.spec;
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    if (!dtype)
        return Value::error();
    spec.dtype = *dtype;
    const auto take = [&](const char* parameter, double& into) {
        if (!arguments.has(parameter))
            return true;
        const std::optional<double> number = arguments.number(parameter, into);
        if (number)
            into = *number;
        return number.has_value();
    };
    const bool hasSeed = arguments.has("seed");
    const std::optional<std::optional<std::int64_t>> seed = seedOf(arguments);
    if (hasSeed && !seed)
        return Value::error();
    spec.seed = seed ? *seed : std::nullopt;
    for (const char* const parameter : {"minval", "mean", "factor", "scale", "gain"}) {
        if (!take(parameter, spec.first))
            return Value::error();
    }
    if (arguments.has("maxval") && arguments.value("maxval").kind != Kind::None)
        spec.hasSecond = true;
    if ((spec.hasSecond && !take("maxval", spec.second)) || !take("stddev", spec.second))
        return Value::error();
    if (spec.kind == InitializerKind::Constant) {
        made.value = arguments.has("value") ? arguments.value("value") : Value::ofInteger(0);
        const std::optional<bool> verify = arguments.boolean("verify_shape", false);
        if (made.value.isError() || !verify)
            return Value::error();
        if (made.value.kind != Kind::Number && made.value.kind != Kind::List && made.value.kind != Kind::Bool)
            return error(arguments.rangeOf("value"),
                         "Invalid type for initial value: a number or a list of numbers is expected",
                         "TypeError");
        spec.verifyShape = *verify;
    }
    const bool isScaling =
        spec.kind == InitializerKind::VarianceScaling || spec.kind == InitializerKind::LayersScaling;
    if (isScaling && !(spec.first > 0.0))
        return error(arguments.rangeOf(arguments.has("scale") ? "scale" : "factor"),
                     "`scale` must be positive float.", "ValueError");
    if (arguments.has("mode")) {
        const bool isLayers = spec.kind == InitializerKind::LayersScaling;
        const std::string given = arguments.text("mode");
        const std::string mode = isLayers ? lowered(given) : given;
        if (mode != "fan_in" && mode != "fan_out" && mode != "fan_avg")
            return error(arguments.rangeOf("mode"),
                         (isLayers ? "Unknown mode " : "Invalid `mode` argument: ") + given +
                             "; it is fan_in, fan_out or fan_avg",
                         isLayers ? "TypeError" : "ValueError");
        spec.mode = mode == "fan_in" ? FanMode::In : mode == "fan_out" ? FanMode::Out : FanMode::Average;
    }
    if (arguments.has("distribution")) {
        const std::string law = arguments.text("distribution");
        if (law != "normal" && law != "truncated_normal" && law != "untruncated_normal" && law != "uniform")
            return error(arguments.rangeOf("distribution"),
                         "Invalid `distribution` argument: " + law +
                             "; it is truncated_normal, untruncated_normal or uniform",
                         "ValueError");
        spec.law = law == "uniform"              ? ScalingLaw::Uniform
                   : law == "untruncated_normal" ? ScalingLaw::UntruncatedNormal
                                                 : ScalingLaw::TruncatedNormal;
    }
    if (arguments.has("uniform")) {
        const std::optional<bool> uniform = arguments.boolean("uniform", true);
        if (!uniform)
            return Value::error();
        spec.law = *uniform ? ScalingLaw::Uniform : ScalingLaw::TruncatedNormal;
    }
    m_initializers.push_back(std::move(made));
    return Value::ofIndex(Kind::Initializer, m_initializers.size() - 1);
}

/// init(shape), init(shape, dtype).
Value ModelBuilder::applyInitializer(const Value& initializer, const Expr& call)
{
    if (initializer.isError())
        return initializer;
    const std::vector<std::string_view> parameters{"shape", "dtype", "partition_info"};
    CallArguments arguments(*this, call, parameters, "an initializer", OpCode::NoOp);
    if (!arguments.isValid())
        return Value::error();
    const Value given = arguments.required("shape");
    if (given.kind == Kind::Hole)
        return given;
    const std::optional<Shape> shape = toShape(given, arguments.rangeOf("shape"), false);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Invalid);
    if (!shape || !dtype)
        return Value::error();
    return applyInitializer(initializer.index, *shape,
                            *dtype == DType::Invalid ? std::nullopt : std::optional<DType>(*dtype),
                            call.range);
}

Value ModelBuilder::addOrthogonal(const InitializerCall& call, const Shape& shape, DType dtype,
                                  const script::TextRange& range)
{
    if (shape.rank() < 2)
        return error(
            range, "The tensor to initialize must be at least two-dimensional, but it is " + shape.toString(),
            "ValueError");
    std::int64_t rows = 1;
    for (int axis = 0; axis + 1 < shape.rank(); ++axis)
        rows *= shape.dim(axis); // the product of all was checked
    const std::int64_t columns = shape.dim(shape.rank() - 1);
    const bool isWide = rows < columns;
    RandomRequest request;
    request.op = OpCode::RandomNormal;
    request.shape = Shape{std::max(rows, columns), std::min(rows, columns)};
    request.dtype = dtype;
    request.seed = call.spec.seed;
    request.seedCall = call.seedCall;
    request.range = range;
    const Value normal = addRandom(request);
    doubtCount("an orthogonal initializer");
    if (normal.isError())
        return normal;
    Node factor;
    factor.op = OpCode::Orthogonal;
    factor.inputs = {normal.node};
    factor.attributes.scalars[0] = call.spec.first;
    Value value = addNode(std::move(factor), range, {});
    if (isWide && !value.isError()) {
        Node node;
        node.op = OpCode::Transpose;
        node.inputs = {value.node};
        value = addNode(std::move(node), range, {});
    }
    if (shape.rank() == 2 || value.isError())
        return value;
    Node node;
    node.op = OpCode::Reshape;
    node.inputs = {value.node};
    node.shape = shape;
    return addNode(std::move(node), range, {});
}

Value ModelBuilder::applyInitializer(std::size_t initializer, const Shape& shape, std::optional<DType> wanted,
                                     const script::TextRange& range, const VariableSlice* slice)
{
    const InitializerCall call = m_initializers[initializer];
    const InitializerSpec& spec = call.spec;
    const DType dtype = wanted.value_or(spec.dtype);
    const bool isFloat = dtype == DType::Float32 || dtype == DType::Float64;
    const bool takesWhole =
        spec.kind == InitializerKind::Uniform && (dtype == DType::Int32 || dtype == DType::Int64);
    const bool isPlain = spec.kind == InitializerKind::Zeros || spec.kind == InitializerKind::Ones ||
                         spec.kind == InitializerKind::Constant || spec.kind == InitializerKind::Identity;
    if (!isPlain && !isFloat && !takesWhole)
        return error(range, "Expected floating point type, got " + std::string(dtypeName(dtype)) + ".",
                     "ValueError");
    const Shape& whole = slice != nullptr ? slice->fullShape : shape;
    RandomRequest request;
    request.shape = shape;
    request.dtype = dtype;
    request.first = spec.first;
    request.second = spec.hasSecond ? spec.second : 1.0;
    request.seed = spec.seed;
    request.seedCall = call.seedCall;
    request.range = range;
    switch (spec.kind) {
    case InitializerKind::Zeros:
    case InitializerKind::Ones: {
        const bool ones = spec.kind == InitializerKind::Ones;
        return zerosOrOnes(ones, shape, dtype, range, ones ? "ones" : "zeros");
    }
    case InitializerKind::Constant:
        return constantOf(call.value, range, dtype, shape, spec.verifyShape, "Const");
    case InitializerKind::Uniform:
        if (takesWhole && !spec.hasSecond)
            return error(range, "Must specify maxval for integer dtype " + std::string(dtypeName(dtype)),
                         "ValueError");
        if (!(request.first < request.second))
            return error(range, "Need minval < maxval in this initializer", "InvalidArgumentError");
        request.op = OpCode::RandomUniform;
        return addRandom(request);
    case InitializerKind::Normal:
    case InitializerKind::TruncatedNormal:
        if (request.second < 0.0)
            return error(range, "stddev cannot be negative");
        request.op = spec.kind == InitializerKind::Normal ? OpCode::RandomNormal : OpCode::TruncatedNormal;
        return addRandom(request);
    case InitializerKind::UnitScaling:
    case InitializerKind::VarianceScaling:
    case InitializerKind::LayersScaling: {
        // The layers of tf.contrib knew nothing of partitions.
        const Scaled scaled = scaledBy(spec, spec.kind == InitializerKind::LayersScaling ? shape : whole);
        const bool uniform = scaled.law == ScalingLaw::Uniform;
        request.op = uniform                                       ? OpCode::RandomUniform
                     : scaled.law == ScalingLaw::UntruncatedNormal ? OpCode::RandomNormal
                                                                   : OpCode::TruncatedNormal;
        request.first = uniform ? -scaled.bound : 0.0;
        request.second = scaled.bound;
        return addRandom(request);
    }
    case InitializerKind::Orthogonal:
        return addOrthogonal(call, shape, dtype, range);
    case InitializerKind::Identity: {
        if (whole.rank() != 2)
            return error(range,
                         "Identity matrix initializer can only be used for 2D matrices, not for " +
                             whole.toString(),
                         "ValueError");
        const Value eye = addEye(whole.dim(0), whole.dim(1), spec.first, dtype, range);
        if (slice == nullptr || eye.isError())
            return eye;
        Node part;
        part.op = OpCode::Slice;
        part.inputs = {eye.node};
        part.shape = shape;
        part.attributes.axisCount = 2;
        for (std::size_t i = 0; i < 2; ++i)
            part.attributes.axes[i] = static_cast<std::int32_t>(slice->offset[i]);
        return addNode(std::move(part), range, {});
    }
    }
    return Value::error();
}

} // namespace wr::graph
