// SPDX-License-Identifier: GPL-3.0-or-later
// Records of a CSV text (RFC 4180): quoted fields with doubled quotes and line breaks inside, lines that end
// in LF, CRLF or CR, a byte order mark, blank lines that do not count. Hostile input: any bytes end in
// records or in an error that names file, line and cause. Owned by one reader of a file; one thread.
#pragma once

#include "engine/base/status.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace wr::train {

struct CsvField {
    std::string_view text; ///< without its quotes; valid until the next record is read
    bool isQuoted = false;
};

class CsvReader {
public:
    /// `bytes` must outlive the reader; `path` is for messages.
    CsvReader(std::string_view bytes, char delimiter, std::string path);

    /// Reads the next record into `fields`; false at the end. InvalidArgument for what is no CSV text.
    Result<bool> next(std::vector<CsvField>& fields);
    /// The line, from 1, on which the record read last begins.
    std::int64_t line() const { return m_recordLine; }
    std::size_t offset() const { return m_at; }

private:
    Result<CsvField> readField();
    Result<CsvField> readQuoted();
    /// Steps over a line break; false when there is none here.
    bool skipBreak();
    Status wrong(std::int64_t line, const std::string& cause) const;

    std::string_view m_bytes;
    char m_delimiter;
    std::string m_path;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    std::int64_t m_recordLine = 1;
    std::size_t m_field = 0;             ///< of the record, from 0
    std::deque<std::string> m_unescaped; ///< the fields of this record that hold doubled quotes
};

} // namespace wr::train
