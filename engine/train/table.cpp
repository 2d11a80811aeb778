// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/table.h"

#include "engine/base/machine_memory.h"
#include "engine/graph/suggestion.h"
#include "engine/train/split.h"
#include "engine/train/table_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wr::train {
namespace {

using graph::MissingRule;
using Role = ColumnInfo::Role;

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 32U;

class Table {
public:
    Table(const graph::DataSpec& spec, std::string path, std::string_view bytes, const Progress& progress)
        : m_spec(spec), m_path(std::move(path)), m_bytes(bytes), m_progress(progress)
    {
    }

    Result<std::shared_ptr<const Dataset>> load()
    {
        WR_RETURN_IF_ERROR(nameColumns());
        WR_RETURN_IF_ERROR(chooseColumns());
        WR_RETURN_IF_ERROR(eachRow(0, [&](const std::vector<CsvField>& fields, std::int64_t line) {
            for (std::size_t i = 0; i < fields.size(); ++i)
                m_columns[i].look(trimmed(fields[i]), line);
            return Status();
        }));
        WR_RETURN_IF_ERROR(eachRow(1, [&](const std::vector<CsvField>& fields, std::int64_t line) {
            return takeRow(fields, line);
        }));
        return makeDataset();
    }

private:
    Status nameColumns();
    bool looksLikeHeader(const std::vector<std::string>& first, const std::vector<CsvField>& second) const;
    Status chooseColumns();
    Result<std::size_t> findColumn(const std::string& wanted) const;
    Status takeRow(const std::vector<CsvField>& fields, std::int64_t line);
    Result<std::shared_ptr<const Dataset>> makeDataset();
    Result<Examples> examplesOf(std::span<const std::int64_t> rows, bool isOfClasses) const;

    /// Calls `body` for each row below the header, in reading `pass` of two.
    template <typename Body>
    Status eachRow(std::uint64_t pass, Body body)
    {
        CsvReader reader(m_bytes, m_spec.table.delimiter, m_path);
        std::vector<CsvField> fields;
        for (std::int64_t record = 0;; ++record) {
            WR_ASSIGN_OR_RETURN(const bool isThere, reader.next(fields));
            if (!isThere)
                return {};
            if (fields.size() != m_columns.size())
                return invalidArgument(m_path + ": line " + std::to_string(reader.line()) + ": " +
                                       std::to_string(fields.size()) + " columns, but the first line has " +
                                       std::to_string(m_columns.size()));
            if (m_progress && record % 4096 == 0 &&
                !m_progress(pass * m_bytes.size() + reader.offset(), 2 * m_bytes.size()))
                return cancelled("reading " + m_path + " was cancelled");
            if (record > 0 || !m_hasHeader)
                WR_RETURN_IF_ERROR(body(fields, reader.line()));
        }
    }

    std::string placeOf(std::int64_t line, std::size_t column) const
    {
        return m_path + ": line " + std::to_string(line) + ", column " + std::to_string(column + 1) + " (" +
               m_columns[column].info.name + ")";
    }

    const graph::DataSpec& m_spec;
    std::string m_path;
    std::string_view m_bytes;
    const Progress& m_progress;
    bool m_hasHeader = false;
    std::vector<TableColumn> m_columns;
    std::vector<std::size_t> m_features;
    std::size_t m_label = 0;
};

Status Table::nameColumns()
{
    CsvReader reader(m_bytes, m_spec.table.delimiter, m_path);
    std::vector<CsvField> fields;
    WR_ASSIGN_OR_RETURN(const bool isThere, reader.next(fields));
    if (!isThere)
        return invalidArgument(m_path + ": it holds no rows");
    std::vector<std::string> first;
    for (const CsvField& field : fields)
        first.emplace_back(trimmed(field));
    WR_ASSIGN_OR_RETURN(const bool isMore, reader.next(fields));
    if (!isMore)
        fields.clear();
    m_hasHeader = m_spec.table.header.value_or(looksLikeHeader(first, fields));
    m_columns.resize(first.size());
    for (std::size_t i = 0; i < first.size(); ++i)
        m_columns[i].info.name = m_hasHeader && !first[i].empty() ? first[i] : std::to_string(i);
    return {};
}

/// A first row with a column that the script names is a header; so is one without numbers above a row with
/// some.
bool Table::looksLikeHeader(const std::vector<std::string>& first, const std::vector<CsvField>& second) const
{
    const auto isName = [&](const std::string& wanted) {
        return !numberOf(wanted) && std::find(first.begin(), first.end(), wanted) != first.end();
    };
    if (isName(m_spec.table.label) ||
        std::any_of(m_spec.table.features.begin(), m_spec.table.features.end(), isName))
        return true;
    const bool hasValues = std::any_of(first.begin(), first.end(), [](const std::string& text) {
        return isMissing(text) || numberOf(text).has_value();
    });
    return !hasValues && std::any_of(second.begin(), second.end(), [](const CsvField& field) {
        return numberOf(trimmed(field)).has_value();
    });
}

Result<std::size_t> Table::findColumn(const std::string& wanted) const
{
    std::vector<std::string_view> names;
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        names.push_back(m_columns[i].info.name);
        if (m_columns[i].info.name == wanted)
            found.push_back(i);
    }
    if (found.size() == 1)
        return found.front();
    if (found.size() > 1)
        return fail(StatusCode::InvalidArgument, m_path + ": columns " + std::to_string(found[0] + 1) +
                                                     " and " + std::to_string(found[1] + 1) +
                                                     " are both called \"" + wanted +
                                                     "\"; say which by its number from 0");
    std::int64_t number = 0;
    const char* const end = wanted.data() + wanted.size();
    const std::from_chars_result result = std::from_chars(wanted.data(), end, number);
    const auto count = static_cast<std::int64_t>(m_columns.size());
    if (result.ec == std::errc() && result.ptr == end && number >= -count && number < count)
        return static_cast<std::size_t>(number < 0 ? number + count : number);
    std::string message = m_path + ": there is no column \"" + wanted + "\"";
    const std::string nearest = graph::nearestName(wanted, names);
    if (!nearest.empty())
        message += "; did you mean " + nearest + "?";
    else if (!m_hasHeader)
        message += "; the first line is no header, so columns are called 0 to " + std::to_string(count - 1);
    else if (count == 1)
        message += "; each line is a single column, so another delimiter= may be meant";
    return fail(StatusCode::NotFound, message);
}

Status Table::chooseColumns()
{
    WR_ASSIGN_OR_RETURN(m_label, findColumn(m_spec.table.label));
    m_columns[m_label].info.role = Role::Label;
    for (const std::string& wanted : m_spec.table.features) {
        WR_ASSIGN_OR_RETURN(const std::size_t column, findColumn(wanted));
        if (m_columns[column].info.role != Role::Unused)
            return invalidArgument(m_path + ": the column \"" + m_columns[column].info.name +
                                   "\" is wanted twice, among features and label");
        m_columns[column].info.role = Role::Feature;
        m_features.push_back(column);
    }
    for (std::size_t i = 0; m_spec.table.features.empty() && i < m_columns.size(); ++i) {
        if (i == m_label)
            continue;
        m_columns[i].info.role = Role::Feature;
        m_features.push_back(i);
    }
    if (m_features.empty())
        return invalidArgument(m_path + ": besides the label there is no column to learn from");
    return {};
}

Status Table::takeRow(const std::vector<CsvField>& fields, std::int64_t line)
{
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (m_columns[i].info.role == Role::Unused || !isMissing(trimmed(fields[i])))
            continue;
        if (m_spec.table.missing == MissingRule::Drop)
            return {};
        if (m_spec.table.missing == MissingRule::Refuse)
            return invalidArgument(placeOf(line, i) +
                                   ": nothing is there; missing=\"drop\" leaves such rows out, "
                                   "missing=\"mean\" puts the column's mean there");
        if (i == m_label)
            return invalidArgument(placeOf(line, i) +
                                   ": the label is missing, and no mean can stand for it; missing=\"drop\" "
                                   "leaves such rows out");
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (m_columns[i].info.role == Role::Unused)
            continue;
        if (Status status = m_columns[i].take(trimmed(fields[i])); !status.isOk())
            return status.withContext(placeOf(line, i));
    }
    return {};
}

Result<Examples> Table::examplesOf(std::span<const std::int64_t> rows, bool isOfClasses) const
{
    const auto count = static_cast<std::int64_t>(rows.size());
    std::int64_t width = 0;
    for (const std::size_t column : m_features)
        width += m_columns[column].width();
    if (static_cast<double>(width) * static_cast<double>(count) * sizeof(float) >
        static_cast<double>(physicalMemoryBytes()))
        return fail(StatusCode::ResourceExhausted,
                    m_path + ": " + std::to_string(count) + " rows of " + std::to_string(width) +
                        " numbers, texts spread as 0 and 1, do not fit into memory");
    Examples examples;
    WR_ASSIGN_OR_RETURN(examples.features, Tensor::zeros(DType::Float32, Shape{count, width}));
    float* to = examples.features.data<float>();
    for (const std::int64_t row : rows) {
        for (const std::size_t place : m_features) {
            const TableColumn& column = m_columns[place];
            const double value = column.values()[static_cast<std::size_t>(row)];
            if (column.info.isText) {
                if (!std::isnan(value))
                    to[static_cast<std::int64_t>(value)] = 1.0F;
            } else {
                const double known = std::isnan(value) ? column.info.mean : value;
                const double scale = column.info.deviation > 0.0 ? column.info.deviation : 1.0;
                *to = static_cast<float>(m_spec.normalize ? (known - column.info.mean) / scale : known);
            }
            to += column.width();
        }
    }
    const std::vector<double>& labels = m_columns[m_label].values();
    WR_ASSIGN_OR_RETURN(examples.labels,
                        Tensor::create(isOfClasses ? DType::Int64 : DType::Float32, Shape{count}));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double label = labels[static_cast<std::size_t>(rows[i])];
        if (isOfClasses)
            examples.labels.data<std::int64_t>()[i] = static_cast<std::int64_t>(label);
        else
            examples.labels.data<float>()[i] = static_cast<float>(label);
    }
    return examples;
}

Result<std::shared_ptr<const Dataset>> Table::makeDataset()
{
    const auto count = static_cast<std::int64_t>(m_columns[m_label].values().size());
    if (count == 0)
        return fail(StatusCode::InvalidArgument,
                    m_path + (m_spec.table.missing == MissingRule::Drop
                                  ? ": every row lacks something, so none is left"
                                  : ": it holds no rows below its header"));
    WR_ASSIGN_OR_RETURN(const Parts parts, partsOf(count, m_spec, m_path));
    for (const std::size_t column : m_features) {
        if (!m_columns[column].info.isText && !m_columns[column].measure(parts.train))
            return fail(StatusCode::InvalidArgument,
                        m_path + ": the column \"" + m_columns[column].info.name +
                            "\" holds no number in the rows to train on, so it has no mean");
    }
    const TableColumn& label = m_columns[m_label];
    const bool isOfClasses = label.info.isText || label.isWhole();
    auto dataset = std::make_shared<Dataset>();
    dataset->name = m_spec.name;
    WR_ASSIGN_OR_RETURN(dataset->train, examplesOf(parts.train, isOfClasses));
    dataset->classes = classesOf(dataset->train);
    if (!parts.test.empty()) {
        WR_ASSIGN_OR_RETURN(dataset->test, examplesOf(parts.test, isOfClasses));
        dataset->classes = std::max(dataset->classes, classesOf(dataset->test));
    }
    if (label.info.isText) {
        dataset->classNames = label.info.values;
        dataset->classes = static_cast<std::int64_t>(label.info.values.size());
    }
    if (m_spec.oneHot)
        WR_RETURN_IF_ERROR(spreadLabels(*dataset));
    for (const TableColumn& column : m_columns)
        dataset->columns.push_back(column.info);
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

} // namespace

Result<std::shared_ptr<const Dataset>> loadTable(const graph::DataSpec& spec, const std::string& path,
                                                 Vfs& vfs, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, readFile(vfs, path, kLargestFile));
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Table(spec, path, text, progress).load();
}

} // namespace wr::train
