// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/restore_plan.h"

#include <algorithm>
#include <set>

namespace wr::checkpoint {
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
    PlanTarget& linked = m_targets[target];
    linked.fate = Fate::Restore;
    linked.source = m_sources[source].name;
    linked.problem.clear();
    linked.reason.clear();
    return {};
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
    return {};
}

bool RestorePlan::isUsed(std::size_t source) const
{
    return std::any_of(m_targets.begin(), m_targets.end(), [&](const PlanTarget& target) {
        return target.fate == Fate::Restore && target.source == m_sources[source].name;
    });
}

std::vector<std::size_t> RestorePlan::unusedSources() const
{
    std::vector<std::string_view> used;
    for (const PlanTarget& target : m_targets) {
        if (target.fate == Fate::Restore)
            used.push_back(target.source);
    }
    std::sort(used.begin(), used.end());
    std::vector<std::size_t> unused;
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (!std::binary_search(used.begin(), used.end(), std::string_view(m_sources[i].name)))
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
        if (target.fate == Fate::Restore)
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

Result<std::vector<NamedTensor>> readPlan(const CheckpointReader& reader, const RestorePlan& plan,
                                          const Progress& progress)
{
    std::uint64_t total = 0;
    for (const PlanTarget& target : plan.targets()) {
        if (target.fate == Fate::Unresolved)
            return fail(StatusCode::FailedPrecondition,
                        "it is not decided what becomes of \"" + target.spec.name + "\": " + target.problem);
        if (target.fate == Fate::Restore)
            total += static_cast<std::uint64_t>(target.spec.shape.elementCount().value_or(0)) *
                     dtypeSize(target.spec.dtype);
    }
    std::vector<NamedTensor> values;
    std::uint64_t before = 0;
    for (const PlanTarget& target : plan.targets()) {
        if (target.fate != Fate::Restore)
            continue;
        const std::ptrdiff_t index = reader.find(target.source);
        if (index < 0)
            return fail(StatusCode::NotFound,
                        reader.path() + ": there is no tensor \"" + target.source + "\"");
        Result<Tensor> tensor =
            reader.read(static_cast<std::size_t>(index), [&](std::uint64_t done, std::uint64_t) {
                return !progress || progress(before + done, total);
            });
        if (!tensor)
            return fail(tensor.error().code() == StatusCode::Cancelled
                            ? tensor.error()
                            : tensor.error().withContext(reader.path()));
        if (tensor->dtype() != target.spec.dtype || tensor->shape() != target.spec.shape)
            return fail(StatusCode::FailedPrecondition,
                        reader.path() + ": \"" + target.source + "\" is not what the plan was made for");
        before += tensor->byteSize();
        values.push_back({target.spec.name, std::move(*tensor)});
    }
    return values;
}

} // namespace wr::checkpoint
