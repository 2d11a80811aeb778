// SPDX-License-Identifier: GPL-3.0-or-later
// Ten thousand random models on random machines, placed by the engine and by the plain model beside it: every
// node must run on the same device, and the same placements must be refused.
#include "engine/session/placement.h"
#include "tests/session/placement_model.h"

#include <QTest>
#include <random>

using namespace wr;
using namespace wr::session;

class TestRandomPlacements : public QObject {
    Q_OBJECT
private slots:
    void equalThePlainModel();
};

namespace {

using Kind = PlainNode::Kind;

constexpr DType kTypes[] = {DType::Float32, DType::Int32, DType::Int64};

class Dice {
public:
    explicit Dice(unsigned seed) : m_random(seed) {}
    int below(int count) { return static_cast<int>(m_random() % static_cast<unsigned>(count)); }
    bool once(int in) { return below(in) == 0; }

private:
    std::mt19937 m_random;
};

PlainRequest randomRequest(Dice& dice)
{
    PlainRequest request;
    if (dice.once(3))
        return request;
    if (dice.once(2))
        request.job = dice.once(3) ? "localhost" : dice.once(2) ? "ps" : "worker";
    if (dice.once(5))
        request.replica = dice.below(2);
    if (dice.once(3))
        request.task = dice.below(3);
    if (dice.once(2)) {
        request.type = dice.once(2) ? "CPU" : dice.once(4) ? "TPU" : "GPU";
        if (dice.once(2))
            request.index = dice.below(3);
    }
    return request;
}

PlainMachine randomMachine(Dice& dice)
{
    PlainMachine machine;
    for (int i = 1 + dice.below(3); i > 0; --i)
        machine.devices.emplace_back("CPU", static_cast<int>(machine.devices.size()));
    for (int i = 0, count = dice.below(3); i < count; ++i)
        machine.devices.emplace_back("GPU", i);
    if (dice.once(4))
        machine.devices.emplace_back("TPU", 0);
    for (int type = 0; type < 3; ++type) {
        if (dice.once(3))
            machine.lacking.insert({"GPU", type});
        if (dice.once(2))
            machine.lacking.insert({"TPU", type});
    }
    return machine;
}

std::vector<PlainNode> randomNodes(Dice& dice)
{
    std::vector<PlainNode> nodes;
    std::vector<int> variables;
    const auto add = [&](Kind kind) -> PlainNode& {
        nodes.push_back({kind, randomRequest(dice), 0, {}, -1, -1});
        return nodes.back();
    };
    for (int i = 1 + dice.below(12); i > 0; --i) {
        const int place = static_cast<int>(nodes.size());
        switch (variables.empty() ? 0 : dice.below(6)) {
        case 0: { // a variable and its initial value
            PlainNode& value = add(Kind::Generator);
            value.dtype = dice.below(3);
            const int dtype = value.dtype;
            if (dice.once(2))
                value.request = {};
            value.initialValueOf = place + 1;
            add(Kind::Variable).dtype = dtype;
            variables.push_back(place + 1);
            break;
        }
        case 1: { // a slot, with a type of its own
            PlainNode& slot = add(Kind::Slot);
            slot.with = variables[static_cast<std::size_t>(dice.below(static_cast<int>(variables.size())))];
            slot.dtype = dice.below(3);
            break;
        }
        case 2: { // a constant and an update that reads it
            PlainNode& value = add(Kind::Generator);
            if (dice.once(2))
                value.request = {};
            const int variable =
                variables[static_cast<std::size_t>(dice.below(static_cast<int>(variables.size())))];
            value.dtype = nodes[static_cast<std::size_t>(variable)].dtype;
            PlainNode& update = add(Kind::Update);
            update.with = variable;
            update.dtype = nodes[static_cast<std::size_t>(variable)].dtype;
            update.inputs = {variable, place};
            break;
        }
        default: {
            PlainNode& op = add(Kind::Op);
            const int input = dice.below(place);
            op.inputs = {input};
            op.dtype = nodes[static_cast<std::size_t>(input)].dtype;
            break;
        }
        }
    }
    return nodes;
}

graph::Model modelOf(const std::vector<PlainNode>& nodes)
{
    graph::Model model;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const PlainNode& from = nodes[i];
        graph::Node node;
        node.name = "n" + std::to_string(i);
        node.device = from.request.text();
        node.dtype = kTypes[from.dtype];
        node.shape = Shape{2};
        node.op = from.kind == Kind::Op          ? backend::OpCode::Identity
                  : from.kind == Kind::Update    ? backend::OpCode::AssignAdd
                  : from.kind == Kind::Generator ? backend::OpCode::Const
                                                 : backend::OpCode::Variable;
        if (from.kind == Kind::Generator)
            node.constant = *Tensor::zeros(node.dtype, node.shape);
        if (from.kind == Kind::Update)
            node.colocateWith = from.with;
        for (const int input : from.inputs)
            node.inputs.push_back(input);
        const Result<graph::NodeId> added = model.graph.add(node);
        if (!added)
            qFatal("%s", added.error().message().c_str());
        if (node.op == backend::OpCode::Variable) {
            graph::Variable variable;
            variable.name = node.name;
            variable.node = *added;
            variable.dtype = node.dtype;
            variable.shape = node.shape;
            if (from.with >= 0)
                variable.slotOf = "n" + std::to_string(from.with);
            model.variables.push_back(variable);
        }
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (graph::Variable& variable : model.variables) {
            if (nodes[i].initialValueOf == variable.node)
                variable.initialValue = static_cast<graph::NodeId>(i);
        }
    }
    return model;
}

std::vector<runtime::Device> devicesOf(const PlainMachine& machine)
{
    std::vector<runtime::Device> devices;
    for (const auto& [type, index] : machine.devices) {
        runtime::Device device;
        device.type = type;
        device.index = index;
        device.name = (type == "CPU" ? "/cpu:" : type == "GPU" ? "/gpu:" : "/tpu:") + std::to_string(index);
        devices.push_back(device);
    }
    return devices;
}

} // namespace

void TestRandomPlacements::equalThePlainModel()
{
    Dice dice(11);
    int refused = 0;
    int overruled = 0;
    int tasks = 0;
    for (int turn = 0; turn < 10000; ++turn) {
        const std::vector<PlainNode> nodes = randomNodes(dice);
        const PlainMachine machine = randomMachine(dice);
        const graph::Model model = modelOf(nodes);
        const std::vector<runtime::Device> devices = devicesOf(machine);
        PlacementOptions options;
        options.allowSoftPlacement = !dice.once(3);
        const auto hasKernel = [&](int device, backend::OpCode op, DType dtype) {
            const auto type =
                static_cast<int>(std::find(std::begin(kTypes), std::end(kTypes), dtype) - kTypes);
            return op != backend::OpCode::Variable ||
                   machine.lacking.count({devices[static_cast<std::size_t>(device)].type, type}) == 0;
        };
        const auto expected = placePlainly(nodes, machine, options.allowSoftPlacement);
        const Result<Placement> got = placeNodes(model, devices, options, hasKernel);
        QString picture = QStringLiteral("turn %1\n").arg(turn);
        for (std::size_t i = 0; i < nodes.size(); ++i)
            picture += QStringLiteral("%1: kind %2 \"%3\" with %4\n")
                           .arg(i)
                           .arg(static_cast<int>(nodes[i].kind))
                           .arg(QString::fromStdString(nodes[i].request.text()))
                           .arg(nodes[i].with);
        QVERIFY2(got.has_value() == expected.has_value(), qPrintable(picture));
        if (!expected) {
            ++refused;
            QCOMPARE(got.error().code(), StatusCode::InvalidArgument);
            continue;
        }
        QCOMPARE(got->entries.size(), nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const PlacementEntry& entry = got->entries[i];
            const PlacedDevice& placed = got->devices[static_cast<std::size_t>(entry.device)];
            QVERIFY2(placed.name == (*expected)[i],
                     qPrintable(picture + QStringLiteral("node %1: %2, not %3")
                                              .arg(i)
                                              .arg(QString::fromStdString(placed.name),
                                                   QString::fromStdString((*expected)[i]))));
            QCOMPARE(placed.isTask, placed.name.rfind("/job:", 0) == 0);
            const std::string& own = devices[static_cast<std::size_t>(placed.runtimeDevice)].name;
            QVERIFY(placed.name.size() >= own.size() &&
                    placed.name.compare(placed.name.size() - own.size(), own.size(), own) == 0);
            // Whoever did not get the type or number that it asked for is told.
            const PlainRequest& request = nodes[i].request;
            const bool met =
                request.type.empty() ||
                (devices[static_cast<std::size_t>(placed.runtimeDevice)].type == request.type &&
                 (request.index < 0 ||
                  devices[static_cast<std::size_t>(placed.runtimeDevice)].index == request.index));
            QVERIFY2(met || !entry.note.empty(), qPrintable(picture + QString::number(i)));
            overruled += entry.note.empty() ? 0 : 1;
            tasks += placed.isTask ? 1 : 0;
        }
    }
    // The cases are there.
    QVERIFY(refused > 500);
    QVERIFY(overruled > 1000);
    QVERIFY(tasks > 5000);
}

QTEST_GUILESS_MAIN(TestRandomPlacements)
#include "tst_random_placements.moc"
