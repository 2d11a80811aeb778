// SPDX-License-Identifier: GPL-3.0-or-later
// Finds out by which tables the two sides were named, and takes the pair of namings that explains most.
#include "engine/remap/evaluation.h"
#include "engine/remap/match_state.h"
#include "engine/remap/name_pattern.h"
#include "engine/remap/name_template.h"

#include <algorithm>
#include <map>

namespace wr::remap {
namespace {

constexpr double kLeastOfTargets = 0.5;   ///< share of one side that a naming must explain to be looked at
constexpr double kLeastOfSources = 0.2;   ///< less: a file may hold several models
constexpr double kSurelyThatNaming = 0.9; ///< share of the targets above which it is believed
constexpr double kHintScore = 0.7;        ///< of candidates of a naming that is not believed
constexpr double kSound = 0.98;           ///< share of what it makes that must fit

struct NamingFit {
    std::string naming;
    std::string prefix;
    std::string family;
    std::size_t covered = 0;

    std::string reference() const { return prefix.empty() ? naming : naming + "@" + prefix; }
};

/// Some members of each template, each with the number of tensors that it stands for.
struct Sample {
    std::string name;
    std::size_t weight = 0;
};

std::vector<Sample> sampleOf(const std::vector<TensorSpec>& specs)
{
    const TemplateSet set = TemplateSet::of(specs);
    std::vector<Sample> samples;
    for (std::size_t t = 0; t < set.templates().size(); ++t) {
        constexpr std::size_t kMost = 3;
        const std::span<const std::uint32_t> members = set.members(t);
        const std::size_t count = std::min(kMost, members.size());
        for (std::size_t i = 0; i < count; ++i)
            samples.push_back(
                {specs[members[i * (members.size() - 1) / std::max<std::size_t>(count - 1, 1)]].name,
                 (members.size() + i) / count});
    }
    return samples;
}

/// The prefix under which the most names are of this naming.
NamingFit fitOf(const Naming& naming, const std::vector<Sample>& samples)
{
    std::vector<NamePattern> patterns;
    for (const std::string& text : patternsOf(naming.name)) {
        if (Result<NamePattern> pattern = NamePattern::parse(text))
            patterns.push_back(std::move(*pattern));
    }
    std::map<std::string, std::size_t> coverage;
    for (const Sample& sample : samples) {
        std::size_t at = 0;
        while (true) {
            const std::string_view rest = std::string_view(sample.name).substr(at);
            const bool matches =
                std::any_of(patterns.begin(), patterns.end(), [&](const NamePattern& pattern) {
                    Bindings bindings;
                    return rest.starts_with(pattern.beginning()) && pattern.match(rest, bindings);
                });
            if (matches)
                coverage[sample.name.substr(0, at)] += sample.weight;
            at = sample.name.find_first_of("./", at);
            if (at == std::string::npos)
                break;
            ++at;
        }
    }
    NamingFit fit{naming.name, {}, naming.family, 0};
    for (const auto& [prefix, covered] : coverage) {
        if (prefix.find_first_of("{}@") == std::string::npos &&
            (covered > fit.covered || (covered == fit.covered && prefix.size() < fit.prefix.size()))) {
            fit.prefix = prefix;
            fit.covered = covered;
        }
    }
    return fit;
}

std::vector<NamingFit> fitsOf(const std::vector<TensorSpec>& specs, double least)
{
    std::vector<NamingFit> fits;
    const std::vector<Sample> samples = sampleOf(specs);
    const auto enough = static_cast<std::size_t>(least * static_cast<double>(specs.size()));
    for (const Naming& naming : namings()) {
        NamingFit fit = fitOf(naming, samples);
        if (fit.covered > 0 && fit.covered >= enough)
            fits.push_back(std::move(fit));
    }
    // Of a family only those that come close to its best one.
    constexpr double kClose = 0.8;
    std::map<std::string, std::size_t> best;
    for (const NamingFit& fit : fits)
        best[fit.family] = std::max(best[fit.family], fit.covered);
    std::erase_if(fits, [&](const NamingFit& fit) {
        return static_cast<double>(fit.covered) < kClose * static_cast<double>(best[fit.family]);
    });
    return fits;
}

/// What a pair of namings would do.
struct Proposal {
    std::string name;
    std::vector<std::pair<std::size_t, MatchCandidate>> candidates; ///< by target
    std::size_t sound = 0;
    bool needsHeads = false;
    std::map<std::size_t, bool> waitsForHeads; ///< targets
};

class PresetMatcher {
public:
    explicit PresetMatcher(MatchState& state) : m_state(state)
    {
        for (std::size_t i = 0; i < state.sources().size(); ++i) {
            if (state.isWeightSource(i)) {
                m_sources.push_back(state.sources()[i]);
                m_sourceNumbers.push_back(i);
            }
        }
        for (std::size_t i = 0; i < state.targets().size(); ++i) {
            if (state.isWeightTarget(i))
                m_targets.push_back(state.targets()[i]);
        }
    }

    void run()
    {
        if (m_targets.empty() || m_sources.empty())
            return;
        const std::vector<NamingFit> from = fitsOf(m_sources, kLeastOfSources);
        const std::vector<NamingFit> to = fitsOf(m_targets, kLeastOfTargets);
        std::vector<Proposal> proposals;
        for (const NamingFit& a : from) {
            for (const NamingFit& b : to) {
                if (a.family == b.family && isOfArchitecture(a.naming) && isOfArchitecture(b.naming))
                    propose(a.reference(), b.reference(), proposals);
            }
        }
        const auto best = std::max_element(proposals.begin(), proposals.end(),
                                           [](const auto& a, const auto& b) { return a.sound < b.sound; });
        if (best == proposals.end() || best->sound == 0)
            return;
        std::vector<const Proposal*> equals;
        for (const Proposal& proposal : proposals) {
            if (proposal.sound == best->sound)
                equals.push_back(&proposal);
        }
        use(*best, equals);
    }

private:
    /// Two namings look alike and differ in the order of rows; a file that says what it holds settles it, if
    /// it is one of those that are known.
    bool isOfArchitecture(const std::string& naming) const
    {
        constexpr std::string_view kHalves[] = {"qwen2", "qwen2moe", "qwen3", "qwen3moe", "gemma", "gemma3"};
        const std::string& architecture = m_state.options().architecture;
        const bool keepsHalves =
            std::find(std::begin(kHalves), std::end(kHalves), architecture) != std::end(kHalves);
        if (naming == "llama-gguf")
            return !keepsHalves;
        return naming != "gguf-halves" || architecture != "llama";
    }

    /// Rows of the first tensor that a rule takes; 0 when it takes none.
    std::int64_t rowsOf(const Rule& rule) const
    {
        const Result<NamePattern> pattern = NamePattern::parse(rule.from.front());
        for (const TensorSpec& source : m_sources) {
            Bindings bindings;
            if (pattern && source.name.starts_with(pattern->beginning()) &&
                pattern->match(source.name, bindings) && source.shape.rank() > 0)
                return source.shape.dim(0);
        }
        return 0;
    }

    /// Heads of keys have the size of those of queries, so that their number follows from the rows.
    HeadCounts countsFor(const std::vector<PresetRule>& rules) const
    {
        HeadCounts counts = m_state.options().heads;
        if (!counts.heads || counts.keyHeads)
            return counts;
        std::int64_t queryRows = 0;
        std::int64_t keyRows = 0;
        for (const PresetRule& rule : rules) {
            if (rule.needsHeads && queryRows == 0)
                queryRows = rowsOf(rule.rule);
            if (rule.needsKeyHeads && keyRows == 0)
                keyRows = rowsOf(rule.rule);
        }
        if (queryRows > 0 && keyRows > 0 && queryRows % *counts.heads == 0) {
            const std::int64_t size = queryRows / *counts.heads;
            if (keyRows % size == 0)
                counts.keyHeads = keyRows / size;
        }
        return counts;
    }

    void propose(const std::string& from, const std::string& to, std::vector<Proposal>& proposals) const
    {
        Result<std::vector<PresetRule>> rules = presetPairs(from, to, m_state.options().heads);
        if (!rules || rules->empty())
            return;
        rules = presetPairs(from, to, countsFor(*rules));
        Mapping mapping;
        mapping.keepsOthers = false;
        std::vector<bool> waits;
        for (PresetRule& rule : *rules) {
            const bool isUnknown = std::any_of(
                rule.rule.operations.begin(), rule.rule.operations.end(), [](const Operation& operation) {
                    return operation.kind == OperationKind::Heads && operation.numbers[0] == 0;
                });
            waits.push_back(isUnknown);
            if (isUnknown) // the pair is known, only how to order its rows is not
                std::erase_if(rule.rule.operations, [](const Operation& operation) {
                    return operation.kind == OperationKind::Heads;
                });
            mapping.rules.push_back(std::move(rule.rule));
        }
        Proposal made;
        made.name = from + " → " + to;
        const Evaluation evaluation =
            evaluate(mapping, m_sources, [this](const std::string& name) -> const Shape* {
                const std::ptrdiff_t target = m_state.findTarget(name);
                return target < 0 ? nullptr : &m_state.targets()[static_cast<std::size_t>(target)].shape;
            });
        for (std::size_t i = 0; i < evaluation.recipes.size(); ++i) {
            const Recipe& recipe = evaluation.recipes[i];
            const std::ptrdiff_t target = m_state.findTarget(recipe.target);
            if (target < 0)
                continue;
            Recipe own = recipe;
            for (RecipeInput& input : own.inputs)
                input.source = m_sourceNumbers[input.source];
            own.rule = Recipe::kNoRule;
            const auto index = static_cast<std::size_t>(target);
            MatchCandidate candidate =
                m_state.candidate(index, std::move(own), MatchReason::Preset, 1.0, made.name);
            made.sound += candidate.problem.empty() ? 1U : 0U;
            if (waits[recipe.rule])
                made.waitsForHeads[index] = true;
            made.candidates.emplace_back(index, std::move(candidate));
        }
        proposals.push_back(std::move(made));
    }

    void use(const Proposal& best, const std::vector<const Proposal*>& equals)
    {
        const double explained =
            static_cast<double>(best.candidates.size()) / static_cast<double>(m_targets.size());
        const double fitting = static_cast<double>(best.sound) / static_cast<double>(best.candidates.size());
        const bool isBelieved = explained >= kSurelyThatNaming && fitting >= kSound;
        std::map<std::size_t, std::vector<const MatchCandidate*>> others;
        for (const Proposal* proposal : equals) {
            if (proposal == &best)
                continue;
            for (const auto& [target, candidate] : proposal->candidates)
                others[target].push_back(&candidate);
        }
        for (const auto& [target, candidate] : best.candidates) {
            if (m_state.isAccepted(target))
                continue;
            const auto& rivals = others[target];
            const bool isContested =
                std::any_of(rivals.begin(), rivals.end(), [&](const MatchCandidate* rival) {
                    return !(rival->recipe == candidate.recipe) && rival->problem.empty();
                });
            if (best.waitsForHeads.count(target) > 0) {
                m_state.review(target, candidate,
                               "how many attention heads are there? Their rows are ordered differently");
            } else if (isContested) {
                m_state.review(target, candidate, "several namings fit: " + namesOf(equals));
                for (const MatchCandidate* rival : rivals)
                    m_state.review(target, *rival);
            } else if (isBelieved) {
                m_state.accept(target, candidate);
            } else {
                MatchCandidate hint = candidate;
                hint.score = kHintScore;
                m_state.review(target, std::move(hint), "only a part of the names are of this naming");
            }
        }
        m_state.note(best.name + ": " + std::to_string(best.candidates.size()) + " of " +
                     std::to_string(m_targets.size()));
    }

    static std::string namesOf(const std::vector<const Proposal*>& proposals)
    {
        std::string text;
        for (const Proposal* proposal : proposals)
            text += (text.empty() ? "" : ", ") + proposal->name;
        return text;
    }

    MatchState& m_state;
    std::vector<TensorSpec> m_sources; ///< without slots
    std::vector<std::size_t> m_sourceNumbers;
    std::vector<TensorSpec> m_targets;
};

} // namespace

void matchPresets(MatchState& state)
{
    bool isOpen = false;
    for (std::size_t target = 0; target < state.targets().size() && !isOpen; ++target)
        isOpen = state.isWeightTarget(target) && !state.isAccepted(target);
    if (isOpen)
        PresetMatcher(state).run();
}

} // namespace wr::remap
