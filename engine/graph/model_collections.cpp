// SPDX-License-Identifier: GPL-3.0-or-later
// Collections: named lists of variables and tensors, tf.GraphKeys, and the lists that have functions of their
// own.
#include "engine/graph/model_builder.h"
#include "engine/graph/name_regex.h"

#include <algorithm>

namespace wr::graph {

using Kind = Value::Kind;

void ModelBuilder::addCollectionFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kScope{"scope"};
    table.insert(table.end(), {{"tf.get_collection", &B::callCollection, {"key", "scope"}},
                               {"tf.add_to_collection", &B::callAddToCollection, {"name", "value"}},
                               {"tf.all_variables", &B::callCollection, kScope},
                               {"tf.global_variables", &B::callCollection, kScope},
                               {"tf.trainable_variables", &B::callCollection, kScope},
                               {"tf.local_variables", &B::callCollection, kScope},
                               {"tf.model_variables", &B::callCollection, kScope},
                               {"tf.moving_average_variables", &B::callCollection, kScope}});
}

Value ModelBuilder::callCollection(CallArguments& arguments)
{
    const std::string function(arguments.function());
    std::optional<std::string> key = function.substr(3);
    if (function == "tf.all_variables" || function == "tf.global_variables")
        key = "variables";
    if (function == "tf.get_collection")
        key = toText(arguments.required("key"), arguments.rangeOf("key"));
    const Value scope = arguments.value("scope");
    if (!key || scope.isError())
        return Value::error();
    const auto found = m_collections.find(*key);
    Value list = Value::of(Kind::List);
    if (found != m_collections.end())
        list.items = found->second;
    if (scope.kind == Kind::None)
        return list;
    const std::optional<std::string> pattern = scope.kind == Kind::VariableScope
                                                   ? m_variableScopes[scope.index].name
                                                   : toText(scope, arguments.rangeOf("scope"));
    if (!pattern)
        return Value::error();
    // A loop may ask again and again, so what is looked through counts as what is kept.
    m_bytes += pattern->size() * 64;
    list = weighed(std::move(list), arguments.range());
    if (list.isError())
        return list;
    // A regular expression at the start of the name: "layer1" takes "layer10/w" too.
    const Result<NameRegex> regex = NameRegex::compile(*pattern);
    if (!regex)
        return error(arguments.rangeOf("scope"), regex.error().message());
    const auto isOutside = [&](const Value& item) {
        const std::string name = item.kind == Kind::Variable ? m_model->variables[item.index].name
                                 : item.kind == Kind::Node   ? m_model->graph.node(item.node).name
                                                             : std::string();
        return name.empty() || !regex->matchesStart(name + ":0");
    };
    list.items.erase(std::remove_if(list.items.begin(), list.items.end(), isOutside), list.items.end());
    return list;
}

Value ModelBuilder::callAddToCollection(CallArguments& arguments)
{
    const std::optional<std::string> key = toText(arguments.required("name"), arguments.rangeOf("name"));
    const Value value = arguments.required("value");
    if (!key || value.isError())
        return Value::error();
    std::vector<Value>& list = m_collections[*key];
    for (const Value& item : value.kind == Kind::Partitioned ? value.items : std::vector<Value>{value}) {
        list.push_back(weighed(item, arguments.range()));
        if (item.kind != Kind::Variable)
            continue;
        std::vector<std::string>& keys = m_model->variables[item.index].collections;
        if (std::find(keys.begin(), keys.end(), *key) == keys.end())
            keys.push_back(*key);
    }
    return Value::of(Kind::None);
}

} // namespace wr::graph
