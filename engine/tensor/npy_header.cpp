// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/npy_header.h"

#include <array>
#include <charconv>
#include <vector>

namespace wr {
namespace {

/// Reads what the header may hold, token by token.
class HeaderText {
public:
    explicit HeaderText(std::string_view text) : m_text(text) {}

    bool take(char c)
    {
        skipSpace();
        if (!m_text.starts_with(c))
            return false;
        m_text.remove_prefix(1);
        return true;
    }
    bool takeWord(std::string_view word)
    {
        skipSpace();
        if (!m_text.starts_with(word))
            return false;
        m_text.remove_prefix(word.size());
        return true;
    }
    /// A text in quotes, without escapes.
    bool takeText(std::string_view& text)
    {
        skipSpace();
        if (m_text.empty() || (m_text.front() != '\'' && m_text.front() != '"'))
            return false;
        const std::size_t end = m_text.find(m_text.front(), 1);
        if (end == std::string_view::npos)
            return false;
        text = m_text.substr(1, end - 1);
        m_text.remove_prefix(end + 1);
        return text.find('\\') == std::string_view::npos;
    }
    bool takeNumber(std::int64_t& number)
    {
        skipSpace();
        const char* const begin = m_text.data();
        const std::from_chars_result result = std::from_chars(begin, begin + m_text.size(), number);
        if (result.ec != std::errc() || number < 0)
            return false;
        m_text.remove_prefix(static_cast<std::size_t>(result.ptr - begin));
        takeWord("L"); // Python 2 wrote long integers so
        return true;
    }
    bool isAtEnd()
    {
        skipSpace();
        return m_text.empty();
    }

private:
    void skipSpace()
    {
        const std::size_t begin = m_text.find_first_not_of(" \t\n\r");
        m_text.remove_prefix(begin == std::string_view::npos ? m_text.size() : begin);
    }
    std::string_view m_text;
};

Result<DType> elementType(std::string_view spelling)
{
    struct Row {
        std::string_view spelling;
        DType dtype;
    };
    static constexpr std::array<Row, 12> kTypes{{{"f4", DType::Float32},
                                                 {"f8", DType::Float64},
                                                 {"f2", DType::Float16},
                                                 {"i1", DType::Int8},
                                                 {"i2", DType::Int16},
                                                 {"i4", DType::Int32},
                                                 {"i8", DType::Int64},
                                                 {"u1", DType::UInt8},
                                                 {"u2", DType::UInt16},
                                                 {"u4", DType::UInt32},
                                                 {"u8", DType::UInt64},
                                                 {"b1", DType::Bool}}};
    for (const Row& row : kTypes) {
        if (spelling.size() == 3 && spelling.substr(1) == row.spelling)
            return row.dtype;
    }
    const char kind = spelling.size() > 1 ? spelling[1] : '?';
    std::string message = "its elements are of type \"" + std::string(spelling.substr(0, 20)) + "\"";
    if (kind == 'O')
        message += ": Python objects, which are never read";
    else if (kind == 'U' || kind == 'S' || kind == 'a')
        message += ": texts; numbers are needed";
    else if (kind == 'c')
        message += ": complex numbers, which are not read";
    else
        message += ", which is not read";
    return fail(StatusCode::InvalidArgument, message);
}

} // namespace

Result<NpyHeader> parseNpyHeader(std::string_view text)
{
    const auto wrong = [] {
        return fail(StatusCode::InvalidArgument, "its header is not what NumPy writes");
    };
    NpyHeader header;
    HeaderText rest(text);
    bool hasType = false;
    bool hasOrder = false;
    bool hasShape = false;
    if (!rest.take('{'))
        return wrong();
    while (!rest.take('}')) {
        std::string_view key;
        if (!rest.takeText(key) || !rest.take(':'))
            return wrong();
        if (key == "descr" && !hasType) {
            hasType = true;
            std::string_view spelling;
            if (rest.take('['))
                return fail(StatusCode::InvalidArgument,
                            "its elements are records of several fields; an array of numbers is needed");
            if (!rest.takeText(spelling) || spelling.empty() ||
                std::string_view("<>|=").find(spelling.front()) == std::string_view::npos)
                return wrong();
            WR_ASSIGN_OR_RETURN(header.dtype, elementType(spelling));
            header.isSwapped = spelling.front() == '>' && dtypeSize(header.dtype) > 1;
        } else if (key == "fortran_order" && !hasOrder) {
            hasOrder = true;
            header.isFortran = rest.takeWord("True");
            if (!header.isFortran && !rest.takeWord("False"))
                return wrong();
        } else if (key == "shape" && !hasShape) {
            hasShape = true;
            std::vector<std::int64_t> dims;
            if (!rest.take('('))
                return wrong();
            while (!rest.take(')')) {
                std::int64_t dim = 0;
                if (!rest.takeNumber(dim) || dims.size() == kMostNpyDimensions)
                    return wrong();
                dims.push_back(dim);
                if (rest.take(','))
                    continue;
                if (!rest.take(')'))
                    return wrong();
                break;
            }
            header.shape = Shape(dims);
        } else {
            return wrong();
        }
        if (rest.take(','))
            continue;
        if (!rest.take('}'))
            return wrong();
        break;
    }
    if (!hasType || !hasOrder || !hasShape || !rest.isAtEnd())
        return wrong();
    return header;
}

} // namespace wr
