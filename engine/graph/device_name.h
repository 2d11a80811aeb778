// SPDX-License-Identifier: GPL-3.0-or-later
// Device names as TensorFlow writes them ("/job:ps/task:7/cpu:0", "/device:GPU:1"), and their merging. A
// value.
#pragma once

#include "engine/base/status.h"

#include <optional>
#include <string>
#include <string_view>

namespace wr::graph {

struct DeviceName {
    std::optional<std::string> job;
    std::optional<int> replica;
    std::optional<int> task;
    std::optional<std::string> type; ///< "CPU", "GPU", upper case
    std::optional<int> index;

    /// InvalidArgument "Malformed device specification '…'" with the part that is wrong. Empty text: nothing
    /// set.
    static Result<DeviceName> parse(std::string_view text);
    /// Fields of `inner` win; this one fills what is unset.
    DeviceName mergedWith(const DeviceName& inner) const;
    /// True when no field that both set differs.
    bool isCompatibleWith(const DeviceName& other) const;
    /// "/job:ps/task:7/device:CPU:0"; an unset index prints "*".
    std::string toString() const;

    friend bool operator==(const DeviceName&, const DeviceName&) = default;
};

} // namespace wr::graph
