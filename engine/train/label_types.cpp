// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/train/label_types.h"

namespace wr::train {

Status checkLabelType(const Dataset& dataset, const graph::Node& placeholder)
{
    const bool areClasses = dataset.train.labels.dtype() == DType::Int64;
    const bool wantsTargets = placeholder.dtype == DType::Float32;
    if (areClasses && wantsTargets && !dataset.classNames.empty())
        return invalidArgument("the labels of " + dataset.name + " are " +
                               std::to_string(dataset.classNames.size()) + " classes with names (\"" +
                               dataset.classNames.front() + "\", …), but " + placeholder.name +
                               " takes float32 targets; make it an int64 placeholder, or add one_hot=True "
                               "to the data");
    if (!areClasses && !wantsTargets)
        return invalidArgument("the labels of " + dataset.name + " are targets: float32 numbers, but " +
                               placeholder.name + " takes classes; make it a float32 placeholder");
    return {};
}

} // namespace wr::train
