// SPDX-License-Identifier: GPL-3.0-or-later
// A model's graph as a person looks at it: a tree of scopes with operations as leaves, and what flows between
// them. Constants stand behind their consumers, initial values behind their variables, a gradient and an
// optimizer are one box each, and sibling scopes of one structure ("layer_0" … "layer_11") are one box more.
// Made once a model, immutable afterwards and shared; pure, any thread. Names are cut, never refused: past
// kMostLeaves operations the rest is left out and isTruncated says so.
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>
#include <QVector>
#include <functional>
#include <memory>
#include <vector>

namespace wr::graph {
struct Model;
}

namespace wr::app {

/// Asked now and then by long work; true: stop, the result is of no use any more.
using IsCancelled = std::function<bool()>;

struct GraphBox {
    enum class Kind : quint8 {
        Op,
        Variable,
        Placeholder,
        Constant,  ///< one that nobody consumes; the others stand behind their consumers
        Scope,     ///< of the names
        Repeat,    ///< sibling scopes of one structure
        Part,      ///< neighbours in a scope that has too many members to be looked at
        Gradients, ///< what minimize() derived
        Optimizer, ///< what minimize() updates, with the slots
    };
    static constexpr int kAnywhere = -1;
    static constexpr int kMixed = -2;

    Kind kind = Kind::Op;
    QString name;  ///< of the operation; for groups the path of scopes. Unique
    QString label; ///< what stands in the box
    QString op;    ///< "MatMul"; empty for groups
    QString shape; ///< of the output: "784 × 200"
    QString dtype; ///< "float32"
    QString requestedDevice;
    QString placedDevice; ///< empty while nobody knows the devices
    QString placementNote;
    QString initializer;   ///< variables: as written
    QStringList constants; ///< what stands behind the box: "0.5", "[784, 200] float32"
    std::vector<int> children;
    int parent = -1;        ///< −1: the root, which is box 0
    int leaves = 1;         ///< operations inside
    int copies = 0;         ///< Repeat: number of its children that were found alike
    int device = kAnywhere; ///< index into ModelGraph::devices, kAnywhere or kMixed
    qint64 bytes = 0;       ///< of the variables inside
    int begin = -1;         ///< UTF-16 offsets in the script; −1: not written there
    int end = -1;
    bool isSlot = false;

    bool isGroup() const { return kind >= Kind::Scope; }
};

enum class EdgeKind : quint8 { Data, Control, Initial, Update };

struct GraphEdge {
    int from = 0; ///< leaves
    int to = 0;
    EdgeKind kind = EdgeKind::Data;
    bool isQuiet = false; ///< shown only while one of its ends is selected: what gradients and updates read
};

struct ModelGraph {
    static constexpr int kMostLeaves = 250000;
    static constexpr int kMostChildren = 60; ///< of a group; more are cut into parts

    std::vector<GraphBox> boxes; ///< parents before children; 0 is the root
    std::vector<GraphEdge> edges;
    QStringList devices;           ///< those that appear, in order of appearance
    QVector<int> lanes;            ///< of the devices: their numbers in the order of the Place page
    QHash<QString, int> leafNamed; ///< variables and operations
    int operations = 0;            ///< of the model, hidden ones included
    bool isTruncated = false;

    bool isInside(int box, int group) const; ///< or the same
    /// The smallest leaf whose text holds the offset, variables first; −1 without.
    int leafAt(int offset) const;
};

/// Null when cancelled. `devices`: those of the machine ("/cpu:0", …); empty leaves placements open.
std::shared_ptr<const ModelGraph> makeModelGraph(const graph::Model& model, const QStringList& devices,
                                                 const IsCancelled& isCancelled = {});

} // namespace wr::app
