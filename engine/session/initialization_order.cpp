// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/session/initialization_order.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace wr::session {
namespace {

using graph::NodeId;

class Orderer {
public:
    Orderer(const graph::Model& model, const std::function<bool(std::size_t)>& isInitialized)
        : m_model(model), m_isInitialized(isInitialized), m_included(model.variables.size(), false)
    {
        for (std::size_t i = 0; i < model.variables.size(); ++i)
            m_variableOf[model.variables[i].node] = i;
    }

    Result<InitializationOrder> run(std::span<const std::size_t> wanted)
    {
        InitializationOrder order;
        include(wanted, order);
        if (const std::string incomplete = incompleteText(); !incomplete.empty())
            return fail(StatusCode::FailedPrecondition, incomplete);
        WR_RETURN_IF_ERROR(makeWaves(order));
        return order;
    }

private:
    /// Which variables have no initial value, and where the script leaves it open; empty: none.
    std::string incompleteText() const
    {
        std::string names;
        std::string lines;
        std::size_t count = 0;
        for (const std::size_t index : m_all) {
            const graph::Variable& variable = m_model.variables[index];
            if (variable.initialValue != graph::kNoNode)
                continue;
            names += (count == 0 ? "" : ", ") + variable.name;
            if (m_model.tree != nullptr)
                lines += (count == 0 ? "" : ", ") +
                         std::to_string(m_model.tree->position(variable.source.statement.begin).line);
            ++count;
        }
        if (count == 0)
            return {};
        std::string text = names + (count == 1 ? " has" : " have") + " no initial value yet";
        if (!lines.empty())
            text += ": fill in the \"...\" on line" + std::string(count == 1 ? " " : "s ") + lines;
        return text + "; nothing was initialised";
    }

    struct Read {
        std::size_t variable = 0;
        bool isForced = false; ///< by initialized_value()
    };

    /// The variables that an initial value reads.
    std::vector<Read> readsOf(std::size_t variable) const
    {
        std::vector<Read> reads;
        std::vector<NodeId> open;
        std::unordered_set<NodeId> seen;
        const auto visit = [&](NodeId id, bool isForced) {
            if (id == graph::kNoNode)
                return;
            if (const auto found = m_variableOf.find(id); found != m_variableOf.end())
                reads.push_back({found->second, isForced}); // each reader counts, for its way of reading
            else if (seen.insert(id).second)
                open.push_back(id);
        };
        visit(m_model.variables[variable].initialValue, false);
        while (!open.empty()) {
            const graph::Node& node = m_model.graph.node(open.back());
            open.pop_back();
            for (const NodeId input : node.inputs)
                visit(input, node.isInitializedValue);
            for (const NodeId input : node.controlInputs)
                visit(input, false);
        }
        return reads;
    }

    /// All that must be computed: the wanted ones and what they draw in.
    void include(std::span<const std::size_t> wanted, InitializationOrder& order)
    {
        for (const std::size_t variable : wanted)
            add(variable);
        const std::size_t asked = m_all.size();
        const bool isOld = m_model.options.version == graph::TensorFlowVersion::V011;
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            m_reads.push_back(readsOf(m_all[i]));
            for (const Read& read : m_reads.back()) {
                if (isOld ? read.isForced : !m_isInitialized(read.variable))
                    add(read.variable);
            }
        }
        if (!isOld)
            order.borrowed.assign(m_all.begin() + static_cast<std::ptrdiff_t>(asked), m_all.end());
        std::sort(order.borrowed.begin(), order.borrowed.end());
    }

    void add(std::size_t variable)
    {
        if (m_included[variable])
            return;
        m_included[variable] = true;
        m_all.push_back(variable);
    }

    Status makeWaves(InitializationOrder& order)
    {
        std::vector<std::vector<std::size_t>> readers(m_model.variables.size());
        std::vector<std::size_t> missing(m_model.variables.size(), 0);
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            for (const Read& read : m_reads[i]) {
                if (!m_included[read.variable])
                    continue;
                readers[read.variable].push_back(m_all[i]);
                ++missing[m_all[i]];
            }
        }
        std::vector<std::size_t> wave;
        for (const std::size_t variable : m_all) {
            if (missing[variable] == 0)
                wave.push_back(variable);
        }
        std::size_t done = 0;
        while (!wave.empty()) {
            std::sort(wave.begin(), wave.end());
            done += wave.size();
            std::vector<std::size_t> next;
            for (const std::size_t variable : wave) {
                for (const std::size_t reader : readers[variable]) {
                    if (--missing[reader] == 0)
                        next.push_back(reader);
                }
            }
            order.waves.push_back(std::exchange(wave, std::move(next)));
        }
        return done == m_all.size() ? Status() : circle(missing);
    }

    /// Every variable that is left reads another that is left: following them ends in a circle.
    Status circle(const std::vector<std::size_t>& missing) const
    {
        std::unordered_map<std::size_t, std::size_t> next;
        std::size_t at = m_model.variables.size();
        for (std::size_t i = 0; i < m_all.size(); ++i) {
            if (missing[m_all[i]] == 0)
                continue;
            at = std::min(at, m_all[i]);
            for (const Read& read : m_reads[i]) {
                if (m_included[read.variable] && missing[read.variable] != 0)
                    next[m_all[i]] = read.variable;
            }
        }
        std::vector<std::size_t> path;
        std::unordered_set<std::size_t> seen;
        for (; seen.insert(at).second; at = next.at(at))
            path.push_back(at);
        std::string names;
        for (auto step = std::find(path.begin(), path.end(), at); step != path.end(); ++step)
            names += m_model.variables[*step].name + " → ";
        return invalidArgument("initial values read one another in a circle: " + names +
                               m_model.variables[at].name);
    }

    const graph::Model& m_model;
    const std::function<bool(std::size_t)>& m_isInitialized;
    std::unordered_map<NodeId, std::size_t> m_variableOf;
    std::vector<bool> m_included;
    std::vector<std::size_t> m_all;
    std::vector<std::vector<Read>> m_reads; ///< parallel to m_all
};

} // namespace

Result<InitializationOrder> initializationOrder(const graph::Model& model,
                                                std::span<const std::size_t> wanted,
                                                const std::function<bool(std::size_t)>& isInitialized)
{
    return Orderer(model, isInitialized).run(wanted);
}

Result<std::vector<std::vector<std::size_t>>> initializationWaves(const graph::Model& model,
                                                                  std::span<const std::size_t> wanted)
{
    WR_ASSIGN_OR_RETURN(InitializationOrder order,
                        initializationOrder(model, wanted, [](std::size_t) { return false; }));
    return std::move(order.waves);
}

Result<std::vector<std::vector<std::size_t>>> initializationWaves(const graph::Model& model)
{
    std::vector<std::size_t> all(model.variables.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return initializationWaves(model, all);
}

} // namespace wr::session
