// SPDX-License-Identifier: GPL-3.0-or-later
// One script in its two encodings: UTF-16 as the window edits it, UTF-8 as the engine reads it, and the exact
// mapping of places between them. Also the one place where bytes of a file become a script and back. Values;
// any thread.
#pragma once

#include "engine/base/status.h"

#include <QByteArray>
#include <QString>
#include <cstdint>
#include <string>
#include <vector>

namespace wr::app {

class TextMap {
public:
    TextMap() = default;
    /// Half a surrogate pair becomes U+FFFD.
    explicit TextMap(const QString& text);

    const std::string& utf8() const { return m_utf8; }
    /// UTF-8 byte of a UTF-16 place; both clamped to the text. The middle of a character is its start.
    std::uint32_t byteAt(int utf16) const;
    int utf16At(std::uint32_t byte) const;

private:
    struct Anchor {
        std::uint32_t utf16;
        std::uint32_t byte;
    };
    std::string m_utf8;
    std::uint32_t m_utf16Length = 0;
    std::vector<Anchor> m_anchors; ///< every 64 characters or so; the first is {0, 0}
};

/// A script as it lies on disk. Inside the program lines end with "\n" only.
struct ScriptFile {
    QString text;
    bool byteOrderMark = false;
    bool carriageReturns = false; ///< every line of the file ends with "\r\n"

    /// InvalidArgument with line and byte when the bytes are not UTF-8, or when line ends are mixed.
    static Result<ScriptFile> fromBytes(const QByteArray& bytes);
    QByteArray toBytes() const;
};

} // namespace wr::app
