// SPDX-License-Identifier: GPL-3.0-or-later
// Savers: which variables, under which stored names, by which policy; and their save and restore as actions
// of a recipe.
#include "engine/graph/model_builder.h"

#include <algorithm>

namespace wr::graph {

using Kind = Value::Kind;
using Action = RecipeAction::Kind;

void ModelBuilder::addSaverFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    table.insert(
        table.end(),
        {{"tf.train.Saver",
          &B::callSaver,
          {"var_list", "reshape", "sharded", "max_to_keep", "keep_checkpoint_every_n_hours", "name",
           "restore_sequentially", "saver_def", "builder", "defer_build", "allow_empty", "write_version",
           "pad_step_number", "save_relative_paths", "filename"}},
         {"wr.keep", &B::callKeep, {"saver", "best"}},
         {"tf.train.latest_checkpoint", &B::callLatestCheckpoint, {"checkpoint_dir", "latest_filename"}},
         {"tf.train.SaverDef.V1", &B::callInitializer, {}},
         {"tf.train.SaverDef.V2", &B::callInitializer, {}}});
}

/// Adds one variable, or the slices of a partitioned one; false after a diagnostic.
bool ModelBuilder::addToSaver(SaverInfo& saver, std::set<std::string>& seen, const Value& value,
                              const std::string& stored, const script::TextRange& range)
{
    if (value.isError())
        return false;
    const bool isSlices = value.kind == Kind::List || value.kind == Kind::Partitioned;
    if (isSlices && !value.items.empty()) {
        for (const Value& slice : value.items) {
            if (slice.kind != Kind::Variable) {
                misuse(range, "TypeError", "Variable to save is not a Variable: a saver takes variables");
                return false;
            }
            const std::string& name = m_model->variables[slice.index].name;
            const std::size_t slash = name.rfind('/');
            const std::string part = slash == std::string::npos ? name : name.substr(slash + 1);
            if (!addToSaver(saver, seen, slice, stored.empty() ? std::string() : stored + "/" + part, range))
                return false;
        }
        return true;
    }
    if (value.kind != Kind::Variable) {
        misuse(range, "TypeError", "Variable to save is not a Variable: a saver takes variables");
        return false;
    }
    const std::string& variable = m_model->variables[value.index].name;
    const std::string& key = stored.empty() ? variable : stored;
    if (saver.entries.count(key) != 0) {
        misuse(range, "ValueError", "At least two variables have the same name: " + key);
        return false;
    }
    if (!seen.insert(variable).second) {
        misuse(range, "ValueError", "The same saveable will be restored with two names: " + variable);
        return false;
    }
    saver.entries.emplace(key, variable);
    return true;
}

/// Everything but the variables; false after a diagnostic.
bool ModelBuilder::readSaverOptions(CallArguments& arguments, SaverInfo& saver)
{
    const auto isSet = [&](const char* name) {
        if (!arguments.has(name))
            return false;
        const Value value = arguments.value(name);
        return value.kind != Kind::None && value.kind != Kind::Error &&
               !(value.kind == Kind::Bool && value.integer == 0);
    };
    if (arguments.has("max_to_keep")) {
        const Value most = arguments.value("max_to_keep");
        if (most.kind == Kind::None) {
            saver.maxToKeep = 0;
        } else {
            const auto count = toInteger(most, arguments.rangeOf("max_to_keep"));
            if (!count)
                return false;
            saver.maxToKeep = std::max<std::int64_t>(*count, 0);
            if (*count < 0)
                warn(arguments.rangeOf("max_to_keep"), "fewer than 0 checkpoints cannot be kept; all are");
        }
    }
    if (arguments.has("keep_checkpoint_every_n_hours")) {
        const auto hours = arguments.number("keep_checkpoint_every_n_hours", saver.keepEveryNHours);
        if (!hours)
            return false;
        saver.keepEveryNHours = *hours;
    }
    const auto pads = arguments.boolean("pad_step_number", false);
    if (!pads)
        return false;
    saver.padStepNumber = *pads;

    const Value version = arguments.value("write_version");
    if (version.kind == Kind::Number && (!version.isInteger || version.integer < 0 || version.integer > 2)) {
        misuse(arguments.rangeOf("write_version"), "RuntimeError",
               "Unexpected write_version: it is 1 or 2 (tf.train.SaverDef.V1, V2)");
        return false;
    }
    const std::string name = arguments.text("name");
    if (!name.empty() && m_target.empty())
        saver.name = name;
    else if (!name.empty())
        ignore(arguments.rangeOf("name"), "the saver's name=", "a saver is known by its name in the script");
    static constexpr std::pair<const char*, const char*> kWithoutEffect[] = {
        {"reshape", "a restored value must have the variable's shape; it is not reshaped"},
        {"sharded", "a checkpoint is one file, whatever devices its variables are on"},
        {"restore_sequentially", "a restore assigns all variables at once, or none"},
        {"saver_def", "a saver is made from its variables"},
        {"builder", "a saver is made from its variables"},
        {"write_version", "Weightroom writes its own format, which says what it is"},
        {"save_relative_paths", "the list of checkpoints is the folder itself"},
        {"filename", "each save says its own path"},
    };
    for (const auto& [option, reason] : kWithoutEffect) {
        if (isSet(option))
            ignore(arguments.rangeOf(option), std::string(option) + "=", reason);
    }
    return true;
}

Value ModelBuilder::callSaver(CallArguments& arguments)
{
    SaverInfo saver;
    saver.name = m_target.empty() ? "saver" : m_target;
    saver.source = arguments.range();
    const Value list = arguments.value("var_list");
    if (list.isError())
        return list;
    if (!readSaverOptions(arguments, saver))
        return Value::error();
    const auto defers = arguments.boolean("defer_build", false);
    const auto mayBeEmpty = arguments.boolean("allow_empty", false);
    if (!defers || !mayBeEmpty)
        return Value::error();

    const script::TextRange range = arguments.rangeOf("var_list");
    saver.all = list.kind == Kind::None;
    std::set<std::string> seen;
    if (!saver.all && *defers)
        return misuse(arguments.rangeOf("defer_build"), "ValueError",
                      "If `var_list` is provided then build cannot be deferred. Either set "
                      "defer_build=False or var_list=None.");
    if (list.kind == Kind::Dict) {
        for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) {
            if (list.items[i].isError())
                return Value::error();
            if (list.items[i].kind != Kind::String)
                return misuse(range, "TypeError",
                              "a dictionary of variables maps names, which are strings in quotes, to "
                              "variables. Name is not a string");
            if (!addToSaver(saver, seen, list.items[i + 1], list.items[i].text, range))
                return Value::error();
        }
    } else if (list.kind == Kind::List) {
        for (const Value& item : list.items) {
            if (!addToSaver(saver, seen, item, {}, range))
                return Value::error();
        }
    } else if (!saver.all) {
        return misuse(range, "TypeError",
                      "Variables to save should be passed in a dict or list: a saver takes a list or a "
                      "dictionary of variables");
    }
    const bool isEmpty = saver.all ? m_model->variables.empty() : saver.entries.empty();
    if (isEmpty && !*defers) {
        if (!*mayBeEmpty)
            return misuse(arguments.range(), "ValueError", "No variables to save");
        saver.all = false;
        report({script::Severity::Note,
                arguments.range(),
                "there are no variables yet, so this saver saves and restores "
                "nothing",
                {},
                {},
                {}});
    }
    for (std::size_t i = 0; i < m_model->savers.size(); ++i) {
        if (m_model->savers[i].source == saver.source && m_savers[i].variables == m_model->variables.size())
            return Value::ofIndex(Kind::Saver, i); // the same call, in a loop
    }
    constexpr std::size_t kMostSavers = 10000;
    if (m_model->savers.size() >= kMostSavers)
        return error(arguments.range(), "this script makes more than 10,000 savers");
    m_model->savers.push_back(std::move(saver));
    m_savers.push_back({m_model->variables.size(), !*defers});
    return Value::ofIndex(Kind::Saver, m_model->savers.size() - 1);
}

/// wr.keep(saver, best=3): the saver keeps its three best besides what max_to_keep says.
Value ModelBuilder::callKeep(CallArguments& arguments)
{
    const Value saver = arguments.required("saver");
    if (saver.isError())
        return saver;
    if (saver.kind != Kind::Saver)
        return misuse(arguments.rangeOf("saver"), "TypeError", "wr.keep wants a saver: tf.train.Saver(...)");
    const auto best = toInteger(arguments.required("best"), arguments.rangeOf("best"));
    if (!best)
        return Value::error();
    if (*best < 0)
        return misuse(arguments.rangeOf("best"), "ValueError", "fewer than 0 checkpoints cannot be kept");
    m_model->savers[saver.index].keepBest = *best;
    return Value::of(Kind::None);
}

Value ModelBuilder::callBuild(CallArguments& arguments, const Value& saver)
{
    SaverState& state = m_savers[saver.index];
    if (!state.isBuilt) {
        if (m_model->variables.empty())
            return misuse(arguments.range(), "ValueError", "No variables to save");
        state = {m_model->variables.size(), true};
    }
    return Value::of(Kind::None);
}

Value ModelBuilder::callLatestCheckpoint(CallArguments& arguments)
{
    const auto folder = toText(arguments.required("checkpoint_dir"), arguments.rangeOf("checkpoint_dir"));
    if (!folder)
        return Value::error();
    if (arguments.has("latest_filename"))
        ignore(arguments.rangeOf("latest_filename"),
               "latest_filename=", "the list of checkpoints is the folder itself");
    Value path = Value::of(Kind::SavedPath);
    path.text = *folder + (folder->empty() || folder->back() != '/' ? "/" : "");
    return path;
}

Value ModelBuilder::callSave(CallArguments& arguments, const Value& saver)
{
    const auto recipe = sessionOf(arguments, "sess", "save(sess, path) needs the session");
    const Value given = arguments.required("save_path");
    if (!recipe || given.isError())
        return Value::error();
    if (given.kind == Kind::Hole) {
        addHole();
        return Value::of(Kind::SavedPath);
    }
    if (given.kind != Kind::String && given.kind != Kind::SavedPath)
        return misuse(arguments.rangeOf("save_path"), "TypeError",
                      "a path in quotes is expected here, as in \"/tmp/model.ckpt\"");
    if (!m_savers[saver.index].isBuilt)
        return misuse(arguments.range(), "RuntimeError",
                      "`build()` should be called before save if defer_build==True");
    RecipeAction action;
    action.kind = Action::Save;
    action.saver = saver.index;
    action.path = given.text;
    action.source = arguments.range();
    const std::string latest = arguments.text("latest_filename");
    if (latest.find('/') != std::string::npos)
        return misuse(arguments.rangeOf("latest_filename"), "ValueError",
                      "'latest_filename' must not contain path components");
    if (!latest.empty() && latest == given.text.substr(given.text.rfind('/') + 1))
        return misuse(arguments.rangeOf("latest_filename"), "ValueError",
                      "'latest_filename' collides with 'save_path': '" + latest + "' and '" + given.text +
                          "'");
    const Value step = arguments.value("global_step");
    if (step.isError())
        return step;
    if (step.kind == Kind::Number && step.isInteger) {
        action.step = std::max<std::int64_t>(step.integer, 0);
    } else if (step.isTensor()) {
        action.nodes = {step.node};
    } else if (step.kind == Kind::String) {
        const std::string name = step.text.substr(0, step.text.rfind(":0"));
        const auto found = std::find_if(m_model->variables.begin(), m_model->variables.end(),
                                        [&](const Variable& variable) { return variable.name == name; });
        if (found == m_model->variables.end())
            return misuse(arguments.rangeOf("global_step"), "KeyError",
                          "The name '" + step.text +
                              "' refers to a Tensor which does not exist: no variable has this name");
        action.nodes = {found->node};
    } else if (step.kind != Kind::None && step.kind != Kind::Fetched) {
        return misuse(arguments.rangeOf("global_step"), "TypeError",
                      "global_step is a whole number, a variable or its name");
    } else if (step.kind == Kind::Fetched && step.node != kNoNode) {
        action.nodes = {step.node};
    }
    if (!action.nodes.empty() && !isInteger(m_model->graph.node(action.nodes.front()).dtype))
        return misuse(arguments.rangeOf("global_step"), "TypeError", "global_step must be an integer");
    for (const char* option : {"latest_filename", "meta_graph_suffix", "write_meta_graph", "write_state",
                               "strip_default_attrs", "save_debug_info"}) {
        if (arguments.has(option))
            ignore(arguments.rangeOf(option), std::string(option) + "=",
                   "a checkpoint is one file, which holds the script; there is no list beside it");
    }
    addAction(*recipe, std::move(action));
    Value path = Value::of(Kind::SavedPath);
    path.text = given.text;
    return path;
}

Value ModelBuilder::callRestore(CallArguments& arguments, const Value& saver)
{
    const auto recipe = sessionOf(arguments, "sess", "restore(sess, path) needs the session");
    const Value path = arguments.required("save_path");
    if (!recipe || path.isError())
        return Value::error();
    if (path.kind == Kind::Hole) {
        addHole();
        return Value::of(Kind::None);
    }
    if (path.kind == Kind::None)
        return misuse(arguments.rangeOf("save_path"), "ValueError", "Can't load save_path when it is None.");
    if (path.kind != Kind::String && path.kind != Kind::SavedPath)
        return misuse(arguments.rangeOf("save_path"), "TypeError",
                      "a path in quotes is expected here, as in \"/tmp/model.ckpt\"");
    if (!m_savers[saver.index].isBuilt)
        return misuse(arguments.range(), "RuntimeError",
                      "`build()` should be called before restore if defer_build==True");
    RecipeAction action;
    action.kind = Action::Restore;
    action.saver = saver.index;
    action.path = path.text;
    action.source = arguments.range();
    addAction(*recipe, std::move(action));
    return Value::of(Kind::None);
}

} // namespace wr::graph
