// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a tensor's values from one pass over them. NaN and Inf are counted and left out of the
// moments.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <vector>

namespace wr {

struct Statistics {
    double mean = 0.0;
    double stddev = 0.0; ///< population
    double absMax = 0.0;
    double min = 0.0;
    double max = 0.0;
    double l2 = 0.0;
    std::uint64_t nanCount = 0;
    std::uint64_t infCount = 0;
    std::uint64_t zeroCount = 0;
    std::uint64_t fingerprint = 0; ///< sum of mixed element bits mod 2^64, −0 as +0: the same in any order
    std::uint64_t fingerprintBf16 = 0; ///< the same of the values rounded to bfloat16
    float p01 = 0.0F;
    float p50 = 0.0F;
    float p99 = 0.0F;
};

Statistics computeStatistics(const Tensor& tensor);

struct Histogram {
    double low = 0.0;
    double high = 0.0;
    std::vector<std::uint64_t> counts;
};

/// Equal-width bins over the finite values; empty when there is none.
Histogram computeHistogram(const Tensor& tensor, int bins);

} // namespace wr
