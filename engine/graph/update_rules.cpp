// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/graph/update_rules.h"

#include "engine/backend/update_form.h"
#include "engine/graph/rule_checks.h"

namespace wr::graph {
namespace {

/// The inputs of an Apply op besides the variable and the gradient: slots shaped as the variable, and
/// scalars.
Status wantUpdateInputs(const Node& node, Inputs inputs, const backend::UpdateForm& form)
{
    WR_RETURN_IF_ERROR(wantFloating(node, inputs[0]));
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], inputs[i]));
        if (i <= form.slotCount)
            WR_RETURN_IF_ERROR(wantCompatible(node, inputs[0].shape, inputs[i].shape));
        else if (i != form.gradient && inputs[i].shape.rank() != 0)
            return invalidArgument(quotedOp(node.op) + " takes a scalar as input " + std::to_string(i) +
                                   ", but its shape is " + inputs[i].shape.toString());
    }
    return {};
}

} // namespace

Result<OutputSpec> inferUpdateOutput(const Node& node, Inputs inputs)
{
    const std::optional<backend::UpdateForm> form = backend::updateForm(node.op);
    WR_RETURN_IF_ERROR(wantInputs(node, inputs, form ? form->inputs : 2));
    if (form)
        WR_RETURN_IF_ERROR(wantUpdateInputs(node, inputs, *form));
    const OutputSpec& value = inputs[form ? form->gradient : 1];
    WR_RETURN_IF_ERROR(wantSameType(node, inputs[0], value));
    if (!inputs[0].shape.isCompatibleWith(value.shape))
        return fail(StatusCode::InvalidArgument,
                    quotedOp(node.op) + " requires shapes of both tensors to match. lhs shape= " +
                        inputs[0].shape.toString() + " rhs shape= " + value.shape.toString());
    return inputs[0];
}

} // namespace wr::graph
