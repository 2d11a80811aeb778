// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remap/name_template.h"

#include "engine/remap/name_numbers.h"
#include "engine/tensor/value_scan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace wr::remap {
namespace {

/// So many values of one stem with the same tensors below are things that are counted, not roles.
constexpr std::size_t kManyAlike = 4;
constexpr char kMark = '\x01'; ///< stands for an index in the key of a template; no name with numbers has it
constexpr char kPaddedMark = '\x02';

std::uint64_t hashOf(std::string_view text, std::uint64_t seed)
{
    std::uint64_t hash = 0xCBF29CE484222325U ^ seed;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return mixedBits(hash);
}

std::uint64_t hashOf(const TensorSpec& spec)
{
    std::uint64_t hash = static_cast<std::uint64_t>(spec.dtype);
    for (const std::int64_t dim : spec.shape.dims())
        hash = mixedBits(hash ^ static_cast<std::uint64_t>(dim));
    return hash;
}

std::string readable(std::string_view key)
{
    std::string text;
    for (const char c : key) {
        if (c == kMark || c == kPaddedMark)
            text += "{}";
        else
            text += c;
    }
    return text;
}

std::uint64_t bytesOf(const TensorSpec& spec)
{
    return static_cast<std::uint64_t>(spec.shape.elementCount().value_or(0)) * dtypeSize(spec.dtype);
}

/// Numbers behind one stem.
struct Stem {
    std::unordered_map<std::int64_t, std::uint64_t> below; ///< value → what stands below it, in any order
    bool isIndex = false;
};

} // namespace

class TemplateBuilder {
public:
    TemplateBuilder(std::span<const TensorSpec> tensors, const IndexChoices& choices)
        : m_tensors(tensors), m_choices(choices)
    {
    }

    TemplateSet build()
    {
        for (const TensorSpec& tensor : m_tensors)
            gather(tensor);
        decide();
        m_set.m_valueBegin.push_back(0);
        for (std::size_t i = 0; i < m_tensors.size(); ++i)
            place(i);
        joinPadded();
        sortMembers();
        describe();
        return std::move(m_set);
    }

private:
    /// The name up to a number, indices before it marked; what is undecided stays as it is.
    std::string_view stemBefore(std::string_view name, std::size_t number)
    {
        m_key.clear();
        std::size_t at = 0;
        for (std::size_t i = 0; i < number; ++i) {
            if (m_numbers[i].kind != NumberKind::Index)
                continue;
            m_key += name.substr(at, m_numbers[i].begin - at);
            m_key += kMark;
            at = m_numbers[i].end;
        }
        m_key += name.substr(at, m_numbers[number].begin - at);
        return m_key;
    }

    void gather(const TensorSpec& tensor)
    {
        findNumbers(tensor.name, m_numbers);
        for (std::size_t i = 0; i < m_numbers.size(); ++i) {
            if (m_numbers[i].kind != NumberKind::Undecided)
                continue;
            Stem& stem = m_stems[std::string(stemBefore(tensor.name, i))];
            stem.below[m_numbers[i].value] +=
                hashOf(std::string_view(tensor.name).substr(m_numbers[i].end), hashOf(tensor));
        }
    }

    void decide()
    {
        for (auto& [key, stem] : m_stems) {
            std::unordered_map<std::uint64_t, std::size_t> alike;
            for (const auto& [value, below] : stem.below)
                stem.isIndex = ++alike[below] >= kManyAlike || stem.isIndex;
            const std::string place = readable(key);
            if (const auto choice = m_choices.find(place); choice != m_choices.end())
                stem.isIndex = choice->second;
            if (stem.isIndex || stem.below.size() < 2)
                continue;
            RoleNumber number{place, std::numeric_limits<std::int64_t>::max(), 0, stem.below.size()};
            for (const auto& [value, below] : stem.below) {
                number.first = std::min(number.first, value);
                number.last = std::max(number.last, value);
            }
            m_set.m_roleNumbers.push_back(std::move(number));
        }
        std::sort(m_set.m_roleNumbers.begin(), m_set.m_roleNumbers.end(),
                  [](const RoleNumber& a, const RoleNumber& b) { return a.place < b.place; });
    }

    bool isIndex(std::string_view name, std::size_t number)
    {
        if (m_numbers[number].kind == NumberKind::Undecided)
            return m_stems.find(std::string(stemBefore(name, number)))->second.isIndex;
        if (m_choices.empty())
            return true;
        const auto choice = m_choices.find(readable(stemBefore(name, number)));
        return choice == m_choices.end() || choice->second;
    }

    void place(std::size_t tensor)
    {
        const std::string& name = m_tensors[tensor].name;
        findNumbers(name, m_numbers);
        std::string key;
        m_taken.clear();
        std::size_t at = 0;
        for (std::size_t i = 0; i < m_numbers.size(); ++i) {
            const NameNumber& number = m_numbers[i];
            if (!isIndex(name, i))
                continue;
            key.append(name, at, number.begin - at);
            key += number.isPadded ? kPaddedMark : kMark;
            if (number.isPadded)
                key += static_cast<char>('0' + (number.end - number.begin));
            at = number.end;
            m_taken.push_back(i);
            m_set.m_values.push_back(number.value);
        }
        key.append(name, at);
        m_set.m_valueBegin.push_back(m_set.m_values.size());
        const auto [found, isNew] =
            m_byKey.emplace(key, static_cast<std::uint32_t>(m_set.m_templates.size()));
        m_set.m_templateOf.push_back(found->second);
        if (isNew)
            begin(name);
    }

    void begin(const std::string& name)
    {
        NameTemplate made;
        std::size_t at = 0;
        std::string place;
        for (const std::size_t i : m_taken) {
            const NameNumber& number = m_numbers[i];
            made.pieces.push_back(name.substr(at, number.begin - at));
            place += made.pieces.back();
            made.axes.push_back({place, 0, 0, 0, number.isPadded ? number.end - number.begin : 0});
            place += "{}";
            at = number.end;
        }
        made.pieces.push_back(name.substr(at));
        m_set.m_templates.push_back(std::move(made));
    }

    /// "block_010" goes on where "block_009" ended.
    void joinPadded()
    {
        std::vector<std::uint32_t> into(m_set.m_templates.size());
        std::iota(into.begin(), into.end(), 0U);
        std::map<std::vector<std::string>, std::vector<std::uint32_t>> alike;
        bool any = false;
        for (std::uint32_t t = 0; t < into.size(); ++t) {
            any = any || std::any_of(m_set.m_templates[t].axes.begin(), m_set.m_templates[t].axes.end(),
                                     [](const IndexAxis& axis) { return axis.width > 0; });
        }
        if (!any)
            return;
        for (std::uint32_t t = 0; t < into.size(); ++t)
            alike[m_set.m_templates[t].pieces].push_back(t);
        const std::vector<std::int64_t> smallest = smallestOfAxes();
        for (const auto& [pieces, group] : alike)
            join(group, smallest, into);
        compact(into);
    }

    std::vector<std::int64_t> smallestOfAxes() const
    {
        std::vector<std::int64_t> smallest(m_set.m_templates.size() * kMostIndices,
                                           std::numeric_limits<std::int64_t>::max());
        for (std::size_t i = 0; i < m_tensors.size(); ++i) {
            const std::span<const std::int64_t> values = m_set.indices(i);
            for (std::size_t axis = 0; axis < values.size(); ++axis) {
                std::int64_t& low = smallest[m_set.m_templateOf[i] * kMostIndices + axis];
                low = std::min(low, values[axis]);
            }
        }
        return smallest;
    }

    void join(const std::vector<std::uint32_t>& group, const std::vector<std::int64_t>& smallest,
              std::vector<std::uint32_t>& into)
    {
        for (const std::uint32_t from : group) {
            for (const std::uint32_t to : group) {
                if (from == to || into[from] != from || into[to] != to)
                    continue;
                const std::vector<IndexAxis>& a = m_set.m_templates[from].axes;
                const std::vector<IndexAxis>& b = m_set.m_templates[to].axes;
                bool fits = true;
                for (std::size_t axis = 0; axis < a.size() && fits; ++axis) {
                    std::int64_t least = 1;
                    for (std::size_t digit = 1; digit < b[axis].width; ++digit)
                        least *= 10;
                    fits = a[axis].width == b[axis].width ||
                           (a[axis].width == 0 && smallest[from * kMostIndices + axis] >= least);
                }
                if (fits)
                    into[from] = to;
            }
        }
    }

    void compact(const std::vector<std::uint32_t>& into)
    {
        std::vector<std::uint32_t> kept(into.size(), 0);
        std::vector<NameTemplate> templates;
        for (std::size_t t = 0; t < into.size(); ++t) {
            if (into[t] != t)
                continue;
            kept[t] = static_cast<std::uint32_t>(templates.size());
            templates.push_back(std::move(m_set.m_templates[t]));
        }
        for (std::uint32_t& t : m_set.m_templateOf)
            t = kept[into[t]];
        m_set.m_templates = std::move(templates);
    }

    void sortMembers()
    {
        std::vector<std::size_t>& begin = m_set.m_memberBegin;
        begin.assign(m_set.m_templates.size() + 1, 0);
        for (const std::uint32_t t : m_set.m_templateOf)
            ++begin[t + 1];
        std::partial_sum(begin.begin(), begin.end(), begin.begin());
        std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
        m_set.m_members.resize(m_tensors.size());
        for (std::size_t i = 0; i < m_tensors.size(); ++i)
            m_set.m_members[next[m_set.m_templateOf[i]]++] = static_cast<std::uint32_t>(i);
        for (std::size_t t = 0; t < m_set.m_templates.size(); ++t) {
            const auto from = m_set.m_members.begin() + static_cast<std::ptrdiff_t>(begin[t]);
            const auto to = m_set.m_members.begin() + static_cast<std::ptrdiff_t>(begin[t + 1]);
            const auto before = [this](std::uint32_t a, std::uint32_t b) {
                const auto x = m_set.indices(a);
                const auto y = m_set.indices(b);
                return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
            };
            if (!std::is_sorted(from, to, before))
                std::sort(from, to, before);
        }
    }

    void describe()
    {
        std::vector<std::int64_t> values;
        for (std::size_t t = 0; t < m_set.m_templates.size(); ++t) {
            NameTemplate& made = m_set.m_templates[t];
            const std::span<const std::uint32_t> members = m_set.members(t);
            made.first = m_tensors[members.front()];
            made.count = members.size();
            for (const std::uint32_t member : members) {
                const TensorSpec& spec = m_tensors[member];
                made.hasOneShape = made.hasOneShape && spec.shape == made.first.shape;
                made.hasOneType = made.hasOneType && spec.dtype == made.first.dtype;
                const std::uint64_t bytes = bytesOf(spec);
                made.bytes = bytes > std::numeric_limits<std::uint64_t>::max() - made.bytes
                                 ? std::numeric_limits<std::uint64_t>::max()
                                 : made.bytes + bytes;
            }
            for (std::size_t axis = 0; axis < made.axes.size(); ++axis) {
                values.clear();
                for (const std::uint32_t member : members) {
                    const std::int64_t value = m_set.indices(member)[axis];
                    if (values.empty() || values.back() != value)
                        values.push_back(value);
                }
                std::sort(values.begin(), values.end());
                values.erase(std::unique(values.begin(), values.end()), values.end());
                made.axes[axis].first = values.front();
                made.axes[axis].last = values.back();
                made.axes[axis].count = values.size();
            }
        }
    }

    std::span<const TensorSpec> m_tensors;
    const IndexChoices& m_choices;
    TemplateSet m_set;
    std::vector<NameNumber> m_numbers;
    std::vector<std::size_t> m_taken;
    std::string m_key;
    std::unordered_map<std::string, Stem> m_stems;
    std::unordered_map<std::string, std::uint32_t> m_byKey;
};

TemplateSet TemplateSet::of(std::span<const TensorSpec> tensors, const IndexChoices& choices)
{
    return TemplateBuilder(tensors, choices).build();
}

std::span<const std::uint32_t> TemplateSet::members(std::size_t index) const
{
    return {m_members.data() + m_memberBegin[index], m_memberBegin[index + 1] - m_memberBegin[index]};
}

std::span<const std::int64_t> TemplateSet::indices(std::size_t tensor) const
{
    return {m_values.data() + m_valueBegin[tensor], m_valueBegin[tensor + 1] - m_valueBegin[tensor]};
}

std::string NameTemplate::text() const
{
    std::string text = pieces.front();
    std::size_t letters = 0;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        if (axes[axis].count == 1)
            appendNumber(text, axes[axis].first, axes[axis].width);
        else
            text += {'{', indexLetter(letters++), '}'};
        text += pieces[axis + 1];
    }
    return text;
}

std::string NameTemplate::nameOf(std::span<const std::int64_t> indices) const
{
    std::string name = pieces.front();
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        appendNumber(name, indices[axis], axes[axis].width);
        name += pieces[axis + 1];
    }
    return name;
}

bool NameTemplate::isFull() const
{
    std::size_t combinations = 1;
    for (const IndexAxis& axis : axes) {
        if (axis.count != 0 && combinations > count / axis.count)
            return false;
        combinations *= axis.count;
    }
    return combinations == count;
}

char indexLetter(std::size_t axis)
{
    return static_cast<char>('i' + axis % kMostIndices);
}

} // namespace wr::remap
