// SPDX-License-Identifier: GPL-3.0-or-later
// How rules and matches become links of a restore plan, and what is told of those that cannot.
#include "engine/remap/name_template.h"
#include "engine/remap/restore_plan.h"
#include "engine/remap/slot_name.h"

#include <algorithm>
#include <unordered_map>

namespace wr::remap {
namespace {

std::unordered_map<std::string_view, std::size_t> byName(const std::vector<PlanTarget>& targets)
{
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < targets.size(); ++i)
        index.emplace(targets[i].spec.name, i);
    return index;
}

/// What happens to a weight that means nothing for what an optimizer keeps of it; empty when there is
/// nothing.
std::string foreignToSlots(const Recipe& recipe)
{
    const auto find = [](const std::vector<Operation>& operations) -> std::string {
        for (const Operation& operation : operations) {
            if (operation.kind == OperationKind::Pad || operation.kind == OperationKind::Scale)
                return textOf(operation);
        }
        return {};
    };
    for (const RecipeInput& input : recipe.inputs) {
        if (std::string found = find(input.operations); !found.empty())
            return found;
    }
    return find(recipe.after);
}

} // namespace

std::vector<MappingProblem> RestorePlan::applyMapping(const Mapping& mapping)
{
    const auto index = byName(m_targets);
    Mapping only = mapping;
    only.keepsOthers = false; // the others are linked by their names already
    Evaluation evaluation = evaluate(only, m_sources, [&](const std::string& name) -> const Shape* {
        const auto target = index.find(name);
        return target == index.end() ? nullptr : &m_targets[target->second].spec.shape;
    });
    std::vector<MappingProblem> problems = std::move(evaluation.problems);
    for (const MappingProblem& problem : problems) {
        if (const auto target = index.find(problem.tensor); target != index.end())
            leaveOpen(target->second, problem.what);
    }
    for (Recipe& recipe : evaluation.recipes) {
        const std::size_t rule = recipe.rule;
        const auto target = index.find(recipe.target);
        if (target == index.end()) {
            problems.push_back({{rule}, recipe.target, "the model has no variable of this name"});
            continue;
        }
        const std::string reason = placeOf(mapping, rule);
        const TensorSpec& wanted = m_targets[target->second].spec;
        const Result<TensorSpec> made = specOf(recipe, m_sources, &wanted.shape);
        // A type that loses nothing is no question.
        if (made && made->dtype != wanted.dtype && undoing(castTo(wanted.dtype), *made) == Undoing::Exact)
            (recipe.joint ? recipe.after : recipe.inputs.front().operations).push_back(castTo(wanted.dtype));
        if (const Status status = link(std::move(recipe), target->second, reason); !status.isOk()) {
            leaveOpen(target->second, status.message());
            problems.push_back({{rule}, wanted.name, status.message()});
        }
    }
    return problems;
}

void RestorePlan::applyMatch(const MatchResult& match)
{
    for (std::size_t i = 0; i < m_targets.size() && i < match.targets.size(); ++i) {
        const Match& one = match.targets[i];
        if (m_targets[i].fate == Fate::Restore || one.candidates.empty())
            continue;
        const MatchCandidate& first = one.candidates.front();
        if (one.confidence == Confidence::Review) {
            const std::string sources = first.recipe.text(m_sources);
            leaveOpen(i, one.question + " (likely " + m_sources[first.recipe.inputs.front().source].name +
                             (sources.empty() ? "" : ": " + sources) + ")");
        } else if (const Status status = link(first.recipe, i, first.why); !status.isOk()) {
            leaveOpen(i, status.message());
        }
    }
}

void RestorePlan::followSlots()
{
    const auto index = byName(m_targets);
    std::unordered_map<std::string_view, std::size_t> sources;
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        sources.emplace(m_sources[i].name, i);
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        PlanTarget& target = m_targets[i];
        std::optional<SlotName> slot = slotNameOf(target.spec.name);
        if (!slot || target.fate == Fate::Restore || target.fate == Fate::Unresolved)
            continue;
        const auto variable =
            index.find(target.slotOf.empty() ? slot->variable : std::string_view(target.slotOf));
        if (variable == index.end() || m_targets[variable->second].fate != Fate::Restore)
            continue;
        Recipe recipe = m_targets[variable->second].recipe;
        bool isWhole = true;
        for (RecipeInput& input : recipe.inputs) {
            std::ptrdiff_t found = -1;
            std::vector<std::string> suffixes = slotSuffixes(slot->role);
            suffixes.insert(suffixes.begin(), std::string(slot->suffix));
            for (const std::string& suffix : suffixes) {
                const auto source = sources.find(m_sources[input.source].name + suffix);
                if (found < 0 && source != sources.end())
                    found = static_cast<std::ptrdiff_t>(source->second);
            }
            isWhole = isWhole && found >= 0;
            if (found >= 0)
                input.source = static_cast<std::size_t>(found);
        }
        const std::string& name = m_targets[variable->second].spec.name;
        if (!isWhole)
            continue;
        if (const std::string foreign = foreignToSlots(recipe); !foreign.empty()) {
            target.fate = Fate::Initialize;
            target.reason = "begins anew: " + foreign + " of " + name;
            continue;
        }
        // Where it does not fit it stays as it was: kept or initialised.
        const Status status = link(std::move(recipe), i, "follows " + name);
        static_cast<void>(status.isOk());
    }
}

std::vector<PlanProblem> RestorePlan::problems() const
{
    std::vector<TensorSpec> open;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
        if (m_targets[i].fate == Fate::Unresolved) {
            open.push_back(m_targets[i].spec);
            numbers.push_back(i);
        }
    }
    const TemplateSet set = TemplateSet::of(open);
    std::vector<PlanProblem> problems;
    for (std::size_t t = 0; t < set.templates().size(); ++t) {
        PlanProblem problem{set.templates()[t].text(), set.templates()[t].count, {}};
        problem.what = m_targets[numbers[set.members(t).front()]].problem;
        problems.push_back(std::move(problem));
    }
    return problems;
}

} // namespace wr::remap
