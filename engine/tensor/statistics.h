// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a tensor's values from one pass over them. NaN and Inf are counted and left out of the
// moments.
#pragma once

#include "engine/tensor/tensor.h"
#include "engine/tensor/value_counts.h"

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

/// What is found in a part of a tensor. Parts are made on any threads and added up in order.
struct StatisticsPart {
    struct Block {
        ValueScan scan;
        double deviations = 0.0; ///< from the block's own mean
    };
    std::vector<Block> blocks; ///< of kStatisticsBlock elements; none where patterns are counted
    ValueCounts counts;
    std::vector<float> sample;
};

/// Elements that are summed up together. The sums of a tensor are those of its blocks, one after another, so
/// that they are the same bits however it is cut into parts.
inline constexpr std::int64_t kStatisticsBlock = std::int64_t{1} << 17U;

/// Elements from `first` on, a multiple of kStatisticsBlock, of a tensor of `elements`: whole blocks, or all
/// that is left.
StatisticsPart scanPart(DType dtype, std::int64_t elements, std::int64_t first,
                        std::span<const std::byte> bytes);

/// Adds up the parts of one tensor, which come in its order.
class StatisticsSum {
public:
    explicit StatisticsSum(DType dtype) : m_dtype(dtype) {}
    void add(StatisticsPart part);
    Statistics finish();

private:
    DType m_dtype;
    StatisticsPart::Block m_all;
    ValueCounts m_counts;
    std::vector<float> m_sample;
};

struct Histogram {
    double low = 0.0;
    double high = 0.0;
    std::vector<std::uint64_t> counts;
};

/// Equal-width bins over the finite values; empty when there is none.
Histogram computeHistogram(const Tensor& tensor, int bins);

} // namespace wr
