// SPDX-License-Identifier: GPL-3.0-or-later
// What a script says of an optimizer, and what is known of each kind: its update, slots, scalars, defaults.
// Values; the builder's thread.
#pragma once

#include "engine/backend/opcode.h"
#include "engine/graph/value.h"
#include "engine/script/tree.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wr::graph {

/// A number that an update takes besides the learning rate, in the order of its inputs.
struct HyperParameter {
    std::string_view name; ///< as in the script
    double fallback = 0.0;
    bool isRequired = false;
    double least = 0.0; ///< the smallest that is allowed
    double most = 0.0;  ///< numbers must be below; 0: no limit
};

struct OptimizerForm {
    std::string_view function; ///< "tf.train.AdamOptimizer"
    backend::OpCode op;
    std::string_view name;              ///< its own where the script gives none, and that of its slots
    std::vector<std::string> slotKinds; ///< in the order in which they are made, as get_slot() calls them
    std::string_view inputs;    ///< after the variable: 0, 1, 2 a slot, p a power, r the rate, h the next
                                ///< hyperparameter, g the gradient
    double learningRate = -1.0; ///< negative: must be given
    std::vector<HyperParameter> hyper;
    std::vector<std::string_view> parameters; ///< of the constructor, in TensorFlow's order
};

/// The form whose constructor is called `function`; null when there is none.
const OptimizerForm* optimizerForm(std::string_view function);
const std::vector<OptimizerForm>& optimizerForms();
/// RMSProp with centered=True: another update, and one more slot.
const OptimizerForm& centeredForm();
/// Ftrl with l2_shrinkage_regularization_strength.
const OptimizerForm& shrinkingForm();

/// Variables whose names match take the learning rate times `factor`.
struct RateFactor {
    std::string pattern;
    double factor = 1.0;
    script::TextRange source;
    bool hasMatched = false;
};

struct OptimizerSettings {
    const OptimizerForm* form = nullptr;
    Value learningRate;
    std::vector<double> hyper;          ///< parallel to the form's
    std::vector<std::string> slotNames; ///< the last part of a slot's name; parallel to the form's slots
    std::vector<double> slotStarts;
    bool usesNesterov = false;
    std::string name;
    script::TextRange range;
    std::vector<RateFactor> factors;
    NodeId loss = kNoNode;                        ///< whose gradients were computed last
    std::optional<std::set<std::size_t>> decayed; ///< the only variables that decay; none: all
    /// What a second minimize() uses again, as indices into Model::variables: slots by variable and number,
    /// powers by number.
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> slotVariables;
    std::vector<std::size_t> powers;
};

} // namespace wr::graph
