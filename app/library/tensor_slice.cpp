// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/library/tensor_slice.h"

#include "engine/checkpoint/checkpoint.h"

#include <QCoreApplication>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace wr::app {
namespace {

constexpr qint64 kMostElements = qint64{1} << 24;
constexpr qint64 kMostSampled = qint64{1} << 18;

QString tr(const char* text)
{
    return QCoreApplication::translate("TensorSlice", text);
}

/// Of two cells, the one that a smaller picture shows.
float louder(float a, float b)
{
    const auto rank = [](float value) { return std::isnan(value) ? 2 : std::isinf(value) ? 1 : 0; };
    if (rank(a) != rank(b))
        return rank(a) > rank(b) ? a : b;
    return std::abs(b) > std::abs(a) ? b : a;
}

/// Elements of a tensor between two along each axis.
QVector<qint64> stridesOf(const Shape& shape)
{
    QVector<qint64> strides(shape.rank(), 1);
    for (int axis = shape.rank() - 2; axis >= 0; --axis)
        strides[axis] = strides[axis + 1] * shape.dim(axis + 1);
    return strides;
}

/// Copies `count` elements that lie `stride` apart.
void copyStrided(const std::byte* from, qint64 stride, qint64 count, std::size_t size, std::byte* to)
{
    if (stride == 1) {
        std::memcpy(to, from, static_cast<std::size_t>(count) * size);
        return;
    }
    for (qint64 i = 0; i < count; ++i)
        std::memcpy(to + static_cast<std::size_t>(i) * size,
                    from + static_cast<std::size_t>(i * stride) * size, size);
}

} // namespace

SliceChoice SliceChoice::of(const QVector<qint64>& dims)
{
    SliceChoice choice;
    const auto rank = static_cast<int>(dims.size());
    choice.columnAxis = rank - 1;
    choice.rowAxis = rank >= 2 ? rank - 2 : -1;
    choice.at.fill(0, rank);
    return choice;
}

TensorSlice::Loaded TensorSlice::load(const CheckpointFile& file, int tensor, const SliceChoice& choice,
                                      const std::function<bool()>& goesOn)
{
    Loaded loaded;
    const checkpoint::CheckpointReader& reader = file.reader();
    const auto index = static_cast<std::size_t>(tensor);
    const TensorSpec& spec = reader.tensors()[index].spec;
    const auto failed = [&](const Status& status) {
        loaded.problem = explain(
            tr("The values of “%1” could not be read.").arg(QString::fromStdString(spec.name)), status);
        loaded.problem.cancelled = status.code() == StatusCode::Cancelled;
        return loaded;
    };
    const int rank = spec.shape.rank();
    const auto isAxis = [rank](int axis) { return axis >= -1 && axis < rank; };
    if (choice.at.size() != rank || !isAxis(choice.rowAxis) || !isAxis(choice.columnAxis) ||
        (choice.rowAxis >= 0 && choice.rowAxis == choice.columnAxis))
        return failed(invalidArgument("the tensor has no such slice"));
    const QVector<qint64> strides = stridesOf(spec.shape);
    qint64 begin = 0;
    for (int axis = 0; axis < rank; ++axis) {
        if (axis == choice.rowAxis || axis == choice.columnAxis)
            continue;
        if (choice.at[axis] < 0 || choice.at[axis] >= spec.shape.dim(axis))
            return failed(outOfRange("the tensor has no such slice"));
        begin += choice.at[axis] * strides[axis];
    }
    auto slice = std::make_shared<TensorSlice>();
    const qint64 allColumns = choice.columnAxis < 0 ? 1 : spec.shape.dim(choice.columnAxis);
    slice->m_columns = std::min(allColumns, kMostElements); // then there is one row
    loaded.columnsLeftOut = allColumns - slice->m_columns;
    const qint64 allRows = choice.rowAxis < 0 ? 1 : spec.shape.dim(choice.rowAxis);
    slice->m_rows =
        slice->m_columns == 0 ? 0 : std::min(allRows, std::max<qint64>(1, kMostElements / slice->m_columns));
    loaded.rowsLeftOut = allRows - slice->m_rows;
    const qint64 columnStride = choice.columnAxis < 0 ? 1 : strides[choice.columnAxis];
    const qint64 rowStride = choice.rowAxis < 0 ? 1 : strides[choice.rowAxis];
    const std::size_t size = dtypeSize(spec.dtype);
    Result<Tensor> values = Tensor::create(spec.dtype, {slice->m_rows, slice->m_columns});
    if (!values)
        return failed(values.error());
    slice->m_values = std::move(*values);
    std::byte* const to = slice->m_values.mutableBytes().data();
    const qint64 elements = slice->m_rows * slice->m_columns;
    const auto bytesAt = [size](qint64 element) { return static_cast<std::uint64_t>(element) * size; };
    const bool isContiguous = columnStride == 1 && (rowStride == slice->m_columns || slice->m_rows == 1);
    if (elements > 0 && isContiguous) {
        // In pieces, so that it can be cancelled.
        constexpr qint64 kPiece = qint64{1} << 20;
        for (qint64 at = 0; at < elements; at += kPiece) {
            if (!goesOn())
                return failed(cancelled("another tensor was chosen"));
            const qint64 count = std::min(kPiece, elements - at);
            if (const Status read = reader.readPart(
                    index, bytesAt(begin + at), {to + bytesAt(at), static_cast<std::size_t>(bytesAt(count))});
                !read.isOk())
                return failed(read);
        }
    } else if (elements > 0) {
        const Result<Tensor> whole =
            reader.read(index, [&](std::uint64_t, std::uint64_t) { return goesOn(); });
        if (!whole)
            return failed(whole.error());
        const std::byte* const from = whole->bytes().data();
        for (qint64 row = 0; row < slice->m_rows; ++row)
            copyStrided(from + bytesAt(begin + row * rowStride), columnStride, slice->m_columns, size,
                        to + bytesAt(row * slice->m_columns));
    }
    slice->measure();
    slice->addLevels();
    loaded.slice = std::move(slice);
    return loaded;
}

void TensorSlice::measure()
{
    const qint64 elements = m_rows * m_columns;
    SliceLevel level{m_rows, m_columns, {}};
    level.cells.resize(elements);
    m_rowNorms.fill(0.0, m_rows);
    m_columnNorms.fill(0.0, m_columns);
    m_low = std::numeric_limits<double>::infinity();
    m_high = -m_low;
    for (qint64 row = 0; row < m_rows; ++row) {
        for (qint64 column = 0; column < m_columns; ++column) {
            const qint64 at = row * m_columns + column;
            const double value = m_values.valueAt(at);
            level.cells[at] = static_cast<float>(value);
            if (std::isnan(value)) {
                ++m_nan;
            } else if (std::isinf(value)) {
                ++m_inf;
            } else {
                m_zero += value == 0.0 ? 1 : 0;
                m_low = std::min(m_low, value);
                m_high = std::max(m_high, value);
                m_rowNorms[row] += value * value;
                m_columnNorms[column] += value * value;
            }
        }
    }
    for (QVector<double>* norms : {&m_rowNorms, &m_columnNorms}) {
        for (double& norm : *norms)
            norm = std::sqrt(norm);
    }
    if (m_low > m_high)
        m_low = m_high = 0.0;
    constexpr int kBins = 96;
    m_histogram.fill(0.0, kBins);
    const double scale = m_high > m_low ? kBins / (m_high - m_low) : 0.0;
    const qint64 stride = std::max<qint64>(1, elements / kMostSampled);
    for (qint64 at = 0; at < elements; ++at) {
        const auto value = static_cast<double>(level.cells[at]);
        if (!std::isfinite(value))
            continue;
        m_histogram[std::clamp(static_cast<int>((value - m_low) * scale), 0, kBins - 1)] += 1.0;
        if (at % stride == 0)
            m_sorted.append(static_cast<float>(value));
    }
    std::sort(m_sorted.begin(), m_sorted.end());
    constexpr double kKnee = 1e-3;
    if (const double largest = std::max(std::abs(m_low), std::abs(m_high)); largest > 0.0)
        m_knee = largest * kKnee;
    m_symlogHistogram.fill(0.0, kBins);
    const double first = symlog(m_low);
    const double width = symlog(m_high) - first;
    for (const float value : std::as_const(m_sorted)) {
        const double place = width > 0.0 ? (symlog(static_cast<double>(value)) - first) / width : 0.0;
        m_symlogHistogram[std::clamp(static_cast<int>(place * kBins), 0, kBins - 1)] +=
            static_cast<double>(stride);
    }
    m_levels.append(std::move(level));
}

double TensorSlice::symlog(double value) const
{
    return std::asinh(value / m_knee);
}

double TensorSlice::fromSymlog(double place) const
{
    return std::sinh(place) * m_knee;
}

void TensorSlice::addLevels()
{
    constexpr qint64 kSmallest = 64;
    while (std::max(m_levels.last().rows, m_levels.last().columns) > kSmallest) {
        const SliceLevel& fine = m_levels.last();
        SliceLevel coarse{(fine.rows + 1) / 2, (fine.columns + 1) / 2, {}};
        coarse.cells.fill(0.0F, coarse.rows * coarse.columns);
        for (qint64 row = 0; row < fine.rows; ++row) {
            for (qint64 column = 0; column < fine.columns; ++column) {
                float& cell = coarse.cells[row / 2 * coarse.columns + column / 2];
                cell = louder(cell, fine.cells[row * fine.columns + column]);
            }
        }
        m_levels.append(std::move(coarse));
    }
}

double TensorSlice::value(qint64 row, qint64 column) const
{
    return m_values.valueAt(row * m_columns + column);
}

QByteArray TensorSlice::spelled(qint64 row, qint64 column) const
{
    const qint64 at = row * m_columns + column;
    switch (m_values.dtype()) {
    case DType::Int64:
        return QByteArray::number(static_cast<qint64>(m_values.data<std::int64_t>()[at]));
    case DType::UInt64: {
        std::uint64_t whole = 0;
        std::memcpy(&whole, m_values.bytes().data() + static_cast<std::size_t>(at) * sizeof(whole),
                    sizeof(whole));
        return QByteArray::number(static_cast<quint64>(whole));
    }
    default:
        break;
    }
    const double wide = m_values.valueAt(at);
    if (!isFloating(m_values.dtype()))
        return QByteArray::number(static_cast<qint64>(wide));
    char text[64];
    const std::to_chars_result end =
        m_values.dtype() == DType::Float64
            ? std::to_chars(std::begin(text), std::end(text), wide)
            : std::to_chars(std::begin(text), std::end(text), static_cast<float>(wide));
    return {text, end.ptr - text};
}

QString TensorSlice::storedText(qint64 row, qint64 column) const
{
    const std::size_t size = dtypeSize(m_values.dtype());
    const std::byte* const bytes =
        m_values.bytes().data() + static_cast<std::size_t>(row * m_columns + column) * size;
    QString hex;
    for (std::size_t i = size; i-- > 0;)
        hex += QStringLiteral("%1").arg(static_cast<unsigned>(bytes[i]), 2, 16, QLatin1Char('0'));
    return QStringLiteral("%1 · %2").arg(QString::fromLatin1(spelled(row, column)), hex);
}

double TensorSlice::quantile(double share) const
{
    if (m_sorted.isEmpty())
        return 0.0;
    const auto last = static_cast<double>(m_sorted.size() - 1);
    return static_cast<double>(m_sorted[static_cast<qsizetype>(std::lround(share * last))]);
}

} // namespace wr::app
