// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds TensorFlow in early scripts: Python's own small functions, imported modules, functions that
// a script defines, summaries. Read as far as variables need them; nothing is executed.
#include "engine/graph/model_builder.h"

#include <cctype>
#include <cmath>

namespace wr::graph {

using Kind = Value::Kind;

void ModelBuilder::addPythonFunctions(std::vector<Known>& table)
{
    using B = ModelBuilder;
    static const std::vector<std::string_view> kOne{"x"};
    static const std::vector<std::string_view> kTwo{"x", "y"};
    for (const char* const name : {"int", "float", "len", "math.sqrt", "math.log", "math.exp", "math.ceil",
                                   "math.floor", "numpy.sqrt", "np.sqrt", "numpy.log", "np.log"})
        table.push_back({name, &B::callPython, kOne});
    for (const char* const name : {"math.pow", "numpy.power", "np.power"})
        table.push_back({name, &B::callPython, kTwo});
    static const std::vector<std::string_view> kSummary{"tags", "values", "collections", "name"};
    static const std::vector<std::string_view> kLater{"name", "tensor", "collections", "family"};
    table.insert(table.end(),
                 {{"tf.scalar_summary", &B::callSummary, kSummary},
                  {"tf.histogram_summary", &B::callSummary, kSummary},
                  {"tf.summary.scalar", &B::callSummary, kLater},
                  {"tf.summary.histogram", &B::callSummary, {"name", "values", "collections"}},
                  {"tf.merge_all_summaries", &B::callSummary, {"key"}},
                  {"tf.summary.merge_all", &B::callSummary, {"key"}},
                  {"tf.contrib.layers.l1_regularizer", &B::callInitializer, {"scale", "scope"}},
                  {"tf.contrib.layers.l2_regularizer", &B::callInitializer, {"scale", "scope"}}});
}

Value ModelBuilder::callPython(CallArguments& arguments)
{
    const std::string whole(arguments.function());
    const std::string function = whole.substr(whole.rfind('.') + 1);
    const Value x = arguments.required("x");
    if (function == "len" && x.kind == Kind::List)
        return Value::ofInteger(static_cast<std::int64_t>(x.items.size()));
    const std::optional<double> number = toNumber(x, arguments.rangeOf("x"));
    if (!number)
        return Value::error();
    constexpr double kExact = 9007199254740992.0; // 2^53
    if (function == "float")
        return Value::ofNumber(*number);
    if (function == "pow" || function == "power") {
        const std::optional<double> y = toNumber(arguments.required("y"), arguments.rangeOf("y"));
        return y ? Value::ofNumber(std::pow(*number, *y)) : Value::error();
    }
    if (function == "int" || function == "ceil" || function == "floor") {
        const double cut = function == "int"    ? std::trunc(*number)
                           : function == "ceil" ? std::ceil(*number)
                                                : std::floor(*number);
        if (x.isInteger)
            return x;
        if (!(std::abs(cut) < kExact))
            return error(arguments.rangeOf("x"), "this number is too large to be whole", "OverflowError");
        return Value::ofInteger(static_cast<std::int64_t>(cut));
    }
    const double result = function == "sqrt"  ? std::sqrt(*number)
                          : function == "log" ? std::log(*number)
                                              : std::exp(*number);
    if (!std::isfinite(result))
        return error(arguments.range(), "math domain error: " + function + " of this is no number",
                     "ValueError");
    return Value::ofNumber(result);
}

/// Summaries make ops in TensorFlow, which count for seeds; here the values have charts of their own.
Value ModelBuilder::callSummary(CallArguments& arguments)
{
    const bool isLater = arguments.function().find("summary.") != std::string_view::npos;
    const bool merges = arguments.function().find("merge") != std::string_view::npos;
    for (const script::Argument& argument : arguments.call().arguments) {
        if (evaluate(*argument.value).isError())
            return Value::error();
    }
    const char* const parameter = arguments.has("tensor") ? "tensor" : "values";
    if (!merges) {
        countOps(1); // the tag
        if (toNode(arguments.value(parameter), arguments.rangeOf(parameter)) == kNoNode)
            return Value::error();
    }
    countOps(isLater && merges ? 0 : 1);
    if (merges)
        doubtCount("merging summaries");
    m_model->ignored.push_back({arguments.range(), std::string(arguments.function()) + "(…)",
                                "Weightroom keeps the history of every value that it trains"});
    return Value::of(Kind::Opaque);
}

namespace {

bool isWordPart(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// The words of a text; anything else stands between them.
std::vector<std::string_view> words(std::string_view text, std::string_view joining)
{
    std::vector<std::string_view> found;
    const auto isPart = [&](char c) { return isWordPart(c) || joining.find(c) != std::string_view::npos; };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && isPart(text[end]))
            ++end;
        if (end > at)
            found.push_back(text.substr(at, end - at));
        at = std::max(end, at + 1);
    }
    return found;
}

} // namespace

/// "import numpy as np", "from a.b import c, d as e": names that stand for modules, known ones or not.
void ModelBuilder::bindImports(const script::Statement& statement)
{
    std::string_view text = m_model->tree->slice(statement.range);
    text = text.substr(0, std::min(text.find('#'), text.size()));
    const std::vector<std::string_view> all = words(text, ".");
    if (all.size() < 2)
        return;
    const bool isFrom = all[0] == "from";
    const std::string package = isFrom ? std::string(all[1]) + "." : std::string();
    std::size_t at = isFrom ? 3 : 1; // after "from x import", or "import"
    while (at < all.size()) {
        Value module = Value::of(Kind::Module);
        module.text = package + std::string(all[at]);
        std::string name(all[at].substr(0, isFrom ? all[at].size() : all[at].find('.')));
        if (at + 2 < all.size() && all[at + 1] == "as") {
            name = std::string(all[at + 2]);
            at += 2;
        } else if (!isFrom) {
            module.text = name;
        }
        ++at;
        if (name != "tf" && name != "wr" && name != "tensorflow" && package != "__future__.")
            m_names[name] = std::move(module);
    }
}

/// A statement that was left out has its own diagnostic; the names that it would have bound stay silent.
void ModelBuilder::bindForeign(const script::Statement& statement)
{
    const std::string_view text = m_model->tree->slice(statement.range);
    const std::vector<std::string_view> first = words(text.substr(0, text.find('\n')), "");
    if (first.size() < 2)
        return;
    if (first[0] == "def" || first[0] == "class") {
        m_names[std::string(first[1])] = Value::error();
        return;
    }
    for (std::size_t line = 0; line < text.size();) {
        const std::size_t end = std::min(text.find('\n', line), text.size());
        const std::string_view own = text.substr(line, end - line);
        const std::size_t equals = own.find('=');
        if (equals != std::string_view::npos && own.substr(0, equals).find('(') == std::string_view::npos) {
            for (const std::string_view name : words(own.substr(0, equals), ""))
                m_names.emplace(std::string(name), Value::error());
        }
        line = end + 1;
    }
}

std::string ModelBuilder::resolved(const std::string& name) const
{
    const std::size_t dot = name.find('.');
    const auto found = m_names.find(name.substr(0, dot));
    if (found == m_names.end())
        return name;
    if (found->second.kind != Kind::Module)
        return {};
    return found->second.text + (dot == std::string::npos ? std::string() : name.substr(dot));
}

} // namespace wr::graph
