// SPDX-License-Identifier: GPL-3.0-or-later
// Names that are the same but for what stands in front, for the separators, and for how TensorFlow and
// PyTorch call and lay out what a layer has. A prefix is believed when it explains nearly all names at once.
#include "engine/remap/match_state.h"
#include "engine/remap/name_words.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace wr::remap {
namespace {

constexpr std::size_t kMostStripped = 4;    ///< parts of a name that a prefix may have
constexpr std::size_t kManyNames = 200'000; ///< from here on only one side's prefix is looked for
constexpr double kNearlyAll = 0.95;
constexpr double kRival =
    0.8; ///< another prefix that explains so much of the same targets makes both doubtful

/// "dense_5" without its number: what a second run of a script in one process appends.
std::string withoutNumber(const std::string& part)
{
    const std::size_t at = part.find_last_not_of("0123456789");
    return at != std::string::npos && at + 1 < part.size() && at > 0 && part[at] == '_' ? part.substr(0, at)
                                                                                        : part;
}

/// Scopes that say nothing about what is inside.
constexpr std::string_view kNeutral[] = {"model",      "module",    "net",  "network", "backbone",
                                         "trunk",      "body",      "main", "root",    "wrapped",
                                         "state_dict", "_orig_mod", "inner"};

/// Whether one prefix may stand for another: only if both are such scopes, or the same but for numbers
/// behind.
bool isNeutralExchange(const std::string& from, const std::string& to)
{
    const auto parts = [](const std::string& prefix) {
        std::vector<std::string> all = plainName(prefix).parts;
        all.pop_back(); // empty: a prefix ends with a separator
        return all;
    };
    const std::vector<std::string> a = parts(from);
    const std::vector<std::string> b = parts(to);
    const auto areNeutral = [](const std::vector<std::string>& all) {
        return std::all_of(all.begin(), all.end(), [](const std::string& part) {
            return std::find(std::begin(kNeutral), std::end(kNeutral), part) != std::end(kNeutral);
        });
    };
    const bool areAlike =
        std::equal(a.begin(), a.end(), b.begin(), b.end(),
                   [](const auto& x, const auto& y) { return withoutNumber(x) == withoutNumber(y); });
    return areAlike || (areNeutral(a) && areNeutral(b));
}

/// What makes of a tensor of one layout one of the other; empty when nothing has to be done.
std::vector<Operation> relayout(const PlainName& from, const PlainName& to, int rank)
{
    const bool differ =
        from.layout != to.layout && from.layout != LeafLayout::Unknown && to.layout != LeafLayout::Unknown;
    const bool isMatrix = from.parts.back() == "weight" && to.parts.back() == "weight";
    if (!differ || !isMatrix || from.isNorm || to.isNorm || from.isLookup || to.isLookup)
        return {};
    const bool toTorch = to.layout == LeafLayout::Torch;
    switch (rank) {
    case 2:
        return {transposed()};
    case 3:
        return {{OperationKind::Permute, {2, 1, 0}}};
    case 4:
        return {{OperationKind::Permute,
                 toTorch ? std::vector<std::int64_t>{3, 2, 0, 1} : std::vector<std::int64_t>{2, 3, 1, 0}}};
    case 5:
        return {{OperationKind::Permute, toTorch ? std::vector<std::int64_t>{4, 3, 0, 1, 2}
                                                 : std::vector<std::int64_t>{2, 3, 4, 1, 0}}};
    default:
        return {};
    }
}

struct Link {
    std::size_t source = 0;
    std::size_t target = 0;
};

struct Prefix {
    std::string from;
    std::string to;
    std::size_t stripped = 0; ///< parts, of both sides together
    std::vector<Link> links;
    std::size_t sound = 0;
};

class ConventionMatcher {
public:
    explicit ConventionMatcher(MatchState& state) : m_state(state)
    {
        for (const TensorSpec& spec : state.sources())
            m_sources.push_back(plainName(spec.name));
        for (const TensorSpec& spec : state.targets())
            m_targets.push_back(plainName(spec.name));
        for (std::size_t i = 0; i < m_sources.size(); ++i)
            m_weights[0] += state.isWeightSource(i) ? 1U : 0U;
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            m_weights[1] += state.isWeightTarget(i) ? 1U : 0U;
            m_open += state.isWeightTarget(i) && !state.isAccepted(i) ? 1U : 0U;
        }
    }

    void run()
    {
        if (m_open == 0)
            return;
        gather();
        for (Prefix& prefix : m_prefixes)
            prefix.sound = countSound(prefix);
        std::stable_sort(m_prefixes.begin(), m_prefixes.end(), [](const Prefix& a, const Prefix& b) {
            return a.sound != b.sound ? a.sound > b.sound : a.stripped < b.stripped;
        });
        for (const Prefix& prefix : m_prefixes)
            use(prefix);
    }

private:
    enum class Ending : std::uint8_t { Whole, OfSource, OfTarget };

    void gather()
    {
        const bool isLarge = m_sources.size() + m_targets.size() > kManyNames;
        for (std::size_t p = 0; p <= kMostStripped; ++p) {
            for (std::size_t q = 0; q <= kMostStripped; ++q) {
                if (!isLarge || p == 0 || q == 0)
                    gather(p, q, Ending::Whole);
            }
        }
        gather(0, 0, Ending::OfSource);
        gather(0, 0, Ending::OfTarget);
    }

    static std::string keyOf(const PlainName& name, std::size_t stripped, bool dropsNumber)
    {
        if (!dropsNumber)
            return name.key(stripped);
        PlainName other = name;
        other.parts.front() = withoutNumber(other.parts.front());
        return other.key(stripped);
    }

    void gather(std::size_t p, std::size_t q, Ending ending)
    {
        constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);
        std::unordered_map<std::string, std::size_t> bySuffix;
        std::map<std::string, std::unordered_map<std::string, std::size_t>> byPrefix;
        for (std::size_t i = 0; i < m_sources.size(); ++i) {
            if (!m_state.isWeightSource(i) || m_sources[i].parts.size() <= p)
                continue;
            auto& index = byPrefix[headOf(m_state.sources()[i].name, p)];
            const auto [at, isNew] = index.emplace(keyOf(m_sources[i], p, ending == Ending::OfSource), i);
            if (!isNew)
                at->second = kSeveral;
        }
        // So many prefixes are no prefixes but parts of roles.
        constexpr std::size_t kMostPrefixes = 64;
        if (byPrefix.size() > kMostPrefixes)
            return;
        std::map<std::pair<std::string, std::string>, Prefix> found;
        for (std::size_t t = 0; t < m_targets.size(); ++t) {
            if (!m_state.isWeightTarget(t) || m_state.isAccepted(t) || m_targets[t].parts.size() <= q)
                continue;
            const std::string key = keyOf(m_targets[t], q, ending == Ending::OfTarget);
            const std::string head = headOf(m_state.targets()[t].name, q);
            for (const auto& [from, index] : byPrefix) {
                const auto source = index.find(key);
                if (source == index.end() || source->second == kSeveral)
                    continue;
                Prefix& prefix = found[{from, head}];
                prefix.links.push_back({source->second, t});
            }
        }
        for (auto& [heads, prefix] : found) {
            prefix.from = heads.first;
            prefix.to = heads.second;
            prefix.stripped = p + q + (ending == Ending::Whole ? 0 : 1);
            m_prefixes.push_back(std::move(prefix));
        }
    }

    /// The first parts of a name, with their separators.
    static std::string headOf(const std::string& name, std::size_t parts)
    {
        std::size_t at = 0;
        for (std::size_t i = 0; i < parts; ++i)
            at = name.find_first_of("./", at) + 1;
        return name.substr(0, at);
    }

    MatchCandidate candidateOf(const Link& link, const Prefix& prefix, bool isStraight = false) const
    {
        Recipe recipe = Recipe::copyOf(link.source, {});
        const PlainName& from = m_sources[link.source];
        const PlainName& to = m_targets[link.target];
        if (!isStraight)
            recipe.inputs.front().operations =
                relayout(from, to, m_state.sources()[link.source].shape.rank());
        return m_state.candidate(link.target, std::move(recipe), MatchReason::Prefix, 0.95, whyOf(prefix));
    }

    static std::string whyOf(const Prefix& prefix)
    {
        if (prefix.from.empty() && prefix.to.empty())
            return "the same name in another spelling";
        return "\"" + prefix.from + "\" → \"" + prefix.to + "\"";
    }

    std::size_t countSound(const Prefix& prefix) const
    {
        const auto isSound = [&](const Link& link) {
            const TensorSpec& from = m_state.sources()[link.source];
            const Shape& to = m_state.targets()[link.target].shape;
            const std::vector<Operation> operations =
                relayout(m_sources[link.source], m_targets[link.target], from.shape.rank());
            if (operations.empty())
                return from.shape == to;
            const Result<TensorSpec> made = specAfter(operations, from);
            return made && made->shape == to;
        };
        return static_cast<std::size_t>(std::count_if(prefix.links.begin(), prefix.links.end(), isSound));
    }

    /// Another prefix that explains nearly as much, otherwise.
    bool hasRival(const Prefix& prefix) const
    {
        std::unordered_map<std::size_t, std::size_t> sourceOf;
        std::unordered_map<std::size_t, std::size_t> targetOf;
        for (const Link& link : prefix.links) {
            sourceOf.emplace(link.target, link.source);
            targetOf.emplace(link.source, link.target);
        }
        for (const Prefix& other : m_prefixes) {
            if (&other == &prefix ||
                other.sound < static_cast<std::size_t>(kRival * static_cast<double>(prefix.sound)))
                continue;
            const auto differing =
                std::count_if(other.links.begin(), other.links.end(), [&](const Link& link) {
                    const auto own = sourceOf.find(link.target);
                    const auto gone = targetOf.find(link.source);
                    return (own != sourceOf.end() && own->second != link.source) ||
                           (gone != targetOf.end() && gone->second != link.target);
                });
            if (static_cast<double>(differing) >= kRival * static_cast<double>(prefix.links.size()))
                return true;
        }
        return false;
    }

    /// Whether shapes contradict what the spellings say about the layout: then square matrices prove nothing.
    bool isContradicted(const Prefix& prefix) const
    {
        return std::any_of(prefix.links.begin(), prefix.links.end(), [&](const Link& link) {
            const Shape& from = m_state.sources()[link.source].shape;
            const Shape& to = m_state.targets()[link.target].shape;
            const bool isPlain =
                relayout(m_sources[link.source], m_targets[link.target], from.rank()).empty();
            const bool isReversed = from != to && from.rank() == to.rank() &&
                                    std::equal(from.dims().begin(), from.dims().end(), to.dims().rbegin());
            return isPlain ? isReversed : from == to && !isReversedEqual(from);
        });
    }

    static bool isReversedEqual(const Shape& shape)
    {
        return std::equal(shape.dims().begin(), shape.dims().end(), shape.dims().rbegin());
    }

    void use(const Prefix& prefix)
    {
        const auto open = std::count_if(prefix.links.begin(), prefix.links.end(),
                                        [&](const Link& link) { return !m_state.isAccepted(link.target); });
        if (open == 0)
            return;
        const auto needed = static_cast<std::size_t>(
            std::ceil(kNearlyAll * static_cast<double>(std::min(m_weights[0], m_weights[1]))));
        const auto neededOfOpen =
            static_cast<std::size_t>(std::ceil(kNearlyAll * static_cast<double>(m_open)));
        const bool explainsAll = prefix.sound >= needed ||
                                 (prefix.stripped == 0 && prefix.sound >= std::min(needed, neededOfOpen));
        const bool isExchange = !prefix.from.empty() && !prefix.to.empty();
        const bool isSure =
            explainsAll && (!isExchange || isNeutralExchange(prefix.from, prefix.to)) && !hasRival(prefix);
        const bool isDoubtful = m_state.isTurned || isContradicted(prefix);
        std::size_t fixed = 0;
        for (const Link& link : prefix.links) {
            if (m_state.isAccepted(link.target))
                continue;
            MatchCandidate candidate = candidateOf(link, prefix);
            const Shape& shape = m_state.sources()[link.source].shape;
            const bool isSquare = shape.rank() >= 2 && isReversedEqual(shape) && shape.elementCount() != 1;
            if (isSure && candidate.problem.empty() && !(isDoubtful && isSquare) &&
                !m_state.isUsed(link.source)) {
                m_state.accept(link.target, std::move(candidate));
                ++fixed;
                continue;
            }
            // What a few names have in common is only a hint.
            candidate.score = isSure ? 0.9
                                     : 0.6 + 0.3 * static_cast<double>(prefix.sound) /
                                                 static_cast<double>(std::max<std::size_t>(m_open, 1));
            if (!candidate.problem.empty()) {
                MatchCandidate straight = candidateOf(link, prefix, true);
                straight.score = candidate.score - 0.01;
                if (straight.problem.empty())
                    m_state.review(link.target, std::move(straight),
                                   "the spelling says transposed, the shape does not");
            }
            const std::string question =
                !candidate.problem.empty() ? candidate.problem
                : isDoubtful && isSquare
                    ? std::string("square, and other shapes contradict the usual layout: transpose it?")
                : explainsAll && isExchange ? whyOf(prefix) + " explains all names: is it the same network?"
                                            : std::string("the names agree only in part");
            m_state.review(link.target, std::move(candidate), question);
        }
        if (fixed > 0 && !(prefix.from.empty() && prefix.to.empty()))
            m_state.note(whyOf(prefix) + ": fixes " + std::to_string(fixed) + " of " +
                         std::to_string(m_open));
    }

    MatchState& m_state;
    std::vector<PlainName> m_sources;
    std::vector<PlainName> m_targets;
    std::size_t m_weights[2] = {0, 0};
    std::size_t m_open = 0;
    std::vector<Prefix> m_prefixes;
};

} // namespace

void matchConventions(MatchState& state)
{
    ConventionMatcher(state).run();
}

} // namespace wr::remap
