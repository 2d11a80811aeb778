// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/carried_values.h"

#include "app/library/old_names.h"

namespace wr::app {

using session::VariableState;

namespace {

bool isSameVariable(const graph::Variable& a, const graph::Variable* b)
{
    return b != nullptr && a.dtype == b->dtype && a.shape == b->shape;
}

} // namespace

bool isTrained(const graph::Variable& variable)
{
    return variable.trainable || !variable.slotOf.empty();
}

const graph::Variable* predecessor(const graph::Model& before, const graph::Model& after,
                                   const graph::Variable& variable)
{
    if (const graph::Variable* const same = before.findVariable(variable.name))
        return isSameVariable(variable, same) ? same : nullptr;
    for (const std::string& name : oldNames(after, variable)) {
        const graph::Variable* const old = before.findVariable(name);
        if (isSameVariable(variable, old) && after.findVariable(name) == nullptr)
            return old;
    }
    return nullptr;
}

Status assignByState(session::Session& session, const std::vector<NamedTensor>& values,
                     const std::vector<VariableState>& states)
{
    for (const VariableState state :
         {VariableState::Initialized, VariableState::Restored, VariableState::Trained}) {
        std::vector<NamedTensor> group;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (states[i] == state)
                group.push_back(values[i]);
        }
        if (!group.empty())
            WR_RETURN_IF_ERROR(session.assign(group, state));
    }
    return {};
}

void continueRandomStreams(session::Session& session, const std::map<std::string, std::uint64_t>& streams)
{
    // A session that has drawn nothing yet knows no stream: the model tells which there are.
    std::map<std::string, std::uint64_t> positions;
    for (const graph::Node& node : session.model().graph.nodes()) {
        if (const auto found = streams.find(node.name); found != streams.end())
            positions.insert(*found);
    }
    session.setRandomStreams(positions);
}

int accuracyMetric(const graph::TrainingRecipe& recipe)
{
    for (std::size_t i = 0; i < recipe.metrics.size(); ++i) {
        if (recipe.metrics[i].name.find("accuracy") != std::string::npos)
            return static_cast<int>(i);
    }
    return -1;
}

} // namespace wr::app
