// SPDX-License-Identifier: GPL-3.0-or-later
// One curve at full resolution, steps ascending, with a pyramid of minima and maxima over blocks of 16, 256,
// … points, so that the extremes of any stretch are found in a few looks. Holds finite values only. One
// thread.
#pragma once

#include <QPointF>
#include <QVector>
#include <cstdint>
#include <vector>

namespace wr::app {

class MetricColumn {
public:
    /// Values that are not finite are left out. A step that is not past the last one first takes away all
    /// points from it on: the run went back.
    void append(double step, double value);
    void clear();

    qsizetype size() const { return static_cast<qsizetype>(m_steps.size()); }
    bool isEmpty() const { return m_steps.empty(); }
    double step(qsizetype index) const { return m_steps[static_cast<std::size_t>(index)]; }
    double value(qsizetype index) const { return m_values[static_cast<std::size_t>(index)]; }

    /// Index of the first point at `step` or later.
    qsizetype lowerBound(double step) const;
    qsizetype nearest(double step) const; ///< −1 when empty
    /// Points of steps [from, to]: of each of `columns` stretches the first, least, greatest and last one.
    /// The stretches are equal, or, `isLog`, grow by the same factor; `from` is above 0 then.
    QVector<QPointF> reduced(double from, double to, int columns, bool isLog = false) const;

private:
    struct Extremes {
        std::uint32_t least = 0; ///< index of the point
        std::uint32_t greatest = 0;
    };
    void truncate(std::size_t size);
    void add(Extremes& extremes, const Extremes& other) const;
    Extremes extremes(std::size_t begin, std::size_t end) const;

    std::vector<double> m_steps;
    std::vector<double> m_values;
    std::vector<std::vector<Extremes>> m_levels; ///< m_levels[k]: blocks of 16^(k+1) points
};

} // namespace wr::app
