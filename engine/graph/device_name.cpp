// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/device_name.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace wr::graph {
namespace {

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::string upper(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return result;
}

std::optional<int> numberOf(std::string_view text)
{
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || !isDigit(text.front()) || read.ec != std::errc{} ||
        read.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// A letter, then letters, digits and underscores.
bool isIdentifier(std::string_view text)
{
    return !text.empty() && isLetter(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
        return isLetter(c) || isDigit(c) || c == '_';
    });
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string quoted(std::string_view text)
{
    return "\"" + std::string(text) + "\"";
}

std::string needsNumber(std::string_view part, std::string_view key)
{
    return quoted(part) + " needs a number, as in " + std::string(key) + ":0";
}

/// Python's: fills `name`, or gives what is wrong.
std::string readLenient(std::string_view text, DeviceName& name)
{
    for (const std::string_view part : split(text, '/')) {
        if (part.empty())
            continue;
        const std::vector<std::string_view> words = split(part, ':');
        const std::string_view key = words.front();
        const std::string kind = upper(key);
        if (key == "job" && words.size() == 2) {
            if (words[1].empty())
                return quoted(part) + " names no job";
            name.job = std::string(words[1]);
        } else if ((key == "replica" || key == "task") && words.size() == 2) {
            std::optional<int>& field = key == "task" ? name.task : name.replica;
            field = numberOf(words[1]);
            if (!field)
                return needsNumber(part, key);
        } else if ((words.size() <= 2 && (kind == "CPU" || kind == "GPU")) ||
                   (words.size() == 3 && key == "device")) {
            const std::string_view type = key == "device" ? words[1] : key;
            if (!isIdentifier(type))
                return "Unknown attribute: " + quoted(part) + " names no type of device";
            if (name.type)
                return "Cannot specify multiple device types";
            name.type = upper(type);
            if (words.size() > 1 && words.back() != "*") {
                name.index = numberOf(words.back());
                if (!name.index)
                    return needsNumber(part, type);
            }
        } else {
            return "Unknown attribute: " + quoted(part) +
                   " is neither a job, replica or task nor a device like cpu:0";
        }
    }
    return {};
}

/// The runtime's: fills `name`, or gives what is wrong.
std::string readStrict(std::string_view text, DeviceName& name)
{
    if (text.empty() || text == "/")
        return {};
    if (text.front() != '/')
        return "it must begin with \"/\", as in /cpu:0";
    for (const std::string_view part : split(text.substr(1), '/')) {
        const std::size_t colon = part.find(':');
        const std::string_view key = part.substr(0, colon);
        if (part.empty() || colon == std::string_view::npos)
            return quoted(part) + " has no \":\"";
        std::string_view value = part.substr(colon + 1);
        const auto readIndex = [&](std::string_view number, std::optional<int>& field) {
            field = number == "*" ? std::nullopt : numberOf(number);
            return field || number == "*";
        };
        if (key == "job") {
            name.job = value == "*" ? std::nullopt : std::optional<std::string>(value);
            if (name.job && !isIdentifier(value))
                return quoted(part) + ": a job begins with a letter and has letters, digits and \"_\" only";
        } else if (key == "replica" || key == "task") {
            if (!readIndex(value, key == "task" ? name.task : name.replica))
                return needsNumber(part, key);
        } else if (key == "device") {
            const std::size_t second = value.find(':');
            const std::string_view type = value.substr(0, second);
            name.type = type == "*" ? std::nullopt : std::optional<std::string>(upper(type));
            if (name.type && !isIdentifier(type))
                return quoted(part) + " names no type of device";
            name.index.reset();
            if (second != std::string_view::npos && !readIndex(value.substr(second + 1), name.index))
                return needsNumber(part, type);
        } else if (key == "cpu" || key == "CPU" || key == "gpu" || key == "GPU") {
            name.type = upper(key);
            if (!readIndex(value, name.index))
                return needsNumber(part, key);
        } else {
            return quoted(part) + " is neither a job, replica or task nor a device like cpu:0";
        }
    }
    return {};
}

std::string read(std::string_view text, DeviceGrammar grammar, DeviceName& name)
{
    return grammar == DeviceGrammar::Lenient ? readLenient(text, name) : readStrict(text, name);
}

std::string shown(const DeviceName& name)
{
    const std::string text = name.toString();
    return text.empty() ? "no device" : text;
}

} // namespace

std::string_view deviceErrorClass(DeviceGrammar grammar)
{
    return grammar == DeviceGrammar::Lenient ? "ValueError" : "InvalidArgumentError";
}

Result<DeviceName> DeviceName::parse(std::string_view text, DeviceGrammar grammar)
{
    DeviceName name;
    std::string why = read(text, grammar, name);
    if (why.empty())
        return name;
    const bool isStrict = grammar == DeviceGrammar::Strict;
    why = (isStrict ? "Malformed device specification '" : "'") + std::string(text) + "': " + why;
    DeviceName other;
    if (read(text, isStrict ? DeviceGrammar::Lenient : DeviceGrammar::Strict, other).empty())
        why += isStrict ? "; a script may say it, since Python reads it as " + shown(other)
                        : "; TensorFlow's runtime would read it as " + shown(other) + ", Python does not";
    return fail(invalidArgument(why));
}

std::string DeviceName::disagreement(std::string_view text)
{
    DeviceName lenient;
    DeviceName strict;
    const std::string no = readLenient(text, lenient);
    const std::string neither = readStrict(text, strict);
    if (no.empty() && neither.empty())
        return lenient == strict
                   ? std::string()
                   : "Python reads it as " + shown(lenient) + ", TensorFlow's runtime as " + shown(strict);
    if (!no.empty() && !neither.empty())
        return {};
    return no.empty()
               ? "Python reads it as " + shown(lenient) + ", TensorFlow's runtime refuses it: " + neither
               : "TensorFlow's runtime reads it as " + shown(strict) + ", Python refuses it: " + no;
}

DeviceName DeviceName::mergedWith(const DeviceName& inner) const
{
    DeviceName merged = *this;
    if (inner.job)
        merged.job = inner.job;
    if (inner.replica)
        merged.replica = inner.replica;
    if (inner.task)
        merged.task = inner.task;
    if (inner.type)
        merged.type = inner.type;
    if (inner.index)
        merged.index = inner.index;
    return merged;
}

bool DeviceName::isCompatibleWith(const DeviceName& other) const
{
    const auto agree = [](const auto& a, const auto& b) { return !a || !b || *a == *b; };
    return agree(job, other.job) && agree(replica, other.replica) && agree(task, other.task) &&
           agree(type, other.type) && agree(index, other.index);
}

std::string DeviceName::toString() const
{
    std::string text;
    if (job)
        text += "/job:" + *job;
    if (replica)
        text += "/replica:" + std::to_string(*replica);
    if (task)
        text += "/task:" + std::to_string(*task);
    if (type)
        text += "/device:" + *type + ":" + (index ? std::to_string(*index) : "*");
    return text;
}

} // namespace wr::graph
