// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/probe_reports.h"

#include "engine/tensor/statistics.h"
#include "engine/train/batches.h"
#include "engine/train/inspection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace wr::app {
namespace {

constexpr int kBins = 48;
constexpr std::int64_t kActivityExamples = 256;

bool isShown(const graph::Variable& variable)
{
    return variable.trainable && variable.slotOf.empty();
}

/// |after - before| / |before|.
double changeRatio(const Tensor& before, const Tensor& after)
{
    double change = 0.0;
    double norm = 0.0;
    for (std::int64_t i = 0; i < after.elementCount(); ++i) {
        const double old = before.valueAt(i);
        const double step = after.valueAt(i) - old;
        change += step * step;
        norm += old * old;
    }
    return norm > 0.0 ? std::sqrt(change / norm) : qQNaN();
}

WeightProbe probeOf(const std::string& name, const Tensor& value)
{
    WeightProbe probe;
    const Statistics statistics = computeStatistics(value);
    probe.name = QString::fromStdString(name);
    probe.elements = value.elementCount();
    probe.mean = statistics.mean;
    probe.deviation = statistics.stddev;
    probe.least = statistics.min;
    probe.greatest = statistics.max;
    probe.zeros = probe.elements > 0
                      ? static_cast<double>(statistics.zeroCount) / static_cast<double>(probe.elements)
                      : 0.0;
    probe.updateRatio = qQNaN();
    const Histogram histogram = computeHistogram(value, kBins);
    std::uint64_t largest = 1;
    for (const std::uint64_t count : histogram.counts)
        largest = std::max(largest, count);
    for (const std::uint64_t count : histogram.counts)
        probe.counts.append(static_cast<float>(count) / static_cast<float>(largest));
    return probe;
}

struct Range {
    float low = 0.0F;
    float high = 1.0F;
    void widen(float share)
    {
        const float margin = std::max((high - low) * share, 1e-3F);
        low -= margin;
        high += margin;
    }
};

Range rangeOf(const Tensor& features, std::int64_t column, std::int64_t columns)
{
    Range range{features.data<float>()[column], features.data<float>()[column]};
    for (std::int64_t i = column; i < features.elementCount(); i += columns) {
        range.low = std::min(range.low, features.data<float>()[i]);
        range.high = std::max(range.high, features.data<float>()[i]);
    }
    range.widen(0.1F);
    return range;
}

/// The class of the largest logit and its probability; of one logit: the class by its sign.
std::pair<int, float> likeliest(const float* logits, std::int64_t count)
{
    if (count == 1) {
        const float probability = 1.0F / (1.0F + std::exp(-logits[0]));
        return {logits[0] > 0.0F ? 1 : 0, std::max(probability, 1.0F - probability)};
    }
    const float* const best = std::max_element(logits, logits + count);
    float sum = 0.0F;
    for (std::int64_t i = 0; i < count; ++i)
        sum += std::exp(logits[i] - *best);
    return {static_cast<int>(best - logits), 1.0F / sum};
}

DataReport::Column columnOf(const train::ColumnInfo& column)
{
    DataReport::Column shown;
    shown.name = QString::fromStdString(column.name);
    shown.isLabel = column.role == train::ColumnInfo::Role::Label;
    shown.isUsed = column.role != train::ColumnInfo::Role::Unused;
    shown.isText = column.isText;
    shown.texts = static_cast<qint64>(column.values.size());
    shown.missing = column.missing;
    shown.mean = column.mean;
    shown.deviation = column.deviation;
    return shown;
}

QVector<qint64> countClasses(const train::Examples& examples, std::int64_t classes)
{
    QVector<qint64> counts(classes, 0);
    if (!examples.labels.isValid() || examples.labels.dtype() != DType::Int64)
        return {};
    for (const std::int64_t label : examples.labels.values<std::int64_t>()) {
        if (label >= 0 && label < classes)
            ++counts[label];
    }
    return counts;
}

} // namespace

std::vector<Tensor> trainableValues(const TrainingRun& run)
{
    std::vector<Tensor> values;
    for (const graph::Variable& variable : run.model()->variables) {
        if (!isShown(variable))
            continue;
        Result<Tensor> value = run.session().value(variable.name);
        if (!value)
            return {};
        values.push_back(std::move(*value));
    }
    return values;
}

WeightReportPtr makeWeightReport(TrainingRun& run, const std::vector<Tensor>& before)
{
    if (!run.hasSession())
        return nullptr;
    const std::vector<Tensor> now = trainableValues(run);
    auto report = std::make_shared<WeightReport>();
    report->step = run.step();
    std::size_t place = 0;
    for (const graph::Variable& variable : run.model()->variables) {
        if (!isShown(variable) || place >= now.size())
            continue;
        WeightProbe probe = probeOf(variable.name, now[place]);
        if (place < before.size() && before[place].shape() == now[place].shape())
            probe.updateRatio = changeRatio(before[place], now[place]);
        report->variables.append(std::move(probe));
        ++place;
    }
    if (run.dataset() && !now.empty()) {
        const train::Examples& examples = run.dataset()->train;
        const auto activity = train::unitActivity(run.session(), examples, kActivityExamples);
        report->examples = std::min(kActivityExamples, examples.count());
        for (std::size_t i = 0; activity && i < activity->size(); ++i)
            report->activations.append(
                {QString::fromStdString((*activity)[i].name), (*activity)[i].units, (*activity)[i].dead});
    }
    return report;
}

SurfaceReportPtr makeSurfaceReport(TrainingRun& run)
{
    if (!run.hasSession() || !run.dataset())
        return nullptr;
    const train::Examples& shown =
        run.dataset()->test.count() > 0 ? run.dataset()->test : run.dataset()->train;
    if (shown.source)
        return nullptr;
    const std::int64_t features = shown.count() > 0 ? shown.features.elementCount() / shown.count() : 0;
    if ((features != 1 && features != 2) || shown.features.dtype() != DType::Float32)
        return nullptr;
    const bool isLine = features == 1;
    const bool hasClasses = shown.labels.dtype() == DType::Int64;
    if (isLine == hasClasses) // a line of classes, or numbers over a plane
        return nullptr;
    auto report = std::make_shared<SurfaceReport>();
    constexpr int kCells = 72;
    constexpr int kLinePoints = 240;
    report->step = run.step();
    report->isLine = isLine;
    report->columns = isLine ? kLinePoints : kCells;
    report->rows = isLine ? 1 : kCells;
    const Range across = rangeOf(shown.features, 0, features);
    const Range up = isLine ? rangeOf(shown.labels, 0, 1) : rangeOf(shown.features, 1, features);
    report->left = across.low;
    report->right = across.high;
    report->bottom = up.low;
    report->top = up.high;
    const std::int64_t cells = std::int64_t{report->columns} * report->rows;
    Result<Tensor> grid = Tensor::create(DType::Float32, Shape{cells, features});
    if (!grid)
        return nullptr;
    float* to = grid->data<float>();
    const auto spread = [](const Range& range, int index, int count) {
        return range.low +
               (range.high - range.low) * (static_cast<float>(index) + 0.5F) / static_cast<float>(count);
    };
    for (int row = 0; row < report->rows; ++row) {
        for (int column = 0; column < report->columns; ++column) {
            *to++ = spread(across, column, report->columns);
            if (!isLine)
                *to++ = spread(up, row, report->rows);
        }
    }
    const Result<Tensor> answers = train::predict(run.session(), *grid);
    if (!answers || answers->dtype() != DType::Float32 || answers->elementCount() % cells != 0)
        return nullptr;
    const std::int64_t width = answers->elementCount() / cells;
    for (std::int64_t cell = 0; cell < cells; ++cell) {
        const float* const own = answers->data<float>() + cell * width;
        if (isLine) {
            report->strength.append(own[0]);
            continue;
        }
        const auto [label, strength] = likeliest(own, width);
        report->classes.append(label);
        report->strength.append(strength);
    }
    constexpr std::int64_t kMostPoints = 500;
    for (std::int64_t i = 0; i < std::min(shown.count(), kMostPoints); ++i) {
        const float* const own = shown.features.data<float>() + i * features;
        if (isLine)
            report->points.append({own[0], shown.labels.data<float>()[i], 0});
        else
            report->points.append({own[0], own[1], static_cast<int>(shown.labels.data<std::int64_t>()[i])});
    }
    return report;
}

DataReportPtr makeDataReport(const TrainingRun& run)
{
    if (!run.dataset())
        return nullptr;
    const train::Dataset& data = *run.dataset();
    auto report = std::make_shared<DataReport>();
    report->name = QString::fromStdString(data.name);
    report->train = data.train.count();
    report->test = data.test.count();
    const Shape shape = data.train.featureShape();
    for (const std::int64_t dim : shape.dims())
        report->shape.append(dim);
    const bool hasClasses = data.train.labels.isValid() && data.train.labels.dtype() == DType::Int64;
    if (hasClasses) {
        report->trainCounts = countClasses(data.train, data.classes);
        report->testCounts = countClasses(data.test, data.classes);
        for (std::size_t i = 0; i < static_cast<std::size_t>(data.classes); ++i)
            report->classNames +=
                i < data.classNames.size() ? QString::fromStdString(data.classNames[i]) : QString::number(i);
    }
    for (const train::ColumnInfo& column : data.columns)
        report->columns.append(columnOf(column));
    constexpr std::int64_t kExamples = 60;
    constexpr std::int64_t kMostFeatures = 65536;
    const Result<Tensor> features = train::firstFeatures(data.train, kExamples);
    if (!features)
        return report;
    const std::int64_t count = features->shape().dim(0);
    const std::int64_t size = count > 0 ? features->elementCount() / count : 0;
    for (std::int64_t i = 0; i < count; ++i) {
        DataReport::Example example;
        for (std::int64_t k = 0; k < std::min(size, kMostFeatures); ++k)
            example.features.append(features->data<float>()[i * size + k]);
        const std::int64_t targets = data.train.labels.elementCount() / data.train.count();
        for (std::int64_t k = 0; k < std::min<std::int64_t>(targets, 4); ++k) {
            const double label = data.train.labels.valueAt(i * targets + k);
            const auto place = static_cast<qsizetype>(label);
            example.label += k > 0 ? QStringLiteral(", ") : QString();
            example.label += hasClasses && place >= 0 && place < report->classNames.size()
                                 ? report->classNames[place]
                                 : QString::number(label, 'g', 4);
        }
        report->examples.append(std::move(example));
    }
    // Of what stays in a file only the first examples are known.
    const bool isBytes = !data.train.source && data.train.features.dtype() == DType::UInt8;
    const Statistics statistics =
        isBytes ? Statistics{} : computeStatistics(data.train.source ? *features : data.train.features);
    report->least = statistics.min;
    report->greatest = isBytes ? 1.0 : statistics.max;
    return report;
}

} // namespace wr::app
