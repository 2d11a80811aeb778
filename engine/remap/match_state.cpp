// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/match_state.h"

#include "engine/remap/slot_name.h"

#include <algorithm>

namespace wr::remap {
namespace {

constexpr std::size_t kMostCandidates = 5;
constexpr double kBelievedPreset = 0.9;

std::vector<TensorSpec> specsOf(std::span<const MatchTensor> tensors)
{
    std::vector<TensorSpec> specs;
    specs.reserve(tensors.size());
    for (const MatchTensor& tensor : tensors)
        specs.push_back(tensor.spec);
    return specs;
}

std::unordered_map<std::string_view, std::size_t> byName(const std::vector<TensorSpec>& specs)
{
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < specs.size(); ++i)
        index.emplace(specs[i].name, i);
    return index;
}

std::ptrdiff_t find(const std::unordered_map<std::string_view, std::size_t>& index, std::string_view name)
{
    const auto found = index.find(name);
    return found == index.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
}

std::string mismatch(const TensorSpec& made, const TensorSpec& target)
{
    if (made.shape != target.shape)
        return made.shape.toString() + " cannot fill " + target.shape.toString();
    return std::string(dtypeName(made.dtype)) + " cannot fill " + std::string(dtypeName(target.dtype));
}

/// How much a reason counts beside others.
int strengthOf(const MatchCandidate& candidate)
{
    switch (candidate.reason) {
    case MatchReason::SameElements:
        return 3;
    case MatchReason::SameName:
    case MatchReason::Alias:
        return 2;
    case MatchReason::Preset: // a table that explains only a part is no more than a hint
        return candidate.score < kBelievedPreset ? 0 : 2;
    case MatchReason::Prefix:
    case MatchReason::Slot:
        return 1;
    case MatchReason::Name:
        break;
    }
    return 0;
}

bool haveSameSources(const Recipe& a, const Recipe& b)
{
    return std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                      [](const RecipeInput& x, const RecipeInput& y) { return x.source == y.source; });
}

/// Whether a better reason has left this open already. What has the same elements may be put in order by
/// others.
bool isOpenForBetterReason(const Match& match, const MatchCandidate& candidate)
{
    return std::any_of(match.candidates.begin(), match.candidates.end(), [&](const MatchCandidate& one) {
        const bool agree =
            one.reason == MatchReason::SameElements && haveSameSources(one.recipe, candidate.recipe);
        return strengthOf(one) > strengthOf(candidate) && !agree;
    });
}

} // namespace

MatchState::MatchState(std::span<const MatchTensor> sources, std::span<const MatchTensor> targets,
                       const MatchOptions& options)
    : m_sourceTensors(sources), m_targetTensors(targets), m_options(options), m_sources(specsOf(sources)),
      m_targets(specsOf(targets)), m_sourceByName(byName(m_sources)), m_targetByName(byName(m_targets)),
      m_uses(sources.size(), 0)
{
    m_result.targets.resize(targets.size());
    const auto isWeight = [](const std::string& name) { return !slotNameOf(name) && !isBookkeeping(name); };
    for (const TensorSpec& spec : m_sources)
        m_isWeightSource.push_back(isWeight(spec.name));
    for (const MatchTensor& tensor : targets)
        m_isWeightTarget.push_back(isWeight(tensor.spec.name) && tensor.slotOf.empty());
    // "encoder/attention/v" ends as a slot does, but there is no "encoder/attention" that it would belong to.
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (const auto slot = slotNameOf(m_sources[i].name);
            slot && findSource(slot->variable) < 0 && findSource(std::string(slot->variable) + ":0") < 0)
            m_isWeightSource[i] = slot->isDoubtful();
    }
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        if (const auto slot = slotNameOf(m_targets[i].name);
            slot && findTarget(slot->variable) < 0 && findTarget(std::string(slot->variable) + ":0") < 0)
            m_isWeightTarget[i] = slot->isDoubtful() && targets[i].slotOf.empty();
    }
}

std::ptrdiff_t MatchState::findSource(std::string_view name) const
{
    return find(m_sourceByName, name);
}

std::ptrdiff_t MatchState::findTarget(std::string_view name) const
{
    return find(m_targetByName, name);
}

MatchCandidate MatchState::candidate(std::size_t target, Recipe recipe, MatchReason reason, double score,
                                     std::string why) const
{
    const TensorSpec& wanted = m_targets[target];
    MatchCandidate made{std::move(recipe), reason, score, std::move(why), {}};
    made.recipe.target = wanted.name;
    const Result<TensorSpec> spec = specOf(made.recipe, m_sources, &wanted.shape);
    if (!spec) {
        made.problem = spec.error().message();
        return made;
    }
    resolveShapes(made.recipe, wanted.shape);
    if (spec->shape != wanted.shape ||
        (spec->dtype != wanted.dtype && !(isFloating(spec->dtype) && isFloating(wanted.dtype))))
        made.problem = mismatch(*spec, wanted);
    else if (spec->dtype != wanted.dtype)
        (made.recipe.joint ? made.recipe.after : made.recipe.inputs.front().operations)
            .push_back(castTo(wanted.dtype));
    return made;
}

void MatchState::accept(std::size_t target, MatchCandidate candidate)
{
    if (isAccepted(target))
        return;
    if (!candidate.problem.empty()) {
        const std::string problem = candidate.problem;
        review(target, std::move(candidate), problem);
        return;
    }
    if (isOpenForBetterReason(m_result.targets[target], candidate)) {
        review(target, std::move(candidate));
        return;
    }
    const bool rounds = candidate.recipe.undoing(m_sources) == Undoing::Rounds;
    if (rounds && !m_options.acceptsNarrowing) {
        review(target, std::move(candidate),
               "values would be rounded to " + std::string(dtypeName(m_targets[target].dtype)));
        return;
    }
    for (const RecipeInput& input : candidate.recipe.inputs)
        ++m_uses[input.source];
    Match& match = m_result.targets[target];
    match.confidence = Confidence::Accepted;
    match.question.clear();
    std::erase_if(match.candidates,
                  [&](const MatchCandidate& one) { return one.recipe == candidate.recipe; });
    match.candidates.insert(match.candidates.begin(), std::move(candidate));
}

void MatchState::review(std::size_t target, MatchCandidate candidate, const std::string& question)
{
    Match& match = m_result.targets[target];
    if (match.confidence == Confidence::Accepted)
        return;
    match.confidence = Confidence::Review;
    if (match.question.empty())
        match.question = question;
    const auto same =
        std::find_if(match.candidates.begin(), match.candidates.end(), [&](const MatchCandidate& one) {
            return one.recipe.inputs == candidate.recipe.inputs && one.recipe.joint == candidate.recipe.joint;
        });
    if (same != match.candidates.end()) {
        same->score = std::max(same->score, candidate.score);
    } else {
        match.candidates.push_back(std::move(candidate));
    }
    std::stable_sort(match.candidates.begin(), match.candidates.end(),
                     [](const MatchCandidate& a, const MatchCandidate& b) { return a.score > b.score; });
    if (match.candidates.size() > kMostCandidates)
        match.candidates.resize(kMostCandidates);
}

MatchResult MatchState::finish()
{
    for (std::size_t source = 0; source < m_uses.size(); ++source) {
        if (m_uses[source] == 0)
            m_result.unused.push_back(source);
    }
    return std::move(m_result);
}

std::size_t MatchResult::count(Confidence confidence) const
{
    return static_cast<std::size_t>(
        std::count_if(targets.begin(), targets.end(),
                      [confidence](const Match& match) { return match.confidence == confidence; }));
}

} // namespace wr::remap
