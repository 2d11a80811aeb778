// SPDX-License-Identifier: GPL-3.0-or-later
// Examples, in memory or (features of large files) read when needed: features as uint8 or float32 [count, …],
// labels as int64 [count] or targets as float32 [count, …], in a train and a test part; and what a table's
// columns were taken for. Immutable once made; any thread.
#pragma once

#include "engine/base/progress.h"
#include "engine/base/vfs.h"
#include "engine/graph/model.h"
#include "engine/tensor/tensor.h"
#include "engine/train/row_source.h"

#include <memory>
#include <string>
#include <vector>

namespace wr::train {

struct Examples {
    Tensor features; ///< images as uint8 [count, height, width], or numbers as float32 [count, …]; none where
                     ///< there is a source
    Tensor labels;                           ///< classes as int64 [count], or targets as float32 [count, …]
    std::shared_ptr<const RowSource> source; ///< where features are read from when needed; else null
    /// The shape of one example's features, without the count.
    Shape featureShape() const
    {
        const std::vector<std::int64_t>& dims = (source ? source->shape() : features.shape()).dims();
        return Shape(std::vector<std::int64_t>(dims.begin() + 1, dims.end()));
    }
    std::int64_t count() const { return labels.isValid() ? labels.shape().dim(0) : 0; }
};

/// What a column of a table was taken for.
struct ColumnInfo {
    enum class Role : std::uint8_t { Unused, Feature, Label };
    std::string name;
    Role role = Role::Unused;
    bool isText = false;
    std::vector<std::string> values; ///< of a text column in use: each text once, by first appearance
    std::int64_t missing = 0;        ///< fields of the whole file that hold nothing
    double mean = 0.0;               ///< of a feature of numbers, over the training part
    double deviation = 0.0;
};

struct Dataset {
    std::string name;
    std::int64_t classes = 0; ///< 0: the labels are targets
    Examples train;
    Examples test;
    std::vector<ColumnInfo> columns;     ///< of a table; else empty
    std::vector<std::string> classNames; ///< where the data names its classes; else empty
};

struct DataSource {
    std::string projectDirectory; ///< relative paths of the recipe start here
    std::string
        overrideDirectory; ///< other data of the same kind: a folder of IDX files; empty: as the recipe says
    std::uint64_t inMemoryBytes = 0; ///< features in larger files stay there; 0: a quarter of the memory
};

/// Makes or loads the data of a recipe. Errors name the file, the place and the cause: a label out of range
/// of `classes` counts as InvalidArgument, a short or damaged file as DataLoss.
Result<std::shared_ptr<const Dataset>> loadDataset(const graph::DataSpec& spec, const DataSource& source,
                                                   Vfs& vfs, const Progress& progress = {});

/// Handwritten-like digits, 28×28, white strokes on black, with random affine distortion, stroke width and
/// noise. The same bits for the same seed on every machine; example i does not depend on `count`.
/// ResourceExhausted when there is no memory for them; Cancelled.
Result<Examples> makeDigits(std::int64_t count, std::uint64_t seed, const Progress& progress = {});

} // namespace wr::train
