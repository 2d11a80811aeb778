// SPDX-License-Identifier: GPL-3.0-or-later
// Writing JSON: escaped strings and objects of strings. Reading is simdjson's. Pure; any thread.
#pragma once

#include "engine/base/status.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace wr::checkpoint {

/// Appends `text` in quotes, control characters escaped; `text` must be UTF-8.
void appendJsonString(std::string& to, std::string_view text);
/// {"key":"value",…}
std::string jsonObject(const std::map<std::string, std::string>& values);
/// The inverse; InvalidArgument when it is not an object of strings or names a key twice.
Result<std::map<std::string, std::string>> parseJsonObject(std::string_view json);
bool isUtf8(std::string_view text);

} // namespace wr::checkpoint
