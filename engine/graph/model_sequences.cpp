// SPDX-License-Identifier: GPL-3.0-or-later
// Python's own functions of lists, as scripts use them around variables and gradients: zip, enumerate,
// reversed, list, tuple, sum.
#include "engine/graph/training_builder.h"

#include <algorithm>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void TrainingBuilder::addSequenceFunctions(std::vector<Known>& table)
{
    using B = TrainingBuilder;
    table.insert(table.end(), {{"zip", row(&B::callZip), {"*iterables"}},
                               {"enumerate", row(&B::callSequence), {"iterable", "start"}},
                               {"reversed", row(&B::callSequence), {"sequence"}},
                               {"list", row(&B::callSequence), {"iterable"}},
                               {"tuple", row(&B::callSequence), {"iterable"}},
                               {"sum", row(&B::callSum), {"iterable", "start"}}});
}

Value TrainingBuilder::callZip(CallArguments& arguments)
{
    std::size_t shortest = 0;
    for (std::size_t i = 0; i < arguments.more().size(); ++i) {
        const Value& list = arguments.more()[i];
        if (list.isError())
            return list;
        if (list.kind != Kind::List)
            return error(arguments.range(), "zip takes lists and tuples", "TypeError");
        shortest = i == 0 ? list.items.size() : std::min(shortest, list.items.size());
    }
    Value rows = Value::of(Kind::List);
    for (std::size_t i = 0; i < shortest; ++i) {
        Value row = Value::of(Kind::List);
        for (const Value& list : arguments.more())
            row.items.push_back(list.items[i]);
        rows.items.push_back(weighed(std::move(row), arguments.range()));
        if (rows.items.back().isError())
            return Value::error();
    }
    return rows;
}

Value TrainingBuilder::callSequence(CallArguments& arguments)
{
    const std::string_view function = arguments.function();
    const char* const parameter = function == "reversed" ? "sequence" : "iterable";
    Value list = arguments.has(parameter) || function == "enumerate" || function == "reversed"
                     ? arguments.required(parameter)
                     : Value::of(Kind::List);
    const std::optional<std::int64_t> start = arguments.integer("start", 0);
    if (list.isError() || !start)
        return Value::error();
    if (list.kind == Kind::Opaque)
        return list;
    if (list.kind == Kind::Dict) { // its keys
        Value keys = Value::of(Kind::List);
        for (std::size_t i = 0; i < list.items.size(); i += 2)
            keys.items.push_back(list.items[i]);
        list = std::move(keys);
    }
    if (list.kind != Kind::List)
        return error(arguments.rangeOf(parameter), std::string(function) + " takes a list or a tuple",
                     "TypeError");
    if (function == "reversed")
        std::reverse(list.items.begin(), list.items.end());
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    if (*start > kMost || *start < -kMost)
        return error(arguments.rangeOf("start"), "this number is too large to count from");
    for (std::size_t i = 0; function == "enumerate" && i < list.items.size(); ++i) {
        Value pair = Value::of(Kind::List);
        pair.items = {Value::ofInteger(*start + static_cast<std::int64_t>(i)), std::move(list.items[i])};
        list.items[i] = std::move(pair);
    }
    return list;
}

/// Of numbers or of tensors, from the left as Python adds.
Value TrainingBuilder::callSum(CallArguments& arguments)
{
    const Value list = arguments.required("iterable");
    const Value start = arguments.has("start") ? arguments.value("start") : Value::ofInteger(0);
    if (list.isError() || start.isError())
        return Value::error();
    if (list.kind != Kind::List)
        return error(arguments.rangeOf("iterable"), "sum takes a list or a tuple", "TypeError");
    Value total = start;
    for (const Value& item : list.items) {
        if (item.kind == Kind::Number && total.kind == Kind::Number) {
            std::int64_t whole = 0;
            const bool isWhole = item.isInteger && total.isInteger &&
                                 !__builtin_add_overflow(total.integer, item.integer, &whole);
            total = isWhole ? Value::ofInteger(whole) : Value::ofNumber(total.number + item.number);
        } else if ((item.isTensor() || item.kind == Kind::Number) &&
                   (total.isTensor() || total.kind == Kind::Number)) {
            // 0 + x is x, though Python would add a node for it.
            const bool isFirst = total.kind == Kind::Number && total.number == 0.0;
            total = isFirst ? item : binaryOp(OpCode::Add, total, item, arguments.range());
        } else {
            return item.isError()
                       ? item
                       : error(arguments.rangeOf("iterable"), "sum adds numbers and tensors", "TypeError");
        }
        if (total.isError())
            return total;
    }
    return total;
}

} // namespace wr::graph
