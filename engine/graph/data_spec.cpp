// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/data_spec.h"

#include <sstream>

namespace wr::graph {

bool readsFiles(DataKind kind)
{
    return kind == DataKind::Idx || kind == DataKind::Csv || kind == DataKind::Npy || kind == DataKind::Npz ||
           kind == DataKind::Images;
}

bool mayBePictures(DataKind kind)
{
    return kind == DataKind::Digits || kind == DataKind::Idx || kind == DataKind::Npy ||
           kind == DataKind::Npz || kind == DataKind::Images;
}

LabelType labelTypeOf(const DataSpec& spec)
{
    if (spec.oneHot || spec.kind == DataKind::Sine)
        return LabelType::Targets;
    const bool fileTells =
        spec.kind == DataKind::Csv || spec.kind == DataKind::Npy || spec.kind == DataKind::Npz;
    return fileTells ? LabelType::Either : LabelType::Classes;
}

std::string dataKey(const DataSpec& spec)
{
    std::ostringstream key;
    // Lengths keep two texts apart from one that holds a line break.
    const auto text = [&](const std::string& part) { key << part.size() << ':' << part << '\n'; };
    key << static_cast<int>(spec.kind) << '\n'
        << spec.train << '\n'
        << spec.test << '\n'
        << spec.seed << '\n'
        << spec.classes << '\n'
        << std::hexfloat << spec.noise << '\n'
        << spec.normalize << spec.oneHot << spec.isShuffled << '\n';
    text(spec.imagesPath);
    text(spec.labelsPath);
    text(spec.table.label);
    key << spec.table.features.size() << '\n';
    for (const std::string& feature : spec.table.features)
        text(feature);
    key << static_cast<int>(spec.table.delimiter) << '\n'
        << (spec.table.header ? static_cast<int>(*spec.table.header) : -1) << '\n'
        << static_cast<int>(spec.table.missing) << '\n';
    text(spec.archive.features);
    text(spec.archive.labels);
    text(spec.archive.testFeatures);
    text(spec.archive.testLabels);
    key << spec.pictures.height << '\n' << spec.pictures.width << '\n' << spec.pictures.channels << '\n';
    return key.str();
}

} // namespace wr::graph
