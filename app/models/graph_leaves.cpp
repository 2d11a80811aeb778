// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/graph_leaves.h"

#include "app/document/quantity.h"
#include "app/document/text_map.h"
#include "app/models/lane_order.h"
#include "engine/graph/device_name.h"
#include "engine/session/placement.h"

#include <algorithm>

namespace wr::app {
namespace {

using backend::OpCode;
using graph::NodeId;
using Kind = GraphBox::Kind;
using Side = GraphLeaf::Side;

constexpr std::string_view kGradients = "gradients/";

bool isFiller(OpCode op)
{
    return op == OpCode::Const || op == OpCode::Fill || op == OpCode::Range || op == OpCode::LinSpace ||
           op == OpCode::Eye;
}

QString text(std::string_view bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

QString constantText(const graph::Node& node)
{
    if (node.constant.isValid() && node.constant.elementCount() == 1)
        return valueText(node.constant.valueAt(0));
    return bracketText(node.shape) + u' ' + text(dtypeName(node.dtype));
}

class LeafFinder {
public:
    LeafFinder(const graph::Model& model, const IsCancelled& isCancelled)
        : m_model(model), m_nodes(model.graph.nodes()), m_isCancelled(isCancelled),
          m_map(QString::fromStdString(model.tree ? model.tree->text() : std::string()))
    {
    }

    GraphLeaves find(const QStringList& devices)
    {
        collectConsumers();
        hide();
        place(devices);
        makeLeaves();
        connectLeaves();
        return std::move(m_result);
    }

private:
    enum Fate : quint8 { Shown, Filler, InitialOnly };

    const graph::Node& node(NodeId id) const { return m_nodes[static_cast<std::size_t>(id)]; }
    Fate fate(NodeId id) const { return m_fates[static_cast<std::size_t>(id)]; }
    int leafOf(NodeId id) const { return m_leafOf[static_cast<std::size_t>(id)]; }
    bool isCancelled() const { return m_isCancelled && m_isCancelled(); }

    void collectConsumers()
    {
        m_variableOf.assign(m_nodes.size(), -1);
        m_isInitial.assign(m_nodes.size(), false);
        for (std::size_t i = 0; i < m_model.variables.size(); ++i) {
            const graph::Variable& variable = m_model.variables[i];
            if (variable.node >= 0)
                m_variableOf[static_cast<std::size_t>(variable.node)] = static_cast<int>(i);
            if (variable.initialValue >= 0)
                m_isInitial[static_cast<std::size_t>(variable.initialValue)] = true;
        }
    }

    /// From the last node to the first, so that the consumers of a node are decided before it.
    void hide()
    {
        const std::size_t count = m_nodes.size();
        std::vector<bool> hasConsumer(count, false);
        std::vector<bool> isNeeded(count, false); // by something else than an initial value
        std::vector<bool> fetched(count, false);
        for (const graph::TrainOp& op : m_model.trainOps)
            fetched[static_cast<std::size_t>(std::max(op.loss, 0))] = true;
        m_fates.assign(count, Shown);
        for (std::size_t i = count; i-- > 0;) {
            const graph::Node& node = m_nodes[i];
            const bool isState = node.op == OpCode::Variable || node.op == OpCode::Placeholder;
            const bool isUsed = hasConsumer[i] || m_isInitial[i];
            if (!isState && !isNeeded[i] && isUsed && !fetched[i])
                m_fates[i] = InitialOnly;
            else if (isFiller(node.op) && hasConsumer[i])
                m_fates[i] = Filler;
            for (const NodeId input : node.inputs) {
                hasConsumer[static_cast<std::size_t>(input)] = true;
                if (m_fates[i] != InitialOnly)
                    isNeeded[static_cast<std::size_t>(input)] = true;
            }
            for (const NodeId input : node.controlInputs)
                isNeeded[static_cast<std::size_t>(input)] = true;
        }
        for (std::size_t i = 0; i < count; ++i) { // a filler made of something that is shown is shown itself
            const auto isBare = [this](NodeId input) { return fate(input) != Shown; };
            const std::vector<NodeId>& inputs = m_nodes[i].inputs;
            if (m_fates[i] == Filler && !std::all_of(inputs.begin(), inputs.end(), isBare))
                m_fates[i] = Shown;
        }
    }

    void place(const QStringList& names)
    {
        std::vector<runtime::Device> devices;
        for (const QString& name : names) {
            const Result<graph::DeviceName> parsed = graph::DeviceName::parse(name.toStdString());
            if (!parsed || !parsed->type)
                continue;
            runtime::Device device;
            device.name = name.toStdString();
            device.type = *parsed->type;
            device.index = parsed->index.value_or(0);
            devices.push_back(std::move(device));
        }
        m_order = LaneOrder(&m_model, devices);
        if (devices.empty())
            return;
        if (Result<session::Placement> placement = session::placeNodes(m_model, devices))
            m_placement = std::move(*placement);
    }

    void makeLeaves()
    {
        m_leafOf.assign(m_nodes.size(), -1);
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            if (m_fates[i] != Shown)
                continue;
            if (m_result.leaves.size() >= static_cast<std::size_t>(ModelGraph::kMostLeaves) ||
                isCancelled()) {
                m_result.isTruncated = true;
                return;
            }
            m_leafOf[i] = static_cast<int>(m_result.leaves.size());
            m_result.leaves.push_back(makeLeaf(static_cast<NodeId>(i)));
        }
    }

    GraphLeaf makeLeaf(NodeId id)
    {
        const graph::Node& node = this->node(id);
        GraphLeaf leaf;
        leaf.node = id;
        leaf.side = std::string_view(node.name).substr(0, kGradients.size()) == kGradients ? Side::Gradients
                                                                                           : Side::Forward;
        for (std::size_t op = 0; leaf.side == Side::Forward && op < m_model.trainOps.size(); ++op) {
            const std::vector<NodeId>& updates = m_model.trainOps[op].updates;
            // All that an optimizer makes has the place of its call.
            if (!updates.empty() && id > m_model.trainOps[op].loss && isAt(this->node(updates[0]), node)) {
                leaf.side = Side::Optimizer;
                leaf.trainOp = static_cast<int>(op);
            }
        }
        GraphBox& box = leaf.box;
        box.kind = node.op == OpCode::Variable      ? Kind::Variable
                   : node.op == OpCode::Placeholder ? Kind::Placeholder
                   : isFiller(node.op)              ? Kind::Constant
                                                    : Kind::Op;
        box.name = text(node.name);
        box.op = text(backend::opName(node.op));
        box.shape = shapeText(node.shape);
        box.dtype = text(dtypeName(node.dtype));
        script::TextRange range = node.source;
        if (const int index = m_variableOf[static_cast<std::size_t>(id)]; index >= 0) {
            const graph::Variable& variable = m_model.variables[static_cast<std::size_t>(index)];
            box.bytes =
                variable.shape.elementCount().value_or(0) * static_cast<qint64>(dtypeSize(variable.dtype));
            box.initializer = text(variable.initializer);
            box.isSlot = !variable.slotOf.empty();
            if (variable.source.statement.end > variable.source.statement.begin)
                range = variable.source.statement;
        }
        if (range.end > range.begin) {
            box.begin = m_map.utf16At(range.begin);
            box.end = m_map.utf16At(range.end);
        }
        setDevice(box, id);
        return leaf;
    }

    static bool isAt(const graph::Node& a, const graph::Node& b)
    {
        return a.source.begin == b.source.begin && a.source.end == b.source.end &&
               a.source.end > a.source.begin;
    }

    void setDevice(GraphBox& box, NodeId id)
    {
        box.requestedDevice = text(node(id).device);
        int lane = m_order.ofRequest(node(id).device);
        if (static_cast<std::size_t>(id) < m_placement.entries.size()) {
            const session::PlacementEntry& entry = m_placement.entries[static_cast<std::size_t>(id)];
            const session::PlacedDevice& device = m_placement.devices[static_cast<std::size_t>(entry.device)];
            box.placedDevice = text(device.name);
            box.placementNote = text(entry.note);
            lane = m_order.ofPlaced(device);
        }
        const QString& name = box.placedDevice.isEmpty() ? box.requestedDevice : box.placedDevice;
        if (name.isEmpty())
            return;
        if (!m_deviceIndex.contains(name)) {
            m_deviceIndex.insert(name, static_cast<int>(m_result.devices.size()));
            m_result.devices.append(name);
            m_result.lanes.append(lane);
        }
        box.device = m_deviceIndex.value(name);
    }

    void addEdge(NodeId from, int to, EdgeKind kind)
    {
        const int source = leafOf(from);
        if (source < 0 || source == to)
            return;
        const GraphLeaf& a = m_result.leaves[static_cast<std::size_t>(source)];
        const GraphLeaf& b = m_result.leaves[static_cast<std::size_t>(to)];
        GraphEdge edge{source, to, kind, false};
        const bool leaves = a.side == Side::Forward && b.side != Side::Forward;
        edge.isQuiet = kind == EdgeKind::Update ||
                       (leaves && (b.side == Side::Gradients || a.box.kind == Kind::Variable));
        m_result.edges.push_back(edge);
    }

    void connectLeaves()
    {
        for (std::size_t i = 0; i < m_result.leaves.size(); ++i) {
            if ((i & 0xFFFU) == 0 && isCancelled())
                return;
            GraphLeaf& leaf = m_result.leaves[i];
            const graph::Node& node = this->node(leaf.node);
            const int index = static_cast<int>(i);
            for (std::size_t k = 0; k < node.inputs.size(); ++k) {
                const NodeId input = node.inputs[k];
                constexpr qsizetype kMostConstants = 8;
                if (fate(input) == Shown)
                    addEdge(input, index,
                            k == 0 && node.colocateWith == input ? EdgeKind::Update : EdgeKind::Data);
                else if (leaf.box.constants.size() < kMostConstants)
                    leaf.box.constants.append(constantText(this->node(input)));
            }
            for (const NodeId input : node.controlInputs)
                addEdge(input, index, EdgeKind::Control);
            if (const int variable = m_variableOf[static_cast<std::size_t>(leaf.node)]; variable >= 0)
                connectInitialValue(m_model.variables[static_cast<std::size_t>(variable)].initialValue,
                                    index);
        }
        connectLosses();
    }

    /// From what is shown to the variable whose initial value is made of it, however far back.
    void connectInitialValue(NodeId initial, int leaf)
    {
        constexpr std::size_t kMostVisited = 1024;
        if (initial < 0)
            return;
        std::vector<NodeId> open{initial};
        std::vector<NodeId> seen{initial};
        for (std::size_t next = 0; next < open.size() && next < kMostVisited; ++next) {
            if (fate(open[next]) == Shown) {
                addEdge(open[next], leaf, EdgeKind::Initial);
                continue;
            }
            for (const NodeId input : node(open[next]).inputs) {
                if (seen.size() < kMostVisited && std::find(seen.begin(), seen.end(), input) == seen.end()) {
                    seen.push_back(input);
                    open.push_back(input);
                }
            }
        }
    }

    /// A gradient begins with a one, not with the loss; the picture says where it comes from.
    void connectLosses()
    {
        for (const graph::TrainOp& op : m_model.trainOps) {
            const auto isFirst = [&op](const GraphLeaf& leaf) {
                return leaf.side == Side::Gradients && leaf.node > op.loss;
            };
            const auto first = std::find_if(m_result.leaves.begin(), m_result.leaves.end(), isFirst);
            if (op.loss >= 0 && leafOf(op.loss) >= 0 && first != m_result.leaves.end())
                m_result.edges.push_back({leafOf(op.loss), static_cast<int>(first - m_result.leaves.begin()),
                                          EdgeKind::Control, false});
        }
    }

    const graph::Model& m_model;
    const std::vector<graph::Node>& m_nodes;
    const IsCancelled& m_isCancelled;
    TextMap m_map;
    std::vector<Fate> m_fates;
    std::vector<int> m_variableOf;
    std::vector<bool> m_isInitial;
    std::vector<int> m_leafOf;
    QHash<QString, int> m_deviceIndex;
    session::Placement m_placement;
    LaneOrder m_order{nullptr, {}};
    GraphLeaves m_result;
};

} // namespace

GraphLeaves findLeaves(const graph::Model& model, const QStringList& devices, const IsCancelled& isCancelled)
{
    return LeafFinder(model, isCancelled).find(devices);
}

} // namespace wr::app
