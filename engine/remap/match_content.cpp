// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors that have the same elements under whatever name: the fingerprint does not change with the order,
// and adds up over what is concatenated. Which order it is, digests of the few legal arrangements tell.
#include "engine/remap/match_state.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace wr::remap {
namespace {

constexpr std::int64_t kFewestElements = 4;
constexpr std::size_t kMostInGroup = 24; ///< tensors of one block among which joined ones are looked for

/// Whether so many values are the same that an equal fingerprint tells little: a constant, or two values.
bool isPlain(const TensorSpec& spec, const Statistics& statistics)
{
    const std::int64_t count = spec.shape.elementCount().value_or(0);
    if (count < kFewestElements || statistics.min == statistics.max || !std::isfinite(statistics.mean))
        return true;
    // Of two values the mean gives the deviation.
    const double width = statistics.max - statistics.min;
    const double share = (statistics.mean - statistics.min) / width;
    const double deviation = width * std::sqrt(std::max(0.0, share * (1.0 - share)));
    constexpr double kClose = 1e-9;
    return std::fabs(deviation - statistics.stddev) <= kClose * width;
}

using Key = std::tuple<std::uint64_t, std::int64_t, DType>;

std::optional<Key> keyOf(const MatchTensor& tensor)
{
    if (!tensor.statistics || isPlain(tensor.spec, *tensor.statistics))
        return {};
    return Key{tensor.statistics->fingerprint, *tensor.spec.shape.elementCount(), tensor.spec.dtype};
}

/// Of the values rounded to bfloat16, for pairs of different types.
std::optional<Key> roundedKeyOf(const MatchTensor& tensor)
{
    if (!isFloating(tensor.spec.dtype) || !tensor.statistics || isPlain(tensor.spec, *tensor.statistics))
        return {};
    return Key{tensor.statistics->fingerprintBf16, *tensor.spec.shape.elementCount(), DType::Invalid};
}

/// The block of a name: what stands before its last two parts.
std::string blockOf(const std::string& name)
{
    std::size_t at = name.find_last_of("./");
    if (at != std::string::npos && at > 0)
        at = name.find_last_of("./", at - 1);
    return at == std::string::npos ? std::string() : name.substr(0, at);
}

} // namespace

std::vector<std::vector<Operation>> arrangements(const Shape& from, const Shape& to)
{
    std::vector<std::vector<Operation>> found;
    if (from == to)
        found.push_back({});
    std::vector<std::int64_t> order(static_cast<std::size_t>(from.rank()));
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
    constexpr int kMostAxes = 4;
    if (from.rank() >= 2 && from.rank() <= kMostAxes) {
        do { // the full turn comes first
            const Operation permute =
                from.rank() == 2 ? transposed() : Operation{OperationKind::Permute, order};
            const Result<TensorSpec> spec = specAfter(permute, {{}, DType::Float32, from});
            if (spec && spec->shape == to && !std::is_sorted(order.begin(), order.end()))
                found.push_back({permute});
        } while (std::prev_permutation(order.begin(), order.end()));
    }
    const auto withHeads = [&](const std::vector<Operation>& before, const Shape& shape) {
        for (std::int64_t heads = 1; heads <= 256 && shape.rank() > 0 && heads * 4 <= shape.dim(0); ++heads) {
            for (const HeadOrder way : {HeadOrder::Pairs, HeadOrder::Halves}) {
                std::vector<Operation> operations = before;
                operations.push_back(headsTo(way, heads));
                if (shape.dim(0) % heads == 0 && (shape.dim(0) / heads) % 2 == 0)
                    found.push_back(std::move(operations));
            }
        }
    };
    if (from == to)
        withHeads({}, from);
    if (from.rank() == 2 && from.dim(0) == to.dims().back() && to.rank() == 2 && from.dim(1) == to.dim(0))
        withHeads({transposed()}, to);
    if (from != to && from.elementCount() == to.elementCount())
        found.push_back({Operation{OperationKind::Reshape, to.dims()}});
    return found;
}

namespace {

class ContentMatcher {
public:
    explicit ContentMatcher(MatchState& state) : m_state(state) {}

    void run()
    {
        pair([](const MatchTensor& tensor) { return keyOf(tensor); }, "same elements");
        pair([](const MatchTensor& tensor) { return roundedKeyOf(tensor); },
             "same elements, rounded to bfloat16");
        findJoined();
        findDivided();
    }

private:
    using Numbers = std::vector<std::size_t>;

    bool isOpen(std::size_t target) const { return !m_state.isAccepted(target); }

    bool knowsOrder(std::size_t target) const
    {
        return m_state.options().digestOfResult && m_state.target(target).digest;
    }

    /// Whether the values of a recipe are those of the target.
    bool isProven(std::size_t target, const Recipe& recipe) const
    {
        const Result<checkpoint::Digest> digest = m_state.options().digestOfResult(recipe);
        return digest && *digest == *m_state.target(target).digest;
    }

    template <typename KeyOf>
    void pair(const KeyOf& key, const std::string& why)
    {
        std::map<Key, std::pair<Numbers, Numbers>> groups;
        for (std::size_t i = 0; i < m_state.sources().size(); ++i) {
            if (const auto own = key(m_state.source(i)); own && !m_state.isUsed(i))
                groups[*own].first.push_back(i);
        }
        for (std::size_t i = 0; i < m_state.targets().size(); ++i) {
            if (const auto own = key(m_state.target(i)); own && isOpen(i))
                groups[*own].second.push_back(i);
        }
        for (const auto& [own, group] : groups) {
            for (const std::size_t target : group.second)
                arrange(group.first, target, group.first.size() == 1 && group.second.size() == 1, why);
        }
    }

    void arrange(const Numbers& sources, std::size_t target, bool isOnlyPair, const std::string& why)
    {
        for (const std::size_t source : sources) {
            const MatchTensor& from = m_state.source(source);
            const MatchTensor& to = m_state.target(target);
            const bool isSameType = from.spec.dtype == to.spec.dtype;
            const bool knowDigests = isSameType && from.digest && to.digest;
            double score = 0.97;
            for (const std::vector<Operation>& operations : arrangements(from.spec.shape, to.spec.shape)) {
                Recipe recipe = Recipe::copyOf(source, {});
                recipe.inputs.front().operations = operations;
                MatchCandidate candidate =
                    m_state.candidate(target, std::move(recipe), MatchReason::SameElements, score, why);
                if (!candidate.problem.empty())
                    continue;
                const bool isCopy = operations.empty();
                bool isSure = knowDigests && isCopy && *from.digest == *to.digest;
                if (knowDigests && isCopy && !isSure)
                    continue; // the order is another one
                if (!isSure && knowsOrder(target))
                    isSure = isProven(target, candidate.recipe);
                if (isSure && isOnlyPair) {
                    candidate.score = 1.0;
                    candidate.why += ", their order checked";
                    m_state.accept(target, std::move(candidate));
                    return;
                }
                constexpr double kEachLess = 0.001;
                score -= kEachLess;
                if (isSure || !knowsOrder(target))
                    m_state.review(target, std::move(candidate),
                                   isOnlyPair ? "the same elements, their order is not proven"
                                              : "several tensors have the same elements");
            }
        }
    }

    std::map<std::string, Numbers> blocks(bool ofSources) const
    {
        std::map<std::string, Numbers> made;
        const std::size_t count = ofSources ? m_state.sources().size() : m_state.targets().size();
        for (std::size_t i = 0; i < count; ++i) {
            const MatchTensor& tensor = ofSources ? m_state.source(i) : m_state.target(i);
            const bool isFree = ofSources ? !m_state.isUsed(i) : isOpen(i);
            if (isFree && keyOf(tensor) && tensor.spec.shape.rank() > 0)
                made[blockOf(tensor.spec.name)].push_back(i);
        }
        std::erase_if(made, [](const auto& entry) { return entry.second.size() > kMostInGroup; });
        return made;
    }

    /// Calls body(numbers, key) for all pairs and triples of one type.
    template <typename Body>
    void forSets(const Numbers& block, bool ofSources, const Body& body) const
    {
        const auto tensor = [&](std::size_t i) -> const MatchTensor& {
            return ofSources ? m_state.source(i) : m_state.target(i);
        };
        const auto tell = [&](const Numbers& set) {
            Key key{0, 0, tensor(set.front()).spec.dtype};
            for (const std::size_t one : set) {
                const Key own = *keyOf(tensor(one));
                if (std::get<DType>(own) != std::get<DType>(key))
                    return;
                std::get<std::uint64_t>(key) += std::get<std::uint64_t>(own);
                std::get<std::int64_t>(key) += std::get<std::int64_t>(own);
            }
            body(set, key);
        };
        for (std::size_t a = 0; a < block.size(); ++a) {
            for (std::size_t b = a + 1; b < block.size(); ++b) {
                tell({block[a], block[b]});
                for (std::size_t c = b + 1; c < block.size(); ++c)
                    tell({block[a], block[b], block[c]});
            }
        }
    }

    void findJoined()
    {
        std::map<Key, Numbers> wanted;
        for (std::size_t i = 0; i < m_state.targets().size(); ++i) {
            if (const auto key = keyOf(m_state.target(i)); key && isOpen(i))
                wanted[*key].push_back(i);
        }
        if (wanted.empty())
            return;
        for (const auto& [block, numbers] : blocks(true)) {
            forSets(numbers, true, [&](const Numbers& set, const Key& key) {
                const auto found = wanted.find(key);
                if (found != wanted.end() && found->second.size() == 1 && isOpen(found->second.front()))
                    joinSet(set, found->second.front());
            });
        }
    }

    void joinSet(Numbers set, std::size_t target)
    {
        double score = 0.96;
        std::sort(set.begin(), set.end());
        do {
            for (std::int64_t axis = 0; axis < m_state.source(set.front()).spec.shape.rank(); ++axis) {
                for (const bool isTurned : {false, true}) {
                    Recipe recipe;
                    for (const std::size_t source : set)
                        recipe.inputs.push_back({source, {}});
                    recipe.joint = Operation{OperationKind::Concat, {axis}};
                    if (isTurned)
                        recipe.after.push_back(transposed());
                    MatchCandidate candidate =
                        m_state.candidate(target, std::move(recipe), MatchReason::SameElements, score,
                                          "the elements of all of them");
                    if (!candidate.problem.empty() ||
                        (knowsOrder(target) && !isProven(target, candidate.recipe)))
                        continue;
                    if (knowsOrder(target)) {
                        m_state.accept(target, std::move(candidate));
                        return;
                    }
                    score -= 0.001;
                    m_state.review(target, std::move(candidate),
                                   "joined of these, their order is not proven");
                }
            }
        } while (std::next_permutation(set.begin(), set.end()));
    }

    void findDivided()
    {
        std::map<Key, Numbers> whole;
        for (std::size_t i = 0; i < m_state.sources().size(); ++i) {
            if (const auto key = keyOf(m_state.source(i)); key && !m_state.isUsed(i))
                whole[*key].push_back(i);
        }
        if (whole.empty())
            return;
        for (const auto& [block, numbers] : blocks(false)) {
            forSets(numbers, false, [&](const Numbers& set, const Key& key) {
                const auto found = whole.find(key);
                const bool areOpen =
                    std::all_of(set.begin(), set.end(), [&](std::size_t t) { return isOpen(t); });
                if (found != whole.end() && found->second.size() == 1 && areOpen)
                    divideFor(found->second.front(), set);
            });
        }
    }

    void divideFor(std::size_t source, Numbers set)
    {
        const Shape& shape = m_state.source(source).spec.shape;
        std::sort(set.begin(), set.end());
        do {
            for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
                for (const bool isTurned : {false, true}) {
                    if (divide(source, set, axis, isTurned))
                        return;
                }
            }
        } while (std::next_permutation(set.begin(), set.end()));
    }

    /// Whether it was proven that the set is the source in pieces along this axis, in this order.
    bool divide(std::size_t source, const Numbers& set, std::int64_t axis, bool isTurned)
    {
        std::vector<MatchCandidate> candidates;
        std::int64_t at = 0;
        bool isSure = true;
        for (const std::size_t target : set) {
            const Shape& part = m_state.targets()[target].shape;
            if (part.rank() != m_state.source(source).spec.shape.rank())
                return false;
            const std::int64_t size = part.dim(static_cast<int>(isTurned ? part.rank() - 1 - axis : axis));
            Recipe recipe = Recipe::copyOf(source, {});
            recipe.inputs.front().operations.push_back({OperationKind::Slice, {axis, at, at + size}});
            if (isTurned)
                recipe.inputs.front().operations.push_back(transposed());
            at += size;
            candidates.push_back(m_state.candidate(target, std::move(recipe), MatchReason::SameElements, 0.95,
                                                   "a part of it has these elements"));
            if (!candidates.back().problem.empty())
                return false;
            isSure = isSure && knowsOrder(target) && isProven(target, candidates.back().recipe);
        }
        if (at != m_state.source(source).spec.shape.dim(static_cast<int>(axis)))
            return false;
        for (std::size_t i = 0; i < set.size(); ++i) {
            if (isSure)
                m_state.accept(set[i], std::move(candidates[i]));
            else if (!knowsOrder(set[i]))
                m_state.review(set[i], std::move(candidates[i]), "a part of it, which one is not proven");
        }
        return isSure;
    }

    MatchState& m_state;
};

} // namespace

void matchContent(MatchState& state)
{
    ContentMatcher(state).run();
}

} // namespace wr::remap
