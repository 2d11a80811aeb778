// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/dataset.h"

#include "engine/base/machine_memory.h"
#include "engine/train/arrays.h"
#include "engine/train/file_rows.h"
#include "engine/train/idx_file.h"
#include "engine/train/image_folder.h"
#include "engine/train/points.h"
#include "engine/train/split.h"
#include "engine/train/table.h"

#include <algorithm>

namespace wr::train {
namespace {

/// Test examples come from a seed of their own, so that they are never among those to train on.
constexpr std::uint64_t kTestSeed = 0x7E57D16175ULL;

std::string joined(const std::string& directory, const std::string& path)
{
    return path.empty() || path.front() == '/' || directory.empty() ? path : directory + "/" + path;
}

Result<Examples> readExamples(Vfs& vfs, const std::string& imagesPath, const std::string& labelsPath,
                              std::uint64_t inMemoryBytes, const Progress& progress)
{
    Examples examples;
    WR_ASSIGN_OR_RETURN(examples.source, openIdxRows(vfs, imagesPath, inMemoryBytes));
    if (!examples.source) {
        WR_ASSIGN_OR_RETURN(examples.features, readIdx(vfs, imagesPath, 3, progress));
    }
    WR_ASSIGN_OR_RETURN(const Tensor bytes, readIdx(vfs, labelsPath, 1, progress));
    const std::int64_t count =
        examples.source ? examples.source->shape().dim(0) : examples.features.shape().dim(0);
    if (bytes.shape().dim(0) != count)
        return fail(StatusCode::InvalidArgument, imagesPath + " holds " + std::to_string(count) +
                                                     " images, but " + labelsPath + " holds " +
                                                     std::to_string(bytes.shape().dim(0)) + " labels");
    if (count == 0)
        return fail(StatusCode::InvalidArgument, imagesPath + ": it holds no images");
    WR_ASSIGN_OR_RETURN(examples.labels, Tensor::create(DType::Int64, Shape{count}));
    std::copy_n(bytes.data<std::uint8_t>(), count, examples.labels.data<std::int64_t>());
    return examples;
}

/// Cuts one set of examples as the spec says.
Result<std::shared_ptr<const Dataset>> cut(const Examples& all, const graph::DataSpec& spec,
                                           const std::string& name)
{
    WR_ASSIGN_OR_RETURN(const Parts parts, partsOf(all.count(), spec, name));
    auto dataset = std::make_shared<Dataset>();
    dataset->name = name;
    dataset->classes = classesOf(all);
    WR_ASSIGN_OR_RETURN(dataset->train, takeRows(all, parts.train));
    if (!parts.test.empty()) {
        WR_ASSIGN_OR_RETURN(dataset->test, takeRows(all, parts.test));
    }
    WR_RETURN_IF_ERROR(finish(*dataset, spec));
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
                                                  const graph::DataSpec& spec, std::uint64_t inMemoryBytes,
                                                  const Progress& progress)
{
    WR_ASSIGN_OR_RETURN(const std::vector<std::string> names, vfs.list(directory));
    const auto complete = [](const Found& found) { return !found.images.empty() && !found.labels.empty(); };
    const Found train = findPair(vfs, directory, names, "train");
    const Found test = findPair(vfs, directory, names, "t10k");
    const std::string name = directory.substr(directory.find_last_of('/') + 1);
    if (complete(train) && complete(test)) {
        auto dataset = std::make_shared<Dataset>();
        dataset->name = name;
        WR_ASSIGN_OR_RETURN(dataset->train,
                            readExamples(vfs, train.images, train.labels, inMemoryBytes, progress));
        WR_ASSIGN_OR_RETURN(dataset->test,
                            readExamples(vfs, test.images, test.labels, inMemoryBytes, progress));
        dataset->classes = std::max(classesOf(dataset->train), classesOf(dataset->test));
        WR_RETURN_IF_ERROR(finish(*dataset, spec));
        return std::shared_ptr<const Dataset>(std::move(dataset));
    }
    const Found any = complete(train) ? train : complete(test) ? test : findPair(vfs, directory, names, "");
    if (!complete(any))
        return fail(StatusCode::NotFound,
                    directory + ": it holds no pair of IDX files; one with images (3 dimensions) and "
                                "one with labels (1 dimension), plain or gzip, are needed");
    WR_ASSIGN_OR_RETURN(const Examples all,
                        readExamples(vfs, any.images, any.labels, inMemoryBytes, progress));
    // A smaller set is cut in the proportion that the recipe asks for.
    graph::DataSpec parts = spec;
    parts.isShuffled = false;
    if (const std::int64_t asked = spec.train + spec.test; asked > all.count()) {
        parts.test = spec.test * all.count() / asked;
        parts.train = all.count() - parts.test;
    }
    return cut(all, parts, name);
}

} // namespace

Result<std::shared_ptr<const Dataset>> loadDataset(const graph::DataSpec& spec, const DataSource& source,
                                                   Vfs& vfs, const Progress& progress)
{
    const std::uint64_t inMemoryBytes =
        source.inMemoryBytes > 0 ? source.inMemoryBytes : physicalMemoryBytes() / 4;
    if (!source.overrideDirectory.empty())
        return loadFolder(vfs, source.overrideDirectory, spec, inMemoryBytes, progress);
    if (spec.kind == graph::DataKind::Idx) {
        const std::string images = joined(source.projectDirectory, spec.imagesPath);
        WR_ASSIGN_OR_RETURN(const Examples all,
                            readExamples(vfs, images, joined(source.projectDirectory, spec.labelsPath),
                                         inMemoryBytes, progress));
        return cut(all, spec, spec.imagesPath);
    }
    if (spec.kind == graph::DataKind::Npy || spec.kind == graph::DataKind::Npz)
        return loadArrays(spec, source.projectDirectory, inMemoryBytes, vfs, progress);
    if (spec.kind == graph::DataKind::Images)
        return loadImages(spec, joined(source.projectDirectory, spec.imagesPath), vfs, progress);
    if (spec.kind == graph::DataKind::Csv)
        return loadTable(spec, joined(source.projectDirectory, spec.imagesPath), vfs, progress);
    auto dataset = std::make_shared<Dataset>();
    dataset->name = spec.name;
    dataset->classes = spec.classes;
    const bool isDigits = spec.kind == graph::DataKind::Digits;
    const auto make = [&](std::int64_t count, std::uint64_t seed) {
        return isDigits ? makeDigits(count, seed, progress) : makePoints(spec, count, seed, progress);
    };
    WR_ASSIGN_OR_RETURN(dataset->train, make(spec.train, spec.seed));
    WR_ASSIGN_OR_RETURN(dataset->test, make(spec.test, spec.seed ^ kTestSeed));
    WR_RETURN_IF_ERROR(finish(*dataset, spec));
    return std::shared_ptr<const Dataset>(std::move(dataset));
}

} // namespace wr::train
