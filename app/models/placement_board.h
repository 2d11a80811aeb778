// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of a placement: lanes of devices with what lies in them, what a move would cost, copies, rules
// and directives without effect. Made from a model and the machine's devices by makePlacementBoard(), in a
// job; immutable and shared afterwards, so any thread may read it. Making it cannot fail: what could not be
// placed is told in `problem`.
#pragma once

#include "app/document/variable_row.h"
#include "app/run/run_state.h"

#include <QHash>
#include <QString>
#include <QStringList>
#include <QVector>
#include <memory>

namespace wr::graph {
struct Model;
}

namespace wr::app {

/// Memory in bytes, by what it is for.
struct LaneBytes {
    qint64 values = 0;
    qint64 gradients = 0;
    qint64 optimizer = 0; ///< slots
    qint64 workspace = 0;

    qint64 total() const { return values + gradients + optimizer + workspace; }
    LaneBytes& operator+=(const LaneBytes& other);
    friend bool operator==(const LaneBytes&, const LaneBytes&) = default;
};

struct BoardVariable {
    enum class Pin { None, Block, Rule };

    QString name;
    QString scope; ///< "layer1/conv"; empty at the outermost level
    QString shape;
    LaneBytes bytes; ///< its value, its gradient, and the slots that follow it
    Pin pin = Pin::None;
    int rule = -1;     ///< index into PlacementBoard::rules when a rule decides
    int lane = 0;      ///< where it was asked to be
    int home = -1;     ///< the lane of the device whose memory it takes; -1: not known
    int followers = 0; ///< slots and updates that go where it goes
    QString note;      ///< why it runs elsewhere than asked
    int group = -1;    ///< variables of one statement share a number
    int groupSize = 1;
    QString origin; ///< "made in the loop on line 14" when groupSize > 1
    int begin = 0;  ///< UTF-16 range of its statement
    int end = 0;
};

struct BoardLane {
    enum class Kind { Auto, Real, Ghost };

    Kind kind = Kind::Auto;
    QString device; ///< as it is written into the script; empty for Auto
    QString title;  ///< "Auto", "/cpu:0"
    QString description;
    QString where;         ///< ghosts: where their variables really run
    qint64 limit = 0;      ///< memory of the device; 0: not known
    bool isDevice = false; ///< something runs as this device: the machine's own, and tasks
    LaneBytes bytes;       ///< of a device: all that it needs in a step; otherwise of what lies in the lane
    QVector<int> variables;
};

struct BoardCopy {
    QString node;
    QString from;
    QString to;
    qint64 bytes = 0;
    int begin = 0;
    int end = 0;
};

struct BoardNotice {
    QString what;
    QString reason;
    int line = 0; ///< from 1; 0: no place in the script
    int begin = 0;
    int end = 0;
};

struct BoardRule {
    QString pattern;
    QString device;
    qint64 hits = 0;
    int line = 0;
    int begin = 0;
    int end = 0;
};

class PlacementBoard {
public:
    QVector<BoardLane> lanes; ///< Auto, the machine's devices, ghosts
    QVector<BoardVariable> variables;
    QVector<VariableRow> rows; ///< of the same variables, for filters
    QVector<BoardCopy> copies; ///< of one training step, largest first
    QString stepProblem;       ///< why nobody knows workspace and copies of a step; empty: they are known
    QVector<BoardNotice> notices;
    QVector<BoardRule> rules;
    QString problem; ///< why nothing could be placed

    int variableAt(const QString& name) const { return m_byName.value(name, -1); }
    QVector<int> variablesAt(const QStringList& names) const;
    int laneAt(const QString& device) const; ///< by title; -1: none
    qint64 copiedBytes() const;

    /// What the lane would hold with the variables in it. Takes time by the selection only.
    LaneBytes after(int lane, const QVector<int>& selection) const;
    /// Why the selection cannot be dropped there; empty when it can.
    QString obstacle(int lane, const QVector<int>& selection) const;
    qint64 bytesOf(const QVector<int>& selection) const;
    /// The narrowest pattern of the kind "begin*end" for the names of the selection.
    QString patternFor(const QVector<int>& selection) const;
    int hits(const QString& pattern) const;

private:
    friend std::shared_ptr<const PlacementBoard>
    makePlacementBoard(const std::shared_ptr<const graph::Model>&, const QVector<DeviceInfo>&,
                       const QStringList&);
    QHash<QString, int> m_byName;
};

/// `planned`: devices to have a lane although neither the machine nor the script knows them. A null model
/// gives lanes without variables.
std::shared_ptr<const PlacementBoard> makePlacementBoard(const std::shared_ptr<const graph::Model>& model,
                                                         const QVector<DeviceInfo>& devices,
                                                         const QStringList& planned);

/// What a person typed as a device: its usual spelling, or what is wrong with it.
struct DeviceText {
    QString device;
    QString problem;
};
DeviceText readDeviceText(const QString& text);

} // namespace wr::app
