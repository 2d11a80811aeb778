// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/script/parser.h"

#include <charconv>
#include <cmath>

namespace wr::script {

ExprPtr Parser::parseNumber()
{
    ExprPtr expr = make(ExprKind::Number, token().range.begin);
    expr->range = token().range;
    expr->text = std::string(text());
    std::string digits;
    for (const char c : expr->text) {
        if (c != '_')
            digits += c;
    }
    advance();
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0' &&
        std::string_view("xXoObB").find(digits[1]) != std::string_view::npos) {
        base = digits[1] == 'x' || digits[1] == 'X' ? 16 : digits[1] == 'o' || digits[1] == 'O' ? 8 : 2;
        digits.erase(0, 2);
    }
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto whole = std::from_chars(begin, end, expr->integer, base);
    if (whole.ec == std::errc{} && whole.ptr == end) {
        expr->isInteger = true;
        expr->number = static_cast<double>(expr->integer);
        return expr;
    }
    const auto real = std::from_chars(begin, end, expr->number);
    if (base != 10 || real.ptr != end || real.ec == std::errc::invalid_argument)
        error(expr->range, "\"" + expr->text + "\" is no number");
    else if (real.ec == std::errc::result_out_of_range)
        expr->number = digits.find('-') != std::string::npos ? 0.0 : HUGE_VAL;
    return expr;
}

} // namespace wr::script
