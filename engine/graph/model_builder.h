// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the meaning of a script: walks its statements once, binds names to values, adds nodes and variables,
// and notes every problem with its place. Nothing outside the table of known names is called, and nothing is
// executed. Used once, on one thread, by buildModel().
#pragma once

#include "engine/graph/device_name.h"
#include "engine/graph/model.h"
#include "engine/graph/parameter_servers.h"
#include "engine/graph/value.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wr::graph {

class CallArguments;

class ModelBuilder {
public:
    explicit ModelBuilder(std::shared_ptr<const script::Tree> tree);
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
    Value error(const script::TextRange& range, std::string message);
    void warn(const script::TextRange& range, std::string message);

    // Turning values into what an op wants; each gives a diagnostic when it cannot (model_values.cpp).
    NodeId toNode(const Value& value, const script::TextRange& range, DType preferred = DType::Invalid);
    std::optional<Shape> toShape(const Value& value, const script::TextRange& range, bool allowUnknown);
    std::optional<double> toNumber(const Value& value, const script::TextRange& range);
    std::optional<std::int64_t> toInteger(const Value& value, const script::TextRange& range);
    std::optional<std::string> toText(const Value& value, const script::TextRange& range);
    std::optional<bool> toBool(const Value& value, const script::TextRange& range);
    std::optional<DType> toType(const Value& value, const script::TextRange& range);

private:
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
    Value unknownName(const Expr& expr, const std::string& name);
    Value binaryOp(backend::OpCode op, const Value& a, const Value& b, const script::TextRange& range,
                   const std::string& name = {});

    // Nodes
    Value addNode(Node node, const script::TextRange& range, const std::string& name);
    Value addConstant(Tensor value, const script::TextRange& range, const std::string& name = {});
    std::string scoped(const std::string& name) const;
    /// The device that the blocks around give an op, or a variable whose name, type and shape are known; a
    /// replica device setter counts the variables that it is asked for.
    DeviceName currentDevice(const Variable* variable = nullptr);
    std::string currentDeviceText(const Variable* variable = nullptr);

    // Calls, by family; each family adds its rows to the table of known names in the file that builds them.
    static const std::vector<Known>& functions();
    static void addOpFunctions(std::vector<Known>& table);       // model_calls.cpp
    static void addValueFunctions(std::vector<Known>& table);    // model_initial_values.cpp
    static void addVariableFunctions(std::vector<Known>& table); // model_variables.cpp
    static void addScopeFunctions(std::vector<Known>& table);    // model_scopes.cpp
    static void addDeviceFunctions(std::vector<Known>& table);   // model_devices.cpp
    static void addSaverFunctions(std::vector<Known>& table);    // model_savers.cpp
    static void addRecipeFunctions(std::vector<Known>& table);   // model_recipes.cpp
    static void addTrainingFunctions(std::vector<Known>& table); // model_training.cpp
    static void addOptionFunctions(std::vector<Known>& table);   // model_options.cpp
    Value callConstant(CallArguments& arguments);
    Value callFill(CallArguments& arguments);
    Value callZerosOnes(CallArguments& arguments);
    Value callLike(CallArguments& arguments);
    Value callRandom(CallArguments& arguments);
    Value callRange(CallArguments& arguments);
    Value callLinSpace(CallArguments& arguments);
    Value callVariable(CallArguments& arguments);
    Value callPlaceholder(CallArguments& arguments);
    Value callUnary(CallArguments& arguments);
    Value callBinary(CallArguments& arguments);
    bool takesLastAxis(CallArguments& arguments);
    Value callMatMul(CallArguments& arguments);
    Value callReduce(CallArguments& arguments);
    Value callArgMax(CallArguments& arguments);
    Value callCast(CallArguments& arguments);
    Value callReshape(CallArguments& arguments);
    Value callTranspose(CallArguments& arguments);
    Value callCrossEntropy(CallArguments& arguments);
    Value callSeed(CallArguments& arguments);
    Value callOptimizer(CallArguments& arguments);
    Value callMinimize(CallArguments& arguments, const Value& optimizer);
    Value callSaver(CallArguments& arguments);
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
    Value deviceError(const script::TextRange& range, const char* errorClass, std::string message);
    void checkAliases();
    void applyRules();
    Value callAssign(CallArguments& arguments, const Value& variable, backend::OpCode op);
    Value callDigits(CallArguments& arguments);
    Value callIdx(CallArguments& arguments);
    Value callTrain(CallArguments& arguments);

    struct OptimizerSettings {
        OptimizerKind kind = OptimizerKind::GradientDescent;
        Value learningRate;
        double momentum = 0.0;
        double beta1 = 0.9;
        double beta2 = 0.999;
        double epsilon = 1e-8;
        std::string name;
        script::TextRange range;
    };
    friend class UpdateBuilder;

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

    std::size_t addVariable(Variable variable, NodeId initialValue, const script::TextRange& range);
    void seedInitialValue(NodeId initialValue, const std::string& variable);

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
    std::vector<std::string> m_scopes;
    std::vector<OptimizerSettings> m_optimizers;
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

/// The arguments of one call, matched to parameter names; what does not match becomes a diagnostic.
class CallArguments {
public:
    CallArguments(ModelBuilder& builder, const script::Expr& call,
                  const std::vector<std::string_view>& parameters, std::string_view function,
                  backend::OpCode op);

    bool isValid() const { return m_valid; }
    const script::Expr& call() const { return *m_call; }
    std::string_view function() const { return m_function; }
    backend::OpCode op() const { return m_op; }
    const script::TextRange& range() const { return m_call->range; }
    bool has(std::string_view parameter) const { return find(parameter) != nullptr; }
    const script::Expr* find(std::string_view parameter) const;
    script::TextRange rangeOf(std::string_view parameter) const;
    /// The evaluated argument; None when absent.
    Value value(std::string_view parameter);
    /// As value(), but a diagnostic when absent.
    Value required(std::string_view parameter);
    /// The string of `parameter`, or empty.
    std::string text(std::string_view parameter);

    std::optional<double> number(std::string_view parameter, double fallback);
    std::optional<std::int64_t> integer(std::string_view parameter, std::int64_t fallback);
    std::optional<bool> boolean(std::string_view parameter, bool fallback);
    std::optional<DType> type(std::string_view parameter, DType fallback);

private:
    ModelBuilder& m_builder;
    const script::Expr* m_call;
    std::string m_function;
    backend::OpCode m_op;
    std::map<std::string, const script::Expr*, std::less<>> m_arguments;
    std::map<std::string, Value, std::less<>> m_values;
    bool m_valid = true;
};

} // namespace wr::graph
