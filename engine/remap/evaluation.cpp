// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/evaluation.h"

#include "engine/remap/presets.h"
#include "engine/remap/rule_matcher.h"

#include <algorithm>
#include <unordered_map>

namespace wr::remap {
namespace {

constexpr std::int64_t kMostPieces = 1'000'000;

struct Entry {
    std::int64_t number = 0; ///< value of the collected variable, or place in the list
    std::size_t source = 0;
};

/// Tensors that become one.
struct Group {
    const ReadyRule* rule = nullptr;
    std::string target;
    std::vector<Entry> entries;
};

class Evaluator {
public:
    Evaluator(const Mapping& mapping, std::span<const TensorSpec> sources, const WantedShape& wanted)
        : m_mapping(mapping), m_sources(sources), m_wanted(wanted)
    {
        m_result.hits.assign(mapping.rules.size(), 0);
    }

    Evaluation run()
    {
        prepare();
        for (std::size_t source = 0; source < m_sources.size(); ++source)
            take(source);
        for (const Group& group : m_groups)
            finish(group);
        addOthers();
        keepSound();
        return std::move(m_result);
    }

private:
    void problem(std::vector<std::size_t> rules, std::string tensor, std::string what)
    {
        m_result.problems.push_back({std::move(rules), std::move(tensor), std::move(what)});
    }

    void prepare()
    {
        for (std::size_t number = 0; number < m_mapping.rules.size(); ++number) {
            const Rule& rule = m_mapping.rules[number];
            if (!rule.isOn)
                continue;
            if (rule.kind == RuleKind::Preset) {
                addPreset(rule, number);
                continue;
            }
            Result<ReadyRule> ready = readyRule(rule, number);
            if (!ready) {
                problem({number}, {}, ready.error().message());
                continue;
            }
            switch (rule.kind) {
            case RuleKind::Exact:
                m_exact.push_back(std::move(*ready));
                break;
            case RuleKind::Template:
                m_templates.push_back(std::move(*ready));
                break;
            case RuleKind::Drop:
                m_drops.push_back(std::move(*ready));
                break;
            default:
                m_searches.push_back(std::move(*ready));
            }
        }
        for (std::size_t i = 0; i < m_exact.size(); ++i) {
            for (std::size_t k = 0; k < m_exact[i].from.size(); ++k)
                m_byName[m_exact[i].from[k].text()].emplace_back(i, k);
        }
    }

    void addPreset(const Rule& rule, std::size_t number)
    {
        const Result<std::vector<Rule>> rules =
            presetRules(rule.from.front(), rule.to.front(), rule.parameters);
        if (!rules) {
            problem({number}, {}, rules.error().message());
            return;
        }
        for (const Rule& one : *rules) {
            if (Result<ReadyRule> ready = readyRule(one, number))
                m_presets.push_back(std::move(*ready));
            else
                problem({number}, {}, ready.error().message());
        }
    }

    void take(std::size_t source)
    {
        const std::string& name = m_sources[source].name;
        if (const auto found = m_byName.find(name); found != m_byName.end()) {
            for (const auto& [rule, k] : found->second)
                apply(m_exact[rule], source, k, {});
            return;
        }
        for (const ReadyRule& drop : m_drops) {
            Bindings bindings;
            if (drop.from.front().match(name, bindings)) {
                ++m_result.hits[drop.number];
                m_result.dropped.push_back(source);
                return;
            }
        }
        if (!takeByTemplates(m_templates, source) && !search(source) && !takeByTemplates(m_presets, source))
            m_result.others.push_back(source);
    }

    bool takeByTemplates(const std::vector<ReadyRule>& rules, std::size_t source)
    {
        bool isTaken = false;
        for (const ReadyRule& rule : rules) {
            for (std::size_t k = 0; k < rule.from.size(); ++k) {
                Bindings bindings;
                if (!m_sources[source].name.starts_with(rule.from[k].beginning()) ||
                    !rule.from[k].match(m_sources[source].name, bindings))
                    continue;
                isTaken = true;
                apply(rule, source, k, bindings);
            }
        }
        return isTaken;
    }

    /// Prefixes and expressions.
    bool search(std::size_t source)
    {
        const std::string& name = m_sources[source].name;
        const ReadyRule* prefix = nullptr;
        bool isTaken = false;
        for (const ReadyRule& rule : m_searches) {
            if (rule.kind == RuleKind::Prefix) {
                const bool isLonger =
                    prefix == nullptr || rule.from.front().text().size() > prefix->from.front().text().size();
                if (isLonger && name.starts_with(rule.from.front().text()))
                    prefix = &rule;
                continue;
            }
            if (std::optional<std::string> made = rule.regex->replaced(name, rule.replacement)) {
                isTaken = true;
                ++m_result.hits[rule.number];
                single(rule, source, std::move(*made));
            }
        }
        if (prefix != nullptr) {
            ++m_result.hits[prefix->number];
            single(*prefix, source,
                   prefix->to.front().text() + name.substr(prefix->from.front().text().size()));
        }
        return isTaken || prefix != nullptr;
    }

    void single(const ReadyRule& rule, std::size_t source, std::string target)
    {
        Recipe recipe = Recipe::copyOf(source, std::move(target));
        recipe.inputs.front().operations = rule.before;
        recipe.rule = rule.number;
        add(std::move(recipe));
    }

    void apply(const ReadyRule& rule, std::size_t source, std::size_t k, const Bindings& bindings)
    {
        ++m_result.hits[rule.number];
        if (!rule.joint) {
            if (Result<std::string> target = rule.to.front().format(bindings))
                single(rule, source, std::move(*target));
            else
                problem({rule.number}, m_sources[source].name, target.error().message());
            return;
        }
        if (rule.joint->kind == OperationKind::Split || rule.joint->kind == OperationKind::Unstack) {
            divide(rule, source, bindings);
            return;
        }
        const Result<std::string> target = rule.to.front().format(bindings);
        if (!target) {
            problem({rule.number}, m_sources[source].name, target.error().message());
            return;
        }
        const auto key = std::make_pair(&rule, *target);
        const auto [found, isNew] = m_groupOf.emplace(key, m_groups.size());
        if (isNew)
            m_groups.push_back({&rule, *target, {}});
        const Binding* collected = rule.collected.empty() ? nullptr : findBinding(bindings, rule.collected);
        m_groups[found->second].entries.push_back(
            {collected != nullptr ? collected->number : static_cast<std::int64_t>(k), source});
    }

    void finish(const Group& group)
    {
        const ReadyRule& rule = *group.rule;
        std::vector<Entry> entries = group.entries;
        std::sort(entries.begin(), entries.end(),
                  [](const Entry& a, const Entry& b) { return a.number < b.number; });
        const std::int64_t first = rule.collected.empty() ? 0 : entries.front().number;
        Recipe recipe;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].number != first + static_cast<std::int64_t>(i)) {
                const std::string what =
                    rule.collected.empty()
                        ? rule.from[i].text()
                        : rule.collected + " = " + std::to_string(first + static_cast<std::int64_t>(i));
                problem({rule.number}, group.target,
                        "of what is joined, " + what + " is missing or there twice");
                return;
            }
            recipe.inputs.push_back({entries[i].source, rule.before});
        }
        if (rule.collected.empty() && entries.size() != rule.from.size()) {
            problem({rule.number}, group.target,
                    "of what is joined, " + rule.from[entries.size()].text() + " is missing");
            return;
        }
        recipe.target = group.target;
        recipe.joint = rule.joint;
        recipe.after = rule.after;
        recipe.rule = rule.number;
        add(std::move(recipe));
    }

    /// Sizes of the parts along the axis, or why there are none.
    Result<std::vector<std::int64_t>> partSizes(const ReadyRule& rule, const TensorSpec& whole) const
    {
        const Operation& joint = *rule.joint;
        const std::int64_t axis = joint.numbers.front();
        if (axis < 0 || axis >= whole.shape.rank())
            return fail(StatusCode::InvalidArgument, textOf(joint) + ": " + whole.shape.toString() +
                                                         " has no axis " + std::to_string(axis));
        const std::int64_t size = whole.shape.dim(static_cast<int>(axis));
        if (joint.kind == OperationKind::Unstack) {
            if (size < 0 || size > kMostPieces)
                return fail(StatusCode::InvalidArgument,
                            textOf(joint) + ": " + whole.shape.toString() + " would become too many tensors");
            return std::vector<std::int64_t>(static_cast<std::size_t>(size), 1);
        }
        if (joint.numbers.size() > 1) {
            const std::vector<std::int64_t> sizes(joint.numbers.begin() + 1, joint.numbers.end());
            std::int64_t sum = 0;
            for (const std::int64_t one : sizes) {
                if (one < 0 || one > size - sum)
                    return fail(StatusCode::InvalidArgument,
                                textOf(joint) + ": the parts are larger than axis " + std::to_string(axis) +
                                    " of " + whole.shape.toString());
                sum += one;
            }
            if (sum != size)
                return fail(StatusCode::InvalidArgument, textOf(joint) + ": " + std::to_string(size - sum) +
                                                             " entries of " + whole.shape.toString() +
                                                             " are left over");
            return sizes;
        }
        const auto parts = static_cast<std::int64_t>(rule.to.size());
        if (size % parts != 0)
            return fail(StatusCode::InvalidArgument, textOf(joint) + ": " + whole.shape.toString() +
                                                         " cannot be divided into " + std::to_string(parts) +
                                                         " equal parts");
        return std::vector<std::int64_t>(rule.to.size(), size / parts);
    }

    void divide(const ReadyRule& rule, std::size_t source, Bindings bindings)
    {
        const Result<TensorSpec> whole = specAfter(rule.before, m_sources[source]);
        const Result<std::vector<std::int64_t>> sizes =
            whole ? partSizes(rule, *whole) : Result<std::vector<std::int64_t>>(fail(whole.error()));
        if (!sizes) {
            problem({rule.number}, m_sources[source].name, sizes.error().message());
            return;
        }
        if (rule.collected.empty() && sizes->size() != rule.to.size()) {
            problem({rule.number}, m_sources[source].name,
                    textOf(*rule.joint) + ": " + std::to_string(sizes->size()) + " parts and " +
                        std::to_string(rule.to.size()) + " names");
            return;
        }
        const std::int64_t axis = rule.joint->numbers.front();
        std::int64_t at = 0;
        if (!rule.collected.empty())
            bindings.push_back({rule.collected, {}, 0, true});
        for (std::size_t i = 0; i < sizes->size(); ++i) {
            if (!rule.collected.empty())
                bindings.back().number = static_cast<std::int64_t>(i);
            const Result<std::string> target = rule.to[rule.collected.empty() ? i : 0].format(bindings);
            if (!target) {
                problem({rule.number}, m_sources[source].name, target.error().message());
                return;
            }
            Recipe recipe = Recipe::copyOf(source, *target);
            std::vector<Operation>& operations = recipe.inputs.front().operations;
            operations = rule.before;
            if (rule.joint->kind == OperationKind::Unstack)
                operations.push_back({OperationKind::Take, {axis, at}});
            else
                operations.push_back({OperationKind::Slice, {axis, at, at + (*sizes)[i]}});
            at += (*sizes)[i];
            operations.insert(operations.end(), rule.after.begin(), rule.after.end());
            recipe.rule = rule.number;
            add(std::move(recipe));
        }
    }

    void addOthers()
    {
        if (!m_mapping.keepsOthers)
            return;
        for (const std::size_t source : m_result.others)
            add(Recipe::copyOf(source, m_sources[source].name));
    }

    void add(Recipe recipe) { m_recipes.push_back(std::move(recipe)); }

    /// Leaves out what two would make, and what cannot be made.
    void keepSound()
    {
        std::stable_sort(m_recipes.begin(), m_recipes.end(), [](const Recipe& a, const Recipe& b) {
            return a.inputs.front().source < b.inputs.front().source;
        });
        std::unordered_map<std::string_view, std::vector<std::size_t>> byTarget;
        for (std::size_t i = 0; i < m_recipes.size(); ++i)
            byTarget[m_recipes[i].target].push_back(i);
        for (std::size_t i = 0; i < m_recipes.size(); ++i) {
            const std::vector<std::size_t>& same = byTarget[m_recipes[i].target];
            if (same.size() > 1) {
                if (same.front() == i)
                    tellConflict(same);
                continue;
            }
            const Shape* wanted = m_wanted ? m_wanted(m_recipes[i].target) : nullptr;
            Result<TensorSpec> made = specOf(m_recipes[i], m_sources, wanted);
            if (!made) {
                std::vector<std::size_t> rules;
                if (m_recipes[i].rule != Recipe::kNoRule)
                    rules.push_back(m_recipes[i].rule);
                problem(std::move(rules), m_recipes[i].target, made.error().message());
                continue;
            }
            if (wanted != nullptr)
                resolveShapes(m_recipes[i], *wanted);
            m_result.made.push_back(std::move(*made));
            m_result.recipes.push_back(m_recipes[i]);
        }
    }

    void tellConflict(const std::vector<std::size_t>& same)
    {
        std::vector<std::size_t> rules;
        std::string what = "several tensors would get this name:";
        for (const std::size_t i : same) {
            const Recipe& recipe = m_recipes[i];
            what += " \"" + m_sources[recipe.inputs.front().source].name + "\"";
            if (recipe.rule == Recipe::kNoRule) {
                what += " has it already";
            } else {
                what += " by " + placeOf(m_mapping, recipe.rule);
                if (std::find(rules.begin(), rules.end(), recipe.rule) == rules.end())
                    rules.push_back(recipe.rule);
            }
            what += i == same.back() ? "" : ",";
        }
        problem(std::move(rules), m_recipes[same.front()].target, what);
    }

    struct KeyHash {
        std::size_t operator()(const std::pair<const ReadyRule*, std::string>& key) const
        {
            return std::hash<const void*>()(key.first) * 31 + std::hash<std::string>()(key.second);
        }
    };

    const Mapping& m_mapping;
    std::span<const TensorSpec> m_sources;
    const WantedShape& m_wanted;
    std::vector<ReadyRule> m_exact;
    std::vector<ReadyRule> m_templates;
    std::vector<ReadyRule> m_searches;
    std::vector<ReadyRule> m_presets;
    std::vector<ReadyRule> m_drops;
    std::unordered_map<std::string_view, std::vector<std::pair<std::size_t, std::size_t>>> m_byName;
    std::vector<Group> m_groups;
    std::unordered_map<std::pair<const ReadyRule*, std::string>, std::size_t, KeyHash> m_groupOf;
    std::vector<Recipe> m_recipes;
    Evaluation m_result;
};

} // namespace

Evaluation evaluate(const Mapping& mapping, std::span<const TensorSpec> sources, const WantedShape& wanted)
{
    return Evaluator(mapping, sources, wanted).run();
}

} // namespace wr::remap
