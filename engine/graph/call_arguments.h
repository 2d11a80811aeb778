// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments of one call of a script, matched to the names of its parameters and evaluated when asked for.
// What does not match becomes a diagnostic of the builder. Lives as long as the call is read; one thread.
#pragma once

#include "engine/backend/opcode.h"
#include "engine/graph/value.h"
#include "engine/script/tree.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wr::graph {

class ModelBuilder;

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
    /// The arguments by place of a function whose first parameter is named "*…": it takes any number.
    const std::vector<Value>& more() const { return m_more; }
    /// The string of `parameter`, or empty.
    std::string text(std::string_view parameter);

    std::optional<double> number(std::string_view parameter, double fallback);
    std::optional<std::int64_t> integer(std::string_view parameter, std::int64_t fallback);
    std::optional<bool> boolean(std::string_view parameter, bool fallback);
    std::optional<DType> type(std::string_view parameter, DType fallback);

private:
    bool add(const script::Argument& argument, const std::string& name);

    ModelBuilder& m_builder;
    const script::Expr* m_call;
    std::string m_function;
    backend::OpCode m_op;
    std::map<std::string, const script::Expr*, std::less<>> m_arguments;
    std::map<std::string, Value, std::less<>> m_values;
    std::vector<Value> m_more;
    bool m_valid = true;
};

} // namespace wr::graph
