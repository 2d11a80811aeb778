// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/metric_column.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wr::app {
namespace {

constexpr std::size_t kFactor = 16;

} // namespace

void MetricColumn::add(Extremes& extremes, const Extremes& other) const
{
    if (m_values[other.least] < m_values[extremes.least])
        extremes.least = other.least;
    if (m_values[other.greatest] > m_values[extremes.greatest])
        extremes.greatest = other.greatest;
}

void MetricColumn::append(double step, double value)
{
    if (!m_steps.empty() && step <= m_steps.back())
        truncate(static_cast<std::size_t>(lowerBound(step)));
    if (!std::isfinite(value) || m_steps.size() >= std::numeric_limits<std::uint32_t>::max())
        return;
    const auto index = static_cast<std::uint32_t>(m_steps.size());
    m_steps.push_back(step);
    m_values.push_back(value);
    std::size_t block = index / kFactor;
    for (std::size_t level = 0; level == 0 || block > 0 || level < m_levels.size(); ++level) {
        if (level == m_levels.size()) {
            // A new level begins with its first block, which the level below has just filled.
            m_levels.emplace_back();
            if (level > 0) {
                const std::vector<Extremes>& below = m_levels[level - 1];
                Extremes first = below[0];
                for (std::size_t i = 1; i < kFactor; ++i)
                    add(first, below[i]);
                m_levels.back().push_back(first);
            }
        }
        std::vector<Extremes>& blocks = m_levels[level];
        if (block == blocks.size())
            blocks.push_back({index, index});
        else
            add(blocks[block], {index, index});
        block /= kFactor;
    }
}

void MetricColumn::truncate(std::size_t size)
{
    m_steps.resize(size);
    m_values.resize(size);
    std::size_t count = size;
    for (std::size_t level = 0; level < m_levels.size(); ++level) {
        const std::size_t below = count;
        count = (count + kFactor - 1) / kFactor;
        std::vector<Extremes>& blocks = m_levels[level];
        blocks.resize(count);
        if (count == 0)
            continue;
        const std::size_t first = (count - 1) * kFactor;
        const auto part = [&](std::size_t i) {
            return level == 0 ? Extremes{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i)}
                              : m_levels[level - 1][i];
        };
        blocks.back() = part(first);
        for (std::size_t i = first + 1; i < below; ++i)
            add(blocks.back(), part(i));
    }
}

void MetricColumn::clear()
{
    m_steps.clear();
    m_values.clear();
    m_levels.clear();
}

qsizetype MetricColumn::lowerBound(double step) const
{
    return std::lower_bound(m_steps.begin(), m_steps.end(), step) - m_steps.begin();
}

qsizetype MetricColumn::nearest(double step) const
{
    const qsizetype after = lowerBound(step);
    if (after == size())
        return after - 1;
    if (after == 0)
        return 0;
    return step - this->step(after - 1) <= this->step(after) - step ? after - 1 : after;
}

MetricColumn::Extremes MetricColumn::extremes(std::size_t begin, std::size_t end) const
{
    Extremes result{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin)};
    std::size_t at = begin;
    while (at < end) {
        // The largest whole block that starts here and ends in time.
        std::size_t level = 0;
        std::size_t block = 1;
        while (level < m_levels.size() && at % (block * kFactor) == 0 && at + block * kFactor <= end) {
            block *= kFactor;
            ++level;
        }
        const auto index = static_cast<std::uint32_t>(at);
        add(result, level == 0 ? Extremes{index, index} : m_levels[level - 1][at / block]);
        at += block;
    }
    return result;
}

QVector<QPointF> MetricColumn::reduced(double from, double to, int columns, bool isLog) const
{
    QVector<QPointF> points;
    if (columns < 1 || !(from <= to) || (isLog && !(from > 0.0)))
        return points;
    auto begin = static_cast<std::size_t>(lowerBound(from));
    const auto end =
        static_cast<std::size_t>(std::upper_bound(m_steps.begin(), m_steps.end(), to) - m_steps.begin());
    const double width = (to - from) / columns;
    const double ratio = isLog ? std::log(to / from) / columns : 0.0;
    constexpr std::size_t kPointsPerColumn = 4;
    points.reserve(
        static_cast<qsizetype>(std::min(end - begin, kPointsPerColumn * static_cast<std::size_t>(columns))));
    for (int column = 0; column < columns && begin < end; ++column) {
        const bool isLast = column + 1 == columns;
        const double edge = isLog ? from * std::exp(ratio * (column + 1)) : from + width * (column + 1);
        const auto stop = std::lower_bound(m_steps.begin() + static_cast<std::ptrdiff_t>(begin),
                                           m_steps.begin() + static_cast<std::ptrdiff_t>(end), edge);
        const std::size_t next = isLast ? end : static_cast<std::size_t>(stop - m_steps.begin());
        if (next == begin)
            continue;
        const Extremes inside = extremes(begin, next);
        std::size_t chosen[kPointsPerColumn] = {begin, std::min(inside.least, inside.greatest),
                                                std::max(inside.least, inside.greatest), next - 1};
        for (std::size_t i = 0; i < kPointsPerColumn; ++i) {
            if (i == 0 || chosen[i] != chosen[i - 1])
                points.append({m_steps[chosen[i]], m_values[chosen[i]]});
        }
        begin = next;
    }
    return points;
}

} // namespace wr::app
