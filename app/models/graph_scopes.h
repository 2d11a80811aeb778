// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of groups over the leaves of a graph, before it becomes a ModelGraph: scopes of the names, one
// group for what a minimize() derived and one for what it updates, repeats, and parts of what is too long.
// Used by model_graph.cpp only; pure.
#pragma once

#include "app/models/graph_leaves.h"

#include <QHash>
#include <string>
#include <utility>

namespace wr::app {

class GraphScopes {
public:
    struct Draft {
        GraphBox::Kind kind = GraphBox::Kind::Scope;
        QString label;
        QString path;
        int leaf = -1; ///< index of the leaf; −1: a group
        int copies = 0;
        std::vector<int> members; ///< in the order of their first leaf
    };

    GraphScopes(const graph::Model& model, const GraphLeaves& leaves, const IsCancelled& isCancelled);
    /// 0 is the root. Empty when cancelled.
    std::vector<Draft> build();

private:
    void addLeaf(int leaf);
    int groupOf(int parent, const QString& label, GraphBox::Kind kind);
    void inlineSingles();
    void findRepeats(int draft);
    void splitIntoParts(int draft);
    int add(GraphBox::Kind kind, const QString& label, const QString& path);
    std::vector<int> leavesUnder(int draft) const;
    std::string structureOf(int draft);
    Draft& at(int draft) { return m_drafts[static_cast<std::size_t>(draft)]; }
    const Draft& at(int draft) const { return m_drafts[static_cast<std::size_t>(draft)]; }

    const graph::Model& m_model;
    const GraphLeaves& m_leaves;
    const IsCancelled& m_isCancelled;
    std::vector<Draft> m_drafts;
    QHash<std::pair<int, QString>, int> m_groups; ///< by parent, kind and label
    std::vector<int> m_firstEdge;                 ///< of each leaf in m_incoming
    std::vector<GraphEdge> m_incoming;            ///< edges by their end
    std::vector<int> m_local;                     ///< number of a leaf within the scope looked at
};

} // namespace wr::app
