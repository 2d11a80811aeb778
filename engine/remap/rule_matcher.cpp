// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/rule_matcher.h"

#include "engine/remap/presets.h"

#include <algorithm>

namespace wr::remap {
namespace {

bool has(const std::vector<std::string>& variables, const std::string& variable)
{
    return std::find(variables.begin(), variables.end(), variable) != variables.end();
}

Result<std::vector<NamePattern>> patternsOf(RuleKind kind, const std::vector<std::string>& texts)
{
    std::vector<NamePattern> patterns;
    for (const std::string& text : texts) {
        if (kind == RuleKind::Template || kind == RuleKind::Drop) {
            WR_ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::parse(text));
            patterns.push_back(std::move(pattern));
        } else {
            patterns.push_back(NamePattern::literal(text));
        }
    }
    return patterns;
}

Status takeOperations(ReadyRule& ready, const std::vector<Operation>& operations)
{
    for (const Operation& operation : operations) {
        if (!isJoint(operation.kind)) {
            (ready.joint ? ready.after : ready.before).push_back(operation);
            continue;
        }
        if (ready.joint)
            return invalidArgument("only one of concat, stack, split and unstack can stand in a rule");
        ready.joint = operation;
    }
    return {};
}

/// Variables of one side that the other does not have.
std::vector<std::string> missingFrom(const std::vector<NamePattern>& patterns,
                                     const std::vector<NamePattern>& other)
{
    std::vector<std::string> missing;
    for (const NamePattern& pattern : patterns) {
        for (const std::string& variable : pattern.variables()) {
            const bool isThere = std::any_of(other.begin(), other.end(), [&](const NamePattern& one) {
                return has(one.variables(), variable);
            });
            if (!isThere && !has(missing, variable))
                missing.push_back(variable);
        }
    }
    return missing;
}

Status checkVariables(ReadyRule& ready)
{
    for (const NamePattern& from : ready.from) {
        if (!from.canMatch())
            return invalidArgument("\"" + from.text() +
                                   "\": a sum of several variables can only stand in new names");
        if (!missingFrom({from}, {ready.from.front()}).empty() ||
            !missingFrom({ready.from.front()}, {from}).empty())
            return invalidArgument("the names before the -> must have the same variables");
    }
    const std::vector<std::string> lost = missingFrom(ready.from, ready.to);
    const std::vector<std::string> open = missingFrom(ready.to, ready.from);
    const OperationKind kind = ready.joint ? ready.joint->kind : OperationKind::Transpose;
    if (kind == OperationKind::Concat || kind == OperationKind::Stack) {
        if (!open.empty())
            return invalidArgument("{" + open.front() + "} is not in the names before the ->");
        if (lost.size() > 1 || (!lost.empty() && ready.from.size() > 1))
            return invalidArgument("tensors can be joined over one variable, or those that are listed");
        if (lost.empty() && ready.from.size() == 1)
            return invalidArgument(
                "there is nothing to join: list several names, or leave a variable out of the "
                "new one");
        ready.collected = lost.empty() ? std::string() : lost.front();
        return {};
    }
    if (kind == OperationKind::Split || kind == OperationKind::Unstack) {
        if (open.size() > 1 || (!open.empty() && ready.to.size() > 1))
            return invalidArgument("a tensor can be divided over one variable, or to names that are listed");
        if (open.empty() && ready.to.size() == 1)
            return invalidArgument("one name is too few for what a tensor is divided into");
        if (kind == OperationKind::Split && !open.empty() && ready.joint->numbers.size() < 2)
            return invalidArgument("split needs sizes when the new names are not listed");
        ready.collected = open.empty() ? std::string() : open.front();
        return {};
    }
    if (!open.empty())
        return invalidArgument("{" + open.front() + "} is not in the names before the ->");
    return {};
}

Status checkCounts(const ReadyRule& ready, const Rule& rule)
{
    const OperationKind kind = ready.joint ? ready.joint->kind : OperationKind::Transpose;
    const bool joins = kind == OperationKind::Concat || kind == OperationKind::Stack;
    const bool divides = kind == OperationKind::Split || kind == OperationKind::Unstack;
    if (rule.from.empty() || (rule.to.empty() && rule.kind != RuleKind::Drop))
        return invalidArgument("a name is missing");
    if (rule.from.size() > 1 && !joins)
        return invalidArgument("several names before the -> need concat or stack");
    if (rule.to.size() > 1 && !divides)
        return invalidArgument("several names behind the -> need split or unstack");
    const bool takesJoint = rule.kind == RuleKind::Exact || rule.kind == RuleKind::Template;
    if (ready.joint && !takesJoint)
        return invalidArgument(textOf(*ready.joint) + " can stand in exact and template rules only");
    if (!rule.operations.empty() && (rule.kind == RuleKind::Preset || rule.kind == RuleKind::Drop))
        return invalidArgument("operations cannot stand here");
    return {};
}

} // namespace

Result<ReadyRule> readyRule(const Rule& rule, std::size_t number)
{
    ReadyRule ready;
    ready.number = number;
    ready.kind = rule.kind;
    WR_RETURN_IF_ERROR(takeOperations(ready, rule.operations));
    WR_RETURN_IF_ERROR(checkCounts(ready, rule));
    if (rule.kind == RuleKind::Regex) {
        WR_ASSIGN_OR_RETURN(CaptureRegex regex, CaptureRegex::compile(rule.from.front()));
        ready.regex = std::move(regex);
        ready.replacement = rule.to.front();
        return ready;
    }
    WR_ASSIGN_OR_RETURN(ready.from, patternsOf(rule.kind, rule.from));
    WR_ASSIGN_OR_RETURN(ready.to, patternsOf(rule.kind, rule.to));
    if (rule.kind == RuleKind::Exact || rule.kind == RuleKind::Template)
        WR_RETURN_IF_ERROR(checkVariables(ready));
    return ready;
}

Status checkRule(const Rule& rule)
{
    if (rule.kind == RuleKind::Preset) {
        if (rule.from.size() != 1 || rule.to.size() != 1 || !rule.operations.empty())
            return invalidArgument("a preset goes from one naming to another, without operations");
        const auto rules = presetRules(rule.from.front(), rule.to.front(), rule.parameters);
        return rules ? Status() : rules.error();
    }
    const auto ready = readyRule(rule, 0);
    return ready ? Status() : ready.error();
}

} // namespace wr::remap
