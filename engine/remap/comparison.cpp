// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/comparison.h"

#include "engine/remap/match_state.h"
#include "engine/remap/pair_numbers.h"
#include "engine/remap/recipe_source.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace wr::remap {
namespace {

using checkpoint::CheckpointReader;
using checkpoint::TensorEntry;

/// A pair that is to be looked at.
struct Task {
    TensorPair pair;
    Recipe recipe; ///< what is made of A
    std::size_t b = 0;
};

class Comparer {
public:
    Comparer(const CheckpointReader& a, const CheckpointReader& b, const ComparisonOptions& options,
             const Progress& progress)
        : m_a(a), m_b(b), m_options(options), m_progress(progress), m_from(matchTensorsOf(a)),
          m_to(matchTensorsOf(b))
    {
        for (const MatchTensor& tensor : m_from) {
            m_specs.push_back(tensor.spec);
            m_total += bytesOf(tensor.spec);
        }
        for (const MatchTensor& tensor : m_to)
            m_total += bytesOf(tensor.spec);
    }

    Result<Comparison> run()
    {
        pairUp();
        for (Task& task : m_tasks) {
            WR_RETURN_IF_ERROR(compare(task));
            m_result.pairs.push_back(std::move(task.pair));
            m_done += bytesOf(m_to[task.b].spec);
            if (!alive())
                return fail(cancelled("comparing was cancelled"));
        }
        addSurprise();
        std::stable_sort(
            m_result.pairs.begin(), m_result.pairs.end(), [](const TensorPair& x, const TensorPair& y) {
                if (x.kind != y.kind)
                    return x.kind < y.kind;
                return x.kind == PairKind::Changed && x.numbers.relativeL2 > y.numbers.relativeL2;
            });
        return std::move(m_result);
    }

private:
    static std::uint64_t bytesOf(const TensorSpec& spec)
    {
        return static_cast<std::uint64_t>(spec.shape.elementCount().value_or(0)) * dtypeSize(spec.dtype);
    }

    bool alive() const { return !m_progress || m_progress(std::min(m_done, m_total), m_total); }

    void addTask(std::size_t b, Recipe recipe, std::string reason)
    {
        Task task;
        task.b = b;
        for (const RecipeInput& input : recipe.inputs) {
            task.pair.nameA += (task.pair.nameA.empty() ? "" : " + ") + m_specs[input.source].name;
            m_used.insert(input.source);
        }
        task.pair.nameB = m_to[b].spec.name;
        task.pair.a = m_specs[recipe.inputs.front().source];
        task.pair.b = m_to[b].spec;
        task.pair.reason = std::move(reason);
        task.recipe = std::move(recipe);
        m_tasks.push_back(std::move(task));
    }

    void pairUp()
    {
        std::vector<bool> isPaired(m_to.size(), false);
        std::set<std::string_view> namesB;
        for (const MatchTensor& tensor : m_to)
            namesB.insert(tensor.spec.name);
        for (std::size_t b = 0; b < m_to.size(); ++b) {
            if (const std::ptrdiff_t a = m_a.find(m_to[b].spec.name); a >= 0) {
                isPaired[b] = true;
                addTask(b, Recipe::copyOf(static_cast<std::size_t>(a), m_to[b].spec.name), {});
            }
        }
        if (!m_options.pairsByNameOnly && m_tasks.size() < m_to.size())
            matchRest(isPaired);
        for (std::size_t b = 0; b < m_to.size(); ++b) {
            if (isPaired[b])
                continue;
            TensorPair pair;
            pair.kind = PairKind::Added;
            pair.nameB = m_to[b].spec.name;
            pair.b = m_to[b].spec;
            m_result.pairs.push_back(std::move(pair));
        }
        for (std::size_t a = 0; a < m_specs.size(); ++a) {
            if (m_used.count(a) > 0)
                continue;
            TensorPair pair;
            pair.kind = PairKind::Removed;
            pair.nameA = m_specs[a].name;
            pair.a = m_specs[a];
            m_result.pairs.push_back(std::move(pair));
        }
    }

    /// Names that only one side has.
    void matchRest(std::vector<bool>& isPaired)
    {
        MatchOptions options = m_options.match;
        options.acceptsNarrowing = true;
        addHints(options, m_a.metadata());
        addHints(options, m_b.metadata());
        options.digestOfResult = [this](const Recipe& recipe) { return digestOfRecipe(m_a, recipe); };
        options.progress = [this](std::uint64_t, std::uint64_t) { return alive(); };
        const MatchResult result = matchTensors(m_from, m_to, options);
        for (std::size_t b = 0; b < m_to.size(); ++b) {
            const Match& match = result.targets[b];
            if (isPaired[b] || match.confidence != Confidence::Accepted)
                continue;
            const Recipe& recipe = match.candidates.front().recipe;
            const bool isFree =
                std::none_of(recipe.inputs.begin(), recipe.inputs.end(), [&](const RecipeInput& input) {
                    return m_b.find(m_specs[input.source].name) >= 0; // it has a pair of its own name
                });
            if (!isFree)
                continue;
            isPaired[b] = true;
            addTask(b, recipe, match.candidates.front().why);
        }
    }

    static std::string operationsText(const Recipe& recipe)
    {
        std::vector<Operation> all = recipe.inputs.front().operations;
        if (recipe.joint)
            all.push_back(*recipe.joint);
        all.insert(all.end(), recipe.after.begin(), recipe.after.end());
        return textOf(all);
    }

    /// One of a different shape or type under the same name may be equal all the same.
    bool findArrangement(Task& task) const
    {
        const MatchTensor& from = m_from[task.recipe.inputs.front().source];
        const MatchTensor& to = m_to[task.b];
        if (!to.digest || !from.statistics || !to.statistics)
            return false;
        const bool isOneType = from.spec.dtype == to.spec.dtype;
        const bool couldBe = isOneType ? from.statistics->fingerprint == to.statistics->fingerprint
                                       : from.statistics->fingerprintBf16 == to.statistics->fingerprintBf16;
        if (!couldBe)
            return false;
        for (const std::vector<Operation>& operations : arrangements(from.spec.shape, to.spec.shape)) {
            Recipe recipe = task.recipe;
            recipe.inputs.front().operations = operations;
            if (!isOneType)
                recipe.inputs.front().operations.push_back(castTo(to.spec.dtype));
            if (recipe.isCopy())
                continue;
            const Result<checkpoint::Digest> digest = digestOfRecipe(m_a, recipe);
            if (digest && *digest == *to.digest) {
                task.recipe = std::move(recipe);
                return true;
            }
        }
        return false;
    }

    Status compare(Task& task)
    {
        TensorPair& pair = task.pair;
        const std::size_t source = task.recipe.inputs.front().source;
        const bool isRenamed = pair.nameA != pair.nameB;
        const bool isOneSpec =
            task.recipe.inputs.size() == 1 && pair.a.dtype == pair.b.dtype && pair.a.shape == pair.b.shape;
        if (task.recipe.isCopy() && isOneSpec && m_from[source].digest &&
            m_from[source].digest == m_to[task.b].digest) {
            pair.isSame = pair.byDigest = true;
            pair.kind = isRenamed ? PairKind::Renamed : PairKind::Equal;
            if (const auto& statistics = m_to[task.b].statistics) {
                pair.numbers.nanA = pair.numbers.nanB = static_cast<std::int64_t>(statistics->nanCount);
                pair.numbers.infA = pair.numbers.infB = static_cast<std::int64_t>(statistics->infCount);
            }
            return {};
        }
        if (task.recipe.isCopy() && findArrangement(task)) {
            pair.isSame = true;
            pair.operation = operationsText(task.recipe);
            pair.kind = isOneSpec ? PairKind::Changed : PairKind::Reshaped;
            WR_RETURN_IF_ERROR(measure(task));
            return {};
        }
        pair.operation = operationsText(task.recipe);
        const Result<TensorSpec> made = specOf(task.recipe, m_specs);
        if (!made || made->shape != pair.b.shape) {
            pair.kind = PairKind::Reshaped;
            return {};
        }
        WR_RETURN_IF_ERROR(measure(task));
        if (pair.kind == PairKind::Damaged)
            return {};
        const PairNumbers& n = pair.numbers;
        pair.isSame = n.changed == 0;
        if (n.nanB + n.infB > n.nanA + n.infA)
            pair.kind = PairKind::NonFinite;
        else if (!isOneSpec)
            pair.kind = PairKind::Reshaped;
        else if (!pair.isSame || !pair.operation.empty())
            pair.kind = PairKind::Changed;
        else
            pair.kind = isRenamed ? PairKind::Renamed : PairKind::Equal;
        return {};
    }

    /// Reads both in pieces. Damage of one pair does not end the whole.
    Status measure(Task& task)
    {
        TensorPair& pair = task.pair;
        const Result<std::unique_ptr<RecipeSource>> source = RecipeSource::of(m_a, {task.recipe});
        if (!source) {
            pair.kind = PairKind::Damaged;
            pair.problem = source.error().message();
            return {};
        }
        const DType typeA = (*source)->specs().front().dtype;
        PairSums sums(typeA, pair.b.dtype, m_options.absoluteTolerance, m_options.relativeTolerance);
        constexpr std::uint64_t kPiece = std::uint64_t{1} << 18U; // elements
        const auto elements = static_cast<std::uint64_t>(pair.b.shape.elementCount().value_or(0));
        std::vector<std::byte> scratch;
        std::vector<std::byte> own;
        const std::uint64_t doneBefore = m_done;
        for (std::uint64_t at = 0; at < elements; at += kPiece) {
            const std::uint64_t count = std::min(kPiece, elements - at);
            const auto a = (*source)->bytes(0, at * dtypeSize(typeA), count * dtypeSize(typeA), scratch);
            own.resize(count * dtypeSize(pair.b.dtype));
            const Status read = a ? m_b.readPart(task.b, at * dtypeSize(pair.b.dtype), own) : a.error();
            if (!read.isOk()) {
                pair.kind = PairKind::Damaged;
                pair.problem = (a ? m_b.path() : m_a.path()) + ": " + read.message();
                return {};
            }
            sums.add(*a, own);
            m_done = doneBefore + at * dtypeSize(pair.b.dtype);
            if (!alive())
                return cancelled("comparing was cancelled");
        }
        m_done = doneBefore;
        pair.numbers = sums.numbers();
        pair.hasNumbers = true;
        return {};
    }

    void addSurprise()
    {
        std::vector<TensorSpec> changed;
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < m_result.pairs.size(); ++i) {
            const TensorPair& pair = m_result.pairs[i];
            if (pair.kind == PairKind::Changed && std::isfinite(pair.numbers.relativeL2) &&
                pair.numbers.relativeL2 > 0.0) {
                changed.push_back(pair.b);
                numbers.push_back(i);
            }
        }
        const TemplateSet set = TemplateSet::of(changed);
        const auto medianOf = [](std::vector<double> values) {
            std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                             values.end());
            return values[values.size() / 2];
        };
        for (std::size_t t = 0; t < set.templates().size(); ++t) {
            constexpr std::size_t kFewest = 4; // of less nothing is usual
            const std::span<const std::uint32_t> members = set.members(t);
            if (members.size() < kFewest)
                continue;
            std::vector<double> logs;
            for (const std::uint32_t member : members)
                logs.push_back(std::log10(m_result.pairs[numbers[member]].numbers.relativeL2));
            const double median = medianOf(logs);
            std::vector<double> deviations;
            for (const double one : logs)
                deviations.push_back(std::fabs(one - median));
            constexpr double kLeastDeviation = 1e-3; // where all are the same a little more is no wonder
            const double usual = std::max(medianOf(deviations), kLeastDeviation);
            for (std::size_t i = 0; i < members.size(); ++i)
                m_result.pairs[numbers[members[i]]].surprise = std::fabs(logs[i] - median) / usual;
        }
    }

    const CheckpointReader& m_a;
    const CheckpointReader& m_b;
    const ComparisonOptions& m_options;
    const Progress& m_progress;
    std::vector<MatchTensor> m_from;
    std::vector<MatchTensor> m_to;
    std::vector<TensorSpec> m_specs;
    std::set<std::size_t> m_used; ///< tensors of A
    std::vector<Task> m_tasks;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
    Comparison m_result;
};

} // namespace

std::size_t Comparison::count(PairKind kind) const
{
    return static_cast<std::size_t>(std::count_if(
        pairs.begin(), pairs.end(), [kind](const TensorPair& pair) { return pair.kind == kind; }));
}

Result<Comparison> compareCheckpoints(const checkpoint::CheckpointReader& a,
                                      const checkpoint::CheckpointReader& b, const ComparisonOptions& options,
                                      const Progress& progress)
{
    return Comparer(a, b, options, progress).run();
}

} // namespace wr::remap
