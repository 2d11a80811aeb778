// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/presets.h"

#include "engine/remap/name_pattern.h"
#include "engine/remap/preset_table.h"

#include <algorithm>

namespace wr::remap {
namespace {

struct Column {
    const PresetFamily* family = nullptr;
    std::size_t index = 0;
    std::string prefix;
};

Result<Column> columnOf(std::string_view text)
{
    const std::size_t mark = text.find('@');
    const std::string_view name = text.substr(0, mark);
    for (const PresetFamily& family : presetFamilies()) {
        const auto found = std::find(family.namings.begin(), family.namings.end(), name);
        if (found != family.namings.end())
            return Column{&family, static_cast<std::size_t>(found - family.namings.begin()),
                          mark == std::string_view::npos ? std::string()
                                                         : std::string(text.substr(mark + 1))};
    }
    return fail(StatusCode::NotFound, "there is no naming \"" + std::string(name.substr(0, 100)) + "\"");
}

/// The way from what the table is about back to a cell's tensor.
std::vector<Operation> wayBack(const std::vector<Operation>& operations)
{
    std::vector<Operation> back;
    for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation) {
        if (operation->kind == OperationKind::Merge) {
            back.push_back({OperationKind::Reshape, {}}); // how it was divided tells the target
            continue;
        }
        TensorSpec any; // what is used in tables needs no shape to be turned round
        any.shape = Shape{1};
        if (const std::optional<Operation> one = inverseOf(*operation, any))
            back.push_back(*one);
    }
    return back;
}

/// Leaves out neighbours that undo each other.
void cancel(std::vector<Operation>& operations)
{
    for (std::size_t i = 0; i + 1 < operations.size();) {
        Operation& a = operations[i];
        const Operation& b = operations[i + 1];
        const bool areTransposes = a.kind == OperationKind::Transpose && b.kind == OperationKind::Transpose;
        const bool areHeads = a.kind == OperationKind::Heads && b.kind == OperationKind::Heads &&
                              a.numbers == b.numbers && a.order != b.order;
        bool arePermutes = a.kind == OperationKind::Permute && b.kind == OperationKind::Permute &&
                           a.numbers.size() == b.numbers.size();
        for (std::size_t axis = 0; arePermutes && axis < a.numbers.size(); ++axis)
            arePermutes =
                a.numbers[static_cast<std::size_t>(b.numbers[axis])] == static_cast<std::int64_t>(axis);
        const bool areUnits = (a.kind == OperationKind::Squeeze && b.kind == OperationKind::Unsqueeze) &&
                              a.numbers == b.numbers;
        if (areTransposes || areHeads || arePermutes || areUnits) {
            operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(i),
                             operations.begin() + static_cast<std::ptrdiff_t>(i) + 2);
            i = i > 0 ? i - 1 : 0;
        } else {
            ++i;
        }
    }
}

class PairMaker {
public:
    PairMaker(Column from, Column to, const HeadCounts& counts)
        : m_from(std::move(from)), m_to(std::move(to)), m_counts(counts)
    {
    }

    std::vector<PresetRule> run()
    {
        const auto& rows = m_from.family->rows;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const PresetCell& a = rows[row][m_from.index];
            const PresetCell& b = rows[row][m_to.index];
            if (a.pattern.empty() || b.pattern.empty())
                continue;
            if (a.fused == b.fused)
                add({&a}, {&b}, {});
            else if (a.fused == 1 && row + b.fused <= rows.size())
                add(below(rows, row, m_from.index, b.fused), {&b}, Operation{OperationKind::Concat, {0}});
            else if (b.fused == 1 && row + a.fused <= rows.size())
                add({&a}, below(rows, row, m_to.index, a.fused), Operation{OperationKind::Split, {0}});
        }
        return std::move(m_made);
    }

private:
    using Cells = std::vector<const PresetCell*>;

    static Cells below(const std::vector<std::vector<PresetCell>>& rows, std::size_t row, std::size_t column,
                       std::size_t count)
    {
        Cells cells;
        for (std::size_t i = 0; i < count; ++i)
            cells.push_back(&rows[row + i][column]);
        return cells;
    }

    static bool areAlike(const Cells& cells)
    {
        return std::all_of(cells.begin(), cells.end(), [&](const PresetCell* cell) {
            return !cell->pattern.empty() && cell->fused == 1 &&
                   cell->operations == cells.front()->operations;
        });
    }

    void add(const Cells& from, const Cells& to, std::optional<Operation> joint)
    {
        if ((from.size() > 1 && !areAlike(from)) || (to.size() > 1 && !areAlike(to)))
            return;
        PresetRule made;
        made.rule.kind = RuleKind::Template;
        for (const PresetCell* cell : from)
            made.rule.from.push_back(m_from.prefix + cell->pattern);
        for (const PresetCell* cell : to)
            made.rule.to.push_back(m_to.prefix + cell->pattern);
        const std::string& stackedFrom = from.front()->stacked;
        const std::string& stackedTo = to.front()->stacked;
        if (stackedFrom != stackedTo) {
            if (joint)
                return;
            joint = Operation{stackedFrom.empty() ? OperationKind::Stack : OperationKind::Unstack, {0}};
        }
        std::vector<Operation>& operations = made.rule.operations;
        operations = from.front()->operations;
        if (joint)
            operations.push_back(*joint);
        const std::vector<Operation> back = wayBack(to.front()->operations);
        operations.insert(operations.end(), back.begin(), back.end());
        cancel(operations);
        for (Operation& operation : operations) {
            if (operation.kind == OperationKind::Heads)
                fillCount(operation, made);
        }
        m_made.push_back(std::move(made));
    }

    void fillCount(Operation& operation, PresetRule& made) const
    {
        const bool isOfKeys = operation.numbers[0] == kHeadsOfKeys;
        const std::optional<std::int64_t> count = isOfKeys ? m_counts.keyHeads : m_counts.heads;
        (isOfKeys ? made.needsKeyHeads : made.needsHeads) = true;
        operation.numbers[0] = count.value_or(0);
    }

    Column m_from;
    Column m_to;
    const HeadCounts& m_counts;
    std::vector<PresetRule> m_made;
};

} // namespace

const std::vector<Naming>& namings()
{
    static const std::vector<Naming> all = [] {
        std::vector<Naming> made;
        for (const PresetFamily& family : presetFamilies()) {
            for (const std::string& name : family.namings)
                made.push_back({name, family.name});
        }
        return made;
    }();
    return all;
}

std::vector<std::string> patternsOf(std::string_view naming, std::string_view prefix)
{
    std::vector<std::string> patterns;
    const Result<Column> column = columnOf(naming);
    if (!column)
        return patterns;
    for (const std::vector<PresetCell>& row : column->family->rows) {
        if (!row[column->index].pattern.empty())
            patterns.push_back(std::string(prefix) + row[column->index].pattern);
    }
    return patterns;
}

Result<std::vector<PresetRule>> presetPairs(std::string_view from, std::string_view to,
                                            const HeadCounts& counts)
{
    WR_ASSIGN_OR_RETURN(Column a, columnOf(from));
    WR_ASSIGN_OR_RETURN(Column b, columnOf(to));
    if (a.family != b.family)
        return fail(StatusCode::InvalidArgument, "\"" + std::string(from) + "\" and \"" + std::string(to) +
                                                     "\" are not of one family of models");
    if (a.prefix.find_first_of("{}") != std::string::npos ||
        b.prefix.find_first_of("{}") != std::string::npos)
        return fail(StatusCode::InvalidArgument, "a prefix cannot have braces");
    return PairMaker(std::move(a), std::move(b), counts).run();
}

Result<std::vector<Rule>> presetRules(std::string_view from, std::string_view to,
                                      const std::map<std::string, std::int64_t>& parameters)
{
    HeadCounts counts;
    for (const auto& [name, value] : parameters) {
        if ((name != "heads" && name != "kv_heads") || value <= 0)
            return fail(StatusCode::InvalidArgument, "presets take heads=N and kv_heads=N, both above 0");
        (name == "heads" ? counts.heads : counts.keyHeads) = value;
    }
    WR_ASSIGN_OR_RETURN(const std::vector<PresetRule> pairs, presetPairs(from, to, counts));
    std::vector<Rule> rules;
    for (const PresetRule& pair : pairs) {
        if ((pair.needsHeads && !counts.heads) || (pair.needsKeyHeads && !counts.keyHeads))
            return fail(
                StatusCode::InvalidArgument,
                "these namings order the rows of attention heads differently: say how many there are, "
                "with heads=N and kv_heads=N");
        rules.push_back(pair.rule);
    }
    return rules;
}

} // namespace wr::remap
