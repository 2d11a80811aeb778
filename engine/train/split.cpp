// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/split.h"

#include "engine/train/batches.h"
#include "engine/train/feature_scale.h"
#include "engine/train/file_rows.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace wr::train {

Result<Parts> partsOf(std::int64_t count, const graph::DataSpec& spec, const std::string& name)
{
    std::int64_t train = spec.train;
    std::int64_t test = spec.test;
    if (train == 0 && test == 0)
        test = count / 5;
    if (train == 0)
        train = count - test;
    if (train < 1 || test > count || train > count - test)
        return fail(StatusCode::InvalidArgument,
                    name + ": it holds " + std::to_string(count) + " examples, fewer than the " +
                        std::to_string(std::max<std::int64_t>(train, 1)) + " to train and " +
                        std::to_string(test) + " to test that are asked for");
    std::vector<std::int64_t> order;
    if (spec.isShuffled) {
        order = shuffled(count, spec.seed, 0);
    } else {
        order.resize(static_cast<std::size_t>(train + test));
        std::iota(order.begin(), order.end(), std::int64_t{0});
    }
    const auto middle = order.begin() + train;
    return Parts{{order.begin(), middle}, {middle, middle + test}};
}

Result<Tensor> takeRows(const Tensor& all, std::span<const std::int64_t> rows)
{
    std::vector<std::int64_t> dims = all.shape().dims();
    const std::size_t rowBytes = dims[0] == 0 ? 0 : all.byteSize() / static_cast<std::size_t>(dims[0]);
    dims[0] = static_cast<std::int64_t>(rows.size());
    WR_ASSIGN_OR_RETURN(Tensor taken, Tensor::create(all.dtype(), Shape(dims)));
    std::byte* to = taken.mutableBytes().data();
    for (const std::int64_t row : rows) {
        std::memcpy(to, all.bytes().data() + static_cast<std::size_t>(row) * rowBytes, rowBytes);
        to += rowBytes;
    }
    return taken;
}

Result<Examples> takeRows(const Examples& all, std::span<const std::int64_t> rows)
{
    Examples taken;
    if (all.source) {
        taken.source = chooseRows(all.source, {rows.begin(), rows.end()});
    } else {
        WR_ASSIGN_OR_RETURN(taken.features, takeRows(all.features, rows));
    }
    WR_ASSIGN_OR_RETURN(taken.labels, takeRows(all.labels, rows));
    return taken;
}

std::int64_t classesOf(const Examples& examples)
{
    if (examples.labels.dtype() != DType::Int64)
        return 0;
    std::int64_t most = -1;
    for (const std::int64_t label : examples.labels.values<std::int64_t>())
        most = std::max(most, label);
    return most + 1;
}

Status spreadLabels(Dataset& dataset)
{
    constexpr std::int64_t kMostClasses = 10000;
    const std::int64_t classes = dataset.classes;
    if (dataset.train.labels.dtype() != DType::Int64)
        return invalidArgument(dataset.name + ": one_hot is for classes, but the labels are targets: numbers "
                                              "that are not whole");
    if (classes > kMostClasses)
        return resourceExhausted(dataset.name + ": one_hot of " + std::to_string(classes) +
                                 " classes; at most " + std::to_string(kMostClasses) + " are spread so");
    for (Examples* const part : {&dataset.train, &dataset.test}) {
        if (part->count() == 0)
            continue;
        WR_ASSIGN_OR_RETURN(Tensor rows, Tensor::zeros(DType::Float32, Shape{part->count(), classes}));
        const std::span<const std::int64_t> numbers = part->labels.values<std::int64_t>();
        for (std::size_t i = 0; i < numbers.size(); ++i)
            rows.data<float>()[static_cast<std::int64_t>(i) * classes + numbers[i]] = 1.0F;
        part->labels = std::move(rows);
    }
    return {};
}

Status finish(Dataset& dataset, const graph::DataSpec& spec)
{
    if (spec.normalize)
        WR_RETURN_IF_ERROR(scaleFeatures(dataset));
    return spec.oneHot ? spreadLabels(dataset) : Status();
}

} // namespace wr::train
