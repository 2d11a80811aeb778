// SPDX-License-Identifier: GPL-3.0-or-later
// The way back from the result of a mapping to what went into it.
#include "engine/remap/evaluation.h"

#include <algorithm>
#include <map>

namespace wr::remap {
namespace {

/// The inverses of operations on `spec`, last first.
Result<std::vector<Operation>> undone(const std::vector<Operation>& operations, TensorSpec spec, bool& rounds)
{
    std::vector<Operation> inverse;
    for (const Operation& operation : operations) {
        const std::optional<Operation> one = inverseOf(operation, spec);
        if (!one)
            return fail(StatusCode::FailedPrecondition, textOf(operation) + " loses values");
        rounds = rounds || undoing(operation, spec) == Undoing::Rounds;
        inverse.insert(inverse.begin(), *one);
        WR_ASSIGN_OR_RETURN(spec, specAfter(operation, spec));
    }
    return inverse;
}

/// Where in its source a recipe cuts, when it is one piece of a divided tensor.
struct Piece {
    std::size_t recipe = 0;
    std::size_t cut = 0; ///< place of the slice or take in the operations
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

class Inverter {
public:
    Inverter(const Evaluation& evaluation, std::span<const TensorSpec> sources)
        : m_evaluation(evaluation), m_sources(sources)
    {
    }

    Result<Mapping> run()
    {
        std::map<std::size_t, std::vector<std::size_t>> bySource;
        for (std::size_t i = 0; i < m_evaluation.recipes.size(); ++i) {
            for (const RecipeInput& input : m_evaluation.recipes[i].inputs)
                bySource[input.source].push_back(i);
        }
        for (std::size_t i = 0; i < m_sources.size(); ++i) {
            if (bySource.count(i) == 0)
                return fail(StatusCode::FailedPrecondition,
                            "nothing is made of \"" + m_sources[i].name + "\", so that it cannot come back");
        }
        Mapping mapping;
        mapping.keepsOthers = false;
        for (const auto& [source, recipes] : bySource) {
            const Status status = addWayBack(mapping, source, recipes);
            if (!status.isOk())
                return fail(status.withContext(m_sources[source].name));
        }
        return mapping;
    }

    bool rounds() const { return m_rounds; }

private:
    Status addWayBack(Mapping& mapping, std::size_t source, const std::vector<std::size_t>& recipes)
    {
        // A copy is enough, whatever else is made of the tensor.
        Status failure;
        for (const std::size_t i : recipes) {
            const Recipe& recipe = m_evaluation.recipes[i];
            const bool roundsBefore = m_rounds;
            const Status status = recipe.joint ? unjoin(mapping, recipe) : unmake(mapping, recipe);
            if (status.isOk())
                return {};
            m_rounds = roundsBefore;
            failure = status;
        }
        return recipes.size() > 1 ? unsplit(mapping, source, recipes) : failure;
    }

    Status unmake(Mapping& mapping, const Recipe& recipe)
    {
        std::vector<Operation> all = recipe.inputs.front().operations;
        all.insert(all.end(), recipe.after.begin(), recipe.after.end());
        const TensorSpec& source = m_sources[recipe.inputs.front().source];
        Rule rule;
        rule.from = {recipe.target};
        rule.to = {source.name};
        WR_ASSIGN_OR_RETURN(rule.operations, undone(all, source, m_rounds));
        mapping.rules.push_back(std::move(rule));
        return {};
    }

    /// One rule divides what was joined; every input must be prepared alike.
    Status unjoin(Mapping& mapping, const Recipe& recipe)
    {
        if (std::find(m_unjoined.begin(), m_unjoined.end(), &recipe) != m_unjoined.end())
            return {};
        Rule rule;
        rule.from = {recipe.target};
        std::vector<TensorSpec> specs;
        std::vector<Operation> before;
        const bool isStack = recipe.joint->kind == OperationKind::Stack;
        Operation joint{isStack ? OperationKind::Unstack : OperationKind::Split,
                        {recipe.joint->numbers.front()}};
        for (const RecipeInput& input : recipe.inputs) {
            WR_ASSIGN_OR_RETURN(const TensorSpec spec, specAfter(input.operations, m_sources[input.source]));
            WR_ASSIGN_OR_RETURN(std::vector<Operation> one,
                                undone(input.operations, m_sources[input.source], m_rounds));
            if (!specs.empty() && one != before)
                return failedPrecondition("the tensors that were joined were not prepared alike");
            before = std::move(one);
            if (!isStack)
                joint.numbers.push_back(spec.shape.dim(static_cast<int>(joint.numbers.front())));
            specs.push_back(spec);
            rule.to.push_back(m_sources[input.source].name);
        }
        WR_ASSIGN_OR_RETURN(const TensorSpec joined, specJoined(*recipe.joint, specs));
        WR_ASSIGN_OR_RETURN(rule.operations, undone(recipe.after, joined, m_rounds));
        if (rule.to.size() > 1)
            rule.operations.push_back(std::move(joint));
        else if (isStack)
            rule.operations.push_back({OperationKind::Squeeze, joint.numbers});
        rule.operations.insert(rule.operations.end(), before.begin(), before.end());
        mapping.rules.push_back(std::move(rule));
        m_unjoined.push_back(&recipe);
        return {};
    }

    /// The pieces of a tensor, if together they are all of it.
    Status unsplit(Mapping& mapping, std::size_t source, const std::vector<std::size_t>& recipes)
    {
        const Status lost = failedPrecondition("parts of it are left out");
        std::vector<Piece> pieces;
        for (const std::size_t i : recipes) {
            const Recipe& recipe = m_evaluation.recipes[i];
            const std::vector<Operation>& operations = recipe.inputs.front().operations;
            const auto cut =
                std::find_if(operations.begin(), operations.end(), [](const Operation& operation) {
                    return operation.kind == OperationKind::Slice || operation.kind == OperationKind::Take;
                });
            if (recipe.inputs.size() != 1 || cut == operations.end())
                return lost;
            const bool isTake = cut->kind == OperationKind::Take;
            pieces.push_back({i, static_cast<std::size_t>(cut - operations.begin()), cut->numbers[1],
                              isTake ? cut->numbers[1] + 1 : cut->numbers[2]});
        }
        std::sort(pieces.begin(), pieces.end(),
                  [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
        const std::vector<Operation>& first =
            m_evaluation.recipes[pieces.front().recipe].inputs.front().operations;
        const Operation& cut = first[pieces.front().cut];
        const std::vector<Operation> before(first.begin(),
                                            first.begin() + static_cast<std::ptrdiff_t>(pieces.front().cut));
        WR_ASSIGN_OR_RETURN(const TensorSpec whole, specAfter(before, m_sources[source]));
        Rule rule;
        rule.to = {m_sources[source].name};
        std::vector<Operation> after;
        std::int64_t at = 0;
        for (const Piece& piece : pieces) {
            const Recipe& recipe = m_evaluation.recipes[piece.recipe];
            const std::vector<Operation>& operations = recipe.inputs.front().operations;
            const Operation& own = operations[piece.cut];
            const bool isAlike = piece.cut == pieces.front().cut && own.kind == cut.kind &&
                                 own.numbers.front() == cut.numbers.front() &&
                                 std::equal(before.begin(), before.end(), operations.begin());
            if (!isAlike || piece.begin != at)
                return lost;
            at = piece.end;
            std::vector<Operation> behind(operations.begin() + static_cast<std::ptrdiff_t>(piece.cut) + 1,
                                          operations.end());
            behind.insert(behind.end(), recipe.after.begin(), recipe.after.end());
            WR_ASSIGN_OR_RETURN(const TensorSpec part, specAfter(own, whole));
            WR_ASSIGN_OR_RETURN(std::vector<Operation> one, undone(behind, part, m_rounds));
            if (!rule.from.empty() && one != after)
                return failedPrecondition("its parts were not treated alike");
            after = std::move(one);
            rule.from.push_back(recipe.target);
        }
        if (at != whole.shape.dim(static_cast<int>(cut.numbers.front())))
            return lost;
        rule.operations = std::move(after);
        rule.operations.push_back(
            {cut.kind == OperationKind::Take ? OperationKind::Stack : OperationKind::Concat,
             {cut.numbers.front()}});
        WR_ASSIGN_OR_RETURN(const std::vector<Operation> last, undone(before, m_sources[source], m_rounds));
        rule.operations.insert(rule.operations.end(), last.begin(), last.end());
        mapping.rules.push_back(std::move(rule));
        return {};
    }

    const Evaluation& m_evaluation;
    std::span<const TensorSpec> m_sources;
    std::vector<const Recipe*> m_unjoined;
    bool m_rounds = false;
};

} // namespace

Result<Mapping> inverseOf(const Evaluation& evaluation, std::span<const TensorSpec> sources, bool* rounds)
{
    Inverter inverter(evaluation, sources);
    WR_ASSIGN_OR_RETURN(Mapping mapping, inverter.run());
    if (rounds != nullptr)
        *rounds = inverter.rounds();
    else if (inverter.rounds())
        return fail(StatusCode::FailedPrecondition, "the way back would round values");
    return mapping;
}

} // namespace wr::remap
