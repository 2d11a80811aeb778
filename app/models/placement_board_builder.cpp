// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the picture of a placement from a model and the machine's devices. One pass over the nodes, one over
// the variables.
#include "app/document/quantity.h"
#include "app/document/script_walk.h"
#include "app/document/text_map.h"
#include "app/models/placement_board.h"
#include "engine/graph/device_name.h"
#include "engine/graph/name_pattern.h"
#include "engine/session/placement.h"

#include <QCoreApplication>
#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

namespace wr::app {
namespace {

using graph::DeviceName;

QString tr(const char* text)
{
    return QCoreApplication::translate("PlacementBoard", text);
}

/// "/job:ps/task:7/cpu:0": as people write it, where toString() writes "/device:CPU:0".
QString spelled(const DeviceName& name)
{
    DeviceName rest = name;
    rest.type.reset();
    rest.index.reset();
    QString text = QString::fromStdString(rest.toString());
    if (!name.type)
        return QString::fromStdString(name.toString());
    const QString type = QString::fromStdString(*name.type);
    const bool isUsual = type == QLatin1String("CPU") || type == QLatin1String("GPU");
    if (!isUsual || !name.index)
        return QString::fromStdString(name.toString());
    return text + QLatin1Char('/') + type.toLower() + QLatin1Char(':') + QString::number(*name.index);
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
        addMachine();
        if (m_model != nullptr) {
            m_map = TextMap(QString::fromStdString(m_model->tree->text()));
            place();
            addRules();
        }
        addGhosts(planned);
        if (m_model == nullptr || !m_placement)
            return;
        m_cost = session::placementCost(*m_model, *m_placement);
        addVariables();
        addTotals();
        addCopies();
        addNotices();
    }

private:
    void addMachine()
    {
        BoardLane lane;
        lane.title = tr("Auto");
        lane.description = tr("No pin: the program chooses");
        m_board.lanes.append(lane);
        for (const DeviceInfo& device : m_devices) {
            if (!device.available)
                continue;
            BoardLane real;
            real.kind = BoardLane::Kind::Real;
            real.device = device.name;
            real.title = device.name;
            real.description = device.description;
            real.limit = static_cast<qint64>(
                std::min<quint64>(device.memoryBytes, std::numeric_limits<qint64>::max()));
            m_board.lanes.append(real);
            m_machine.push_back({device.name.toStdString(), device.type.toStdString(), device.index,
                                 device.description.toStdString(), device.memoryBytes, nullptr});
        }
        if (m_machine.empty()) { // before the run has told of its devices
            m_machine.push_back({"/cpu:0", "CPU", 0, "", 0, nullptr});
            BoardLane real;
            real.kind = BoardLane::Kind::Real;
            real.device = real.title = QStringLiteral("/cpu:0");
            m_board.lanes.append(real);
        }
    }

    void place()
    {
        Result<session::Placement> placement = session::placeNodes(*m_model, m_machine);
        if (placement)
            m_placement = std::move(*placement);
        else
            m_board.problem = QString::fromStdString(placement.error().message());
    }

    /// The lane of the machine that a request means; -1: it names something that is not here.
    int machineLane(const DeviceName& name) const
    {
        if (name.job || name.task || name.replica || !name.type)
            return -1;
        for (std::size_t i = 0; i < m_machine.size(); ++i) {
            if (m_machine[i].type == *name.type && (!name.index || *name.index == m_machine[i].index))
                return static_cast<int>(i) + 1;
        }
        return -1;
    }

    int laneOf(const std::string& device)
    {
        if (device.empty())
            return 0;
        const auto known = m_laneOf.find(device);
        if (known != m_laneOf.end())
            return known->second;
        const Result<DeviceName> name = DeviceName::parse(device);
        int lane = name ? machineLane(*name) : 0;
        if (lane < 0) {
            BoardLane ghost;
            ghost.kind = BoardLane::Kind::Ghost;
            ghost.title = ghost.device = spelled(*name);
            ghost.description =
                name->job || name->task ? tr("A task, not on this machine") : tr("Not on this machine");
            ghost.where = whereOf(*name);
            lane = static_cast<int>(m_board.lanes.size());
            m_board.lanes.append(ghost);
        }
        m_laneOf.emplace(device, lane);
        return lane;
    }

    /// Where what asks for an absent device really runs.
    QString whereOf(const DeviceName& name) const
    {
        QString on = QString::fromStdString(m_machine.front().name);
        if (name.type) {
            DeviceName local = name;
            local.job.reset();
            local.replica.reset();
            local.task.reset();
            const int lane = machineLane(local);
            on = lane > 0 ? m_board.lanes[lane].title : on;
        }
        if (name.job || name.task || name.replica)
            return tr("Without a cluster this task lives in this process, on %1").arg(on);
        for (const DeviceInfo& device : m_devices) {
            if (!device.available && name.type &&
                device.type.compare(QString::fromStdString(*name.type), Qt::CaseInsensitive) == 0)
                return tr("Runs on %1 here: %2").arg(on, device.reason);
        }
        return tr("Runs on %1 here").arg(on);
    }

    void addGhosts(const QStringList& planned)
    {
        std::set<std::string> named;
        if (m_model != nullptr) {
            for (const graph::Node& node : m_model->graph.nodes())
                named.insert(node.device);
            for (const graph::Variable& variable : m_model->variables)
                named.insert(variable.device);
            for (const graph::PlacementRule& rule : m_model->rules)
                named.insert(rule.device);
        }
        for (const QString& device : planned) {
            if (const Result<DeviceName> name = DeviceName::parse(device.toStdString()))
                named.insert(name->toString());
        }
        std::vector<DeviceName> ghosts;
        for (const std::string& device : named) {
            if (Result<DeviceName> name = DeviceName::parse(device); name && !device.empty())
                ghosts.push_back(std::move(*name));
        }
        // Devices before tasks, "task:2" before "task:10".
        const auto key = [](const DeviceName& name) {
            return std::tuple(name.job.value_or(""), name.replica.value_or(-1), name.task.value_or(-1),
                              name.type.value_or(""), name.index.value_or(-1));
        };
        std::sort(ghosts.begin(), ghosts.end(),
                  [&](const DeviceName& a, const DeviceName& b) { return key(a) < key(b); });
        for (const DeviceName& name : ghosts)
            laneOf(name.toString());
    }

    void addRules()
    {
        for (const graph::PlacementRule& rule : m_model->rules) {
            const Result<DeviceName> name = DeviceName::parse(rule.device);
            m_board.rules.append({QString::fromStdString(rule.pattern),
                                  name ? spelled(*name) : QString::fromStdString(rule.device), rule.hits,
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
        row.lane = laneOf(variable.device);
        const session::PlacementEntry& entry = m_placement->entries[static_cast<std::size_t>(variable.node)];
        const session::PlacedDevice& device = m_placement->devices[static_cast<std::size_t>(entry.device)];
        row.home = device.isTask ? -1 : device.runtimeDevice + 1;
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
        for (const BoardVariable& variable : std::as_const(m_board.variables)) {
            const bool isOwn = m_board.lanes[variable.lane].kind != BoardLane::Kind::Real;
            if (isOwn)
                m_board.lanes[variable.lane].bytes += variable.bytes;
            if (variable.home > 0)
                m_board.lanes[variable.home].bytes += variable.bytes;
        }
        for (std::size_t i = 0; i < m_cost.memory.size() && i < m_placement->devices.size(); ++i) {
            const session::PlacedDevice& device = m_placement->devices[i];
            const int lane = device.isTask ? taskLane(device.name) : device.runtimeDevice + 1;
            if (lane > 0)
                m_board.lanes[lane].bytes.workspace += static_cast<qint64>(m_cost.memory[i].workspace);
        }
    }

    /// The first lane of the task that a device of the placement belongs to.
    int taskLane(const std::string& device) const
    {
        const Result<DeviceName> name = DeviceName::parse(device);
        for (int i = 0; name && i < m_board.lanes.size(); ++i) {
            const BoardLane& lane = m_board.lanes[i];
            const Result<DeviceName> of = DeviceName::parse(lane.device.toStdString());
            if (lane.kind == BoardLane::Kind::Ghost && of && of->job == name->job && of->task == name->task)
                return i;
        }
        return -1;
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
    std::vector<runtime::Device> m_machine;
    std::optional<session::Placement> m_placement;
    session::PlacementCost m_cost;
    std::unordered_map<std::string, int> m_laneOf;
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
