// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cpu/case_maker.h"

namespace wr::cpu {
namespace {

using backend::OpAttributes;
using backend::OpCode;

/// At least the square of `mean` everywhere, as the average of squares is.
Tensor squaresAbove(CaseMaker& make, const Tensor& mean)
{
    Tensor squares = make.random(mean.shape(), Range::Positive);
    for (std::int64_t i = 0; i < squares.elementCount(); ++i)
        CaseMaker::store(squares, i, squares.valueAt(i) + mean.valueAt(i) * mean.valueAt(i));
    return squares;
}

void addRmsProp(CaseMaker& make, const Shape& shape, bool isCentered)
{
    const Tensor variable = make.random(shape);
    const Tensor mean = make.random(shape);
    const Tensor squares = squaresAbove(make, mean);
    const Tensor gradient = make.random(shape);
    std::vector<Tensor> inputs{variable};
    if (isCentered)
        inputs.push_back(mean);
    for (const Tensor& input : {squares, make.random(shape), make.scalar(0.01), make.scalar(0.9),
                                make.scalar(0.5), make.scalar(1e-3), gradient})
        inputs.push_back(input);
    make.add(std::move(inputs), shape);
}

void addFtrl(CaseMaker& make, const Shape& shape, bool shrinks, double power)
{
    std::vector<Tensor> inputs{make.random(shape), make.random(shape, Range::Positive),
                               make.random(shape), make.random(shape),
                               make.scalar(0.2),   make.scalar(1.5),
                               make.scalar(0.1)};
    if (shrinks)
        inputs.push_back(make.scalar(0.05));
    inputs.push_back(make.scalar(power));
    make.add(std::move(inputs), shape);
}

} // namespace

bool addUpdateCases(CaseMaker& make, OpCode op)
{
    if (op < OpCode::Assign || (op >= OpCode::ScatterUpdate && op <= OpCode::ScatterDiv))
        return false;
    OpAttributes nesterov;
    nesterov.scalars[0] = 1.0;
    for (const Shape& shape : sizes()) {
        const Tensor variable = make.random(shape);
        const Tensor gradient = make.random(shape);
        const Tensor positive = make.random(shape, Range::Positive);
        std::vector<Tensor> adam{variable,          make.random(shape), positive,
                                 make.scalar(0.81), make.scalar(0.998), make.scalar(0.001),
                                 make.scalar(0.9),  make.scalar(0.999), make.scalar(1e-8)};
        switch (op) {
        case OpCode::ApplyGradientDescent:
            make.add({variable, make.scalar(0.05), gradient}, shape);
            break;
        case OpCode::ApplyMomentum:
            for (const OpAttributes& attributes : {OpAttributes(), nesterov})
                make.add({variable, make.random(shape), make.scalar(0.05), gradient, make.scalar(0.9)}, shape,
                         attributes);
            break;
        case OpCode::ApplyAdagrad:
            make.add({variable, positive, make.scalar(0.05), gradient}, shape);
            break;
        case OpCode::ApplyAdadelta:
            make.add({variable, positive, make.random(shape, Range::Positive), make.scalar(0.5),
                      make.scalar(0.95), make.scalar(1e-4), gradient},
                     shape);
            break;
        case OpCode::ApplyRMSProp:
        case OpCode::ApplyCenteredRMSProp:
            addRmsProp(make, shape, op == OpCode::ApplyCenteredRMSProp);
            break;
        case OpCode::ApplyFtrl:
        case OpCode::ApplyFtrlV2:
            for (const double power : {-0.5, -0.25, 0.0})
                addFtrl(make, shape, op == OpCode::ApplyFtrlV2, power);
            break;
        case OpCode::ApplyAdamW:
            adam.push_back(make.scalar(0.02));
            [[fallthrough]];
        case OpCode::ApplyAdam:
            adam.push_back(gradient);
            make.add(std::move(adam), shape);
            break;
        default:
            make.add({variable, gradient}, shape);
        }
    }
    return true;
}

} // namespace wr::cpu
