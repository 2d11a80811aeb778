// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/device_name.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace wr::graph {
namespace {

std::string upper(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

Status malformed(std::string_view text, const std::string& why)
{
    return invalidArgument("Malformed device specification '" + std::string(text) + "': " + why);
}

std::optional<int> numberOf(std::string_view text)
{
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

bool isType(std::string_view text)
{
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

} // namespace

Result<DeviceName> DeviceName::parse(std::string_view text)
{
    DeviceName name;
    if (text.empty())
        return name;
    if (text.front() != '/')
        return fail(malformed(text, "it must begin with \"/\", as in /cpu:0"));
    for (std::size_t begin = 1; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        const std::string_view part = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t colon = part.find(':');
        const std::string_view key = part.substr(0, colon);
        std::string_view value =
            colon == std::string_view::npos ? std::string_view() : part.substr(colon + 1);
        const std::string shown(part);
        if (key == "job") {
            if (value.empty())
                return fail(malformed(text, "\"" + shown + "\" names no job"));
            name.job = std::string(value);
        } else if (key == "replica" || key == "task") {
            const std::optional<int> number = numberOf(value);
            if (!number)
                return fail(
                    malformed(text, "\"" + shown + "\" needs a number, as in " + std::string(key) + ":0"));
            (key == "task" ? name.task : name.replica) = *number;
        } else {
            std::string_view type = key;
            if (key == "device") {
                const std::size_t second = value.find(':');
                type = value.substr(0, second);
                value = second == std::string_view::npos ? std::string_view() : value.substr(second + 1);
            }
            const std::string kind = upper(type);
            if (!isType(type) || (key != "device" && kind != "CPU" && kind != "GPU"))
                return fail(malformed(
                    text, "\"" + shown + "\" is neither a job, replica or task nor a device like cpu:0"));
            if (name.type && *name.type != kind)
                return fail(malformed(text, "it names two device types"));
            name.type = kind;
            if (!value.empty() && value != "*") {
                name.index = numberOf(value);
                if (!name.index)
                    return fail(malformed(text, "\"" + shown + "\" needs a number, as in " +
                                                    std::string(type) + ":0"));
            }
        }
    }
    return name;
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
    if (inner.type) {
        // An index belongs to its type: "/gpu" inside "/cpu:1" is any GPU.
        if (merged.type && *merged.type != *inner.type)
            merged.index.reset();
        merged.type = inner.type;
    }
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
