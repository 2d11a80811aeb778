// SPDX-License-Identifier: GPL-3.0-or-later
// What a restore would do, before it does it: every model variable has exactly one fate, every checkpoint
// tensor is used or listed as unused. Pure values, computed in an instant; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <map>
#include <string>
#include <vector>

namespace wr::checkpoint {

enum class Fate : std::uint8_t { Restore, Keep, Initialize, Unresolved };

struct PlanTarget {
    TensorSpec spec;
    bool holdsValue = false; ///< initialised now: keep is possible
    Fate fate = Fate::Unresolved;
    std::string source;                    ///< Restore: name in the checkpoint
    std::string problem;                   ///< Unresolved: why, for example "[200] cannot fill [784, 200]"
    std::vector<std::string> aliases = {}; ///< other names that it may have in the file, the best first
    std::string reason = {}; ///< Restore: why this source, where it is not the same name: "alias of w"
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
    /// Why `source` cannot fill `target`; empty when it can.
    std::string obstacle(std::size_t source, std::size_t target) const;
    /// Links; InvalidArgument with obstacle() when it cannot be. An earlier link of the target is replaced.
    Status link(std::size_t source, std::size_t target);
    Status setFate(std::size_t target, Fate fate); ///< Keep needs a value; Restore only through link()
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

    /// Stored name -> variable of all links, as tf.train.Saver's dictionary.
    std::vector<std::pair<std::string, std::string>> assignments() const;
    /// Sets the links of a mapping (stored name -> variable); NotFound names all that do not exist.
    Status applyMapping(const std::vector<std::pair<std::string, std::string>>& mapping);

private:
    std::vector<TensorSpec> m_sources;
    std::vector<PlanTarget> m_targets;
};

/// Reads all tensors that the plan restores, under the names of their targets. All or nothing;
/// FailedPrecondition when a target is unresolved.
Result<std::vector<NamedTensor>> readPlan(const CheckpointReader& reader, const RestorePlan& plan,
                                          const Progress& progress = {});

} // namespace wr::checkpoint
