// SPDX-License-Identifier: GPL-3.0-or-later
// Which tensors of a checkpoint belong to which targets (variables of a model, or tensors of another
// checkpoint), for what reason, and how sure that is. Only what is sure is accepted; the rest waits for
// somebody to look at it. Pure, but for the optional check of values; any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/remap/name_template.h"
#include "engine/remap/presets.h"
#include "engine/remap/recipe.h"

#include <functional>

namespace wr::remap {

struct MatchTensor {
    TensorSpec spec;
    std::optional<checkpoint::Digest> digest;
    std::optional<Statistics> statistics;
    std::vector<std::string> aliases = {}; ///< targets: other names that it had, the best first
    std::string slotOf = {}; ///< targets: the variable that an optimizer keeps it for, where that is known
};

enum class MatchReason : std::uint8_t {
    SameName,
    Alias,
    SameElements, ///< the fingerprint: the same elements, in whatever order
    Preset,       ///< a table of namings
    Prefix, ///< the same but for what stands in front, or for how layers of TensorFlow and PyTorch spell it
    Slot,   ///< belongs to a variable that was matched
    Name,   ///< similar words and a shape that fits
};

enum class Confidence : std::uint8_t {
    None,   ///< nothing comes close
    Review, ///< somebody has to choose
    Accepted,
};

struct MatchCandidate {
    Recipe recipe;
    MatchReason reason = MatchReason::Name;
    double score = 0.0;  ///< 0 to 1; comparable between candidates of one target
    std::string why;     ///< "llama-hf → llama-gguf", "name 0.93"
    std::string problem; ///< why it cannot be as it is: "[200] cannot fill [784, 200]"; empty when it can
};

struct Match {
    Confidence confidence = Confidence::None;
    std::vector<MatchCandidate> candidates; ///< the best first; of an accepted one the first counts
    std::string question;                   ///< Review: what has to be decided
};

struct MatchOptions {
    HeadCounts heads;
    std::string architecture; ///< as GGUF's general.architecture, where it is known
    IndexChoices indexChoices;
    bool useAverages = false;      ///< take the moving average of a weight for the weight
    bool acceptsNarrowing = false; ///< a cast that rounds is no question
    /// Digest of what a recipe makes, from the values; with it the order of the same elements can be proven.
    std::function<Result<checkpoint::Digest>(const Recipe&)> digestOfResult;
    Progress progress; ///< called with targets done and in total; false ends the match with what is known
};

struct MatchResult {
    std::vector<Match> targets;      ///< as they were given
    std::vector<std::size_t> unused; ///< sources that no accepted match takes
    std::vector<std::string> notes;  ///< "prefix \"module.\" goes: fixes 291 of 291"

    std::size_t count(Confidence confidence) const;
};

/// Names must be unique on each side.
MatchResult matchTensors(std::span<const MatchTensor> sources, std::span<const MatchTensor> targets,
                         const MatchOptions& options = {});

/// The tensors of a checkpoint with what is known of their values.
std::vector<MatchTensor> matchTensorsOf(const checkpoint::CheckpointReader& reader);
/// Fills in what metadata say about heads and architecture, where it is not known yet.
void addHints(MatchOptions& options, const checkpoint::Metadata& metadata);

/// Rules for all accepted matches (and with `withReview` for the first candidates of the others, switched
/// off): templates where the tensors of a template are treated alike.
Mapping mappingOf(const MatchResult& result, std::span<const MatchTensor> sources,
                  std::span<const MatchTensor> targets, bool withReview = true);

} // namespace wr::remap
