// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_opening.h"

#include <algorithm>

namespace wr::app {

using Kind = GraphBox::Kind;

QSet<int> openGroups(const ModelGraph& graph, const GraphOpening& opening)
{
    QSet<int> open;
    const auto box = [&graph](int index) -> const GraphBox& {
        return graph.boxes[static_cast<std::size_t>(index)];
    };
    std::vector<int> candidates;
    std::vector<int> visible(box(0).children);
    auto count = static_cast<int>(visible.size());
    // The smallest scopes first, those further out before those inside.
    for (std::size_t begin = 0; begin < visible.size();) {
        const std::size_t end = visible.size();
        std::vector<int> level(visible.begin() + static_cast<std::ptrdiff_t>(begin), visible.end());
        begin = end;
        std::stable_sort(level.begin(), level.end(),
                         [&](int a, int b) { return box(a).children.size() < box(b).children.size(); });
        for (const int group : level) {
            if (!box(group).isGroup())
                continue;
            const auto members = static_cast<int>(box(group).children.size());
            const bool isWanted = opening.opened.contains(box(group).name);
            const bool isSmall = box(group).kind == Kind::Scope && members <= kMostAtFirst / 4 &&
                                 count + members - 1 <= kMostAtFirst;
            if (opening.closed.contains(box(group).name) || (!isWanted && !isSmall))
                continue;
            open.insert(group);
            count += isWanted ? 0 : members - 1;
            visible.insert(visible.end(), box(group).children.begin(), box(group).children.end());
        }
    }
    return open;
}

GraphPicture makePicture(GraphPicture previous, const std::shared_ptr<const graph::Model>& model,
                         const QStringList& devices, const GraphOpening& opening,
                         const IsCancelled& isCancelled)
{
    if (!model)
        return {};
    if (previous.model != model || previous.devices != devices || !previous.graph)
        previous = {model, devices, makeModelGraph(*model, devices, isCancelled), nullptr};
    if (previous.graph)
        previous.layout = layOutGraph(*previous.graph, openGroups(*previous.graph, opening), isCancelled);
    return previous.layout ? previous : GraphPicture();
}

} // namespace wr::app
