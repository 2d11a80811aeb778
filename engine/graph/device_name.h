// SPDX-License-Identifier: GPL-3.0-or-later
// Device names as TensorFlow writes them ("/job:ps/task:7/cpu:0", "/device:GPU:1"), and their merging.
// TensorFlow reads them by two grammars that disagree: Python's, by which scripts are read, and the
// runtime's, which is stricter in some forms and laxer in others. A value; any thread.
#pragma once

#include "engine/base/status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wr::graph {

enum class DeviceGrammar : std::uint8_t {
    Lenient, ///< Python's: parts in any order, "/cpu" without a number, any name of a job
    Strict,  ///< the runtime's: "/device:GPU" without a number, "*" in every part, no hyphen in a job
};

/// What TensorFlow raises for a text that the grammar refuses: "ValueError", "InvalidArgumentError".
std::string_view deviceErrorClass(DeviceGrammar grammar);

struct DeviceName {
    std::optional<std::string> job;
    std::optional<int> replica;
    std::optional<int> task;
    std::optional<std::string> type; ///< "CPU", "GPU", upper case
    std::optional<int> index;

    /// InvalidArgument with the part that is wrong, and a word where the other grammar takes the text:
    /// "'/tpu:0': Unknown attribute …" and the like when lenient, "Malformed device specification '…'" when
    /// strict. Empty text: nothing set.
    static Result<DeviceName> parse(std::string_view text, DeviceGrammar grammar = DeviceGrammar::Lenient);
    /// How the two grammars disagree about `text`, in a sentence; empty when they read the same.
    static std::string disagreement(std::string_view text);

    /// Field by field: what `inner` sets wins; this one fills what it leaves open.
    DeviceName mergedWith(const DeviceName& inner) const;
    /// True when no field that both set differs.
    bool isCompatibleWith(const DeviceName& other) const;
    /// "/job:ps/task:7/device:CPU:0"; an unset index prints "*".
    std::string toString() const;

    friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

} // namespace wr::graph
