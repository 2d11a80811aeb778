// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/feature_scale.h"

#include <cmath>
#include <vector>

namespace wr::train {
namespace {

/// What is subtracted and divided by; feature i belongs to group i % groups.
class FeatureScale {
public:
    explicit FeatureScale(std::int64_t groups)
        : m_means(static_cast<std::size_t>(groups), 0.0), m_scales(m_means.size(), 1.0)
    {
    }

    void apply(std::span<float> row) const
    {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::size_t group = i % m_means.size();
            row[i] = static_cast<float>((static_cast<double>(row[i]) - m_means[group]) / m_scales[group]);
        }
    }

    /// Measures `count` rows that `read` gives, one after the other; twice.
    template <typename Read>
    Status measure(std::int64_t count, std::int64_t rowSize, Read read)
    {
        const std::size_t groups = m_means.size();
        const double each =
            static_cast<double>(count) * static_cast<double>(rowSize) / static_cast<double>(groups);
        std::vector<float> first;
        std::vector<bool> isConstant(groups, true);
        std::vector<float> row(static_cast<std::size_t>(rowSize));
        for (std::int64_t k = 0; k < count; ++k) {
            WR_RETURN_IF_ERROR(read(k, row));
            if (k == 0)
                first = row;
            for (std::size_t i = 0; i < row.size(); ++i) {
                m_means[i % groups] += static_cast<double>(row[i]);
                isConstant[i % groups] = isConstant[i % groups] && row[i] == first[i % groups];
            }
        }
        for (double& mean : m_means)
            mean /= each;
        std::vector<double> squares(groups, 0.0);
        for (std::int64_t k = 0; k < count; ++k) {
            WR_RETURN_IF_ERROR(read(k, row));
            for (std::size_t i = 0; i < row.size(); ++i) {
                const double off = static_cast<double>(row[i]) - m_means[i % groups];
                squares[i % groups] += off * off;
            }
        }
        for (std::size_t group = 0; group < groups; ++group) {
            if (isConstant[group]) // their mean need not be that number to the last bit
                m_means[group] = static_cast<double>(first[group]);
            else
                m_scales[group] = std::sqrt(squares[group] / each);
        }
        return {};
    }

private:
    std::vector<double> m_means;
    std::vector<double> m_scales;
};

/// Rows of a source, scaled as they are read.
class ScaledRows final : public RowSource {
public:
    ScaledRows(std::shared_ptr<const RowSource> rows, std::shared_ptr<const FeatureScale> scale)
        : m_rows(std::move(rows)), m_scale(std::move(scale))
    {
    }
    const Shape& shape() const override { return m_rows->shape(); }
    DType dtype() const override { return DType::Float32; }
    const std::string& name() const override { return m_rows->name(); }
    Status read(std::int64_t row, std::span<float> into) const override
    {
        WR_RETURN_IF_ERROR(m_rows->read(row, into));
        m_scale->apply(into);
        return {};
    }

private:
    std::shared_ptr<const RowSource> m_rows;
    std::shared_ptr<const FeatureScale> m_scale;
};

Result<Tensor> asFloats(const Tensor& bytes)
{
    WR_ASSIGN_OR_RETURN(Tensor floats, Tensor::create(DType::Float32, bytes.shape()));
    const std::span<const std::uint8_t> from = bytes.values<std::uint8_t>();
    for (std::size_t i = 0; i < from.size(); ++i)
        floats.data<float>()[i] = static_cast<float>(from[i]) / 255.0F;
    return floats;
}

} // namespace

Status scaleFeatures(Dataset& dataset)
{
    const Shape shape = dataset.train.featureShape();
    const std::int64_t size = *shape.elementCount();
    const auto& source = dataset.train.source;
    const bool isPicture = (source ? source->dtype() : dataset.train.features.dtype()) == DType::UInt8;
    const std::int64_t groups = !isPicture ? size : shape.rank() == 3 ? shape.dim(2) : 1;
    if (groups == 0)
        return {};
    const auto scale = std::make_shared<FeatureScale>(groups);
    if (source) {
        WR_RETURN_IF_ERROR(
            scale->measure(dataset.train.count(), size,
                           [&](std::int64_t k, std::span<float> row) { return source->read(k, row); }));
        for (Examples* const part : {&dataset.train, &dataset.test}) {
            if (part->source)
                part->source = std::make_shared<ScaledRows>(part->source, scale);
        }
        return {};
    }
    for (Examples* const part : {&dataset.train, &dataset.test}) {
        if (part->count() > 0 && part->features.dtype() == DType::UInt8) {
            WR_ASSIGN_OR_RETURN(part->features, asFloats(part->features));
        }
    }
    const float* const all = dataset.train.features.data<float>();
    WR_RETURN_IF_ERROR(scale->measure(dataset.train.count(), size, [&](std::int64_t k, std::span<float> row) {
        std::copy_n(all + k * size, size, row.begin());
        return Status();
    }));
    for (Examples* const part : {&dataset.train, &dataset.test}) {
        for (std::int64_t k = 0; k < part->count(); ++k)
            scale->apply({part->features.data<float>() + k * size, static_cast<std::size_t>(size)});
    }
    return {};
}

} // namespace wr::train
