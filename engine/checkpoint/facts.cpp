// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/facts.h"

#include <charconv>
#include <cmath>

namespace wr::checkpoint {
namespace {

constexpr std::string_view kMetric = "metric.";

template <typename T>
std::string spelled(T value)
{
    std::array<char, 64> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <typename T>
std::optional<T> number(std::string_view text)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return {};
    return value;
}

std::string word(const Metadata& metadata, const char* key)
{
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
}

} // namespace

void addFacts(Metadata& metadata, const Facts& facts)
{
    if (facts.step)
        metadata["step"] = spelled(*facts.step);
    if (facts.loss && std::isfinite(*facts.loss))
        metadata["loss"] = spelled(*facts.loss);
    for (const auto& [name, value] : facts.metrics) {
        if (std::isfinite(value))
            metadata[std::string(kMetric) + name] = spelled(value);
    }
    const std::pair<const char*, const std::string&> words[] = {
        {"run_id", facts.runId}, {"app_version", facts.appVersion}, {"parent_uuid", facts.parentUuid}};
    for (const auto& [key, text] : words) {
        if (!text.empty())
            metadata[key] = text;
    }
}

Facts factsOf(const Metadata& metadata)
{
    Facts facts;
    facts.step = number<std::int64_t>(word(metadata, "step"));
    facts.loss = number<double>(word(metadata, "loss"));
    for (auto it = metadata.lower_bound(std::string(kMetric));
         it != metadata.end() && it->first.starts_with(kMetric); ++it) {
        if (const std::optional<double> value = number<double>(it->second))
            facts.metrics[it->first.substr(kMetric.size())] = *value;
    }
    facts.runId = word(metadata, "run_id");
    facts.appVersion = word(metadata, "app_version");
    facts.parentUuid = word(metadata, "parent_uuid");
    return facts;
}

} // namespace wr::checkpoint
