// SPDX-License-Identifier: GPL-3.0-or-later
// Values turned into what ops want: nodes, shapes, numbers, names.
#include "engine/graph/model_builder.h"

#include <limits>

namespace wr::graph {
namespace {

using Kind = Value::Kind;

/// Collects the numbers of a nested list in row-major order; false when it is ragged or holds something else.
bool flatten(const Value& value, std::size_t depth, std::vector<std::int64_t>& dims,
             std::vector<Value>& numbers)
{
    constexpr std::size_t kMaxNumbers = 1U << 22U;
    if (value.kind == Kind::Number || value.kind == Kind::Bool) {
        if (depth != dims.size() || numbers.size() >= kMaxNumbers)
            return false;
        numbers.push_back(value);
        return true;
    }
    if (value.kind != Kind::List)
        return false;
    if (numbers.empty() && depth == dims.size())
        dims.push_back(static_cast<std::int64_t>(value.items.size()));
    if (depth >= dims.size() || dims[depth] != static_cast<std::int64_t>(value.items.size()))
        return false;
    for (const Value& item : value.items) {
        if (!flatten(item, depth + 1, dims, numbers))
            return false;
    }
    return true;
}

template <typename T>
Tensor filled(const std::vector<Value>& numbers, const Shape& shape)
{
    std::vector<T> values;
    values.reserve(numbers.size());
    for (const Value& number : numbers)
        values.push_back(number.isInteger || number.kind == Kind::Bool ? static_cast<T>(number.integer)
                                                                       : static_cast<T>(number.number));
    return Tensor::of(values, shape);
}

} // namespace

NodeId ModelBuilder::toNode(const Value& value, const script::TextRange& range, DType preferred)
{
    if (value.kind == Kind::Variable)
        return readOf(value, range);
    if (value.isTensor())
        return value.node;
    if (value.isError())
        return kNoNode;
    std::vector<std::int64_t> dims;
    std::vector<Value> numbers;
    if (!flatten(value, 0, dims, numbers)) {
        if (value.kind == Kind::Hole)
            error(range, "a value is missing here");
        else if (value.kind == Kind::None)
            error(range, "a tensor is expected here");
        else if (value.kind == Kind::Opaque || value.kind == Kind::Module)
            error(range,
                  "the value of this is not known before the script runs, so nothing can be built on it");
        else if (value.kind == Kind::Initializer)
            error(range,
                  "an initializer has no value before it is given a shape: write …_initializer()([…])");
        else
            error(range, "this is no tensor and no number, nor a list of numbers that has a shape");
        return kNoNode;
    }
    DType dtype = preferred;
    if (dtype == DType::Invalid) {
        dtype = DType::Int32;
        for (const Value& number : numbers) {
            if (number.kind == Kind::Bool)
                dtype = DType::Bool;
            else if (!number.isInteger)
                dtype = DType::Float32;
        }
        if (numbers.empty())
            dtype = DType::Float32;
    }
    if (isInteger(dtype)) {
        for (const Value& number : numbers) {
            if (number.kind == Kind::Number && !number.isInteger) {
                error(range, "a whole number is expected here, since the tensor is " +
                                 std::string(dtypeName(dtype)));
                return kNoNode;
            }
            if (dtype == DType::Int32 && (number.integer < std::numeric_limits<std::int32_t>::min() ||
                                          number.integer > std::numeric_limits<std::int32_t>::max())) {
                error(range, "this number does not fit into int32");
                return kNoNode;
            }
            if (dtype == DType::UInt8 && (number.integer < 0 || number.integer > 255)) {
                error(range, "this number does not fit into uint8");
                return kNoNode;
            }
        }
    }
    const Shape shape(dims);
    Tensor tensor;
    switch (dtype) {
    case DType::Float32:
        tensor = filled<float>(numbers, shape);
        break;
    case DType::Float64:
        tensor = filled<double>(numbers, shape);
        break;
    case DType::Int32:
        tensor = filled<std::int32_t>(numbers, shape);
        break;
    case DType::Int64:
        tensor = filled<std::int64_t>(numbers, shape);
        break;
    case DType::UInt8:
        tensor = filled<std::uint8_t>(numbers, shape);
        break;
    case DType::Bool: {
        tensor = *Tensor::zeros(DType::Bool, shape);
        for (std::size_t i = 0; i < numbers.size(); ++i)
            tensor.mutableBytes()[i] = static_cast<std::byte>(numbers[i].number != 0.0 ? 1 : 0);
        break;
    }
    default:
        error(range, "constants of type " + std::string(dtypeName(dtype)) + " cannot be written yet");
        return kNoNode;
    }
    return addConstant(std::move(tensor), range).node;
}

std::optional<Shape> ModelBuilder::toShape(const Value& value, const script::TextRange& range,
                                           bool allowUnknown)
{
    if (value.isError())
        return std::nullopt;
    const auto dimension = [&](const Value& item) -> std::optional<std::int64_t> {
        if (item.kind == Kind::None && allowUnknown)
            return Shape::kUnknown;
        if (item.kind == Kind::Number && item.isInteger && item.integer >= 0)
            return item.integer;
        if (item.kind == Kind::Number && item.isInteger && item.integer == -1 && allowUnknown)
            return Shape::kUnknown;
        return std::nullopt;
    };
    std::vector<std::int64_t> dims;
    const std::vector<Value> single{value};
    const bool isList = value.kind == Kind::List;
    for (const Value& item : isList ? value.items : single) {
        const std::optional<std::int64_t> dim = dimension(item);
        if (!dim) {
            if (!item.isError())
                error(range, "a shape is a list of whole numbers, as in [784, 200]");
            return std::nullopt;
        }
        dims.push_back(*dim);
    }
    if (dims.size() > static_cast<std::size_t>(backend::kMaxRank)) {
        error(range, "a shape has at most " + std::to_string(backend::kMaxRank) + " dimensions");
        return std::nullopt;
    }
    Shape shape(std::move(dims));
    constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
    const std::optional<std::int64_t> count = shape.elementCount();
    if (shape.isFullyDefined() && (!count || *count > kMostElements)) {
        error(range, "a tensor of shape " + shape.toString() + " has too many elements");
        return std::nullopt;
    }
    return shape;
}

std::optional<double> ModelBuilder::toNumber(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::Number)
        return value.number;
    if (!value.isError())
        error(range, "a number is expected here");
    return std::nullopt;
}

std::optional<std::int64_t> ModelBuilder::toInteger(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::Number && value.isInteger)
        return value.integer;
    if (!value.isError())
        error(range, "a whole number is expected here");
    return std::nullopt;
}

std::optional<std::string> ModelBuilder::toText(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::String)
        return value.text;
    if (!value.isError())
        error(range, "a string in quotes is expected here");
    return std::nullopt;
}

std::optional<bool> ModelBuilder::toBool(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::Bool)
        return value.integer != 0;
    if (!value.isError())
        error(range, "True or False is expected here");
    return std::nullopt;
}

std::optional<DType> ModelBuilder::toType(const Value& value, const script::TextRange& range)
{
    if (value.kind == Kind::Type)
        return value.dtype;
    if (value.kind == Kind::String) {
        if (const std::optional<DType> named = dtypeFromName(value.text))
            return named;
        if (value.text == "float") // as early scripts write it
            return DType::Float32;
        if (value.text == "double")
            return DType::Float64;
    }
    if (!value.isError())
        error(range, "an element type is expected here, as in tf.float32");
    return std::nullopt;
}

} // namespace wr::graph
