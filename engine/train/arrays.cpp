// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/arrays.h"

#include "engine/train/file_rows.h"
#include "engine/train/finite_values.h"
#include "engine/train/npy_file.h"
#include "engine/train/split.h"
#include "engine/train/zip_archive.h"

#include <algorithm>
#include <cmath>

namespace wr::train {
namespace {

constexpr double kLargestClass = 2147483647.0;

/// An array and what messages call it.
struct NamedArray {
    Tensor array;
    std::string name;
    std::shared_ptr<const RowSource> rows = nullptr; ///< instead of the array, where that is too large
};

Result<NamedArray> readFile(Vfs& vfs, const std::string& path, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<ByteStream> stream, openStream(vfs, path));
    WR_ASSIGN_OR_RETURN(Tensor array, readNpy(*stream, path, progress));
    return NamedArray{std::move(array), path};
}

Result<NamedArray> readEntry(ZipArchive& archive, const std::string& path, const std::string& array,
                             const Progress& progress)
{
    std::string entry = array + ".npy";
    if (!archive.has(entry) && archive.has(array))
        entry = array;
    if (!archive.has(entry)) {
        std::string all;
        for (std::string name : archive.names()) {
            if (name.ends_with(".npy"))
                name.resize(name.size() - 4);
            all += (all.empty() ? "" : ", ") + name;
        }
        return fail(StatusCode::NotFound, path + ": it holds no array \"" + array + "\"" +
                                              (all.empty() ? "; it is empty" : "; it holds " + all));
    }
    WR_ASSIGN_OR_RETURN(const std::unique_ptr<ByteStream> stream, archive.read(entry));
    const std::string name = path + ": " + array;
    WR_ASSIGN_OR_RETURN(Tensor values, readNpy(*stream, name, progress));
    return NamedArray{std::move(values), name};
}

Result<Tensor> asFloats(const Tensor& array)
{
    if (array.dtype() == DType::Float32)
        return array;
    WR_ASSIGN_OR_RETURN(Tensor floats, Tensor::create(DType::Float32, array.shape()));
    float* const to = floats.data<float>();
    if (array.dtype() == DType::Float64) {
        const double* const from = array.data<double>();
        std::transform(from, from + array.elementCount(), to,
                       [](double value) { return static_cast<float>(value); });
        return floats;
    }
    for (std::int64_t i = 0; i < array.elementCount(); ++i)
        to[i] = static_cast<float>(array.valueAt(i));
    return floats;
}

Result<Examples> joined(const NamedArray& features, const NamedArray& labels)
{
    Examples examples;
    if (features.rows) {
        examples.source = features.rows;
    } else {
        WR_ASSIGN_OR_RETURN(examples.features, featuresFrom(features.array, features.name));
    }
    WR_ASSIGN_OR_RETURN(examples.labels, labelsFrom(labels.array, labels.name));
    const std::int64_t count = (features.rows ? features.rows->shape() : examples.features.shape()).dim(0);
    if (examples.labels.shape().dim(0) != count)
        return fail(StatusCode::InvalidArgument,
                    features.name + " holds " + std::to_string(count) + " examples, but " + labels.name +
                        " holds " + std::to_string(examples.labels.shape().dim(0)) + " labels");
    return examples;
}

/// Takes the first examples of a part that is an array of its own; 0: all.
Result<Examples> firstOf(Examples all, std::int64_t wanted, const std::string& name)
{
    if (wanted == 0 || wanted == all.count())
        return all;
    graph::DataSpec first;
    first.train = wanted;
    WR_ASSIGN_OR_RETURN(const Parts parts, partsOf(all.count(), first, name));
    return takeRows(all, parts.train);
}

Status loadParts(const graph::DataSpec& spec, const std::string& directory, std::uint64_t inMemoryBytes,
                 Vfs& vfs, const Progress& progress, Dataset& dataset)
{
    const auto pathOf = [&](const std::string& path) {
        return path.front() == '/' || directory.empty() ? path : directory + "/" + path;
    };
    NamedArray features;
    NamedArray labels;
    const std::string path = pathOf(spec.imagesPath);
    if (spec.kind == graph::DataKind::Npy) {
        WR_ASSIGN_OR_RETURN(features.rows, openNpyRows(vfs, path, inMemoryBytes, progress));
        features.name = path;
        if (!features.rows) {
            WR_ASSIGN_OR_RETURN(features, readFile(vfs, path, progress));
        }
        WR_ASSIGN_OR_RETURN(labels, readFile(vfs, pathOf(spec.labelsPath), progress));
    } else {
        WR_ASSIGN_OR_RETURN(const std::unique_ptr<ZipArchive> archive, ZipArchive::open(vfs, path));
        const graph::ArchiveSettings& names = spec.archive;
        WR_ASSIGN_OR_RETURN(features, readEntry(*archive, path, names.features, progress));
        WR_ASSIGN_OR_RETURN(labels, readEntry(*archive, path, names.labels, progress));
        if (!names.testFeatures.empty()) {
            WR_ASSIGN_OR_RETURN(const NamedArray testFeatures,
                                readEntry(*archive, path, names.testFeatures, progress));
            WR_ASSIGN_OR_RETURN(const NamedArray testLabels,
                                readEntry(*archive, path, names.testLabels, progress));
            WR_ASSIGN_OR_RETURN(Examples train, joined(features, labels));
            WR_ASSIGN_OR_RETURN(Examples test, joined(testFeatures, testLabels));
            if (train.featureShape() != test.featureShape() ||
                train.features.dtype() != test.features.dtype())
                return invalidArgument(testFeatures.name + " holds examples of " +
                                       std::string(dtypeName(test.features.dtype())) + " " +
                                       test.featureShape().toString() + ", but " + features.name + " of " +
                                       std::string(dtypeName(train.features.dtype())) + " " +
                                       train.featureShape().toString());
            if (train.labels.dtype() != test.labels.dtype() ||
                train.labels.elementCount() / train.count() != test.labels.elementCount() / test.count())
                return invalidArgument(testLabels.name + " is of another kind than " + labels.name +
                                       ": one holds classes and the other targets, or their shapes differ");
            WR_ASSIGN_OR_RETURN(dataset.train, firstOf(std::move(train), spec.train, features.name));
            WR_ASSIGN_OR_RETURN(dataset.test, firstOf(std::move(test), spec.test, testFeatures.name));
            return {};
        }
    }
    WR_ASSIGN_OR_RETURN(const Examples all, joined(features, labels));
    WR_ASSIGN_OR_RETURN(const Parts parts, partsOf(all.count(), spec, features.name));
    WR_ASSIGN_OR_RETURN(dataset.train, takeRows(all, parts.train));
    if (!parts.test.empty()) {
        WR_ASSIGN_OR_RETURN(dataset.test, takeRows(all, parts.test));
    }
    return {};
}

} // namespace

Result<Tensor> featuresFrom(const Tensor& array, const std::string& name)
{
    if (array.shape().rank() < 1 || array.elementCount() == 0)
        return fail(StatusCode::InvalidArgument,
                    name + ": an array of shape " + array.shape().toString() + " holds no examples");
    if (array.dtype() == DType::UInt8)
        return array;
    WR_ASSIGN_OR_RETURN(const Tensor floats, asFloats(array));
    WR_RETURN_IF_ERROR(checkFinite(floats, name, "feature"));
    return floats;
}

Result<Tensor> labelsFrom(const Tensor& array, const std::string& name)
{
    if (array.shape().rank() < 1 || array.elementCount() == 0)
        return fail(StatusCode::InvalidArgument,
                    name + ": an array of shape " + array.shape().toString() + " holds no labels");
    const std::int64_t count = array.shape().dim(0);
    bool areClasses = !isFloating(array.dtype()) && array.elementCount() == count;
    for (std::int64_t i = 0; areClasses && i < count; ++i)
        areClasses = array.valueAt(i) >= 0.0 && array.valueAt(i) <= kLargestClass;
    if (!areClasses) {
        WR_ASSIGN_OR_RETURN(const Tensor targets, asFloats(array));
        WR_RETURN_IF_ERROR(checkFinite(targets, name, "target"));
        return targets;
    }
    WR_ASSIGN_OR_RETURN(Tensor labels, Tensor::create(DType::Int64, Shape{count}));
    for (std::int64_t i = 0; i < count; ++i)
        labels.data<std::int64_t>()[i] = static_cast<std::int64_t>(array.valueAt(i));
    return labels;
}

Result<std::shared_ptr<const Dataset>> loadArrays(const graph::DataSpec& spec, const std::string& directory,
                                                  std::uint64_t inMemoryBytes, Vfs& vfs,
                                                  const Progress& progress)
{
    auto dataset = std::make_shared<Dataset>();
    dataset->name = spec.name;
    WR_RETURN_IF_ERROR(loadParts(spec, directory, inMemoryBytes, vfs, progress, *dataset));
    dataset->classes =
        std::max(classesOf(dataset->train), dataset->test.count() > 0 ? classesOf(dataset->test) : 0);
    WR_RETURN_IF_ERROR(finish(*dataset, spec));
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

} // namespace wr::train
