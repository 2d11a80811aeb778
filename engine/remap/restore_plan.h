// SPDX-License-Identifier: GPL-3.0-or-later
// What a restore would do, before it does it: every model variable has exactly one fate, every checkpoint
// tensor is used or listed as unused. Pure values, computed in an instant; any thread.
#pragma once

#include "engine/remap/evaluation.h"
#include "engine/remap/match.h"

#include <string>
#include <utility>
#include <vector>

namespace wr::remap {

enum class Fate : std::uint8_t { Restore, Keep, Initialize, Unresolved };

struct PlanTarget {
    TensorSpec spec;
    bool holdsValue = false; ///< initialised now: keep is possible
    Fate fate = Fate::Unresolved;
    std::string source;                    ///< Restore: name in the checkpoint, the first of several
    std::string problem;                   ///< Unresolved: why, for example "[200] cannot fill [784, 200]"
    std::vector<std::string> aliases = {}; ///< other names that it may have in the file, the best first
    std::string reason = {}; ///< Restore: why this source, where it is not the same name: "alias of w"
    std::string slotOf = {}; ///< the variable that an optimizer keeps it for
    Recipe recipe = {};      ///< Restore: how it is made
};

/// What is wrong with several targets in the same way.
struct PlanProblem {
    std::string names; ///< a template: "layers.{i}.attn.q"
    std::size_t count = 0;
    std::string what; ///< of the first of them
};

class RestorePlan {
public:
    /// Links every target to the source of the same name, type and shape, or else of one of its aliases; the
    /// rest is kept where it holds a value and initialised otherwise. A source of that name that does not fit
    /// leaves the target unresolved, with the reason. A source that has a target of its own name is no
    /// alias's.
    RestorePlan(std::vector<TensorSpec> sources, std::vector<PlanTarget> targets);

    const std::vector<TensorSpec>& sources() const { return m_sources; }
    const std::vector<PlanTarget>& targets() const { return m_targets; }
    /// Why `source` cannot fill `target` as it is; empty when it can.
    std::string obstacle(std::size_t source, std::size_t target) const;
    /// Links; InvalidArgument with obstacle() when it cannot be. An earlier link of the target is replaced.
    Status link(std::size_t source, std::size_t target);
    /// Links to what a recipe makes; InvalidArgument when it makes another type or shape. Slots are not
    /// asked: see followSlots().
    Status link(Recipe recipe, std::size_t target, std::string reason);
    Status setFate(std::size_t target, Fate fate); ///< Keep needs a value; Restore only through link()
    /// Number of the target, or −1.
    std::ptrdiff_t findTarget(std::string_view name) const;
    std::vector<std::size_t> unusedSources() const;
    bool isUsed(std::size_t source) const;

    struct Counts {
        std::size_t restore = 0;
        std::size_t keep = 0;
        std::size_t initialize = 0;
        std::size_t unresolved = 0;
        std::size_t unused = 0;
    };
    Counts counts() const;

    /// Stored name -> variable of all links that are copies, as tf.train.Saver's dictionary.
    std::vector<std::pair<std::string, std::string>> assignments() const;
    /// Sets the links of a mapping (stored name -> variable); NotFound names all that do not exist.
    Status applyMapping(const std::vector<std::pair<std::string, std::string>>& mapping);
    /// Links what the rules make to the targets of those names. A target that a rule would fill and cannot
    /// becomes unresolved, with the reason. Gives all problems, of names that are no targets too.
    std::vector<MappingProblem> applyMapping(const Mapping& mapping);
    /// Takes the accepted matches of targets that are not restored yet; those that wait for somebody to look
    /// at become unresolved, with the question.
    void applyMatch(const MatchResult& match);
    /// What an optimizer keeps, and averages, go the way of their variable; where that pads or scales they
    /// are initialised, and say so. For slots that have no tensor of their own name.
    void followSlots();

    /// All reasons for which targets are unresolved, grouped by template.
    std::vector<PlanProblem> problems() const;

private:
    void place(std::size_t target, Recipe recipe, std::string reason);
    void leaveOpen(std::size_t target, std::string problem);

    std::vector<TensorSpec> m_sources;
    std::vector<PlanTarget> m_targets;
};

/// Initial values for what a recipe pads with them, by target.
using InitialValue = std::function<Result<Tensor>(const PlanTarget& target)>;
/// Takes one value; a failure ends the reading.
using ValueSink = std::function<Status(const PlanTarget& target, Tensor value)>;

/// Reads all that the plan restores, one tensor at a time, and hands it on. FailedPrecondition when a target
/// is unresolved, or the file is not what the plan was made for: before the first value.
Status streamPlan(const checkpoint::CheckpointReader& reader, const RestorePlan& plan, const ValueSink& sink,
                  const InitialValue& initial = {}, const Progress& progress = {});

/// Reads all tensors that the plan restores, under the names of their targets. All or nothing.
Result<std::vector<NamedTensor>> readPlan(const checkpoint::CheckpointReader& reader, const RestorePlan& plan,
                                          const Progress& progress = {});

} // namespace wr::remap
