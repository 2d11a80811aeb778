// SPDX-License-Identifier: GPL-3.0-or-later
// Features that are not in memory: rows that are read when a batch needs them. Shared by the parts of a data
// set; read by any number of threads at once. Reading may fail: a file can go away while a training runs.
#pragma once

#include "engine/base/status.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"

#include <cstdint>
#include <span>

namespace wr::train {

class RowSource {
public:
    virtual ~RowSource() = default;
    /// [count, …]
    virtual const Shape& shape() const = 0;
    /// UInt8 for pictures as bytes, which are read as byte / 255; else Float32.
    virtual DType dtype() const = 0;
    /// Reads row `row` as float32 into `into`, which has a row's size.
    virtual Status read(std::int64_t row, std::span<float> into) const = 0;
    /// What messages call it.
    virtual const std::string& name() const = 0;
};

} // namespace wr::train
