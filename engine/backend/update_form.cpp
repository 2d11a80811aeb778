// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/backend/update_form.h"

namespace wr::backend {

bool changesVariable(OpCode op)
{
    return op >= OpCode::Assign && op <= OpCode::ApplyAdam;
}

std::optional<UpdateForm> updateForm(OpCode op)
{
    switch (op) {
    case OpCode::ApplyGradientDescent:
        return UpdateForm{3, 0, 2};
    case OpCode::ApplyMomentum:
        return UpdateForm{5, 1, 3};
    case OpCode::ApplyAdagrad:
        return UpdateForm{4, 1, 3};
    case OpCode::ApplyAdadelta:
        return UpdateForm{7, 2, 6};
    case OpCode::ApplyRMSProp:
        return UpdateForm{8, 2, 7};
    case OpCode::ApplyCenteredRMSProp:
        return UpdateForm{9, 3, 8};
    case OpCode::ApplyFtrl:
        return UpdateForm{8, 2, 3};
    case OpCode::ApplyFtrlV2:
        return UpdateForm{9, 2, 3};
    case OpCode::ApplyAdamW:
        return UpdateForm{11, 2, 10};
    case OpCode::ApplyAdam:
        return UpdateForm{10, 2, 9};
    default:
        return std::nullopt;
    }
}

} // namespace wr::backend
