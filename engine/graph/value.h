// SPDX-License-Identifier: GPL-3.0-or-later
// What an expression of a script stands for while a model is built: a Python constant, a node of the graph,
// or one of the objects that scripts handle (variable, optimizer, saver, …). A value.
#pragma once

#include "engine/graph/graph.h"
#include "engine/tensor/dtype.h"

#include <cstdint>
#include <string>
#include <vector>

namespace wr::graph {

struct Value {
    enum class Kind : std::uint8_t {
        Error, ///< a diagnostic was given already; whatever uses this stays silent
        None,
        Number,
        Bool,
        String,
        List,     ///< also tuples
        Dict,     ///< items: key, value, key, value, …
        Hole,     ///< "..."
        Type,     ///< tf.float32
        Node,     ///< a tensor
        Variable, ///< index into Model::variables; also a tensor: its read
        Optimizer,
        TrainOp,        ///< index into Model::trainOps
        Saver,          ///< index into Model::savers
        Data,           ///< index into the builder's data sets
        Session,        ///< index into Model::recipes
        DeviceFunction, ///< index into the builder's replica device setters
        DeviceStrategy, ///< index into the builder's strategies of such setters
        Initializer,    ///< index into the builder's initializers; shape and type come when it is called
        Partitioner,    ///< index into the builder's partitioners
        Partitioned,    ///< items: its slices, each a Variable; node: all of them as one tensor
        VariableScope,  ///< index into the builder's variable scopes
        Op,             ///< v.op; text: its name
        IndexedSlices,  ///< items: values, indices
        Module,         ///< an imported module; text: its whole name. Never executed
        Opaque,         ///< an object that a script may pass around but that has no value here (tf.Graph())
        InitGroup,      ///< index into Model::initGroups
        Report,         ///< tf.report_uninitialized_variables(), about all variables
        Fetched,        ///< what a session run will give: node, or none for a Report
        Average,        ///< tf.train.ExponentialMovingAverage; index into the builder's averages
        SavedPath,      ///< what Saver.save() will give; text: the path as the script has it
    };

    Kind kind = Kind::Error;
    double number = 0.0;
    std::int64_t integer = 0;
    bool isInteger = false;
    std::string text;
    std::vector<Value> items;
    DType dtype = DType::Invalid;
    NodeId node = kNoNode;
    std::size_t index = 0;

    bool isError() const { return kind == Kind::Error; }
    bool isTensor() const
    {
        return kind == Kind::Node || kind == Kind::Variable || kind == Kind::Partitioned;
    }

    static Value error() { return {}; }
    static Value of(Kind kind)
    {
        Value value;
        value.kind = kind;
        return value;
    }
    static Value ofNumber(double number)
    {
        Value value = of(Kind::Number);
        value.number = number;
        return value;
    }
    static Value ofInteger(std::int64_t integer)
    {
        Value value = of(Kind::Number);
        value.number = static_cast<double>(integer);
        value.integer = integer;
        value.isInteger = true;
        return value;
    }
    static Value ofBool(bool truth)
    {
        Value value = of(Kind::Bool);
        value.integer = truth ? 1 : 0;
        value.number = truth ? 1.0 : 0.0;
        return value;
    }
    static Value ofString(std::string text)
    {
        Value value = of(Kind::String);
        value.text = std::move(text);
        return value;
    }
    static Value ofNode(NodeId node)
    {
        Value value = of(Kind::Node);
        value.node = node;
        return value;
    }
    static Value ofIndex(Kind kind, std::size_t index, NodeId node = kNoNode)
    {
        Value value = of(kind);
        value.index = index;
        value.node = node;
        return value;
    }
};

} // namespace wr::graph
