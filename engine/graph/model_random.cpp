// SPDX-License-Identifier: GPL-3.0-or-later
// Random ops, and how they get their seeds: by the name of the variable that they initialise, or by the
// number of ops that TensorFlow would have made before.
#include "engine/graph/model_builder.h"

#include "engine/graph/seeds.h"
#include "engine/script/edit.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace wr::graph {

using backend::OpCode;
using Kind = Value::Kind;

void ModelBuilder::addRandomFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kNormal{"shape", "mean", "stddev", "dtype", "seed", "name"};
    static const std::vector<std::string_view> kUniform{"shape", "minval", "maxval", "dtype", "seed", "name"};
    static const std::vector<std::string_view> kShuffle{"value", "seed", "name"};
    table.insert(table.end(),
                 {{"tf.random_normal", &B::callRandom, kNormal, OpCode::RandomNormal},
                  {"tf.random.normal", &B::callRandom, kNormal, OpCode::RandomNormal},
                  {"tf.truncated_normal", &B::callRandom, kNormal, OpCode::TruncatedNormal},
                  {"tf.random.truncated_normal", &B::callRandom, kNormal, OpCode::TruncatedNormal},
                  {"tf.random_uniform", &B::callRandom, kUniform, OpCode::RandomUniform},
                  {"tf.random.uniform", &B::callRandom, kUniform, OpCode::RandomUniform},
                  {"tf.random_shuffle", &B::callShuffle, kShuffle, OpCode::RandomShuffle},
                  {"tf.random.shuffle", &B::callShuffle, kShuffle, OpCode::RandomShuffle}});
}

/// seed= of a call: outer none after a diagnostic, inner none where the script gives no seed.
std::optional<std::optional<std::int64_t>> ModelBuilder::seedOf(CallArguments& arguments)
{
    if (!arguments.has("seed") || arguments.value("seed").kind == Kind::None)
        return std::optional<std::int64_t>();
    const std::optional<std::int64_t> seed = arguments.integer("seed", 0);
    if (!seed)
        return std::nullopt;
    return seed;
}

ModelBuilder::Seeds ModelBuilder::takeSeeds(std::optional<std::int64_t> seed, const script::TextRange& range,
                                            const Expr* seedCall)
{
    const std::uint64_t graphSeed = m_model->hasGraphSeed ? m_model->graphSeed : kDefaultGraphSeed;
    if (m_model->options.seeds == SeedRule::Names)
        return seed ? Seeds{false, graphSeed, foldedSeed(*seed)} : Seeds{true, 0, 0};
    // Where nobody gives a seed TensorFlow draws other values each time; here the name decides.
    if (!seed && !m_model->hasGraphSeed)
        return {true, 0, 0};
    const bool folds = m_model->options.version == TensorFlowVersion::V1;
    const SeedPair pair = tensorFlowSeeds(graphSeed, seed ? *seed : m_opCount, folds);
    if (!seed && !m_doubt.empty() && !m_doubtSaid) {
        m_doubtSaid = true;
        script::Diagnostic note;
        note.severity = script::Severity::Note;
        note.range = range;
        note.message = "TensorFlow seeds this op with the number of ops made before it, and how many " +
                       m_doubt +
                       " makes differs between its versions: from here on values may differ from "
                       "TensorFlow's. seed= makes them certain";
        if (seedCall != nullptr && m_loopDepth == 0 && script::findArgument(*seedCall, "seed") == nullptr) {
            note.fixLabel = "Add seed=" + std::to_string(m_opCount);
            note.fix.push_back(
                script::setArgument(*m_model->tree, *seedCall, "seed", -1, std::to_string(m_opCount)));
        }
        report(std::move(note));
    }
    if (pair.seed == 0 && pair.seed2 == 0)
        warn(range,
             "with both seeds 0 TensorFlow 0.11 draws other values each time; Weightroom draws the same");
    return {false, pair.seed, pair.seed2};
}

Value ModelBuilder::addRandom(const RandomRequest& request)
{
    const bool isWhole = isInteger(request.dtype);
    countOps(3); // the shape and two numbers
    const Seeds seeds = takeSeeds(request.seed, request.range, request.seedCall);
    Node node;
    node.op = isWhole ? OpCode::RandomUniformInt : request.op;
    node.dtype = request.dtype;
    node.shape = request.shape;
    node.attributes.scalars[0] = request.first;
    node.attributes.scalars[1] = request.second;
    node.attributes.seed = seeds.seed;
    node.attributes.seed2 = seeds.seed2;
    Value added;
    {
        const Uncounted uncounted(*this);
        added = addNode(std::move(node), request.range, request.name);
    }
    countOps(isWhole ? 1 : request.op == OpCode::RandomUniform ? 4 : 3);
    if (!added.isError() && seeds.isByName)
        m_unseeded.insert(added.node);
    return added;
}

Value ModelBuilder::callRandom(CallArguments& arguments)
{
    const Value given = arguments.required("shape");
    if (given.kind == Kind::Hole)
        return given;
    const bool uniform = arguments.op() == OpCode::RandomUniform;
    const char* const high = uniform ? "maxval" : "stddev";
    const bool hasHigh = arguments.has(high) && arguments.value(high).kind != Kind::None;
    RandomRequest request;
    const std::optional<Shape> shape = toShape(given, arguments.rangeOf("shape"), false);
    const std::optional<double> first = arguments.number(uniform ? "minval" : "mean", 0.0);
    const std::optional<double> second = hasHigh ? arguments.number(high, 1.0) : std::optional<double>(1.0);
    const std::optional<DType> dtype = arguments.type("dtype", DType::Float32);
    const std::optional<std::optional<std::int64_t>> seed = seedOf(arguments);
    if (!shape || !first || !second || !dtype || !seed)
        return Value::error();
    const bool isFloat = *dtype == DType::Float32 || *dtype == DType::Float64;
    const bool isWhole = uniform && (*dtype == DType::Int32 || *dtype == DType::Int64);
    if (!isFloat && !isWhole)
        return error(arguments.rangeOf("dtype"),
                     uniform ? "Invalid dtype " + std::string(dtypeName(*dtype)) +
                                   ": uniform values are drawn as float32, float64, int32 or int64"
                             : "random values are drawn as float32 or float64",
                     uniform ? "ValueError" : "TypeError");
    if (isWhole && !hasHigh)
        return error(arguments.range(),
                     "Must specify maxval for integer dtype " + std::string(dtypeName(*dtype)) +
                         ": whole numbers have no upper end of their own",
                     "ValueError");
    constexpr double kExact = 9007199254740992.0; // 2^53
    for (const double bound : {*first, *second}) {
        if (isWhole && (bound != std::floor(bound) || std::abs(bound) > kExact))
            return error(arguments.range(), "minval and maxval of whole numbers are whole, and below 2^53",
                         "TypeError");
    }
    if (uniform && !(*first < *second))
        return error(arguments.range(),
                     "Need minval < maxval, got " + script::spelled(*first) +
                         " >= " + script::spelled(*second),
                     "InvalidArgumentError");
    if (!uniform && *second < 0.0)
        return error(arguments.rangeOf("stddev"), "stddev cannot be negative");
    request.op = arguments.op();
    request.shape = *shape;
    request.dtype = *dtype;
    request.first = *first;
    request.second = *second;
    request.seed = *seed;
    request.seedCall = &arguments.call();
    request.range = arguments.range();
    request.name = arguments.text("name");
    return addRandom(request);
}

Value ModelBuilder::callShuffle(CallArguments& arguments)
{
    const Value given = arguments.required("value");
    const std::optional<std::optional<std::int64_t>> seed = seedOf(arguments);
    if (given.isError() || !seed)
        return Value::error();
    if (given.kind == Kind::Hole)
        return given;
    const Seeds seeds = takeSeeds(*seed, arguments.range(), &arguments.call());
    const NodeId value = toNode(given, arguments.rangeOf("value"));
    if (value == kNoNode)
        return Value::error();
    if (m_model->graph.node(value).shape.rank() == 0)
        return error(arguments.rangeOf("value"), "a scalar has no rows to shuffle");
    Node node;
    node.op = OpCode::RandomShuffle;
    node.inputs = {value};
    node.attributes.seed = seeds.seed;
    node.attributes.seed2 = seeds.seed2;
    const Value added = addNode(std::move(node), arguments.range(), arguments.text("name"));
    if (!added.isError() && seeds.isByName)
        m_unseeded.insert(added.node);
    return added;
}

void ModelBuilder::seedInitialValue(NodeId initialValue, const std::string& variable)
{
    if (m_unseeded.empty())
        return;
    m_seeded.resize(m_model->graph.nodes().size());
    std::vector<NodeId> open{initialValue};
    int ordinal = 0;
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        if (m_seeded[static_cast<std::size_t>(id)])
            continue; // shared values have many more paths than nodes
        m_seeded[static_cast<std::size_t>(id)] = true;
        if (m_unseeded.erase(id) != 0) {
            backend::OpAttributes& attributes = m_model->graph.node(id).attributes;
            const std::string name = ordinal++ == 0 ? variable : variable + "#" + std::to_string(ordinal);
            attributes.seed = m_model->hasGraphSeed ? m_model->graphSeed : kDefaultGraphSeed;
            attributes.seed2 = nameSeed(attributes.seed, name);
        }
        for (const NodeId input : m_model->graph.node(id).inputs)
            open.push_back(input);
    }
}

void ModelBuilder::finishSeeds()
{
    const std::set<NodeId> left = m_unseeded;
    for (const NodeId id : left)
        seedInitialValue(id, m_model->graph.node(id).name);
}

void ModelBuilder::doubtCount(std::string_view what)
{
    if (m_doubt.empty() && m_model->options.seeds == SeedRule::TensorFlow)
        m_doubt = what;
}

/// Corrects the count after a call whose TensorFlow twin makes more ops than there are nodes here.
void ModelBuilder::countCall(std::string_view function)
{
    struct Extra {
        std::string_view name;
        int count; ///< -1: not known
    };
    static constexpr std::array<Extra, 14> kExtra{{{"tf.reshape", 1},
                                                   {"tf.reduce_sum", 1},
                                                   {"tf.reduce_mean", 1},
                                                   {"tf.reduce_max", 1},
                                                   {"tf.argmax", 1},
                                                   {"tf.transpose", -1},
                                                   {"tf.cast", -1},
                                                   {"tf.to_float", -1},
                                                   {"tf.nn.softmax", -1},
                                                   {"tf.nn.log_softmax", -1},
                                                   {"tf.nn.bias_add", 0},
                                                   {"tf.nn.softmax_cross_entropy_with_logits", -1},
                                                   {"tf.nn.sparse_softmax_cross_entropy_with_logits", -1},
                                                   {"tf.train.Saver", -1}}};
    if (m_model->options.seeds != SeedRule::TensorFlow)
        return;
    for (const Extra& extra : kExtra) {
        if (extra.name != function)
            continue;
        if (extra.count < 0)
            doubtCount(function);
        else
            countOps(extra.count);
    }
}

} // namespace wr::graph
