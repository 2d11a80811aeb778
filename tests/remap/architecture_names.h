// SPDX-License-Identifier: GPL-3.0-or-later
// The tensors of well-known architectures under the names that well-known programs give them, made from their
// formulas, and which belongs to which. For tests.
#pragma once

#include "engine/remap/match.h"

#include <QString>
#include <map>
#include <string>
#include <vector>

namespace wr::remap {

/// What makes a target.
struct Truth {
    std::vector<std::string> sources; ///< in their order
    std::string operations;           ///< as textOf() writes them; "?" where several are right
};

struct NamedPair {
    QString name;
    std::vector<MatchTensor> sources;
    std::vector<MatchTensor> targets;
    std::map<std::string, Truth> truth; ///< by target; those that are not here have no counterpart
    MatchOptions options;
    bool needsNoQuestion = true; ///< 85 % must be accepted
    bool canTurn = true;         ///< the other direction is a fair question too

    /// One tensor on each side.
    void add(const std::string& from, const Shape& fromShape, const std::string& to, const Shape& toShape,
             const std::string& operations = {});
    void add(const std::string& from, const std::string& to, const Shape& shape)
    {
        add(from, shape, to, shape);
    }
    /// Both a weight [outputs, inputs] and a bias, named so behind what is given.
    void addBoth(const std::string& from, const std::string& to, const Shape& weight);
    void addSource(const std::string& called, const Shape& shape);
    void addTarget(const std::string& called, const Shape& shape);
    /// The pair in the other direction: only where every target has one source and every operation is told.
    NamedPair turned() const;
};

std::vector<NamedPair> decoderPairs();
std::vector<NamedPair> encoderPairs();
std::vector<NamedPair> visionPairs();
/// Of no table: own names, prefixes, spellings, and traps in which similar names mislead.
std::vector<NamedPair> otherPairs();

} // namespace wr::remap
