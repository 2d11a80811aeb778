// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/restore_plan.h"

#include <algorithm>
#include <map>
#include <set>

namespace wr::remap {
namespace {

std::ptrdiff_t sourceIndex(const std::vector<TensorSpec>& sources, const std::string& name)
{
    const auto found =
        std::find_if(sources.begin(), sources.end(), [&](const TensorSpec& s) { return s.name == name; });
    return found == sources.end() ? -1 : found - sources.begin();
}

std::string obstacleOf(const TensorSpec& source, const TensorSpec& target)
{
    if (source.dtype != target.dtype)
        return std::string(dtypeName(source.dtype)) + " cannot fill " + std::string(dtypeName(target.dtype));
    if (source.shape != target.shape)
        return source.shape.toString() + " cannot fill " + target.shape.toString();
    return {};
}

} // namespace

RestorePlan::RestorePlan(std::vector<TensorSpec> sources, std::vector<PlanTarget> targets)
    : m_sources(std::move(sources)), m_targets(std::move(targets))
{
    std::map<std::string_view, std::size_t> byName;
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        byName.emplace(m_sources[i].name, i);
    std::set<std::string_view> owned;
    for (const PlanTarget& target : m_targets)
        owned.insert(target.spec.name);
    for (PlanTarget& target : m_targets) {
        target.source.clear();
        target.problem.clear();
        target.reason.clear();
        target.recipe = {};
        auto found = byName.find(target.spec.name);
        for (std::size_t i = 0; i < target.aliases.size() && found == byName.end(); ++i) {
            if (owned.count(target.aliases[i]) == 0)
                found = byName.find(target.aliases[i]);
        }
        if (found == byName.end()) {
            target.fate = target.holdsValue ? Fate::Keep : Fate::Initialize;
            continue;
        }
        target.problem = obstacleOf(m_sources[found->second], target.spec);
        target.fate = target.problem.empty() ? Fate::Restore : Fate::Unresolved;
        if (!target.problem.empty())
            continue;
        target.source = m_sources[found->second].name;
        target.recipe = Recipe::copyOf(found->second, target.spec.name);
        if (target.source != target.spec.name)
            target.reason = "alias of " + target.spec.name;
        owned.insert(m_sources[found->second].name); // two targets do not share an old name
    }
}

std::string RestorePlan::obstacle(std::size_t source, std::size_t target) const
{
    if (source >= m_sources.size() || target >= m_targets.size())
        return "there is no such tensor";
    return obstacleOf(m_sources[source], m_targets[target].spec);
}

Status RestorePlan::link(std::size_t source, std::size_t target)
{
    if (const std::string why = obstacle(source, target); !why.empty())
        return invalidArgument(why);
    place(target, Recipe::copyOf(source, {}), {});
    return {};
}

Status RestorePlan::link(Recipe recipe, std::size_t target, std::string reason)
{
    if (target >= m_targets.size())
        return invalidArgument("there is no such variable");
    const TensorSpec& wanted = m_targets[target].spec;
    WR_ASSIGN_OR_RETURN(const TensorSpec made, specOf(recipe, m_sources, &wanted.shape));
    if (const std::string why = obstacleOf(made, wanted); !why.empty())
        return invalidArgument(why);
    resolveShapes(recipe, wanted.shape);
    place(target, std::move(recipe), std::move(reason));
    return {};
}

void RestorePlan::place(std::size_t target, Recipe recipe, std::string reason)
{
    PlanTarget& linked = m_targets[target];
    recipe.target = linked.spec.name;
    recipe.rule = Recipe::kNoRule;
    linked.fate = Fate::Restore;
    linked.source = m_sources[recipe.inputs.front().source].name;
    linked.problem.clear();
    linked.reason = std::move(reason);
    linked.recipe = std::move(recipe);
}

void RestorePlan::leaveOpen(std::size_t target, std::string problem)
{
    PlanTarget& open = m_targets[target];
    open.fate = Fate::Unresolved;
    open.source.clear();
    open.reason.clear();
    open.recipe = {};
    open.problem = std::move(problem);
}

std::ptrdiff_t RestorePlan::findTarget(std::string_view name) const
{
    const auto found = std::find_if(m_targets.begin(), m_targets.end(),
                                    [name](const PlanTarget& target) { return target.spec.name == name; });
    return found == m_targets.end() ? -1 : found - m_targets.begin();
}

Status RestorePlan::setFate(std::size_t target, Fate fate)
{
    if (target >= m_targets.size())
        return invalidArgument("there is no such variable");
    PlanTarget& changed = m_targets[target];
    if (fate == Fate::Keep && !changed.holdsValue)
        return failedPrecondition("\"" + changed.spec.name + "\" holds no value that could be kept");
    if (fate == Fate::Restore || fate == Fate::Unresolved)
        return invalidArgument("a variable is restored by linking it to a tensor");
    changed.fate = fate;
    changed.source.clear();
    changed.problem.clear();
    changed.reason.clear();
    changed.recipe = {};
    return {};
}

bool RestorePlan::isUsed(std::size_t source) const
{
    return std::any_of(m_targets.begin(), m_targets.end(), [source](const PlanTarget& target) {
        return target.fate == Fate::Restore &&
               std::any_of(target.recipe.inputs.begin(), target.recipe.inputs.end(),
                           [source](const RecipeInput& input) { return input.source == source; });
    });
}

std::vector<std::size_t> RestorePlan::unusedSources() const
{
    std::vector<bool> isUsed(m_sources.size(), false);
    for (const PlanTarget& target : m_targets) {
        for (const RecipeInput& input : target.recipe.inputs)
            isUsed[input.source] = isUsed[input.source] || target.fate == Fate::Restore;
    }
    std::vector<std::size_t> unused;
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (!isUsed[i])
            unused.push_back(i);
    }
    return unused;
}

RestorePlan::Counts RestorePlan::counts() const
{
    Counts counts;
    for (const PlanTarget& target : m_targets) {
        switch (target.fate) {
        case Fate::Restore:
            ++counts.restore;
            break;
        case Fate::Keep:
            ++counts.keep;
            break;
        case Fate::Initialize:
            ++counts.initialize;
            break;
        case Fate::Unresolved:
            ++counts.unresolved;
            break;
        }
    }
    counts.unused = unusedSources().size();
    return counts;
}

std::vector<std::pair<std::string, std::string>> RestorePlan::assignments() const
{
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const PlanTarget& target : m_targets) {
        if (target.fate == Fate::Restore && target.recipe.isCopy())
            pairs.emplace_back(target.source, target.spec.name);
    }
    return pairs;
}

Status RestorePlan::applyMapping(const std::vector<std::pair<std::string, std::string>>& mapping)
{
    std::string missing;
    std::vector<std::pair<std::size_t, std::size_t>> links;
    for (const auto& [stored, variable] : mapping) {
        const std::ptrdiff_t source = sourceIndex(m_sources, stored);
        const auto target =
            std::find_if(m_targets.begin(), m_targets.end(),
                         [&, &name = variable](const PlanTarget& t) { return t.spec.name == name; });
        if (source < 0)
            missing += (missing.empty() ? "" : ", ") + ("\"" + stored + "\" in the checkpoint");
        if (target == m_targets.end())
            missing += (missing.empty() ? "" : ", ") + ("\"" + variable + "\" in the model");
        if (source >= 0 && target != m_targets.end())
            links.emplace_back(static_cast<std::size_t>(source),
                               static_cast<std::size_t>(target - m_targets.begin()));
    }
    if (!missing.empty())
        return notFound("there is no " + missing);
    for (const auto& [source, target] : links) {
        if (const std::string why = obstacle(source, target); !why.empty())
            return invalidArgument("\"" + m_sources[source].name + "\" for \"" + m_targets[target].spec.name +
                                   "\": " + why);
    }
    for (const auto& [source, target] : links)
        WR_RETURN_IF_ERROR(link(source, target));
    return {};
}

} // namespace wr::remap
