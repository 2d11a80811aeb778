// SPDX-License-Identifier: GPL-3.0-or-later
// Init groups and session blocks, read as recipes: lists of actions that a button runs.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using Kind = Value::Kind;
using Action = RecipeAction::Kind;

namespace {

constexpr std::size_t kMostActions = 10000; ///< of a script, loops included

bool isLocal(const Variable& variable)
{
    const auto holds = [&](const char* key) {
        return std::find(variable.collections.begin(), variable.collections.end(), key) !=
               variable.collections.end();
    };
    return holds("local_variables") && !holds("variables");
}

} // namespace

void ModelBuilder::addRecipeFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kSession{"target", "graph", "config"};
    static const std::vector<std::string_view> kList{"var_list", "name"};
    table.insert(
        table.end(),
        {{"tf.initialize_all_variables", &B::callInitAll, {}},
         {"tf.global_variables_initializer", &B::callInitAll, {}},
         {"tf.initialize_local_variables", &B::callInitAll, {}},
         {"tf.local_variables_initializer", &B::callInitAll, {}},
         {"tf.initialize_variables", &B::callInitList, kList},
         {"tf.variables_initializer", &B::callInitList, kList},
         {"tf.report_uninitialized_variables", &B::callReportUninitialized, kList},
         {"tf.is_variable_initialized", &B::callIsInitialized, {"ref", "name"}},
         {"tf.Session", &B::callSession, kSession},
         {"tf.InteractiveSession", &B::callSession, kSession},
         {"tf.ConfigProto",
          &B::callConfig,
          {"allow_soft_placement", "log_device_placement", "device_count", "gpu_options", "graph_options",
           "intra_op_parallelism_threads", "inter_op_parallelism_threads", "use_per_session_threads",
           "operation_timeout_in_ms"}},
         {"tf.GPUOptions",
          &B::callConfig,
          {"per_process_gpu_memory_fraction", "allow_growth", "visible_device_list"}},
         {"tf.Graph", &B::callInitializer, {}},
         {"tf.get_default_graph", &B::callInitializer, {}},
         {"print",
          &B::callPrint,
          {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "sep", "end", "file", "flush"}}});
}

/// Objects that have no meaning of their own here; what stands in the call is read all the same.
Value ModelBuilder::callInitializer(CallArguments& arguments)
{
    for (const script::Argument& argument : arguments.call().arguments)
        evaluate(*argument.value);
    return Value::of(Kind::Opaque);
}

Value ModelBuilder::callConfig(CallArguments& arguments)
{
    return callInitializer(arguments);
}

void ModelBuilder::ignore(const script::TextRange& range, std::string what, std::string reason)
{
    const bool isKnown =
        std::any_of(m_model->ignored.begin(), m_model->ignored.end(), [&](const IgnoredDirective& other) {
            return other.source == range && other.what == what;
        });
    if (!isKnown) // a loop comes here many times
        m_model->ignored.push_back({range, std::move(what), std::move(reason)});
}

Value ModelBuilder::initGroup(std::vector<std::string> variables, bool all, std::string name,
                              const script::TextRange& range)
{
    for (std::size_t i = 0; i < m_model->initGroups.size(); ++i) {
        const InitGroup& known = m_model->initGroups[i];
        if (known.source == range && known.variables == variables)
            return Value::ofIndex(Kind::InitGroup, i); // the same call, in a loop
    }
    if (m_model->initGroups.size() >= kMostActions)
        return error(range, "this script makes more than 10,000 groups of initializers");
    m_model->initGroups.push_back({std::move(name), std::move(variables), all, range});
    m_groupSizes.push_back(m_model->variables.size());
    return Value::ofIndex(Kind::InitGroup, m_model->initGroups.size() - 1);
}

Value ModelBuilder::initializerOf(const Value& variable, const script::TextRange& range)
{
    const std::string& name = m_model->variables[variable.index].name;
    return initGroup({name}, false, name + ".initializer", range);
}

Value ModelBuilder::callInitAll(CallArguments& arguments)
{
    const std::string_view function = arguments.function();
    const bool local = function.find("local") != std::string_view::npos;
    if (function.rfind("tf.initialize_", 0) == 0) {
        const char* const later =
            local ? "tf.local_variables_initializer" : "tf.global_variables_initializer";
        const script::TextRange name = arguments.call().children.front()->range;
        report({script::Severity::Note,
                name,
                std::string(function) + " is an old name, still understood",
                std::string("Change to ") + later,
                {{name, later}},
                {}});
    }
    std::vector<std::string> names;
    for (const Variable& variable : m_model->variables) {
        if (isLocal(variable) == local)
            names.push_back(variable.name);
    }
    return initGroup(std::move(names), !local, m_target.empty() ? "init" : m_target, arguments.range());
}

Value ModelBuilder::callInitList(CallArguments& arguments)
{
    if (arguments.function() == "tf.initialize_variables") {
        const script::TextRange name = arguments.call().children.front()->range;
        report({script::Severity::Note,
                name,
                "tf.initialize_variables is an old name, still understood",
                "Change to tf.variables_initializer",
                {{name, "tf.variables_initializer"}},
                {}});
    }
    const Value list = arguments.required("var_list");
    if (list.isError())
        return list;
    if (list.kind != Kind::List)
        return misuse(arguments.rangeOf("var_list"), "TypeError", "a list of variables is expected here");
    std::vector<std::string> names;
    std::set<std::string> seen;
    std::vector<const Value*> open;
    for (const Value& item : list.items)
        open.push_back(&item);
    for (std::size_t i = 0; i < open.size(); ++i) {
        const Value& item = *open[i];
        if (item.kind == Kind::Variable) {
            const std::string& name = m_model->variables[item.index].name;
            if (seen.insert(name).second)
                names.push_back(name);
        } else if (item.kind == Kind::List) { // a partitioned variable: its slices
            for (const Value& slice : item.items)
                open.push_back(&slice);
        } else if (!item.isError()) {
            return misuse(arguments.rangeOf("var_list"), "AttributeError",
                          "only variables have an initializer; this list holds something else");
        } else {
            return Value::error();
        }
    }
    std::string name = arguments.text("name");
    if (!m_target.empty())
        name = m_target;
    return initGroup(std::move(names), false, name.empty() ? "init" : name, arguments.range());
}

/// A question about variables is a node without a kernel: whoever fetches it asks the session.
Value ModelBuilder::callReportUninitialized(CallArguments& arguments)
{
    const Value list = arguments.value("var_list");
    if (list.isError())
        return list;
    if (list.kind == Kind::None)
        return Value::of(Kind::Report);
    if (list.kind != Kind::List)
        return misuse(arguments.rangeOf("var_list"), "TypeError", "a list of variables is expected here");
    Node node;
    node.op = backend::OpCode::NoOp;
    for (const Value& item : list.items) {
        if (item.isError())
            return item;
        if (item.kind != Kind::Variable)
            return misuse(arguments.rangeOf("var_list"), "TypeError", "a list of variables is expected here");
        node.inputs.push_back(item.node);
    }
    const std::string name = arguments.text("name");
    const Value added =
        addNode(std::move(node), arguments.range(), name.empty() ? "report_uninitialized_variables" : name);
    if (!added.isError())
        m_model->graph.node(added.node).dtype = DType::Invalid; // names, which no tensor of ours can hold
    return added;
}

Value ModelBuilder::callIsInitialized(CallArguments& arguments)
{
    const Value variable = arguments.required("ref");
    if (variable.isError())
        return variable;
    if (variable.kind != Kind::Variable)
        return misuse(arguments.rangeOf("ref"), "TypeError", "a variable is expected here");
    Node node;
    node.op = backend::OpCode::NoOp;
    node.inputs = {variable.node};
    const std::string name = arguments.text("name");
    return addNode(std::move(node), arguments.range(), name.empty() ? "IsVariableInitialized" : name);
}

Value ModelBuilder::callSession(CallArguments& arguments)
{
    const Value target = arguments.value("target");
    if (target.kind == Kind::String && !target.text.empty())
        ignore(arguments.rangeOf("target"), "the session's target", "Weightroom computes in this process");
    if (arguments.has("graph"))
        arguments.value("graph");
    const Value config = arguments.value("config");
    if (config.kind != Kind::None && !config.isError())
        ignore(arguments.rangeOf("config"), "the session's configuration",
               "devices, threads and soft placement are the program's own settings");
    if (m_model->recipes.size() >= kMostActions)
        return error(arguments.range(), "this script opens more than 10,000 sessions");
    SessionRecipe recipe;
    recipe.name = m_target.empty() ? "session" : m_target;
    recipe.source = m_statement != nullptr ? m_statement->range : arguments.range();
    m_model->recipes.push_back(std::move(recipe));
    const std::size_t index = m_model->recipes.size() - 1;
    if (arguments.function() == "tf.InteractiveSession")
        m_sessions.push_back(index);
    return Value::ofIndex(Kind::Session, index);
}

void ModelBuilder::enterSession(const script::Statement& statement, const script::WithItem& item,
                                const Value& session)
{
    SessionRecipe& recipe = m_model->recipes[session.index];
    if (recipe.source == statement.range && item.alias && item.alias->kind == script::ExprKind::Name)
        recipe.name = item.alias->text;
    m_sessions.push_back(session.index);
}

void ModelBuilder::leaveSessions(const script::Statement& statement, std::size_t before)
{
    while (m_sessions.size() > before) {
        const std::size_t session = m_sessions.back();
        m_sessions.pop_back();
        if (m_model->recipes[session].source == statement.range)
            m_closedSessions.insert(session); // made by this block; as_default() closes nothing
    }
}

/// Where a "..." or a print belongs: the innermost block, else the last session that is still open.
std::optional<std::size_t> ModelBuilder::openRecipe() const
{
    if (!m_sessions.empty())
        return m_sessions.back();
    for (std::size_t i = m_model->recipes.size(); i-- > 0;) {
        if (m_closedSessions.count(i) == 0)
            return i;
    }
    return std::nullopt;
}

void ModelBuilder::addAction(std::size_t recipe, RecipeAction action)
{
    SessionRecipe& into = m_model->recipes[recipe];
    if (m_statement != nullptr)
        into.source.end = std::max(into.source.end, m_statement->range.end);
    if (++m_actions <= kMostActions) {
        into.actions.push_back(std::move(action));
    } else if (m_actions == kMostActions + 1) {
        warn(action.source, "the session blocks of this script have more than 10,000 actions in all; the "
                            "rest is left out");
    }
}

void ModelBuilder::addHole()
{
    const std::optional<std::size_t> recipe = openRecipe();
    if (!recipe)
        return;
    const std::vector<RecipeAction>& actions = m_model->recipes[*recipe].actions;
    if (!actions.empty() && actions.back().kind == Action::Hole)
        return; // one pause is enough
    RecipeAction hole;
    hole.kind = Action::Hole;
    hole.source = m_statement->range;
    addAction(*recipe, std::move(hole));
}

/// What can be said only when the whole script was read: variables that came too late.
void ModelBuilder::finishRecipes()
{
    const auto lateNames = [&](std::size_t known) {
        std::string names;
        std::size_t count = 0;
        for (std::size_t i = known; i < m_model->variables.size(); ++i) {
            if (isLocal(m_model->variables[i]))
                continue;
            if (++count <= 5)
                names += (names.empty() ? "" : ", ") + m_model->variables[i].name;
        }
        return count > 5 ? names + " and " + std::to_string(count - 5) + " more" : names;
    };
    bool isCovered = false;
    for (std::size_t i = m_model->initGroups.size(); i-- > 0;) {
        const InitGroup& group = m_model->initGroups[i];
        const std::string late = group.all && !isCovered ? lateNames(m_groupSizes[i]) : std::string();
        isCovered = isCovered || group.all;
        if (late.empty())
            continue;
        warn(group.source, "made after this line and so not initialised by it: " + late);
        m_model->diagnostics.back().errorClass = "FailedPreconditionError";
    }
    for (std::size_t i = 0; i < m_model->savers.size(); ++i) {
        SaverInfo& saver = m_model->savers[i];
        if (!saver.all)
            continue;
        const std::size_t known = m_savers[i].variables;
        const bool isWhole = known == m_model->variables.size() &&
                             std::none_of(m_model->variables.begin(), m_model->variables.end(), isLocal);
        if (isWhole)
            continue;
        for (std::size_t v = 0; v < known; ++v) {
            if (!isLocal(m_model->variables[v]))
                saver.entries.emplace(m_model->variables[v].name, m_model->variables[v].name);
        }
        if (const std::string late = lateNames(known); !late.empty())
            warn(saver.source, "made after this line and so not saved by this saver: " + late);
    }
}

} // namespace wr::graph
