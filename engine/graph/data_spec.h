// SPDX-License-Identifier: GPL-3.0-or-later
// What a script says about its data: which files or which made examples, how much of them, how they are read.
// A value that a model owns; nothing here opens a file. Any thread.
#pragma once

#include "engine/script/tree.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wr::graph {

enum class DataKind : std::uint8_t { Digits, Idx, Spiral, Xor, Blobs, Moons, Sine, Csv, Npy, Npz, Images };

/// What becomes of a field that holds nothing.
enum class MissingRule : std::uint8_t {
    Refuse,
    Drop, ///< the whole row is left out
    Mean, ///< the mean of the column's training part
};

/// wr.data.csv(path, label=, features=, delimiter=, header=, missing=).
struct TableSettings {
    std::string label;                 ///< a column's name, or its number from 0
    std::vector<std::string> features; ///< likewise; empty: all other columns
    char delimiter = ',';
    std::optional<bool> header; ///< none: guessed
    MissingRule missing = MissingRule::Refuse;
};

/// wr.data.npz(path, features=, labels=, test_features=, test_labels=): names of arrays in the archive.
struct ArchiveSettings {
    std::string features;
    std::string labels;
    std::string testFeatures; ///< empty: the test part is cut from the others
    std::string testLabels;
};

/// wr.data.images(path, size=, channels=).
struct PictureSettings {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::int64_t channels = 3; ///< 1 or 3
};

/// wr.train(augment={"flip": True, "shift": 2}): how pictures are changed at random while training.
struct AugmentSettings {
    bool flip = false;      ///< one of two is mirrored, left and right
    std::int64_t shift = 0; ///< the farthest way, in pixels, to any side
    bool isOn() const { return flip || shift > 0; }
};

/// What the labels of a data set are, as far as the script tells.
enum class LabelType : std::uint8_t {
    Classes, ///< numbers of classes
    Targets, ///< float32
    Either,  ///< the file tells
};

/// wr.data.digits(train=, test=, seed=), wr.data.idx(images=, labels=, train=, test=), points of a plane:
/// wr.data.spiral(train=, test=, seed=, classes=, noise=) and its kin; or files: csv, npy, npz, images.
struct DataSpec {
    std::string name;
    DataKind kind = DataKind::Digits;
    std::int64_t train = 0; ///< of files: 0 with test 0 is all but a fifth, 0 with a test all but the test
    std::int64_t test = 0;
    std::uint64_t seed = 0;
    std::int64_t classes = 0; ///< 0: targets are numbers, or the files say it
    double noise = 0.0;
    std::string imagesPath; ///< Idx, Npy: features. Csv, Npz: the file. Images: the folder
    std::string labelsPath; ///< Idx, Npy
    bool normalize = false; ///< features get mean 0 and deviation 1, by those of the training part
    bool oneHot = false;    ///< classes become float32 rows of 0 and one 1
    bool isShuffled =
        false; ///< a shuffle by `seed` tells the parts; else the first examples are those to train on
    TableSettings table;
    ArchiveSettings archive;
    PictureSettings pictures;
    script::TextRange source;
};

/// True for data that comes from files.
bool readsFiles(DataKind kind);
/// True for data whose examples are pictures, or may be.
bool mayBePictures(DataKind kind);
LabelType labelTypeOf(const DataSpec& spec);

/// Everything that decides which examples a spec gives, as a text to compare; its place in the script does
/// not.
std::string dataKey(const DataSpec& spec);

} // namespace wr::graph
