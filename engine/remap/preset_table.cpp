// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/preset_table.h"

#include "engine/remap/name_pattern.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace wr::remap {
namespace {

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = text.find_last_not_of(' ');
    return begin == text.size() ? std::string_view() : text.substr(begin, end + 1 - begin);
}

/// Parts between " | " or other separators with spaces around them.
std::vector<std::string_view> parts(std::string_view text, std::string_view separator)
{
    std::vector<std::string_view> found;
    while (true) {
        const std::size_t at = text.find(separator);
        found.push_back(trimmed(text.substr(0, at)));
        if (at == std::string_view::npos)
            return found;
        text.remove_prefix(at + separator.size());
    }
}

struct Loop {
    std::string variable;
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// `text` with what can be computed from the bindings in place of the braces.
std::string computed(std::string_view text, const Bindings& bindings)
{
    std::string made;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        made += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty())
            break;
        const std::size_t close = std::min(text.find('}'), text.size() - 1);
        const std::string_view inside = text.substr(0, close + 1);
        const Result<NamePattern> pattern = NamePattern::parse(inside);
        const Result<std::string> value = pattern ? pattern->format(bindings) : Result<std::string>(inside);
        made += value ? *value : std::string(inside);
        text.remove_prefix(close + 1);
    }
    return made;
}

Result<PresetCell> cellOf(std::string_view text)
{
    PresetCell cell;
    if (text == "-")
        return cell;
    if (text == "^") {
        cell.isContinued = true;
        return cell;
    }
    const std::size_t mark = text.find(" ; ");
    cell.pattern = trimmed(text.substr(0, mark));
    if (const Result<NamePattern> pattern = NamePattern::parse(cell.pattern); !pattern)
        return fail(pattern.error());
    if (mark == std::string_view::npos)
        return cell;
    std::string operations;
    for (const std::string_view word : parts(text.substr(mark + 3), " ")) {
        if (word == "rope(q)" || word == "rope(k)") {
            operations += std::string("heads(") + (word == "rope(q)" ? "-1" : "-2") + ",halves) ";
        } else if (word.starts_with("fuse(") && word.size() == 7) {
            cell.fused = static_cast<std::size_t>(word[5] - '0');
        } else if (word.starts_with("stack(") && word.size() == 8) {
            cell.stacked = word.substr(6, 1);
        } else {
            operations += std::string(word) + " ";
        }
    }
    WR_ASSIGN_OR_RETURN(cell.operations, parseOperations(operations));
    return cell;
}

class TableParser {
public:
    Status line(std::string_view text)
    {
        if (text.empty() || text.starts_with("#"))
            return {};
        if (text.starts_with("family ")) {
            m_families.emplace_back();
            m_families.back().name = text.substr(7);
            return {};
        }
        if (m_families.empty())
            return invalidArgument("a table begins with its family");
        if (text.starts_with("naming "))
            return columns(text.substr(7));
        if (text.starts_with("derive "))
            return derive(parts(text.substr(7), " "));
        if (text.starts_with("for "))
            return loops(parts(text.substr(4), " "));
        if (text == "end") {
            m_loops.clear();
            return {};
        }
        Bindings bindings;
        return rows(text, 0, bindings);
    }
    std::vector<PresetFamily> take() { return std::move(m_families); }

private:
    Status columns(std::string_view text)
    {
        for (const std::string_view name : parts(text, " | "))
            m_families.back().namings.emplace_back(name);
        return {};
    }

    Status loops(const std::vector<std::string_view>& words)
    {
        for (const std::string_view word : words) {
            Loop loop;
            const std::size_t equals = word.find('=');
            const std::size_t dots = word.find("..");
            if (equals == std::string_view::npos || dots == std::string_view::npos)
                return invalidArgument("a loop reads i=0..3");
            loop.variable = word.substr(0, equals);
            std::from_chars(word.data() + equals + 1, word.data() + dots, loop.first);
            std::from_chars(word.data() + dots + 2, word.data() + word.size(), loop.last);
            m_loops.push_back(std::move(loop));
        }
        return {};
    }

    Status rows(std::string_view text, std::size_t depth, Bindings& bindings)
    {
        if (depth < m_loops.size()) {
            for (std::int64_t value = m_loops[depth].first; value <= m_loops[depth].last; ++value) {
                bindings.push_back({m_loops[depth].variable, {}, value, true});
                WR_RETURN_IF_ERROR(rows(text, depth + 1, bindings));
                bindings.pop_back();
            }
            return {};
        }
        std::vector<PresetCell> row;
        for (const std::string_view cell : parts(text, " | ")) {
            WR_ASSIGN_OR_RETURN(PresetCell made,
                                cellOf(m_loops.empty() ? std::string(cell) : computed(cell, bindings)));
            row.push_back(std::move(made));
        }
        if (row.size() != m_families.back().namings.size())
            return invalidArgument(std::to_string(row.size()) + " cells for " +
                                   std::to_string(m_families.back().namings.size()) + " namings");
        m_families.back().rows.push_back(std::move(row));
        return {};
    }

    /// All rows must be there already.
    Status derive(const std::vector<std::string_view>& words)
    {
        PresetFamily& family = m_families.back();
        if (words.size() != 3)
            return invalidArgument("derive takes a new naming, an old one and a prefix");
        const auto old = std::find(family.namings.begin(), family.namings.end(), words[1]);
        if (old == family.namings.end())
            return invalidArgument("there is no naming " + std::string(words[1]));
        const auto column = static_cast<std::size_t>(old - family.namings.begin());
        family.namings.emplace_back(words[0]);
        for (std::vector<PresetCell>& row : family.rows) {
            PresetCell cell = row[column];
            const bool isEnd = words[2].starts_with('*');
            const std::string_view part = words[2].substr(isEnd ? 1 : 0);
            if (isEnd && cell.pattern.ends_with(part))
                cell.pattern.resize(cell.pattern.size() - part.size());
            else if (!isEnd && cell.pattern.starts_with(part))
                cell.pattern.erase(0, part.size());
            else
                cell.pattern.clear();
            row.push_back(std::move(cell));
        }
        return {};
    }

    std::vector<PresetFamily> m_families;
    std::vector<Loop> m_loops;
};

} // namespace

Result<std::vector<PresetFamily>> parsePresetTable(std::string_view text)
{
    TableParser parser;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const Status status = parser.line(trimmed(text.substr(0, end))); !status.isOk())
            return fail(status.withContext("line " + std::to_string(number)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parser.take();
}

const std::vector<PresetFamily>& presetFamilies()
{
    static const std::vector<PresetFamily> families = [] {
        std::vector<PresetFamily> all;
        for (const std::string_view text : {decoderTables(), encoderTables(), visionTables()}) {
            Result<std::vector<PresetFamily>> read = parsePresetTable(text);
            assert(read && "a table of this program is wrong");
            if (read)
                all.insert(all.end(), std::make_move_iterator(read->begin()),
                           std::make_move_iterator(read->end()));
        }
        return all;
    }();
    return families;
}

} // namespace wr::remap
