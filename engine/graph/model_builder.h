// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the meaning of a script: walks its statements once, binds names to values, adds nodes and variables,
// and notes every problem with its place. Nothing outside the table of known names is called, and nothing is
// executed. Used once, on one thread, by buildModel().
#pragma once

#include "engine/graph/call_arguments.h"
#include "engine/graph/device_name.h"
#include "engine/graph/initializer_spec.h"
#include "engine/graph/model.h"
#include "engine/graph/parameter_servers.h"
#include "engine/graph/partitioner.h"
#include "engine/graph/value.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace wr::graph {

struct KnownFunction;

/// "trainable_variables" for tf.GraphKeys.TRAINABLE_VARIABLES; none for what is no such constant.
std::optional<std::string> collectionKey(std::string_view constant);

class ModelBuilder {
public:
    explicit ModelBuilder(std::shared_ptr<const script::Tree> tree);
    virtual ~ModelBuilder() = default;
    ModelBuilder(const ModelBuilder&) = delete;
    ModelBuilder& operator=(const ModelBuilder&) = delete;
    std::shared_ptr<const Model> run();

    using Expr = script::Expr;
    /// Builds what a call of a known name means.
    using Function = Value (ModelBuilder::*)(CallArguments& arguments);
    struct Known {
        std::string_view name;
        Function function;
        std::vector<std::string_view> parameters;
        backend::OpCode op = backend::OpCode::NoOp; ///< for the families that share one function
    };

    Value evaluate(const Expr& expr);
    /// `errorClass` is what TensorFlow raises here, "ValueError"; empty where it has no say.
    Value error(const script::TextRange& range, std::string message, std::string errorClass = {});
    Value report(script::Diagnostic diagnostic);
    void warn(const script::TextRange& range, std::string message);

    // Turning values into what an op wants; each gives a diagnostic when it cannot (model_values.cpp).
    NodeId toNode(const Value& value, const script::TextRange& range, DType preferred = DType::Invalid);
    std::optional<Shape> toShape(const Value& value, const script::TextRange& range, bool allowUnknown);
    std::optional<double> toNumber(const Value& value, const script::TextRange& range);
    std::optional<std::int64_t> toInteger(const Value& value, const script::TextRange& range);
    std::optional<std::string> toText(const Value& value, const script::TextRange& range);
    std::optional<bool> toBool(const Value& value, const script::TextRange& range);
    std::optional<DType> toType(const Value& value, const script::TextRange& range);

protected:
    // Statements (model_builder.cpp)
    void build(const std::vector<script::Statement>& statements);
    void buildAssign(const script::Statement& statement);
    void buildWith(const script::Statement& statement);
    /// Enters tf.device(…); see model_devices.cpp.
    void enterDevice(const Expr& context);
    /// Enters tf.name_scope(…) or tf.variable_scope(…); gives what "as" binds. See model_scopes.cpp.
    Value enterScope(const Expr& context, const std::string& function);
    void buildFor(const script::Statement& statement);
    bool mayGoOn(const script::Statement& statement);
    void bind(const Expr& target, const Value& value);
    void bindImports(const script::Statement& statement);
    void bindForeign(const script::Statement& statement);
    Value evaluateFor(const Expr& target, const Expr& value);
    void finishSeeds();

    // Expressions (model_expressions.cpp)
    Value weighed(Value value, const script::TextRange& range);
    Value evaluateName(const Expr& expr);
    Value evaluateAttribute(const Expr& expr);
    Value evaluateCall(const Expr& call);
    Value evaluateMethod(const Value& object, const Expr& call);
    Value evaluateUnary(const Expr& expr);
    Value evaluateBinary(const Expr& expr);
    Value evaluateSubscript(const Expr& expr);
    Value evaluateFormatted(const Expr& expr);
    Value evaluateItems(const Expr& expr);
    /// Members of variables and tensors: v.name, v.op, v.get_shape(), …; none when there is no such member.
    std::optional<Value> memberOf(const Value& object, const std::string& member,
                                  const script::TextRange& range);
    std::optional<Value> methodOf(const Value& object, const Expr& call);
    static const Known* findFunction(std::string_view name);
    /// "numpy.sqrt" for np.sqrt after "import numpy as np".
    std::string resolved(const std::string& name) const;
    Value unknownName(const Expr& expr, const std::string& name);
    Value binaryOp(backend::OpCode op, const Value& a, const Value& b, const script::TextRange& range,
                   const std::string& name = {});

    // Nodes
    Value addNode(Node node, const script::TextRange& range, const std::string& name);
    Value addConstant(Tensor value, const script::TextRange& range, const std::string& name = {});
    std::string scoped(const std::string& name) const;
    /// The name with "_1", "_2", … as TensorFlow numbers scopes.
    std::string uniqueScope(const std::string& name);
    static bool isScope(std::string_view function);
    std::string variableScoped(const std::string& name) const;
    /// The device that the blocks around give an op, or a variable whose name, type and shape are known; a
    /// replica device setter counts the variables that it is asked for.
    DeviceName currentDevice(const Variable* variable = nullptr);
    std::string currentDeviceText(const Variable* variable = nullptr);

    // Calls, by family; each family adds its rows to the table of known names in the file that builds them.
    static const std::vector<Known>& functions();
    static void addOpFunctions(std::vector<Known>& table);          // model_calls.cpp
    static void addValueFunctions(std::vector<Known>& table);       // model_initial_values.cpp
    static void addVariableFunctions(std::vector<Known>& table);    // model_variables.cpp
    static void addScopeFunctions(std::vector<Known>& table);       // model_scopes.cpp
    static void addDeviceFunctions(std::vector<Known>& table);      // model_devices.cpp
    static void addSaverFunctions(std::vector<Known>& table);       // model_savers.cpp
    static void addRecipeFunctions(std::vector<Known>& table);      // model_recipes.cpp
    static void addTrainingFunctions(std::vector<Known>& table);    // model_training.cpp
    static void addDataFunctions(std::vector<Known>& table);        // model_data.cpp
    static void addOptionFunctions(std::vector<Known>& table);      // model_options.cpp
    static void addConstantFunctions(std::vector<Known>& table);    // model_constants.cpp
    static void addRandomFunctions(std::vector<Known>& table);      // model_random.cpp
    static void addInitializerFunctions(std::vector<Known>& table); // model_initializers.cpp
    static void addGetVariableFunctions(std::vector<Known>& table); // model_get_variable.cpp
    static void addCollectionFunctions(std::vector<Known>& table);  // model_collections.cpp
    static void addMutationFunctions(std::vector<Known>& table);    // model_mutations.cpp
    static void addPythonFunctions(std::vector<Known>& table);      // model_python.cpp
    Value callInitializerObject(CallArguments& arguments);
    Value callShuffle(CallArguments& arguments);
    Value callEye(CallArguments& arguments);
    Value callGetVariable(CallArguments& arguments);
    Value callGetScope(CallArguments& arguments);
    Value callPartitioner(CallArguments& arguments);
    Value callPartitionedVariables(CallArguments& arguments);
    Value callCollection(CallArguments& arguments);
    Value callAddToCollection(CallArguments& arguments);
    Value callAssignFunction(CallArguments& arguments);
    Value callScatterFunction(CallArguments& arguments);
    Value callIndexedSlices(CallArguments& arguments);
    Value callSummary(CallArguments& arguments);
    Value callPython(CallArguments& arguments);
    Value callConstant(CallArguments& arguments);
    Value callFill(CallArguments& arguments);
    Value callZerosOnes(CallArguments& arguments);
    Value callLike(CallArguments& arguments);
    Value callRandom(CallArguments& arguments);
    Value callRange(CallArguments& arguments);
    Value callLinSpace(CallArguments& arguments);
    Value callVariable(CallArguments& arguments);
    Value callPlaceholder(CallArguments& arguments);
    Value callDefaultPlaceholder(CallArguments& arguments);
    Value callUnary(CallArguments& arguments);
    Value callBinary(CallArguments& arguments);
    Value softmaxAlong(CallArguments& arguments, NodeId logits);
    bool takesLastAxis(CallArguments& arguments, NodeId logits);
    Value callMatMul(CallArguments& arguments);
    Value callReduce(CallArguments& arguments);
    Value callArgMax(CallArguments& arguments);
    Value callCast(CallArguments& arguments);
    Value callReshape(CallArguments& arguments);
    Value callTranspose(CallArguments& arguments);
    Value callCrossEntropy(CallArguments& arguments);
    Value addOp(backend::OpCode op, std::vector<NodeId> inputs, const script::TextRange& range,
                const std::string& name = {}, const backend::OpAttributes& attributes = {}, Shape shape = {},
                DType dtype = DType::Invalid);
    std::optional<int> axisOf(CallArguments& arguments, std::string_view parameter, int rank, int fallback);
    Value callSeed(CallArguments& arguments);
    Value callSaver(CallArguments& arguments);
    Value callKeep(CallArguments& arguments);
    Value callInitializer(CallArguments& arguments);
    Value callSession(CallArguments& arguments);
    Value callConfig(CallArguments& arguments);
    Value callInitAll(CallArguments& arguments);
    Value callInitList(CallArguments& arguments);
    Value callReportUninitialized(CallArguments& arguments);
    Value callIsInitialized(CallArguments& arguments);
    Value callLatestCheckpoint(CallArguments& arguments);
    Value callPrint(CallArguments& arguments);
    Value callOptions(CallArguments& arguments);
    Value callAlias(CallArguments& arguments);
    Value callPlace(CallArguments& arguments);
    Value callReplicaSetter(CallArguments& arguments);
    Value callDeviceStrategy(CallArguments& arguments);
    Value callClusterSpec(CallArguments& arguments);
    Value checkedCluster(Value cluster, const script::TextRange& range);
    void checkAliases();
    void applyRules();
    Value callAssign(CallArguments& arguments, const Value& variable, backend::OpCode op);
    Value callDigits(CallArguments& arguments);
    Value callPoints(CallArguments& arguments);
    Value callIdx(CallArguments& arguments);
    Value callTable(CallArguments& arguments);
    Value callArrays(CallArguments& arguments);
    Value callArchive(CallArguments& arguments);
    Value callImages(CallArguments& arguments);
    /// {"flip": True, "shift": 2} of wr.train (model_augmentation.cpp).
    std::optional<AugmentSettings> augmentationOf(CallArguments& arguments, const DataSpec& data);
    bool readForms(CallArguments& arguments, DataSpec& spec);
    bool readFileSettings(CallArguments& arguments, const char* path, DataSpec& spec);
    std::optional<std::string> toColumn(const Value& value, const script::TextRange& range);
    std::optional<std::vector<std::pair<NodeId, double>>> feedsOf(CallArguments& arguments,
                                                                  std::string_view parameter);
    Value callTrain(CallArguments& arguments);
    std::optional<std::vector<Metric>> metricsOf(CallArguments& arguments);
    std::optional<RunRules> runRulesOf(CallArguments& arguments, const std::vector<Metric>& metrics);

    // Training (training_builder.h, model_controls.cpp)
    /// The methods of optimizers and averages; none for other methods.
    virtual std::optional<Value> evaluateTrainingMethod(const Value& object, const Expr& call) = 0;
    void setControls(Node& node) const;
    /// The op that `value` stands for as a step of training, as an index into Model::trainOps.
    std::optional<std::size_t> trainOpOf(const Value& value);

    // Comprehensions and questions about constants (model_comprehensions.cpp)
    Value evaluateComprehension(const Expr& expr);
    /// xs.append(x), xs.extend(ys) of a list that has a name; none for other calls.
    std::optional<Value> growList(const Expr& call);
    std::optional<Value> evaluateTruth(const std::string& op, const Value& a, const Value& b);
    friend class NodeWriter;
    friend class UpdateBuilder;
    friend const std::vector<KnownFunction>& knownFunctions();

    // Recipes (model_recipes.cpp, model_savers.cpp)
    /// An error that TensorFlow raises too, with the name of its class.
    Value misuse(const script::TextRange& range, const char* errorClass, std::string message);
    void ignore(const script::TextRange& range, std::string what, std::string reason);
    Value initGroup(std::vector<std::string> variables, bool all, std::string name,
                    const script::TextRange& range);
    Value initializerOf(const Value& variable, const script::TextRange& range);
    /// The methods of sessions, savers, init ops and tensors that become actions; none for other methods.
    std::optional<Value> evaluateRecipeMethod(const Value& object, const Expr& call);
    Value callRun(CallArguments& arguments, std::size_t recipe, const Value* object);
    Value callSave(CallArguments& arguments, const Value& saver);
    Value callRestore(CallArguments& arguments, const Value& saver);
    Value callBuild(CallArguments& arguments, const Value& saver);
    struct Fetches {
        std::size_t recipe = 0;
        std::vector<NodeId> nodes;
        bool isReport = false; ///< of all variables without a value
    };
    Value fetch(const Value& fetched, const script::TextRange& range, Fetches& fetches);
    struct Printed;
    bool print(const Expr& expr, Printed& printed);
    void print(const Value& value, Printed& printed);
    bool printFormatted(const std::string& format, const std::vector<Value>& values,
                        const script::TextRange& range, Printed& printed);
    std::optional<std::size_t> sessionOf(CallArguments& arguments, std::string_view parameter,
                                         const std::string& whenMissing);
    std::optional<std::size_t> openRecipe() const;
    void addAction(std::size_t recipe, RecipeAction action);
    void addHole();
    void enterSession(const script::Statement& statement, const script::WithItem& item, const Value& session);
    void leaveSessions(const script::Statement& statement, std::size_t before);
    void finishRecipes();
    bool readSaverOptions(CallArguments& arguments, SaverInfo& saver);
    bool addToSaver(SaverInfo& saver, std::set<std::string>& seen, const Value& value,
                    const std::string& stored, const script::TextRange& range);
    struct SaverState {
        std::size_t variables = 0; ///< how many there were when it was built
        bool isBuilt = true;
    };

    /// What a call says about the variable that it makes.
    struct VariableRequest {
        Variable variable;              ///< name, flags, source; the rest is filled in
        Value initial;                  ///< a Hole for an incomplete variable
        script::TextRange initialRange; ///< where the initial value stands, or the call
        DType dtype = DType::Invalid;   ///< Invalid: that of the initial value
        std::optional<Shape> shape;     ///< that the initial value must have
        const Expr* name = nullptr;     ///< the argument that names it; null: unnamed
        std::string given;              ///< the name as written there, without scopes
        std::string clashMessage;       ///< instead of the usual one
        std::string clashClass;
    };
    Value makeVariable(VariableRequest request);
    Value makeIncomplete(VariableRequest& request);
    void claimName(VariableRequest& request);
    VariableRequest requestOf(CallArguments& arguments, const std::string& name);
    std::optional<std::vector<std::string>> collectionsOf(CallArguments& arguments, bool trainable);
    void ignore(CallArguments& arguments, std::string_view parameter, const char* reason);
    bool isLegalVariableName(const std::string& name, const script::TextRange& range);
    std::size_t addVariable(Variable variable, NodeId initialValue, const script::TextRange& range);
    void seedInitialValue(NodeId initialValue, const std::string& variable);

    // Reading variables (model_reads.cpp)
    NodeId readOf(const Value& variable, const script::TextRange& range);
    bool isIncomplete(const Value& variable, const script::TextRange& range);
    Value initializedValue(const Value& variable, const script::TextRange& range);
    NodeId withInitializedReads(NodeId node, const script::TextRange& range);

    // Constants, random ops and initializers
    Value addFilled(NodeId scalar, const Shape& shape, const script::TextRange& range,
                    const std::string& name);
    Value zerosOrOnes(bool ones, const Shape& shape, DType dtype, const script::TextRange& range,
                      const std::string& name);
    Value constantOf(const Value& given, const script::TextRange& range, DType dtype,
                     const std::optional<Shape>& shape, bool verifyShape, const std::string& name);
    struct RandomRequest {
        backend::OpCode op = backend::OpCode::RandomUniform;
        Shape shape;
        DType dtype = DType::Float32;
        double first = 0.0;  ///< minval or mean
        double second = 1.0; ///< maxval or stddev
        std::optional<std::int64_t> seed;
        const Expr* seedCall = nullptr; ///< the call that takes seed=, for the fix on offer
        script::TextRange range;
        std::string name;
    };
    Value addRandom(const RandomRequest& request);
    struct Seeds {
        bool isByName = false;
        std::uint64_t seed = 0;
        std::uint64_t seed2 = 0;
    };
    Seeds takeSeeds(std::optional<std::int64_t> seed, const script::TextRange& range, const Expr* seedCall);
    std::optional<std::optional<std::int64_t>> seedOf(CallArguments& arguments);
    struct InitializerCall {
        InitializerSpec spec;
        Value value; ///< of a constant
        const Expr* seedCall = nullptr;
    };
    Value makeInitializer(std::string_view name);
    /// `whole` and `offset` where `shape` is a slice of a partitioned variable.
    Value applyInitializer(std::size_t initializer, const Shape& shape, std::optional<DType> dtype,
                           const script::TextRange& range, const VariableSlice* slice = nullptr);
    Value applyInitializer(const Value& initializer, const Expr& call);
    Value addEye(std::int64_t rows, std::int64_t columns, double value, DType dtype,
                 const script::TextRange& range);
    Value addOrthogonal(const InitializerCall& call, const Shape& shape, DType dtype,
                        const script::TextRange& range);

    // get_variable (model_get_variable.cpp, model_partitions.cpp)
    struct Getting {
        std::string name; ///< with the variable scope
        Value initializer;
        DType dtype = DType::Float32;
        std::optional<Shape> shape;
        Value partitioner;
    };
    Value getExisting(CallArguments& arguments, const Getting& getting, const Value& found);
    Value getNew(CallArguments& arguments, Getting& getting, bool trainable, std::string clash);
    Value makeSlices(VariableRequest base, const Getting& getting, const std::vector<std::int64_t>& parts,
                     const script::TextRange& range);
    Value sliceInitial(const Getting& getting, const VariableSlice& slice, const Shape& shape,
                       const script::TextRange& range);
    void enterVariableScope(CallArguments& arguments, const Value& scope);

    // Mutations (model_mutations.cpp)
    Value addMutation(Node node, const Value& variable, CallArguments& arguments);
    bool isMutable(const Value& variable, const script::TextRange& range, const char* op);
    Value scatter(const Value& variable, const Value& indices, const Value& updates, backend::OpCode op,
                  CallArguments& arguments);
    Value callScatterMethod(CallArguments& arguments, const Value& variable, backend::OpCode op);

    // The numbers that TensorFlow gives to ops (model_random.cpp)
    void countOps(std::int64_t count) { m_opCount += m_uncounted == 0 ? count : 0; }
    void countCall(std::string_view function);
    void doubtCount(std::string_view what);
    /// While it lives, nodes are not counted: the call says itself what TensorFlow makes.
    struct Uncounted {
        explicit Uncounted(ModelBuilder& builder) : m_builder(builder) { ++m_builder.m_uncounted; }
        ~Uncounted() { --m_builder.m_uncounted; }
        Uncounted(const Uncounted&) = delete;
        Uncounted& operator=(const Uncounted&) = delete;
        ModelBuilder& m_builder;
    };

    struct DeviceScope {
        DeviceName name;
        const Expr* literal = nullptr;
        bool resets = false;   ///< tf.device(None)
        bool replaces = false; ///< a lambda: its device stands in the place of what the blocks inside say
        std::optional<std::size_t> setter; ///< index into m_setters
    };
    /// tf.train.replica_device_setter(…); model_replica_setter.cpp
    struct ReplicaSetter {
        DeviceName ps;
        DeviceName worker;
        bool takesVariables = true; ///< ps_ops names them
        bool merges = true;
        std::size_t strategy = 0; ///< index into m_strategies; setters may share one
    };
    DeviceName chooseReplica(const ReplicaSetter& setter, const Variable* variable, const DeviceName& inner);

    std::shared_ptr<Model> m_model;
    std::map<std::string, Value, std::less<>> m_names;
    std::vector<DeviceScope> m_devices;
    std::vector<ReplicaSetter> m_setters;
    std::vector<TaskAssigner> m_strategies;
    enum class Reuse : std::uint8_t { No, Yes, Auto };
    struct VariableScope {
        std::string name;
        std::string nameScope; ///< with "/" at its end
        Value initializer = Value::of(Value::Kind::None);
        Value partitioner = Value::of(Value::Kind::None);
        DType dtype = DType::Float32;
        Reuse reuse = Reuse::No;
    };
    std::vector<VariableScope> m_variableScopes; ///< all that were ever entered; the first is the root
    std::size_t m_variableScope = 0;
    std::string m_nameScope; ///< of ops, with "/" at its end
    std::unordered_map<std::string, int> m_scopeNames;
    std::map<std::string, int> m_variableScopeNames;        ///< how often each was entered
    std::unordered_map<std::string, Value> m_variableStore; ///< made by get_variable
    std::map<std::string, std::vector<Value>, std::less<>> m_collections;
    std::vector<InitializerCall> m_initializers;
    std::vector<PartitionerSpec> m_partitioners;
    std::unordered_map<NodeId, std::size_t> m_variableOf;
    std::unordered_map<NodeId, NodeId> m_initialized; ///< variable -> its initialized_value()
    std::unordered_map<NodeId, NodeId> m_rewritten;   ///< node -> the same over initialised values
    std::vector<bool> m_reads;                        ///< by node: whether it reads a variable as it stands
    std::vector<bool> m_seeded;                       ///< by node: nothing below it waits for a seed
    std::unordered_set<std::uint64_t> m_said;         ///< places of warnings given inside loops
    std::int64_t m_opCount = 0;                       ///< ops that TensorFlow would have made
    int m_uncounted = 0;
    std::string m_doubt; ///< the call since which m_opCount is a guess
    bool m_doubtSaid = false;
    int m_initialDepth = 0; ///< inside the initial value of a variable
    int m_suggestions = 0;
    std::unordered_map<std::string, int> m_clashes; ///< how many variables wanted a name that was taken
    std::vector<std::vector<NodeId>> m_controls;    ///< of the tf.control_dependencies blocks around
    std::vector<DataSpec> m_data;
    std::set<NodeId> m_unseeded; ///< random nodes that still need a seed
    const script::Statement* m_statement = nullptr;
    std::string m_target; ///< name on the left of the assignment at hand
    int m_loopDepth = 0;
    std::size_t m_loopSteps = 0;
    std::size_t m_bytes = 0; ///< of all lists and texts that were made
    int m_depth = 0;
    std::vector<SaverState> m_savers;       ///< parallel to the model's
    std::vector<std::size_t> m_groupSizes;  ///< variables known to each init group, when it was made
    std::vector<std::size_t> m_sessions;    ///< default sessions, the innermost last: indices of recipes
    std::set<std::size_t> m_closedSessions; ///< recipes whose session was closed
    std::size_t m_actions = 0;              ///< of all recipes, left-out ones included
};

} // namespace wr::graph
