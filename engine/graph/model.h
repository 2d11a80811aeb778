// SPDX-License-Identifier: GPL-3.0-or-later
// What a script means: the graph, its variables with their initial values and devices, savers, data, the
// training recipe, and every problem with its place. buildModel() is pure: it evaluates nothing and touches
// no file. A model is immutable and shared between threads.
#pragma once

#include "engine/graph/data_spec.h"
#include "engine/graph/graph.h"
#include "engine/script/tree.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wr::graph {

/// Where a variable stands in the script, for minimal edits. A range of {0, 0} means: not written there.
struct VariableSource {
    const script::Expr* call = nullptr;        ///< the tf.Variable(...) call, owned by Model::tree
    const script::Expr* initializer = nullptr; ///< the initial-value expression, owned by Model::tree
    const script::Expr* shape = nullptr;       ///< the shape literal inside the initial value, if any
    const script::Expr* device = nullptr;      ///< the string literal of the innermost tf.device block
    script::TextRange statement;
    bool editable = true; ///< false inside loops or when built by an expression that a table cannot show
};

/// A slice of a partitioned variable (TensorFlow's SaveSliceInfo): where it lies in the whole.
struct VariableSlice {
    std::string fullName;
    Shape fullShape;
    std::vector<std::int64_t> offset; ///< one entry a dimension
};

struct Variable {
    std::string name; ///< checkpoint key, with scopes, without ":0"
    NodeId node = kNoNode;
    NodeId initialValue = kNoNode; ///< kNoNode for a hole: tf.Variable(...)
    DType dtype = DType::Float32;
    Shape shape;
    bool trainable = true;
    bool isIncomplete = false; ///< a hole: neither initial value nor shape are known yet; it holds nothing
    bool isClashing = false;   ///< its name was taken; `name` is a free one in its place
    bool validateShape = true; ///< false: the shape may change by assignment and restore
    std::vector<std::string> collections; ///< "variables", "trainable_variables", …; see tf.GraphKeys
    std::optional<VariableSlice> slice;
    std::string device;      ///< as requested
    std::string slotOf;      ///< optimizer slots: the variable they belong to; empty otherwise
    std::string initializer; ///< spelling of the initial value, as in the script
    VariableSource source;
};

struct PlaceholderInfo {
    std::string name;
    NodeId node = kNoNode;
};

/// What one step of training runs: a minimize(), an apply_gradients(), or a tf.group of such and other
/// updates.
struct TrainOp {
    std::string name;
    backend::OpCode optimizer = backend::OpCode::ApplyGradientDescent; ///< the update of each variable
    NodeId loss = kNoNode; ///< kNoNode: the script does not tell which, as with gradients of its own
    NodeId learningRate =
        kNoNode; ///< a scalar; a Const may be overridden by a feed, others follow the script
    double initialLearningRate = 0.0; ///< of a Const
    std::vector<NodeId> otherRates;   ///< of further optimizers in a group
    std::vector<NodeId> updates;      ///< Apply* nodes, the advance of Adam's beta powers, averages, …
    std::vector<NodeId> gradients;    ///< parallel to `variables`
    std::vector<std::string> variables;
};

struct SaverInfo {
    std::string name;
    std::map<std::string, std::string> entries; ///< stored name -> variable; empty means all variables
    bool all = true;
    std::int64_t maxToKeep = 5; ///< 0: all are kept
    double keepEveryNHours = 10000.0;
    std::int64_t keepBest = 0; ///< besides, so many of the best by what the training monitors: wr.keep()
    bool padStepNumber = false;
    script::TextRange source;
};

/// What tf.initialize_all_variables() and its kin stand for: the variables known when it was called.
struct InitGroup {
    std::string name; ///< the script's name for it: "init_op"
    std::vector<std::string> variables;
    bool all = false; ///< all global variables, rather than a list
    script::TextRange source;
};

/// One action of a session block. Nothing runs until somebody presses a button.
struct RecipeAction {
    enum class Kind : std::uint8_t {
        Init,    ///< group: index into Model::initGroups
        Run,     ///< nodes: fetched and run once
        Report,  ///< nodes empty: the uninitialised variables; else the values of `nodes`
        Save,    ///< saver: index into Model::savers; path; step
        Restore, ///< saver, path
        Log,     ///< text, as printed; "%s" and the like stand for `path` of the last save where known
        Hole,    ///< "...": the script leaves it open
    };
    Kind kind = Kind::Hole;
    std::size_t group = 0;
    std::size_t saver = 0;
    std::vector<NodeId> nodes;
    std::string path;
    std::int64_t step = -1; ///< global_step of a save; -1: none
    std::string text;
    script::TextRange source;
};

/// A `with tf.Session() as sess:` block, or the calls on a tf.InteractiveSession.
struct SessionRecipe {
    std::string name; ///< "sess"
    std::vector<RecipeAction> actions;
    script::TextRange source;
};

/// wr.alias("old", "name"): checkpoints may hold the variable under the old name.
struct Alias {
    std::string oldName;
    std::string name;
    script::TextRange source; ///< the whole statement
};

/// wr.place("pattern", "/cpu:0"): fields of the device that the script leaves open, for variables whose name
/// matches ("*" any text, "?" one character). A tf.device block wins over it; an earlier rule over a later.
struct PlacementRule {
    std::string pattern;
    std::string device; ///< canonical
    std::int64_t hits = 0;
    script::TextRange source; ///< the whole statement
};

/// How random ops without seed= get their second seed. Names: from the name of the variable, so that an
/// unrelated op changes nothing. TensorFlow: from the number of ops made before, as TensorFlow does.
enum class SeedRule : std::uint8_t { Names, TensorFlow };
/// Which TensorFlow the script means where versions differ (initialized_value(), linspace).
enum class TensorFlowVersion : std::uint8_t { V011, V1 };

/// wr.options(seeds="names" or "tensorflow", tensorflow="0.11" or "1.x").
struct ModelOptions {
    SeedRule seeds = SeedRule::Names;
    TensorFlowVersion version = TensorFlowVersion::V1;
};

inline constexpr std::size_t kMostMetrics = 6;

/// A scalar that is shown besides the loss.
struct Metric {
    std::string name;
    NodeId node = kNoNode;
};

/// When a training ends, looks at the test examples, and wants a checkpoint.
struct RunRules {
    std::int64_t steps = 0;         ///< 0: no limit
    double minutes = 0.0;           ///< of training; 0: no limit
    std::int64_t validateEvery = 0; ///< steps; 0: at each epoch's end
    std::int64_t patience = 0;      ///< looks in a row without a better value before the end; 0: no such end
    int monitor = -1;               ///< what "better" is judged by: a place in the metrics; -1: the loss
    bool wantsLess = true;          ///< of what is monitored
    std::int64_t checkpointSteps = 0; ///< 0: not by steps
    double checkpointMinutes = 0.0;   ///< 0: not by time
    bool keepsBest = false;           ///< a checkpoint at each look that is better than all before
    bool savesOnPause = false;
    bool savesDeltas = false;    ///< what rules save is written as differences where these are smaller
    std::int64_t keepLast = 0;   ///< of the checkpoints that rules write, so many of the newest; 0: all
    double keepEveryHours = 0.0; ///< and besides one for each so many hours; 0: none
    std::int64_t keepBest = 0;   ///< and so many of the best by what is monitored
};

/// wr.train(train_op, data=, inputs=, labels=, batch_size=, epochs=, metrics={...}, loss=, augment={...}, and
/// the rules).
struct TrainingRecipe {
    std::size_t trainOp = 0; ///< index into Model::trainOps
    DataSpec data;
    NodeId inputs = kNoNode; ///< placeholder fed with the images, float32 [batch, features]
    NodeId labels = kNoNode; ///< placeholder fed with the labels, int32 or int64 [batch], or with float32
                             ///< targets; kNoNode: the model learns from the inputs alone
    std::int64_t batchSize = 32;
    std::int64_t epochs = 1;     ///< 0: no limit
    std::vector<Metric> metrics; ///< at most kMostMetrics, the one that counts most first
    RunRules rules;
    /// Scalars that are fed besides the data: while training, and while the test examples are looked at.
    std::vector<std::pair<NodeId, double>> trainFeeds;
    std::vector<std::pair<NodeId, double>> testFeeds;
    AugmentSettings augmentation;
    script::TextRange source;
};

/// A directive of the script that has no effect, and why.
struct IgnoredDirective {
    script::TextRange source;
    std::string what;
    std::string reason;
};

struct Model {
    std::shared_ptr<const script::Tree> tree;
    Graph graph;
    std::vector<Variable> variables; ///< in creation order; optimizer slots after them
    std::unordered_map<std::string, std::size_t> variableIndex; ///< name -> place; kept by buildModel
    std::vector<PlaceholderInfo> placeholders;
    std::vector<TrainOp> trainOps;
    std::vector<SaverInfo> savers;
    std::vector<InitGroup> initGroups;
    std::vector<SessionRecipe> recipes;
    std::optional<TrainingRecipe> recipe;
    std::vector<Alias> aliases;
    std::vector<PlacementRule> rules;
    ModelOptions options;
    std::vector<script::Diagnostic> diagnostics; ///< of the tree and of the meaning
    std::vector<IgnoredDirective> ignored;
    std::uint64_t graphSeed = 0;
    bool hasGraphSeed = false;

    bool hasErrors() const;
    const Variable* findVariable(std::string_view name) const;
};

/// Reads the meaning of a script. Always gives a model; problems are in its diagnostics, and what could not
/// be understood is left out.
std::shared_ptr<const Model> buildModel(std::shared_ptr<const script::Tree> tree);

} // namespace wr::graph
