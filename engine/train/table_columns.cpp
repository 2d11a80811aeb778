// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/table_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace wr::train {
namespace {

constexpr std::size_t kMostTexts = 1000;     ///< of a feature: each becomes a column
constexpr std::size_t kMostClasses = 100000; ///< of a label
constexpr double kLargestClass = 2147483647.0;
constexpr std::size_t kShownBytes = 40;

std::string shown(std::string_view text)
{
    return '"' + std::string(text.substr(0, kShownBytes)) + (text.size() > kShownBytes ? "…\"" : "\"");
}

} // namespace

std::string_view trimmed(const CsvField& field)
{
    if (field.isQuoted)
        return field.text;
    const std::size_t begin = field.text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return field.text.substr(begin, field.text.find_last_not_of(" \t") + 1 - begin);
}

bool isMissing(std::string_view text)
{
    return text.empty() || text == "NA" || text == "NaN" || text == "nan" || text == "?";
}

std::optional<double> numberOf(std::string_view text)
{
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    double value = 0.0;
    const char* const end = text.data() + text.size();
    const std::from_chars_result result = std::from_chars(text.data(), end, value);
    if (result.ptr != end || result.ec == std::errc::invalid_argument || std::isnan(value))
        return std::nullopt;
    if (result.ec == std::errc::result_out_of_range) {
        // Too large or too small; only an exponent below zero makes it small.
        const std::size_t exponent = text.find_first_of("eE");
        const bool isSmall = exponent == std::string_view::npos ? text.find_first_of("123456789") > 300
                                                                : text.substr(exponent + 1, 1) == "-";
        return isSmall ? 0.0 : std::numeric_limits<double>::infinity();
    }
    return value;
}

void TableColumn::look(std::string_view text, std::int64_t line)
{
    if (isMissing(text)) {
        ++info.missing;
        return;
    }
    if (info.isText)
        return;
    const std::optional<double> number = numberOf(text);
    if (!number) {
        info.isText = true;
        m_firstText = std::string(text);
        m_firstTextLine = line;
        return;
    }
    m_isWhole = m_isWhole && *number >= 0.0 && *number <= kLargestClass && std::floor(*number) == *number;
}

Status TableColumn::take(std::string_view text)
{
    if (isMissing(text)) {
        m_values.push_back(std::numeric_limits<double>::quiet_NaN());
        return {};
    }
    if (!info.isText) {
        const double number = numberOf(text).value_or(0.0);
        if (!std::isfinite(static_cast<float>(number)))
            return invalidArgument("the number " + shown(text) + " is infinite, or too large for float32");
        m_values.push_back(number);
        return {};
    }
    const auto [place, isNew] =
        m_codes.try_emplace(std::string(text), static_cast<double>(info.values.size()));
    if (isNew) {
        const bool isLabel = info.role == ColumnInfo::Role::Label;
        if (info.values.size() == (isLabel ? kMostClasses : kMostTexts))
            return resourceExhausted(
                "more than " + std::to_string(info.values.size()) + " different texts" +
                (isLabel ? std::string(", too many for classes")
                         : std::string("; each would become a column. Name the columns to learn from with "
                                       "features=[…]")) +
                " (the first that is no number is " + shown(m_firstText) + " on line " +
                std::to_string(m_firstTextLine) + ")");
        info.values.emplace_back(text);
    }
    m_values.push_back(place->second);
    return {};
}

bool TableColumn::measure(std::span<const std::int64_t> rows)
{
    double sum = 0.0;
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    std::int64_t count = 0;
    const auto each = [&](auto&& body) {
        for (const std::int64_t row : rows) {
            const double value = m_values[static_cast<std::size_t>(row)];
            if (!std::isnan(value))
                body(value);
        }
    };
    each([&](double value) {
        sum += value;
        least = std::min(least, value);
        most = std::max(most, value);
        ++count;
    });
    if (count == 0)
        return false;
    if (least == most) { // their mean need not be that number to the last bit
        info.mean = least;
        info.deviation = 0.0;
        return true;
    }
    info.mean = sum / static_cast<double>(count);
    double squares = 0.0;
    each([&](double value) { squares += (value - info.mean) * (value - info.mean); });
    info.deviation = std::sqrt(squares / static_cast<double>(count));
    return true;
}

} // namespace wr::train
