// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/text_map.h"

#include <algorithm>

namespace wr::app {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

void appendUtf8(std::string& text, std::uint32_t code)
{
    const auto byte = [&text](std::uint32_t value) { text += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | (code >> 6));
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | (code >> 12));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | (code >> 18));
        byte(0x80 | ((code >> 12) & 0x3F));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

/// Length of the character at `at` of valid UTF-8.
std::uint32_t characterBytes(char lead)
{
    const auto byte = static_cast<unsigned char>(lead);
    if (byte < 0x80)
        return 1;
    if (byte < 0xE0)
        return 2;
    return byte < 0xF0 ? 3 : 4;
}

std::uint32_t characterUnits(char lead)
{
    return static_cast<unsigned char>(lead) >= 0xF0 ? 2 : 1;
}

/// Length of the well-formed UTF-8 character at the front (RFC 3629: no overlong forms, no surrogates); 0
/// when there is none.
std::size_t wellFormedBytes(const unsigned char* text, std::size_t size)
{
    const unsigned char lead = text[0];
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || size < length)
        return 0;
    unsigned char lowest = 0x80;
    unsigned char highest = 0xBF;
    if (lead == 0xE0)
        lowest = 0xA0;
    else if (lead == 0xED)
        highest = 0x9F;
    else if (lead == 0xF0)
        lowest = 0x90;
    else if (lead == 0xF4)
        highest = 0x8F;
    if (text[1] < lowest || text[1] > highest)
        return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

} // namespace

TextMap::TextMap(const QString& text) : m_utf16Length(static_cast<std::uint32_t>(text.size()))
{
    constexpr std::uint32_t kAnchorDistance = 64;
    m_utf8.reserve(static_cast<std::size_t>(text.size()));
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < m_utf16Length;) {
        if (i >= next) {
            m_anchors.push_back({i, static_cast<std::uint32_t>(m_utf8.size())});
            next = i + kAnchorDistance;
        }
        const QChar unit = text[i];
        std::uint32_t code = unit.unicode();
        std::uint32_t units = 1;
        if (unit.isSurrogate()) {
            code = kReplacement;
            if (unit.isHighSurrogate() && i + 1 < m_utf16Length && text[i + 1].isLowSurrogate()) {
                code = QChar::surrogateToUcs4(unit, text[i + 1]);
                units = 2;
            }
        }
        appendUtf8(m_utf8, code);
        i += units;
    }
}

std::uint32_t TextMap::byteAt(int utf16) const
{
    const auto place = static_cast<std::uint32_t>(std::clamp<std::int64_t>(utf16, 0, m_utf16Length));
    if (place == m_utf16Length)
        return static_cast<std::uint32_t>(m_utf8.size());
    const auto after = std::upper_bound(m_anchors.begin(), m_anchors.end(), place,
                                        [](std::uint32_t value, const Anchor& a) { return value < a.utf16; });
    Anchor at = *std::prev(after);
    while (at.utf16 < place) {
        const char lead = m_utf8[at.byte];
        if (at.utf16 + characterUnits(lead) > place)
            break;
        at.utf16 += characterUnits(lead);
        at.byte += characterBytes(lead);
    }
    return at.byte;
}

int TextMap::utf16At(std::uint32_t byte) const
{
    if (byte >= m_utf8.size())
        return static_cast<int>(m_utf16Length);
    const auto after = std::upper_bound(m_anchors.begin(), m_anchors.end(), byte,
                                        [](std::uint32_t value, const Anchor& a) { return value < a.byte; });
    Anchor at = *std::prev(after);
    while (at.byte < byte) {
        const char lead = m_utf8[at.byte];
        if (at.byte + characterBytes(lead) > byte)
            break;
        at.utf16 += characterUnits(lead);
        at.byte += characterBytes(lead);
    }
    return static_cast<int>(at.utf16);
}

Result<ScriptFile> ScriptFile::fromBytes(const QByteArray& bytes)
{
    ScriptFile file;
    QByteArray body = bytes;
    static constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";
    if (body.startsWith(kByteOrderMark)) {
        file.byteOrderMark = true;
        body.remove(0, 3);
    }
    const auto* data = reinterpret_cast<const unsigned char*>(body.constData());
    const auto size = static_cast<std::size_t>(body.size());
    const qsizetype skipped = bytes.size() - body.size();

    qint64 line = 1;
    qint64 firstFeed = 0; // the first lines that end in each way
    qint64 firstReturn = 0;
    const auto at = [&](std::size_t offset) {
        return "line " + std::to_string(line) + " (byte " +
               std::to_string(static_cast<qsizetype>(offset) + skipped) + " of the file)";
    };
    for (std::size_t i = 0; i < size;) {
        const std::size_t length = wellFormedBytes(data + i, size - i);
        if (length == 0)
            return fail(invalidArgument(at(i) + " is not UTF-8 text"));
        if (data[i] == '\r') {
            if (i + 1 >= size || data[i + 1] != '\n')
                return fail(invalidArgument(at(i) + " holds a carriage return without a line feed"));
            if (firstReturn == 0)
                firstReturn = line;
            ++i;
            ++line;
        } else if (data[i] == '\n') {
            if (firstFeed == 0)
                firstFeed = line;
            ++line;
        }
        i += length;
    }
    if (firstFeed > 0 && firstReturn > 0)
        return fail(invalidArgument("line ends are mixed: line " + std::to_string(firstReturn) +
                                    " ends with CR LF, line " + std::to_string(firstFeed) +
                                    " with LF alone"));
    file.carriageReturns = firstReturn > 0;
    if (file.carriageReturns)
        body.replace("\r\n", "\n");
    // A second byte order mark would be taken off by QString::fromUtf8().
    file.text = body.startsWith(kByteOrderMark) ? QChar(0xFEFF) + QString::fromUtf8(body.mid(3))
                                                : QString::fromUtf8(body);
    return file;
}

QByteArray ScriptFile::toBytes() const
{
    QByteArray bytes = QByteArray::fromStdString(TextMap(text).utf8());
    if (carriageReturns)
        bytes.replace("\n", "\r\n");
    if (byteOrderMark)
        bytes.prepend("\xEF\xBB\xBF");
    return bytes;
}

} // namespace wr::app
