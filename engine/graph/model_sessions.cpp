// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with a session: run, eval, save, restore, close. Nothing is executed; each becomes an action.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using Kind = Value::Kind;
using Action = RecipeAction::Kind;

/// The session that `parameter` names, or the default one; none after a diagnostic.
std::optional<std::size_t> ModelBuilder::sessionOf(CallArguments& arguments, std::string_view parameter,
                                                   const std::string& whenMissing)
{
    const Value session = arguments.value(parameter);
    if (session.isError())
        return std::nullopt;
    std::size_t recipe = 0;
    if (session.kind == Kind::Session) {
        recipe = session.index;
    } else if (session.kind == Kind::None && parameter == "session") {
        if (m_sessions.empty()) {
            misuse(arguments.range(), "ValueError", whenMissing);
            return std::nullopt;
        }
        recipe = m_sessions.back();
    } else {
        misuse(arguments.rangeOf(parameter), "TypeError", "'sess' must be a Session: " + whenMissing);
        return std::nullopt;
    }
    if (m_closedSessions.count(recipe) != 0) {
        misuse(arguments.range(), "RuntimeError",
               "Attempted to use a closed Session: \"" + m_model->recipes[recipe].name +
                   "\" ends with its block");
        return std::nullopt;
    }
    return recipe;
}

/// Adds what `fetched` asks for to the actions at hand, and gives what the script gets back.
Value ModelBuilder::fetch(const Value& fetched, const script::TextRange& range, Fetches& fetches)
{
    Value result = Value::of(Kind::None);
    RecipeAction action;
    action.source = range;
    switch (fetched.kind) {
    case Kind::Error:
        return fetched;
    case Kind::InitGroup:
        action.kind = Action::Init;
        action.group = fetched.index;
        addAction(fetches.recipe, std::move(action));
        return result;
    case Kind::Hole:
        action.kind = Action::Hole;
        addAction(fetches.recipe, std::move(action));
        return result;
    case Kind::TrainOp: {
        const std::vector<NodeId>& updates = m_model->trainOps[fetched.index].updates;
        fetches.nodes.insert(fetches.nodes.end(), updates.begin(), updates.end());
        return result;
    }
    case Kind::Node:
    case Kind::Variable:
        fetches.nodes.push_back(fetched.node);
        if (m_model->graph.node(fetched.node).op == backend::OpCode::NoOp &&
            m_model->graph.node(fetched.node).inputs.empty())
            return result; // a group runs, and has no value
        result.kind = Kind::Fetched;
        result.node = fetched.node;
        return result;
    case Kind::Report:
        fetches.isReport = true;
        result.kind = Kind::Fetched;
        return result;
    case Kind::String: {
        std::string name = fetched.text;
        if (name.size() > 2 && name.compare(name.size() - 2, 2, ":0") == 0)
            name.resize(name.size() - 2);
        for (std::size_t i = 0; i < m_model->initGroups.size(); ++i) {
            if (m_model->initGroups[i].name == name)
                return fetch(Value::ofIndex(Kind::InitGroup, i), range, fetches);
        }
        const std::vector<Node>& nodes = m_model->graph.nodes();
        const auto found =
            std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.name == name; });
        if (found == nodes.end())
            return misuse(range, "ValueError",
                          "Fetch argument '" + fetched.text +
                              "' cannot be interpreted as a Tensor: the graph has no op of this name");
        return fetch(Value::ofNode(static_cast<NodeId>(found - nodes.begin())), range, fetches);
    }
    case Kind::List:
    case Kind::Dict: {
        result.kind = fetched.kind;
        for (std::size_t i = 0; i < fetched.items.size(); ++i) {
            const bool isKey = fetched.kind == Kind::Dict && i % 2 == 0;
            result.items.push_back(isKey ? fetched.items[i] : fetch(fetched.items[i], range, fetches));
            if (result.items.back().isError())
                return Value::error();
        }
        return result;
    }
    case Kind::Opaque:
        return result; // an object that does nothing here
    case Kind::None:
        return misuse(range, "TypeError",
                      "Fetch argument None has invalid type NoneType: there is nothing to run");
    default:
        return misuse(range, "TypeError",
                      "Fetch argument has invalid type: a session runs ops, tensors and variables");
    }
}

/// sess.run(fetches, feed_dict), or x.eval(feed_dict, session) and op.run(feed_dict, session) of `object`.
Value ModelBuilder::callRun(CallArguments& arguments, std::size_t recipe, const Value* object)
{
    const Value fetched = object != nullptr ? *object : arguments.required("fetches");
    if (fetched.isError())
        return fetched;
    const Value feeds = arguments.value("feed_dict");
    if (feeds.isError())
        return feeds;
    if (feeds.kind != Kind::None && feeds.kind != Kind::Dict)
        return misuse(arguments.rangeOf("feed_dict"), "TypeError",
                      "feed_dict is a dictionary of placeholders and values");
    for (std::size_t i = 0; i < feeds.items.size(); i += 2) {
        if (feeds.items[i].isError())
            return Value::error();
        if (!feeds.items[i].isTensor() && feeds.items[i].kind != Kind::String)
            return misuse(arguments.rangeOf("feed_dict"), "TypeError",
                          "Cannot interpret feed_dict key as Tensor: a key is a placeholder");
    }
    for (const char* option : {"options", "run_metadata"}) {
        if (arguments.has(option))
            ignore(arguments.rangeOf(option), std::string(option) + "=", "a run is not traced");
    }
    if (feeds.items.empty()) {
        Fetches fetches;
        fetches.recipe = recipe;
        const Value result = fetch(fetched, arguments.range(), fetches);
        RecipeAction action;
        action.source = arguments.range();
        if (!fetches.nodes.empty()) {
            action.kind = Action::Run;
            action.nodes = fetches.nodes;
            addAction(recipe, action);
        }
        if (fetches.isReport) {
            action.kind = Action::Report;
            action.nodes.clear();
            addAction(recipe, std::move(action));
        }
        return result;
    }
    // What is fed is known only to Weightroom's own training: here the script leaves it open.
    ignore(arguments.rangeOf("feed_dict"), "feed_dict=", "Weightroom feeds data by wr.train");
    const std::vector<RecipeAction>& actions = m_model->recipes[recipe].actions;
    if (actions.empty() || actions.back().kind != Action::Hole) {
        RecipeAction hole;
        hole.kind = Action::Hole;
        hole.source = arguments.range();
        addAction(recipe, std::move(hole));
    }
    SessionRecipe probe; // the shape of the answer, without its actions
    std::swap(probe.actions, m_model->recipes[recipe].actions);
    const std::size_t counted = m_actions;
    Fetches unused;
    unused.recipe = recipe;
    Value result = fetch(fetched, arguments.range(), unused);
    std::swap(probe.actions, m_model->recipes[recipe].actions);
    m_actions = counted;
    return result;
}

std::optional<Value> ModelBuilder::evaluateRecipeMethod(const Value& object, const Expr& call)
{
    const std::string& method = call.children.front()->text;
    const auto taken = [&](std::vector<std::string_view> parameters) {
        return CallArguments(*this, call, parameters, method, backend::OpCode::NoOp);
    };
    const bool isRunnable = object.kind == Kind::InitGroup || object.kind == Kind::TrainOp ||
                            object.kind == Kind::Node || object.kind == Kind::Report;
    if ((method == "eval" && (object.isTensor() || object.kind == Kind::Report)) ||
        (method == "run" && isRunnable)) {
        CallArguments arguments = taken({"feed_dict", "session"});
        if (!arguments.isValid())
            return Value::error();
        const std::string what = method == "eval" ? "Cannot evaluate tensor using `eval()`"
                                                  : "Cannot execute operation using `run()`";
        const auto recipe =
            sessionOf(arguments, "session",
                      what +
                          ": No default session is registered. Use `with sess.as_default()` or pass an "
                          "explicit session to `" +
                          method + "(session=sess)`");
        return recipe ? callRun(arguments, *recipe, &object) : Value::error();
    }
    if (object.kind == Kind::Saver) {
        if (method == "save") {
            CallArguments arguments =
                taken({"sess", "save_path", "global_step", "latest_filename", "meta_graph_suffix",
                       "write_meta_graph", "write_state", "strip_default_attrs", "save_debug_info"});
            return arguments.isValid() ? callSave(arguments, object) : Value::error();
        }
        if (method == "restore") {
            CallArguments arguments = taken({"sess", "save_path"});
            return arguments.isValid() ? callRestore(arguments, object) : Value::error();
        }
        if (method == "build") {
            CallArguments arguments = taken({});
            return arguments.isValid() ? callBuild(arguments, object) : Value::error();
        }
        for (const char* other : {"set_last_checkpoints", "set_last_checkpoints_with_time",
                                  "recover_last_checkpoints", "export_meta_graph"}) {
            if (method != other)
                continue;
            for (const script::Argument& argument : call.arguments)
                evaluate(*argument.value);
            ignore(call.range, method + "()", "the list of checkpoints is the folder itself");
            return Value::of(Kind::None);
        }
    }
    if (object.kind == Kind::Session) {
        if (method == "run") {
            CallArguments arguments = taken({"fetches", "feed_dict", "options", "run_metadata"});
            if (!arguments.isValid())
                return Value::error();
            if (m_closedSessions.count(object.index) != 0)
                return misuse(call.range, "RuntimeError",
                              "Attempted to use a closed Session: \"" + m_model->recipes[object.index].name +
                                  "\" ends with its block");
            return callRun(arguments, object.index, nullptr);
        }
        if (method == "as_default")
            return object;
        if (method == "close") {
            m_closedSessions.insert(object.index);
            std::erase(m_sessions, object.index);
            return Value::of(Kind::None);
        }
    }
    return std::nullopt;
}

} // namespace wr::graph
