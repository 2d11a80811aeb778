// SPDX-License-Identifier: GPL-3.0-or-later
// Two axes of a tensor of a checkpoint, read for being looked at: its elements, smaller pictures of them in
// which the largest magnitude wins, norms, and how the values are spread. Loading blocks: call from a job;
// then immutable, any thread.
#pragma once

#include "app/document/explanation.h"
#include "app/library/checkpoint_file.h"
#include "engine/tensor/tensor.h"

#include <QVector>
#include <functional>
#include <memory>

namespace wr::app {

/// Which axes are seen as rows and columns, and where the others stand.
struct SliceChoice {
    int rowAxis = -1;    ///< -1: one row
    int columnAxis = -1; ///< -1: one column
    QVector<qint64> at;  ///< one for each axis; those of the two seen do not count

    /// The last two axes, at the beginning of all others.
    static SliceChoice of(const QVector<qint64>& dims);
    friend bool operator==(const SliceChoice&, const SliceChoice&) = default;
};

/// A picture of `rows` × `columns` cells, each the element of largest magnitude of what it stands for; NaN
/// before Inf before all others.
struct SliceLevel {
    qint64 rows = 0;
    qint64 columns = 0;
    QVector<float> cells;
};

class TensorSlice {
public:
    struct Loaded;
    /// `goesOn` is asked now and then.
    static Loaded load(const CheckpointFile& file, int tensor, const SliceChoice& choice,
                       const std::function<bool()>& goesOn);

    qint64 rows() const { return m_rows; }
    qint64 columns() const { return m_columns; }
    /// The first has a cell for each element, the others half the cells of the one before, either way.
    const QVector<SliceLevel>& levels() const { return m_levels; }
    double value(qint64 row, qint64 column) const;
    /// The shortest digits that give the stored number back, whole numbers in full.
    QByteArray spelled(qint64 row, qint64 column) const;
    /// As it is stored: "-0.0123456793 · bc4a4588".
    QString storedText(qint64 row, qint64 column) const;
    const Tensor& values() const { return m_values; } ///< [rows, columns], of the tensor's own type

    qint64 nanCount() const { return m_nan; }
    qint64 infCount() const { return m_inf; }
    qint64 zeroCount() const { return m_zero; }
    double low() const { return m_low; } ///< of the finite ones
    double high() const { return m_high; }
    double quantile(double share) const; ///< of the finite ones, from a sample where there are many
    const QVector<double>& histogram() const { return m_histogram; } ///< equal bins from low to high
    /// Counts in bins that are equal in symlog(), from low to high, from a sample where there are many.
    const QVector<double>& symlogHistogram() const { return m_symlogHistogram; }
    /// Linear about zero, up to a thousandth of the largest magnitude; logarithmic beyond.
    double symlog(double value) const;
    double fromSymlog(double place) const;                         ///< the inverse
    const QVector<double>& rowNorms() const { return m_rowNorms; } ///< Euclidean, of the finite ones
    const QVector<double>& columnNorms() const { return m_columnNorms; }

private:
    void measure();
    void addLevels();

    Tensor m_values;
    qint64 m_rows = 0;
    qint64 m_columns = 0;
    QVector<SliceLevel> m_levels;
    qint64 m_nan = 0;
    qint64 m_inf = 0;
    qint64 m_zero = 0;
    double m_low = 0.0;
    double m_high = 0.0;
    QVector<float> m_sorted; ///< sample
    QVector<double> m_histogram;
    QVector<double> m_symlogHistogram;
    double m_knee = 1.0;
    QVector<double> m_rowNorms;
    QVector<double> m_columnNorms;
};

struct TensorSlice::Loaded {
    std::shared_ptr<const TensorSlice> slice; ///< null on failure
    qint64 rowsLeftOut = 0;                   ///< of a slice that is too large to be held
    qint64 columnsLeftOut = 0;
    Explanation problem;
};

} // namespace wr::app
