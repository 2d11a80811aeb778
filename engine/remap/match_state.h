// SPDX-License-Identifier: GPL-3.0-or-later
// A match in the making: what the steps of the matcher share. One thread.
#pragma once

#include "engine/remap/match.h"

#include <string_view>
#include <unordered_map>

namespace wr::remap {

class MatchState {
public:
    MatchState(std::span<const MatchTensor> sources, std::span<const MatchTensor> targets,
               const MatchOptions& options);

    const std::vector<TensorSpec>& sources() const { return m_sources; }
    const std::vector<TensorSpec>& targets() const { return m_targets; }
    const MatchTensor& source(std::size_t index) const { return m_sourceTensors[index]; }
    const MatchTensor& target(std::size_t index) const { return m_targetTensors[index]; }
    const MatchOptions& options() const { return m_options; }
    std::ptrdiff_t findSource(std::string_view name) const;
    std::ptrdiff_t findTarget(std::string_view name) const;
    /// Neither slot nor bookkeeping.
    bool isWeightSource(std::size_t index) const { return m_isWeightSource[index]; }
    bool isWeightTarget(std::size_t index) const { return m_isWeightTarget[index]; }
    bool isAccepted(std::size_t target) const
    {
        return m_result.targets[target].confidence == Confidence::Accepted;
    }
    bool isUsed(std::size_t source) const { return m_uses[source] > 0; }
    const Match& match(std::size_t target) const { return m_result.targets[target]; }

    /// Fits the recipe to the target: "reshape()" is resolved and a cast added where types differ. The
    /// problem is set where it cannot be.
    MatchCandidate candidate(std::size_t target, Recipe recipe, MatchReason reason, double score,
                             std::string why) const;
    /// Accepts it, unless it cannot be, or needs a cast that rounds and nobody allowed that: then it is for
    /// review.
    void accept(std::size_t target, MatchCandidate candidate);
    void review(std::size_t target, MatchCandidate candidate, const std::string& question = {});
    void note(std::string text) { m_result.notes.push_back(std::move(text)); }
    MatchResult finish();

    /// Whether shapes show that one side has its matrices turned round: then equal shape proves nothing for
    /// square ones.
    bool isTurned = false;

private:
    std::span<const MatchTensor> m_sourceTensors;
    std::span<const MatchTensor> m_targetTensors;
    const MatchOptions& m_options;
    std::vector<TensorSpec> m_sources;
    std::vector<TensorSpec> m_targets;
    std::unordered_map<std::string_view, std::size_t> m_sourceByName;
    std::unordered_map<std::string_view, std::size_t> m_targetByName;
    std::vector<bool> m_isWeightSource;
    std::vector<bool> m_isWeightTarget;
    std::vector<std::size_t> m_uses;
    MatchResult m_result;
};

/// Operations that make `to` of `from` and only move elements: turns, permutations, heads, another shape.
std::vector<std::vector<Operation>> arrangements(const Shape& from, const Shape& to);

/// The steps, each for the targets that the ones before left open.
void matchNames(MatchState& state);       ///< identical names and aliases
void matchContent(MatchState& state);     ///< fingerprints
void matchPresets(MatchState& state);     ///< tables of namings
void matchConventions(MatchState& state); ///< prefixes, and spellings of layers
void matchWords(MatchState& state);       ///< similar names, by template
void matchSlots(MatchState& state);       ///< what belongs to variables that were matched

} // namespace wr::remap
