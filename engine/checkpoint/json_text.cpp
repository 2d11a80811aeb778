// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/json_text.h"

#include <array>
#include <cstdio>
#include <simdjson.h>

namespace wr::checkpoint {

void appendJsonString(std::string& to, std::string_view text)
{
    to += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            std::array<char, 8> code{};
            std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
            to += code.data();
        } else {
            to += c;
        }
    }
    to += '"';
}

std::string jsonObject(const std::map<std::string, std::string>& values)
{
    std::string json = "{";
    for (const auto& [key, value] : values) {
        if (json.size() > 1)
            json += ',';
        appendJsonString(json, key);
        json += ':';
        appendJsonString(json, value);
    }
    return json + "}";
}

Result<std::map<std::string, std::string>> parseJsonObject(std::string_view json)
{
    if (json.empty())
        return fail(StatusCode::InvalidArgument, "it is empty"); // which the parser would copy from nowhere
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        return fail(StatusCode::InvalidArgument, simdjson::error_message(error));
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS)
        return fail(StatusCode::InvalidArgument, "it is not a JSON object");
    std::map<std::string, std::string> values;
    for (const simdjson::dom::key_value_pair field : object) {
        std::string_view value;
        if (field.value.get(value) != simdjson::SUCCESS)
            return fail(StatusCode::InvalidArgument,
                        "the value of \"" + std::string(field.key) + "\" is no string");
        if (!values.emplace(field.key, value).second)
            return fail(StatusCode::InvalidArgument, "it names \"" + std::string(field.key) + "\" twice");
    }
    return values;
}

bool isUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

} // namespace wr::checkpoint
