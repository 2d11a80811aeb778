// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/model_graph.h"

#include "app/models/graph_scopes.h"

#include <tuple>

namespace wr::app {
namespace {

using Kind = GraphBox::Kind;

/// What a group says of all that is inside; from the last box to the first, so that members come before
/// groups.
void sumUp(std::vector<GraphBox>& boxes)
{
    constexpr int kUnset = -3;
    for (GraphBox& box : boxes) {
        if (box.isGroup()) {
            box.leaves = 0;
            box.device = kUnset;
        }
    }
    for (std::size_t i = boxes.size() - 1; i > 0; --i) {
        GraphBox& box = boxes[i];
        GraphBox& parent = boxes[static_cast<std::size_t>(box.parent)];
        parent.leaves += box.leaves;
        parent.bytes += box.bytes;
        if (parent.device == kUnset)
            parent.device = box.device;
        else if (parent.device != box.device)
            parent.device = GraphBox::kMixed;
        if (box.begin >= 0 && (parent.begin < 0 || box.begin <= parent.begin))
            std::tie(parent.begin, parent.end) = std::pair(box.begin, box.end);
    }
    if (boxes.front().device == kUnset)
        boxes.front().device = GraphBox::kAnywhere;
}

} // namespace

bool ModelGraph::isInside(int box, int group) const
{
    while (box > group)
        box = boxes[static_cast<std::size_t>(box)].parent;
    return box == group;
}

int ModelGraph::leafAt(int offset) const
{
    int best = -1;
    std::tuple<bool, bool, int> bestOrder;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const GraphBox& box = boxes[i];
        if (box.isGroup() || box.begin < 0 || offset < box.begin || offset > box.end)
            continue;
        const std::tuple order(box.isSlot, box.kind != Kind::Variable, box.end - box.begin);
        if (best < 0 || order < bestOrder) {
            best = static_cast<int>(i);
            bestOrder = order;
        }
    }
    return best;
}

std::shared_ptr<const ModelGraph> makeModelGraph(const graph::Model& model, const QStringList& devices,
                                                 const IsCancelled& isCancelled)
{
    GraphLeaves leaves = findLeaves(model, devices, isCancelled);
    const std::vector<GraphScopes::Draft> drafts = GraphScopes(model, leaves, isCancelled).build();
    if (drafts.empty() || (isCancelled && isCancelled()))
        return nullptr;
    auto result = std::make_shared<ModelGraph>();
    result->devices = leaves.devices;
    result->lanes = leaves.lanes;
    result->isTruncated = leaves.isTruncated;
    result->operations = static_cast<int>(model.graph.nodes().size());
    std::vector<int> boxOfLeaf(leaves.leaves.size(), -1);
    std::vector<std::pair<int, int>> open{{0, -1}}; // draft, parent; in the order of a reader
    while (!open.empty()) {
        const auto [index, parent] = open.back();
        open.pop_back();
        const GraphScopes::Draft& draft = drafts[static_cast<std::size_t>(index)];
        const auto box = static_cast<int>(result->boxes.size());
        result->boxes.push_back(draft.leaf >= 0
                                    ? std::move(leaves.leaves[static_cast<std::size_t>(draft.leaf)].box)
                                    : GraphBox());
        GraphBox& made = result->boxes.back();
        made.kind = draft.kind;
        made.label = draft.label;
        made.copies = draft.copies;
        made.parent = parent;
        if (draft.leaf < 0)
            made.name = draft.path;
        else
            result->leafNamed.insert(made.name, box);
        if (draft.leaf >= 0)
            boxOfLeaf[static_cast<std::size_t>(draft.leaf)] = box;
        if (parent >= 0)
            result->boxes[static_cast<std::size_t>(parent)].children.push_back(box);
        for (auto member = draft.members.rbegin(); member != draft.members.rend(); ++member)
            open.emplace_back(*member, box);
    }
    sumUp(result->boxes);
    result->edges.reserve(leaves.edges.size());
    for (GraphEdge edge : leaves.edges) {
        edge.from = boxOfLeaf[static_cast<std::size_t>(edge.from)];
        edge.to = boxOfLeaf[static_cast<std::size_t>(edge.to)];
        result->edges.push_back(edge);
    }
    return result;
}

} // namespace wr::app
