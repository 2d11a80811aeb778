// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/csv_reader.h"

namespace wr::train {
namespace {

constexpr std::size_t kMostFields = 16384;
constexpr std::size_t kLongestField = std::size_t{1} << 20U;

} // namespace

CsvReader::CsvReader(std::string_view bytes, char delimiter, std::string path)
    : m_bytes(bytes), m_delimiter(delimiter), m_path(std::move(path))
{
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (m_bytes.starts_with(kByteOrderMark))
        m_at = kByteOrderMark.size();
}

Status CsvReader::wrong(std::int64_t line, const std::string& cause) const
{
    return invalidArgument(m_path + ": line " + std::to_string(line) + ", column " +
                           std::to_string(m_field + 1) + ": " + cause);
}

bool CsvReader::skipBreak()
{
    if (m_at == m_bytes.size() || (m_bytes[m_at] != '\n' && m_bytes[m_at] != '\r'))
        return false;
    const bool isPair = m_bytes.substr(m_at, 2) == "\r\n";
    m_at += isPair ? 2 : 1;
    ++m_line;
    return true;
}

Result<bool> CsvReader::next(std::vector<CsvField>& fields)
{
    fields.clear();
    m_unescaped.clear();
    m_field = 0;
    while (skipBreak()) {
    }
    m_recordLine = m_line;
    if (m_at == m_bytes.size())
        return false;
    while (true) {
        if (fields.size() == kMostFields)
            return fail(wrong(m_line, "more than " + std::to_string(kMostFields) + " columns"));
        m_field = fields.size();
        WR_ASSIGN_OR_RETURN(const CsvField field, readField());
        if (field.text.size() > kLongestField)
            return fail(wrong(m_recordLine,
                              "a field of " + std::to_string(field.text.size()) + " bytes is too long"));
        fields.push_back(field);
        if (m_at == m_bytes.size() || skipBreak())
            return true;
        ++m_at; // the delimiter
    }
}

Result<CsvField> CsvReader::readField()
{
    if (m_at < m_bytes.size() && m_bytes[m_at] == '"')
        return readQuoted();
    const std::size_t begin = m_at;
    while (m_at < m_bytes.size()) {
        const char c = m_bytes[m_at];
        if (c == m_delimiter || c == '\n' || c == '\r')
            break;
        if (c == '\0')
            return fail(wrong(m_line, "a zero byte; this is no text (or it is UTF-16: save it as UTF-8)"));
        ++m_at;
    }
    return CsvField{m_bytes.substr(begin, m_at - begin), false};
}

Result<CsvField> CsvReader::readQuoted()
{
    const std::int64_t firstLine = m_line;
    std::size_t begin = ++m_at;
    std::string* unescaped = nullptr;
    while (m_at < m_bytes.size()) {
        const char c = m_bytes[m_at];
        if (c == '\0')
            return fail(wrong(m_line, "a zero byte; this is no text (or it is UTF-16: save it as UTF-8)"));
        if (c == '\n' || c == '\r') {
            skipBreak();
            continue;
        }
        if (c != '"') {
            ++m_at;
            continue;
        }
        const std::string_view part = m_bytes.substr(begin, m_at - begin);
        if (m_bytes.substr(m_at, 2) == "\"\"") {
            if (unescaped == nullptr)
                unescaped = &m_unescaped.emplace_back();
            unescaped->append(part).push_back('"');
            m_at += 2;
            begin = m_at;
            continue;
        }
        ++m_at;
        const bool ends = m_at == m_bytes.size() || m_bytes[m_at] == m_delimiter || m_bytes[m_at] == '\n' ||
                          m_bytes[m_at] == '\r';
        if (!ends)
            return fail(wrong(m_line, "text follows after a closing quote; a quote inside a quoted field is "
                                      "written twice"));
        if (unescaped == nullptr)
            return CsvField{part, true};
        unescaped->append(part);
        return CsvField{*unescaped, true};
    }
    return fail(wrong(firstLine, "the quote that opens here is never closed"));
}

} // namespace wr::train
