// SPDX-License-Identifier: GPL-3.0-or-later
// A column of a table while it is read: first what it holds is guessed from all its fields, then they are
// taken as numbers. Owned by the reader of one table; one thread.
#pragma once

#include "engine/train/csv_reader.h"
#include "engine/train/dataset.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace wr::train {

/// The field as it counts: spaces around it belong to it only inside quotes.
std::string_view trimmed(const CsvField& field);
/// True for nothing, NA, NaN and ?.
bool isMissing(std::string_view text);
/// A decimal number, whatever the locale; beyond float64 it is infinite. None for other text.
std::optional<double> numberOf(std::string_view text);

class TableColumn {
public:
    ColumnInfo info;

    /// First reading: what kind of field is this?
    void look(std::string_view text, std::int64_t line);
    /// Second reading: takes the field. Says why when it cannot.
    Status take(std::string_view text);

    bool isWhole() const { return !info.isText && m_isWhole; }
    /// Columns of 0 and 1, or one of numbers.
    std::int64_t width() const { return info.isText ? static_cast<std::int64_t>(info.values.size()) : 1; }
    /// By row; texts as their place in info.values, NaN where nothing is.
    const std::vector<double>& values() const { return m_values; }
    /// Mean and deviation of `rows`, into info; false when they hold no number at all.
    bool measure(std::span<const std::int64_t> rows);

private:
    bool m_isWhole = true;   ///< the numbers are whole and could be classes
    std::string m_firstText; ///< what made it a column of texts
    std::int64_t m_firstTextLine = 0;
    std::vector<double> m_values;
    std::unordered_map<std::string, double> m_codes;
};

} // namespace wr::train
