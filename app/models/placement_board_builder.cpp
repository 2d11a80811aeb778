// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the picture of a placement from a model and the machine's devices. One pass over the nodes, one over
// the variables.
#include "app/document/model_rows.h"
#include "app/document/quantity.h"
#include "app/document/script_walk.h"
#include "app/models/lane_order.h"
#include "app/models/placement_board.h"
#include "engine/graph/name_pattern.h"

#include <QCoreApplication>
#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

namespace wr::app {
namespace {

using graph::DeviceName;

QString tr(const char* text)
{
    return QCoreApplication::translate("PlacementBoard", text);
}

class BoardBuilder {
public:
    BoardBuilder(PlacementBoard& board, QHash<QString, int>& byName, const graph::Model* model,
                 const QVector<DeviceInfo>& devices)
        : m_board(board), m_byName(byName), m_model(model), m_devices(devices)
    {
    }

    void build(const QStringList& planned)
    {
        addMachine(planned);
        if (m_model != nullptr) {
            m_map = TextMap(QString::fromStdString(m_model->tree->text()));
            place();
            addRules();
        }
        addOthers();
        if (m_model == nullptr || !m_placement)
            return;
        m_cost = session::placementCost(*m_model, *m_placement);
        addVariables();
        addTotals();
        addCopies();
        addNotices();
    }

private:
    void addMachine(const QStringList& planned)
    {
        BoardLane lane;
        lane.title = tr("Auto");
        lane.description = tr("No pin: the program chooses");
        m_board.lanes.append(lane);
        std::vector<runtime::Device> machine;
        for (const DeviceInfo& device : m_devices) {
            if (device.available)
                machine.push_back({device.name.toStdString(), device.type.toStdString(), device.index,
                                   device.description.toStdString(), device.memoryBytes, nullptr});
        }
        m_order = LaneOrder(m_model, std::move(machine), planned);
        for (const runtime::Device& device : m_order.machine()) {
            BoardLane real;
            real.kind = BoardLane::Kind::Real;
            real.device = real.title = QString::fromStdString(device.name);
            real.description = QString::fromStdString(device.description);
            real.limit = static_cast<qint64>(
                std::min<quint64>(device.memoryBytes, std::numeric_limits<qint64>::max()));
            m_board.lanes.append(real);
        }
    }

    void place()
    {
        Result<session::Placement> placement = session::placeNodes(*m_model, m_order.machine());
        if (placement)
            m_placement = std::move(*placement);
        else
            m_board.problem = QString::fromStdString(placement.error().message());
    }

    void addOthers()
    {
        for (const DeviceName& name : m_order.others()) {
            BoardLane ghost;
            ghost.kind = BoardLane::Kind::Ghost;
            ghost.title = ghost.device = deviceText(name);
            ghost.description = !(name.job || name.replica || name.task) ? tr("Not on this machine")
                                : isThisProcess(name)                    ? tr("Any device of this process")
                                                                         : tr("A task of a cluster");
            ghost.where = whereOf(name);
            m_board.lanes.append(ghost);
        }
        for (std::size_t i = 0; m_placement && i < m_placement->devices.size(); ++i) {
            const session::PlacedDevice& device = m_placement->devices[i];
            const int lane = m_order.ofPlaced(device);
            m_laneOfPlaced.push_back(lane);
            if (lane == LaneOrder::kAuto)
                continue;
            m_board.lanes[lane].isDevice = true;
            if (device.isTask)
                m_board.lanes[lane].where = livesHere(m_board.lanes[device.runtimeDevice + 1].title);
        }
    }

    static QString livesHere(const QString& device)
    {
        return tr("Lives in this process, computes on %1").arg(device);
    }

    /// Where what asks for an absent device would run.
    QString whereOf(const DeviceName& name) const
    {
        QString on = m_board.lanes[1].title;
        if (name.type) {
            DeviceName local;
            local.type = name.type;
            local.index = name.index;
            const int lane = m_order.ofMachine(local);
            on = lane > 0 ? m_board.lanes[lane].title : on;
        }
        if (!isThisProcess(name))
            return livesHere(on);
        for (const DeviceInfo& device : m_devices) {
            if (!device.available && name.type &&
                device.type.compare(QString::fromStdString(*name.type), Qt::CaseInsensitive) == 0)
                return tr("Runs on %1 here: %2").arg(on, device.reason);
        }
        return tr("Runs on %1 here").arg(on);
    }

    void addRules()
    {
        for (const graph::PlacementRule& rule : m_model->rules) {
            const Result<DeviceName> name = DeviceName::parse(rule.device);
            m_board.rules.append({QString::fromStdString(rule.pattern),
                                  name ? deviceText(*name) : QString::fromStdString(rule.device), rule.hits,
                                  m_model->tree->position(rule.source.begin).line,
                                  m_map.utf16At(rule.source.begin), m_map.utf16At(rule.source.end)});
        }
    }

    static qint64 bytesOf(const graph::Variable& variable)
    {
        const auto count = static_cast<qint64>(variable.shape.elementCount().value_or(0));
        return count * static_cast<qint64>(dtypeSize(variable.dtype));
    }

    void addVariables()
    {
        struct Group {
            int size = 0;
            int number = 0;
        };
        std::unordered_map<std::uint32_t, Group> groups;
        for (const graph::Variable& variable : m_model->variables) {
            if (variable.slotOf.empty() && variable.source.statement != script::TextRange{})
                ++groups[variable.source.statement.begin].size;
        }
        int number = 0;
        for (auto& [begin, group] : groups)
            group.number = number++;
        for (const graph::Variable& variable : m_model->variables) {
            if (!variable.slotOf.empty())
                continue;
            const bool isWritten = variable.source.statement != script::TextRange{};
            const Group group = isWritten ? groups.at(variable.source.statement.begin) : Group{1, -1};
            addVariable(variable, group.number, group.size);
        }
        // Slots stand at the end.
        m_board.rows = variableRows(*m_model, m_map);
        m_board.rows.resize(m_board.variables.size());
        for (const graph::Variable& variable : m_model->variables) {
            const int owner = m_byName.value(QString::fromStdString(variable.slotOf), -1);
            if (variable.slotOf.empty() || owner < 0)
                continue;
            m_board.variables[owner].bytes.optimizer += bytesOf(variable);
            ++m_board.variables[owner].followers;
        }
        const std::size_t only = m_model->recipe ? m_model->recipe->trainOp : m_model->trainOps.size();
        for (std::size_t i = 0; i < m_model->trainOps.size(); ++i) {
            if (m_model->recipe && i != only)
                continue;
            for (const std::string& name : m_model->trainOps[i].variables) {
                const int at = m_byName.value(QString::fromStdString(name), -1);
                if (at < 0)
                    continue;
                m_board.variables[at].bytes.gradients = m_board.variables[at].bytes.values;
                ++m_board.variables[at].followers;
            }
        }
    }

    void addVariable(const graph::Variable& variable, int group, int groupSize)
    {
        BoardVariable row;
        row.name = QString::fromStdString(variable.name);
        row.scope = row.name.left(std::max<qsizetype>(row.name.lastIndexOf(u'/'), 0));
        row.shape = shapeText(variable.shape);
        row.bytes.values = bytesOf(variable);
        row.lane = m_order.ofRequest(variable.device);
        const session::PlacementEntry& entry = m_placement->entries[static_cast<std::size_t>(variable.node)];
        const int home = m_laneOfPlaced[static_cast<std::size_t>(entry.device)];
        row.home = home == LaneOrder::kAuto ? -1 : home;
        row.note = QString::fromStdString(entry.note);
        if (!variable.device.empty())
            row.pin = BoardVariable::Pin::Block;
        if (!variable.device.empty() && variable.source.device == nullptr) {
            for (std::size_t i = 0; i < m_model->rules.size() && row.rule < 0; ++i) {
                if (graph::matchesPattern(m_model->rules[i].pattern, variable.name))
                    row.rule = static_cast<int>(i);
            }
            row.pin = row.rule >= 0 ? BoardVariable::Pin::Rule : row.pin;
        }
        if (variable.source.statement != script::TextRange{}) {
            row.begin = m_map.utf16At(variable.source.statement.begin);
            row.end = m_map.utf16At(variable.source.statement.end);
            row.group = group;
            row.groupSize = groupSize;
            if (groupSize > 1)
                row.origin = originOf(variable);
        }
        const auto at = static_cast<int>(m_board.variables.size());
        m_byName.insert(row.name, at);
        m_board.lanes[row.lane].variables.append(at);
        m_board.variables.append(row);
    }

    QString originOf(const graph::Variable& variable)
    {
        const std::uint32_t begin = variable.source.statement.begin;
        const auto known = m_origins.find(begin);
        if (known != m_origins.end())
            return known->second;
        QString text = tr("made on line %1 together with others").arg(m_model->tree->position(begin).line);
        for (const script::Statement* around : statementsAround(*m_model->tree, variable.source.statement)) {
            if (around->kind == script::StatementKind::For) {
                text =
                    tr("made in the loop on line %1").arg(m_model->tree->position(around->range.begin).line);
                break;
            }
        }
        m_origins.emplace(begin, text);
        return text;
    }

    void addTotals()
    {
        bool isStepKnown = false;
        for (std::size_t i = 0; i < m_cost.memory.size(); ++i) {
            const session::DeviceMemory& memory = m_cost.memory[i];
            isStepKnown = isStepKnown || memory.gradients + memory.workspace > 0;
            if (m_laneOfPlaced[i] == LaneOrder::kAuto)
                continue;
            m_board.lanes[m_laneOfPlaced[i]].bytes +=
                LaneBytes{static_cast<qint64>(memory.values), static_cast<qint64>(memory.gradients),
                          static_cast<qint64>(memory.optimizerSlots), static_cast<qint64>(memory.workspace)};
        }
        for (const BoardVariable& variable : std::as_const(m_board.variables)) {
            if (!m_board.lanes[variable.lane].isDevice)
                m_board.lanes[variable.lane].bytes += variable.bytes;
            // Each variable has a gradient of its own size at least.
            if (!isStepKnown && variable.home > 0)
                m_board.lanes[variable.home].bytes.gradients += variable.bytes.gradients;
        }
        if (!m_model->recipe)
            m_board.stepProblem = tr("Without wr.train(…) in the script there is no training step, so that "
                                     "its workspace and its copies are not known.");
        else if (!isStepKnown)
            m_board.stepProblem = tr("The training step cannot be planned before the data are read, so that "
                                     "its workspace and its copies are not known.");
    }

    QString placedName(int device) const
    {
        return QString::fromStdString(m_placement->devices[static_cast<std::size_t>(device)].name);
    }

    void addCopies()
    {
        for (const session::DeviceCopy& copy : m_cost.copies) {
            const graph::Node& node = m_model->graph.node(copy.node);
            m_board.copies.append({QString::fromStdString(node.name), placedName(copy.from),
                                   placedName(copy.to), static_cast<qint64>(copy.bytes),
                                   m_map.utf16At(node.source.begin), m_map.utf16At(node.source.end)});
        }
        std::stable_sort(m_board.copies.begin(), m_board.copies.end(),
                         [](const BoardCopy& a, const BoardCopy& b) { return a.bytes > b.bytes; });
    }

    void addNotices()
    {
        for (const graph::IgnoredDirective& ignored : m_placement->ignored) {
            const bool hasPlace = ignored.source != script::TextRange{};
            m_board.notices.append({QString::fromStdString(ignored.what),
                                    QString::fromStdString(ignored.reason),
                                    hasPlace ? m_model->tree->position(ignored.source.begin).line : 0,
                                    m_map.utf16At(ignored.source.begin), m_map.utf16At(ignored.source.end)});
        }
        // One line for each lane that is not where its name says.
        for (const BoardLane& lane : std::as_const(m_board.lanes)) {
            const bool isTold =
                std::any_of(m_board.notices.begin(), m_board.notices.end(), [&](const BoardNotice& notice) {
                    return notice.what.contains(lane.title) || notice.reason.contains(lane.title);
                });
            if (lane.kind != BoardLane::Kind::Ghost || lane.variables.isEmpty() || isTold)
                continue;
            const BoardVariable& first = m_board.variables[lane.variables.first()];
            m_board.notices.append(
                {tr("%1 for %2")
                     .arg(lane.title, countOf(lane.variables.size(), tr("variable"), tr("variables"))),
                 lane.where, lineOf(first), first.begin, first.end});
        }
    }

    int lineOf(const BoardVariable& variable) const
    {
        return m_model->tree->position(m_map.byteAt(variable.begin)).line;
    }

    PlacementBoard& m_board;
    QHash<QString, int>& m_byName;
    const graph::Model* m_model;
    const QVector<DeviceInfo>& m_devices;
    TextMap m_map;
    LaneOrder m_order{nullptr, {}};
    std::optional<session::Placement> m_placement;
    session::PlacementCost m_cost;
    std::vector<int> m_laneOfPlaced;
    std::unordered_map<std::uint32_t, QString> m_origins;
};

} // namespace

std::shared_ptr<const PlacementBoard> makePlacementBoard(const std::shared_ptr<const graph::Model>& model,
                                                         const QVector<DeviceInfo>& devices,
                                                         const QStringList& planned)
{
    auto board = std::make_shared<PlacementBoard>();
    BoardBuilder(*board, board->m_byName, model.get(), devices).build(planned);
    return board;
}

} // namespace wr::app
