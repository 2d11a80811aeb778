// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_scopes.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace wr::app {
namespace {

using Kind = GraphBox::Kind;
using Side = GraphLeaf::Side;

constexpr int kDeepestScope = 16;
constexpr std::size_t kFewestCopies = 3;

/// "layer_12" becomes "layer_{i}"; a name without a number is the first of "name_1", "name_2", …
QString pattern(const QString& label)
{
    qsizetype end = label.size();
    while (end > 0 && !label[end - 1].isDigit())
        --end;
    qsizetype begin = end;
    while (begin > 0 && label[begin - 1].isDigit())
        --begin;
    if (begin == end)
        return label + QStringLiteral("_{i}");
    return label.left(begin) + QStringLiteral("{i}") + label.mid(end);
}

void append(std::string& bytes, int number)
{
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

} // namespace

GraphScopes::GraphScopes(const graph::Model& model, const GraphLeaves& leaves, const IsCancelled& isCancelled)
    : m_model(model), m_leaves(leaves), m_isCancelled(isCancelled)
{
    m_firstEdge.assign(leaves.leaves.size() + 1, 0);
    for (const GraphEdge& edge : leaves.edges)
        ++m_firstEdge[static_cast<std::size_t>(edge.to) + 1];
    for (std::size_t i = 1; i < m_firstEdge.size(); ++i)
        m_firstEdge[i] += m_firstEdge[i - 1];
    m_incoming.resize(leaves.edges.size());
    std::vector<int> next = m_firstEdge;
    for (const GraphEdge& edge : leaves.edges)
        m_incoming[static_cast<std::size_t>(next[static_cast<std::size_t>(edge.to)]++)] = edge;
    m_local.assign(leaves.leaves.size(), -1);
}

int GraphScopes::add(Kind kind, const QString& label, const QString& path)
{
    Draft draft;
    draft.kind = kind;
    draft.label = label;
    draft.path = path;
    m_drafts.push_back(std::move(draft));
    return static_cast<int>(m_drafts.size()) - 1;
}

int GraphScopes::groupOf(int parent, const QString& label, Kind kind)
{
    // A scope may have the name of an optimizer's group.
    const std::pair<int, QString> key(parent, QString::number(static_cast<int>(kind)) + label);
    const auto found = m_groups.constFind(key);
    if (found != m_groups.constEnd())
        return *found;
    const QString mark = kind == Kind::Optimizer ? QStringLiteral("(optimizer)/") : QStringLiteral("/");
    const int group = add(kind, label, at(parent).path + label + mark);
    at(parent).members.push_back(group);
    m_groups.insert(key, group);
    return group;
}

void GraphScopes::addLeaf(int leaf)
{
    const GraphLeaf& what = m_leaves.leaves[static_cast<std::size_t>(leaf)];
    int parent = 0;
    QString label = what.box.name;
    if (what.side == Side::Optimizer) {
        const std::string& name = m_model.trainOps[static_cast<std::size_t>(what.trainOp)].name;
        parent = groupOf(0, QString::fromStdString(name), Kind::Optimizer);
    } else {
        qsizetype from = 0;
        for (int depth = 0; depth < kDeepestScope; ++depth) {
            const qsizetype slash = what.box.name.indexOf(u'/', from);
            if (slash <= from || slash + 1 >= what.box.name.size())
                break;
            const bool isGradients = depth == 0 && what.side == Side::Gradients;
            parent = groupOf(parent, what.box.name.mid(from, slash - from),
                             isGradients ? Kind::Gradients : Kind::Scope);
            from = slash + 1;
        }
        label = what.box.name.mid(from);
    }
    const int draft = add(what.box.kind, label, what.box.name);
    at(draft).leaf = leaf;
    at(parent).members.push_back(draft);
}

/// A scope with one member says nothing that its name does not.
void GraphScopes::inlineSingles()
{
    for (auto draft = static_cast<int>(m_drafts.size()) - 1; draft >= 0; --draft) {
        for (int& member : at(draft).members) {
            if (at(member).kind != Kind::Scope || at(member).members.size() != 1)
                continue;
            const int only = at(member).members.front();
            at(only).label = at(member).label + u'/' + at(only).label;
            member = only;
        }
    }
}

std::vector<int> GraphScopes::leavesUnder(int draft) const
{
    std::vector<int> leaves;
    std::vector<int> open{draft};
    while (!open.empty()) {
        const Draft& next = at(open.back());
        open.pop_back();
        if (next.leaf >= 0)
            leaves.push_back(next.leaf);
        open.insert(open.end(), next.members.begin(), next.members.end());
    }
    std::sort(leaves.begin(), leaves.end());
    return leaves;
}

/// Two scopes of one structure have the same text: ops in the order of creation, and what reads what inside.
std::string GraphScopes::structureOf(int draft)
{
    std::string structure;
    const std::vector<int> leaves = leavesUnder(draft);
    for (std::size_t i = 0; i < leaves.size(); ++i)
        m_local[static_cast<std::size_t>(leaves[i])] = static_cast<int>(i);
    for (const int leaf : leaves) {
        const auto index = static_cast<std::size_t>(leaf);
        const graph::Node& node = m_model.graph.node(m_leaves.leaves[index].node);
        append(structure, static_cast<int>(node.op));
        append(structure, static_cast<int>(node.dtype));
        append(structure, node.shape.rank());
        for (int edge = m_firstEdge[index]; edge < m_firstEdge[index + 1]; ++edge) {
            const GraphEdge& incoming = m_incoming[static_cast<std::size_t>(edge)];
            if (const int from = m_local[static_cast<std::size_t>(incoming.from)]; from >= 0) {
                append(structure, from);
                append(structure, static_cast<int>(incoming.kind));
            }
        }
        append(structure, -1);
    }
    for (const int leaf : leaves)
        m_local[static_cast<std::size_t>(leaf)] = -1;
    return structure;
}

void GraphScopes::findRepeats(int draft)
{
    std::map<QString, std::vector<int>> alike; // by pattern
    for (const int member : at(draft).members) {
        if (at(member).kind == Kind::Scope)
            alike[pattern(at(member).label)].push_back(member);
    }
    std::unordered_map<int, int> repeatOf;
    for (const auto& [label, candidates] : alike) {
        if (candidates.size() < kFewestCopies)
            continue;
        std::map<std::string, std::size_t> kindOf; // by structure
        std::vector<std::vector<int>> kinds;       // in the order of creation
        for (const int candidate : candidates) {
            const auto [kind, isNew] = kindOf.try_emplace(structureOf(candidate), kinds.size());
            if (isNew)
                kinds.emplace_back();
            kinds[kind->second].push_back(candidate);
        }
        int number = 0;
        for (const std::vector<int>& copies : kinds) {
            if (copies.size() < kFewestCopies)
                continue;
            const QString mark = number++ == 0 ? QString() : QStringLiteral("#%1").arg(number);
            const int repeat = add(Kind::Repeat, label, at(draft).path + label + mark + u'/');
            at(repeat).members = copies;
            at(repeat).copies = static_cast<int>(copies.size());
            for (const int copy : copies)
                repeatOf[copy] = repeat;
        }
    }
    if (repeatOf.empty())
        return;
    std::vector<int> members;
    for (const int member : at(draft).members) {
        const auto repeat = repeatOf.find(member);
        if (repeat == repeatOf.end())
            members.push_back(member);
        else if (at(repeat->second).members.front() == member)
            members.push_back(repeat->second);
    }
    at(draft).members = std::move(members);
}

/// Neighbours in the order of creation, so that the parts follow each other as the script does.
void GraphScopes::splitIntoParts(int draft)
{
    constexpr std::size_t kComfortable = 40;
    constexpr auto kMost = static_cast<std::size_t>(ModelGraph::kMostChildren);
    const std::vector<int> members = at(draft).members;
    if (members.size() <= kMost)
        return;
    const std::size_t parts = std::min(kComfortable, (members.size() + kComfortable - 1) / kComfortable);
    const QString path = at(draft).path;
    std::vector<int> made;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t begin = members.size() * part / parts;
        const std::size_t end = members.size() * (part + 1) / parts;
        const QString label = at(members[begin]).label + QStringLiteral(" … ") + at(members[end - 1]).label;
        const int group = add(Kind::Part, label, path + QStringLiteral("(%1)/").arg(part + 1));
        at(group).members.assign(members.begin() + static_cast<std::ptrdiff_t>(begin),
                                 members.begin() + static_cast<std::ptrdiff_t>(end));
        made.push_back(group);
    }
    at(draft).members = made;
}

std::vector<GraphScopes::Draft> GraphScopes::build()
{
    const auto isCancelled = [this] { return m_isCancelled && m_isCancelled(); };
    add(Kind::Scope, {}, {});
    for (std::size_t leaf = 0; leaf < m_leaves.leaves.size(); ++leaf) {
        if ((leaf & 0xFFFU) == 0 && isCancelled())
            return {};
        addLeaf(static_cast<int>(leaf));
    }
    inlineSingles();
    // Repeats and parts that are made on the way are looked at in their turn.
    for (std::size_t draft = 0; draft < m_drafts.size(); ++draft) {
        if (m_drafts[draft].members.size() < kFewestCopies)
            continue;
        if (isCancelled())
            return {};
        if (m_drafts[draft].kind != Kind::Repeat && m_drafts[draft].kind != Kind::Part)
            findRepeats(static_cast<int>(draft));
        splitIntoParts(static_cast<int>(draft));
    }
    return std::move(m_drafts);
}

} // namespace wr::app
