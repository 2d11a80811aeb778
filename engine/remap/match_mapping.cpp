// SPDX-License-Identifier: GPL-3.0-or-later
// Rules that say what a match found: one for each template where its members are treated alike.
#include "engine/remap/match.h"

#include "engine/remap/name_pattern.h"

#include <algorithm>
#include <map>

namespace wr::remap {
namespace {

struct Line {
    const MatchCandidate* candidate = nullptr;
    std::size_t target = 0;
};

std::vector<Operation> operationsOf(const Recipe& recipe)
{
    std::vector<Operation> operations = recipe.inputs.front().operations;
    if (recipe.joint)
        operations.push_back(*recipe.joint);
    operations.insert(operations.end(), recipe.after.begin(), recipe.after.end());
    return operations;
}

/// The name with one letter for each axis; none where a letter cannot stand for the number.
std::optional<std::string> patternOf(const NameTemplate& made, const std::vector<std::string>& indices)
{
    std::string text = made.pieces.front();
    for (std::size_t axis = 0; axis < made.axes.size(); ++axis) {
        const std::size_t width = made.axes[axis].width;
        text += "{" + indices[axis] + (width > 1 ? ":" + std::to_string(width) : std::string()) + "}" +
                made.pieces[axis + 1];
    }
    const bool hasBraces = std::any_of(made.pieces.begin(), made.pieces.end(), [](const std::string& piece) {
        return piece.find_first_of("{}") != std::string::npos;
    });
    if (hasBraces || !NamePattern::parse(text))
        return {};
    return text;
}

class Writer {
public:
    Writer(const MatchResult& result, std::span<const MatchTensor> sources,
           std::span<const MatchTensor> targets)
        : m_result(result)
    {
        for (const MatchTensor& tensor : sources)
            m_sources.push_back(tensor.spec);
        for (const MatchTensor& tensor : targets)
            m_targets.push_back(tensor.spec);
        m_from = TemplateSet::of(m_sources);
        m_to = TemplateSet::of(m_targets);
    }

    Mapping write(bool withReview)
    {
        Mapping mapping;
        mapping.keepsOthers = false;
        for (std::size_t t = 0; t < m_to.templates().size(); ++t)
            writeTemplate(t, withReview, mapping);
        return mapping;
    }

private:
    void writeTemplate(std::size_t t, bool withReview, Mapping& mapping)
    {
        std::vector<Line> lines;
        for (const std::uint32_t target : m_to.members(t)) {
            const Match& match = m_result.targets[target];
            const bool isWanted = match.confidence == Confidence::Accepted ||
                                  (withReview && match.confidence == Confidence::Review);
            if (isWanted && !match.candidates.empty())
                lines.push_back({&match.candidates.front(), target});
        }
        if (lines.empty())
            return;
        if (std::optional<Rule> rule = lines.size() > 1 ? commonRule(t, lines) : std::nullopt) {
            finish(*rule, lines.front());
            mapping.rules.push_back(std::move(*rule));
            return;
        }
        for (const Line& line : lines) {
            Rule rule;
            rule.kind = RuleKind::Exact;
            for (const RecipeInput& input : line.candidate->recipe.inputs)
                rule.from.push_back(m_sources[input.source].name);
            rule.to = {m_targets[line.target].name};
            rule.operations = operationsOf(line.candidate->recipe);
            finish(rule, line);
            mapping.rules.push_back(std::move(rule));
        }
    }

    void finish(Rule& rule, const Line& line) const
    {
        const Match& match = m_result.targets[line.target];
        rule.isOn = match.confidence == Confidence::Accepted;
        rule.comment = match.confidence == Confidence::Accepted ? line.candidate->why
                                                                : "to be reviewed: " + match.question;
        std::replace(rule.comment.begin(), rule.comment.end(), '\n', ' ');
    }

    /// A rule for all lines at once: every source of one template, indices equal or apart by one number.
    std::optional<Rule> commonRule(std::size_t t, const std::vector<Line>& lines) const
    {
        const Recipe& first = lines.front().candidate->recipe;
        const Confidence confidence = m_result.targets[lines.front().target].confidence;
        if (first.joint && first.joint->kind == OperationKind::Stack)
            return {}; // listed one by one
        std::vector<std::size_t> templates;
        for (const RecipeInput& input : first.inputs)
            templates.push_back(m_from.templateOf(input.source));
        const NameTemplate& to = m_to.templates()[t];
        std::vector<std::int64_t> shifts;
        for (const Line& line : lines) {
            const Recipe& recipe = line.candidate->recipe;
            if (recipe.inputs.size() != first.inputs.size() || operationsOf(recipe) != operationsOf(first) ||
                m_result.targets[line.target].confidence != confidence)
                return {};
            const auto own = m_to.indices(line.target);
            for (std::size_t i = 0; i < recipe.inputs.size(); ++i) {
                const std::size_t source = recipe.inputs[i].source;
                const auto theirs = m_from.indices(source);
                if (m_from.templateOf(source) != templates[i] || theirs.size() != own.size() ||
                    recipe.inputs[i].operations != first.inputs.front().operations)
                    return {};
                for (std::size_t axis = 0; axis < own.size(); ++axis) {
                    const std::int64_t shift = own[axis] - theirs[axis];
                    if (shifts.size() < own.size())
                        shifts.push_back(shift);
                    else if (shifts[axis] != shift)
                        return {};
                }
            }
        }
        return ruleOf(to, templates, shifts, first, lines.size());
    }

    std::optional<Rule> ruleOf(const NameTemplate& to, const std::vector<std::size_t>& templates,
                               const std::vector<std::int64_t>& shifts, const Recipe& recipe,
                               std::size_t count) const
    {
        Rule rule;
        rule.kind = RuleKind::Template;
        rule.operations = operationsOf(recipe);
        std::vector<std::string> plain;
        std::vector<std::string> shifted;
        for (std::size_t axis = 0; axis < to.axes.size(); ++axis) {
            const std::string letter(1, indexLetter(axis));
            plain.push_back(letter);
            const std::int64_t shift = axis < shifts.size() ? shifts[axis] : 0;
            shifted.push_back(letter + (shift == 0 ? "" : (shift > 0 ? "+" : "") + std::to_string(shift)));
        }
        for (const std::size_t t : templates) {
            // A rule takes all of a template: it must not take more than was matched.
            if (m_from.templates()[t].count != count)
                return {};
            std::optional<std::string> pattern = patternOf(m_from.templates()[t], plain);
            if (!pattern)
                return {};
            rule.from.push_back(std::move(*pattern));
        }
        std::optional<std::string> pattern = patternOf(to, shifted);
        if (!pattern || !checkRule(withTarget(rule, *pattern)).isOk())
            return {};
        rule.to = {std::move(*pattern)};
        return rule;
    }

    static Rule withTarget(Rule rule, const std::string& to)
    {
        rule.to = {to};
        return rule;
    }

    const MatchResult& m_result;
    std::vector<TensorSpec> m_sources;
    std::vector<TensorSpec> m_targets;
    TemplateSet m_from;
    TemplateSet m_to;
};

} // namespace

Mapping mappingOf(const MatchResult& result, std::span<const MatchTensor> sources,
                  std::span<const MatchTensor> targets, bool withReview)
{
    return Writer(result, sources, targets).write(withReview);
}

} // namespace wr::remap
