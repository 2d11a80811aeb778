// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/dataset.h"

#include "engine/train/idx_file.h"
#include "engine/train/points.h"

#include <algorithm>
#include <cstring>

namespace wr::train {
namespace {

/// Test examples come from a seed of their own, so that they are never among those to train on.
constexpr std::uint64_t kTestSeed = 0x7E57D16175ULL;

std::string joined(const std::string& directory, const std::string& path)
{
    return path.empty() || path.front() == '/' || directory.empty() ? path : directory + "/" + path;
}

Result<Examples> readExamples(Vfs& vfs, const std::string& imagesPath, const std::string& labelsPath,
                              const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(Tensor images, readIdx(vfs, imagesPath, 3, progress));
    WR_ASSIGN_OR_RETURN(const Tensor bytes, readIdx(vfs, labelsPath, 1, progress));
    const std::int64_t count = images.shape().dim(0);
    if (bytes.shape().dim(0) != count)
        return fail(StatusCode::InvalidArgument, imagesPath + " holds " + std::to_string(count) +
                                                     " images, but " + labelsPath + " holds " +
                                                     std::to_string(bytes.shape().dim(0)) + " labels");
    if (count == 0)
        return fail(StatusCode::InvalidArgument, imagesPath + ": it holds no images");
    WR_ASSIGN_OR_RETURN(Tensor labels, Tensor::create(DType::Int64, Shape{count}));
    std::copy_n(bytes.data<std::uint8_t>(), count, labels.data<std::int64_t>());
    return Examples{std::move(images), std::move(labels)};
}

/// Examples [first, first + count) as tensors of their own.
Result<Examples> slice(const Examples& all, std::int64_t first, std::int64_t count)
{
    const std::int64_t size = all.features.shape().dim(1) * all.features.shape().dim(2);
    WR_ASSIGN_OR_RETURN(Tensor images, Tensor::create(DType::UInt8, Shape{count, all.features.shape().dim(1),
                                                                          all.features.shape().dim(2)}));
    WR_ASSIGN_OR_RETURN(Tensor labels, Tensor::create(DType::Int64, Shape{count}));
    std::copy_n(all.features.data<std::uint8_t>() + first * size, count * size, images.data<std::uint8_t>());
    std::copy_n(all.labels.data<std::int64_t>() + first, count, labels.data<std::int64_t>());
    return Examples{std::move(images), std::move(labels)};
}

std::int64_t classesOf(const Examples& examples)
{
    std::int64_t most = -1;
    for (const std::int64_t label : examples.labels.values<std::int64_t>())
        most = std::max(most, label);
    return most + 1;
}

/// Cuts one set of examples: the first `train` to train on, the next `test` to test on; 0 and 0: all but a
/// fifth.
Result<std::shared_ptr<const Dataset>> cut(Examples all, std::int64_t train, std::int64_t test,
                                           const std::string& name)
{
    if (train == 0 && test == 0) {
        test = all.count() / 5;
        train = all.count() - test;
    } else if (train == 0) {
        train = all.count() - test;
    }
    if (train < 1 || train + test > all.count())
        return fail(StatusCode::InvalidArgument, name + ": it holds " + std::to_string(all.count()) +
                                                     " examples, fewer than the " + std::to_string(train) +
                                                     " to train and " + std::to_string(test) +
                                                     " to test that are asked for");
    auto dataset = std::make_shared<Dataset>();
    dataset->name = name;
    dataset->classes = classesOf(all);
    WR_ASSIGN_OR_RETURN(dataset->train, slice(all, 0, train));
    if (test > 0) {
        WR_ASSIGN_OR_RETURN(dataset->test, slice(all, train, test));
    }
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

struct Found {
    std::string images;
    std::string labels;
};

/// The first pair of files in `names` that `wanted` accepts, by content.
Found findPair(Vfs& vfs, const std::string& directory, const std::vector<std::string>& names,
               const char* part)
{
    Found found;
    for (const std::string& name : names) {
        if (name.find(part) == std::string::npos)
            continue;
        const int rank = idxRank(vfs, directory + "/" + name);
        if (rank == 3 && found.images.empty())
            found.images = directory + "/" + name;
        else if (rank == 1 && found.labels.empty())
            found.labels = directory + "/" + name;
    }
    return found;
}

Result<std::shared_ptr<const Dataset>> loadFolder(Vfs& vfs, const std::string& directory,
                                                  const graph::DataSpec& spec, const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, vfs.list(directory));
    const auto complete = [](const Found& found) { return !found.images.empty() && !found.labels.empty(); };
    const Found train = findPair(vfs, directory, names, "train");
    const Found test = findPair(vfs, directory, names, "t10k");
    const std::string name = directory.substr(directory.find_last_of('/') + 1);
    if (complete(train) && complete(test)) {
        auto dataset = std::make_shared<Dataset>();
        dataset->name = name;
        WR_ASSIGN_OR_RETURN(dataset->train, readExamples(vfs, train.images, train.labels, progress));
        WR_ASSIGN_OR_RETURN(dataset->test, readExamples(vfs, test.images, test.labels, progress));
        dataset->classes = std::max(classesOf(dataset->train), classesOf(dataset->test));
        return std::shared_ptr<const Dataset>(std::move(dataset));
    }
    const Found any = complete(train) ? train : complete(test) ? test : findPair(vfs, directory, names, "");
    if (!complete(any))
        return fail(StatusCode::NotFound,
                    directory + ": it holds no pair of IDX files; one with images (3 dimensions) and "
                                "one with labels (1 dimension), plain or gzip, are needed");
    WR_ASSIGN_OR_RETURN(Examples all, readExamples(vfs, any.images, any.labels, progress));
    // A smaller set is cut in the proportion that the recipe asks for.
    std::int64_t trainCount = spec.train;
    std::int64_t testCount = spec.test;
    if (const std::int64_t asked = trainCount + testCount; asked > all.count()) {
        testCount = testCount * all.count() / asked;
        trainCount = all.count() - testCount;
    }
    return cut(std::move(all), trainCount, testCount, name);
}

} // namespace

Result<std::shared_ptr<const Dataset>> loadDataset(const graph::DataSpec& spec, const DataSource& source,
                                                   Vfs& vfs, const Progress& progress)
{
    if (!source.overrideDirectory.empty())
        return loadFolder(vfs, source.overrideDirectory, spec, progress);
    if (spec.kind == graph::DataKind::Idx) {
        const std::string images = joined(source.projectDirectory, spec.imagesPath);
        WR_ASSIGN_OR_RETURN(
            Examples all,
            readExamples(vfs, images, joined(source.projectDirectory, spec.labelsPath), progress));
        return cut(std::move(all), spec.train, spec.test, spec.imagesPath);
    }
    auto dataset = std::make_shared<Dataset>();
    dataset->name = spec.name;
    dataset->classes = spec.classes;
    const bool isDigits = spec.kind == graph::DataKind::Digits;
    const auto make = [&](std::int64_t count, std::uint64_t seed) {
        return isDigits ? makeDigits(count, seed, progress) : makePoints(spec, count, seed, progress);
    };
    WR_ASSIGN_OR_RETURN(dataset->train, make(spec.train, spec.seed));
    WR_ASSIGN_OR_RETURN(dataset->test, make(spec.test, spec.seed ^ kTestSeed));
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

} // namespace wr::train
