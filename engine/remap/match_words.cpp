// SPDX-License-Identifier: GPL-3.0-or-later
// Similar names, template by template: words, shape, number of members, order. A pair is accepted only if it
// beats every other pair of its row and column of the whole table by a clear margin, and its words differ in
// nothing that tells tensors of one side apart.
#include "engine/remap/match_state.h"
#include "engine/remap/name_words.h"

#include <algorithm>
#include <set>

namespace wr::remap {
namespace {

constexpr double kNameWeight = 0.55;
constexpr double kShapeWeight = 0.30;
constexpr double kCountWeight = 0.10;
constexpr double kOrderWeight = 0.05;
constexpr double kMargin = 0.15;
constexpr double kHighScore = 0.95;
constexpr double kHighMargin = 0.05;
constexpr double kLeastScore = 0.30; ///< below, a candidate is no help
constexpr std::size_t kMostOffered = 5;
constexpr std::size_t kMostPairs = 6'000'000;

enum class ShapeFit : std::uint8_t { Equal, Transposed, SameVolume, OneAxis, Other };

ShapeFit fitOf(const Shape& a, const Shape& b)
{
    if (a == b)
        return ShapeFit::Equal;
    if (a.rank() == b.rank() && std::is_permutation(a.dims().begin(), a.dims().end(), b.dims().begin()))
        return ShapeFit::Transposed;
    if (a.elementCount() == b.elementCount())
        return ShapeFit::SameVolume;
    if (a.rank() == b.rank()) {
        int differing = 0;
        for (int axis = 0; axis < a.rank(); ++axis)
            differing += a.dim(axis) != b.dim(axis) ? 1 : 0;
        if (differing == 1)
            return ShapeFit::OneAxis;
    }
    return ShapeFit::Other;
}

double scoreOf(ShapeFit fit)
{
    constexpr double kScores[] = {1.0, 0.9, 0.5, 0.15, 0.0};
    return kScores[static_cast<std::size_t>(fit)];
}

/// One side: the templates of its weights, and the words that tell them apart.
struct Side {
    std::vector<TensorSpec> specs;
    std::vector<std::size_t> numbers; ///< of the specs, in the checkpoint or the model
    TemplateSet set;
    std::vector<std::vector<std::string>> words;
    std::vector<std::vector<std::string>> telling; ///< without those that all have, sorted

    /// `common`: words that all weights of this side have, matched or not.
    void describe(const IndexChoices& choices, const std::set<std::string>& common)
    {
        set = TemplateSet::of(specs, choices);
        for (const NameTemplate& one : set.templates())
            words.push_back(wordsOf(one.first.name));
        for (const std::vector<std::string>& own : words) {
            std::vector<std::string> left;
            for (const std::string& word : own) {
                if (common.count(word) == 0)
                    left.push_back(word);
            }
            std::sort(left.begin(), left.end());
            telling.push_back(std::move(left));
        }
    }
};

/// Words of all names; of few names they say nothing.
class CommonWords {
public:
    void add(const std::string& name)
    {
        std::vector<std::string> own = wordsOf(name);
        const std::set<std::string> words(own.begin(), own.end());
        if (m_names.empty())
            m_common = words;
        else
            std::erase_if(m_common, [&](const std::string& word) { return words.count(word) == 0; });
        constexpr std::size_t kEnough = 8;
        if (m_names.size() < kEnough) {
            std::sort(own.begin(), own.end());
            m_names.insert(std::move(own));
        }
    }
    std::set<std::string> words() const
    {
        constexpr std::size_t kFew = 4;
        return m_names.size() < kFew ? std::set<std::string>() : m_common;
    }

private:
    std::set<std::string> m_common;
    std::set<std::vector<std::string>> m_names;
};

struct Pair {
    std::size_t source = 0; ///< templates
    double score = 0.0;
    double margin = 0.0;
    ShapeFit fit = ShapeFit::Other;
};

class WordMatcher {
public:
    explicit WordMatcher(MatchState& state) : m_state(state)
    {
        for (std::size_t i = 0; i < state.sources().size(); ++i) {
            if (state.isWeightSource(i) && !state.isUsed(i)) {
                m_from.specs.push_back(state.sources()[i]);
                m_from.numbers.push_back(i);
            }
        }
        for (std::size_t i = 0; i < state.targets().size(); ++i) {
            if (state.isWeightTarget(i) && !state.isAccepted(i)) {
                m_to.specs.push_back(state.targets()[i]);
                m_to.numbers.push_back(i);
            }
        }
    }

    void run()
    {
        if (m_from.specs.empty() || m_to.specs.empty())
            return;
        CommonWords ofSources;
        for (std::size_t i = 0; i < m_state.sources().size(); ++i) {
            if (m_state.isWeightSource(i))
                ofSources.add(m_state.sources()[i].name);
        }
        CommonWords ofTargets;
        for (std::size_t i = 0; i < m_state.targets().size(); ++i) {
            if (m_state.isWeightTarget(i))
                ofTargets.add(m_state.targets()[i].name);
        }
        m_from.describe(m_state.options().indexChoices, ofSources.words());
        m_to.describe(m_state.options().indexChoices, ofTargets.words());
        fillTable();
        for (std::size_t t = 0; t < m_rows.size(); ++t)
            offer(t);
    }

private:
    void fillTable()
    {
        const std::size_t sources = m_from.set.templates().size();
        const std::size_t targets = m_to.set.templates().size();
        const bool onlyEqualShapes = sources * targets > kMostPairs;
        std::vector<double> bestOfSource(sources, 0.0);
        std::vector<double> secondOfSource(sources, 0.0);
        m_rows.resize(targets);
        for (std::size_t t = 0; t < targets; ++t) {
            for (std::size_t s = 0; s < sources; ++s) {
                const ShapeFit fit =
                    fitOf(m_from.set.templates()[s].first.shape, m_to.set.templates()[t].first.shape);
                if (onlyEqualShapes && fit != ShapeFit::Equal)
                    continue;
                const double score = scoreOf(s, t, fit);
                if (score > bestOfSource[s]) {
                    secondOfSource[s] = bestOfSource[s];
                    bestOfSource[s] = score;
                } else {
                    secondOfSource[s] = std::max(secondOfSource[s], score);
                }
                if (score >= kLeastScore)
                    m_rows[t].push_back({s, score, 0.0, fit});
            }
            std::stable_sort(m_rows[t].begin(), m_rows[t].end(),
                             [](const Pair& a, const Pair& b) { return a.score > b.score; });
        }
        for (std::vector<Pair>& row : m_rows) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                const double otherOfRow = i > 0 ? row[0].score : row.size() > 1 ? row[1].score : 0.0;
                const double best = bestOfSource[row[i].source];
                const double otherOfColumn = row[i].score < best ? best : secondOfSource[row[i].source];
                row[i].margin = row[i].score - std::max(otherOfRow, otherOfColumn);
            }
        }
    }

    double scoreOf(std::size_t s, std::size_t t, ShapeFit fit) const
    {
        const auto a = static_cast<double>(m_from.set.templates()[s].count);
        const auto b = static_cast<double>(m_to.set.templates()[t].count);
        const double placeA = static_cast<double>(s) / static_cast<double>(m_from.set.templates().size());
        const double placeB = static_cast<double>(t) / static_cast<double>(m_to.set.templates().size());
        double names = wordSimilarity(m_from.words[s], m_to.words[t]);
        constexpr double kOtherRole = 0.5;
        if (rolesConflict(m_from.words[s], m_to.words[t]))
            names *= kOtherRole;
        return kNameWeight * names + kShapeWeight * remap::scoreOf(fit) +
               kCountWeight * std::min(a, b) / std::max(a, b) +
               kOrderWeight * (1.0 - std::abs(placeA - placeB));
    }

    /// The member of a source template that belongs to a member of a target's; −1 when there is none.
    std::ptrdiff_t partner(std::size_t s, std::size_t t, std::size_t member) const
    {
        const NameTemplate& from = m_from.set.templates()[s];
        const NameTemplate& to = m_to.set.templates()[t];
        const std::span<const std::uint32_t> sources = m_from.set.members(s);
        if (areParallel(from, to))
            return static_cast<std::ptrdiff_t>(sources[member]);
        const std::span<const std::int64_t> wanted = m_to.set.indices(m_to.set.members(t)[member]);
        for (const std::uint32_t source : sources) {
            const std::span<const std::int64_t> own = m_from.set.indices(source);
            if (std::equal(own.begin(), own.end(), wanted.begin(), wanted.end()))
                return static_cast<std::ptrdiff_t>(source);
        }
        return from.count == to.count ? static_cast<std::ptrdiff_t>(sources[member]) : -1;
    }

    /// Indices of both run through equally many values, so that the first belongs to the first.
    static bool areParallel(const NameTemplate& a, const NameTemplate& b)
    {
        return a.axes.size() == b.axes.size() && a.count == b.count && a.isFull() && b.isFull() &&
               std::equal(a.axes.begin(), a.axes.end(), b.axes.begin(),
                          [](const IndexAxis& x, const IndexAxis& y) {
                              return x.count == y.count && x.isDense() == y.isDense();
                          });
    }

    MatchCandidate candidateOf(std::size_t t, std::size_t member, const Pair& pair) const
    {
        const std::ptrdiff_t source = partner(pair.source, t, member);
        const std::size_t target = m_to.numbers[m_to.set.members(t)[member]];
        if (source < 0)
            return {{}, MatchReason::Name, 0.0, {}, "no source has this index"};
        const std::size_t number = m_from.numbers[static_cast<std::size_t>(source)];
        Recipe recipe = Recipe::copyOf(number, {});
        if (pair.fit == ShapeFit::Transposed && m_state.sources()[number].shape.rank() == 2)
            recipe.inputs.front().operations.push_back(transposed());
        constexpr int kHundred = 100;
        const int rounded = static_cast<int>(pair.score * kHundred);
        const std::string why =
            rounded >= kHundred ? "name 1.00"
                                : "name 0." + std::string(rounded < 10 ? "0" : "") + std::to_string(rounded);
        return m_state.candidate(target, std::move(recipe), MatchReason::Name, std::min(pair.score, 0.9),
                                 why);
    }

    /// Why the best pair of a row is not accepted; empty when it is.
    std::string doubt(std::size_t t, const Pair& pair) const
    {
        const NameTemplate& from = m_from.set.templates()[pair.source];
        const NameTemplate& to = m_to.set.templates()[t];
        if (pair.margin < kMargin && !(pair.score >= kHighScore && pair.margin > kHighMargin))
            return "another one is nearly as similar";
        if (m_from.telling[pair.source] != m_to.telling[t] || m_to.telling[t].empty())
            return "the names are only similar";
        if (rolesConflict(m_from.words[pair.source], m_to.words[t]))
            return "the names tell of different roles";
        if (pair.fit != ShapeFit::Equal)
            return "the shapes differ";
        if (!areParallel(from, to))
            return "which of " + std::to_string(to.count) + " belongs to which of " +
                   std::to_string(from.count) + "?";
        const PlainName a = plainName(from.first.name);
        const PlainName b = plainName(to.first.name);
        const bool isOtherLayout = a.layout != b.layout && !a.isNorm && !b.isNorm &&
                                   to.first.shape.rank() > 1 && a.parts.back() != "bias";
        if (isOtherLayout || (m_state.isTurned && to.first.shape.rank() > 1))
            return "the two sides may lay matrices out differently: transpose it?";
        return {};
    }

    void offer(std::size_t t)
    {
        const std::vector<Pair>& row = m_rows[t];
        if (row.empty())
            return;
        const std::size_t count = m_to.set.members(t).size();
        std::string question = doubt(t, row.front());
        std::vector<MatchCandidate> first;
        for (std::size_t member = 0; member < count && question.empty(); ++member) {
            first.push_back(candidateOf(t, member, row.front()));
            if (!first.back().problem.empty())
                question = first.back().problem;
        }
        for (std::size_t member = 0; member < count; ++member) {
            const std::size_t target = m_to.numbers[m_to.set.members(t)[member]];
            if (question.empty()) {
                m_state.accept(target, first[member]);
                continue;
            }
            for (std::size_t i = 0; i < row.size() && i < kMostOffered; ++i) {
                MatchCandidate candidate = candidateOf(t, member, row[i]);
                if (!candidate.recipe.inputs.empty())
                    m_state.review(target, std::move(candidate), question);
            }
        }
    }

    MatchState& m_state;
    Side m_from;
    Side m_to;
    std::vector<std::vector<Pair>> m_rows; ///< by target template, the best pair first
};

} // namespace

void matchWords(MatchState& state)
{
    WordMatcher(state).run();
}

} // namespace wr::remap
