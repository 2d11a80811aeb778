// SPDX-License-Identifier: GPL-3.0-or-later
// The updates of variables once more, one element at a time in double precision, each written from its
// published formula, with how far the rounding of a kernel's type may be off.
#include "tests/cpu/kernel_case.h"

#include <cmath>

namespace wr::cpu {
namespace {

using backend::OpCode;

/// A value and how far it may be off.
struct Bounded {
    double value = 0.0;
    double slack = 0.0;
};

class UpdateReference {
public:
    UpdateReference(const KernelCase& c, double eps) : m_case(c), m_eps(eps) {}

    /// The variable and its slots after the update, at element i.
    std::vector<Bounded> at(std::int64_t i) const
    {
        const double var = element(0, i);
        switch (m_case.op) {
        case OpCode::Assign:
            return {{element(1, i), 0.0}};
        case OpCode::AssignAdd:
            return {sum(var, element(1, i))};
        case OpCode::AssignSub:
            return {sum(var, -element(1, i))};
        case OpCode::ApplyGradientDescent:
            return {minus(var, {scalar(1) * element(2, i), 0.0})};
        case OpCode::ApplyMomentum:
            return momentum(var, element(1, i), scalar(2), element(3, i), scalar(4));
        case OpCode::ApplyAdagrad: {
            const double g = element(3, i);
            const double accum = element(1, i) + g * g;
            return {minus(var, {scalar(2) * g / std::sqrt(accum), 0.0}), {accum, 4 * m_eps * accum}};
        }
        case OpCode::ApplyAdadelta:
            return adadelta(i);
        case OpCode::ApplyRMSProp:
            return rmsProp(var, 0.0, element(1, i), element(2, i), 3, element(7, i), false);
        case OpCode::ApplyCenteredRMSProp:
            return rmsProp(var, element(1, i), element(2, i), element(3, i), 4, element(8, i), true);
        case OpCode::ApplyFtrl:
            return ftrl(i, 0.0, scalar(7));
        case OpCode::ApplyFtrlV2:
            return ftrl(i, scalar(7), scalar(8));
        case OpCode::ApplyAdamW:
            return adam(i, scalar(9), element(10, i));
        default:
            return adam(i, 0.0, element(9, i));
        }
    }

private:
    double element(std::size_t input, std::int64_t i) const { return m_case.inputs[input].valueAt(i); }
    double scalar(std::size_t input) const { return m_case.inputs[input].valueAt(0); }

    Bounded sum(double a, double b) const { return {a + b, 2 * m_eps * std::abs(a + b)}; }
    Bounded minus(double var, const Bounded& change) const
    {
        return {var - change.value,
                4 * m_eps * std::abs(var) + 16 * m_eps * std::abs(change.value) + change.slack};
    }

    std::vector<Bounded> momentum(double var, double before, double alpha, double g, double momentum) const
    {
        const double accum = before * momentum + g;
        const double slack = 4 * m_eps * (std::abs(before) + std::abs(g));
        const bool looksAhead = m_case.attributes.scalars[0] != 0.0;
        const double change = looksAhead ? alpha * (g + momentum * accum) : alpha * accum;
        return {minus(var, {change, 4 * alpha * slack}), {accum, slack}};
    }

    std::vector<Bounded> adadelta(std::int64_t i) const
    {
        const double alpha = scalar(3);
        const double rho = scalar(4);
        const double epsilon = scalar(5);
        const double g = element(6, i);
        const double accum = rho * element(1, i) + (1 - rho) * g * g;
        const double change = std::sqrt(element(2, i) + epsilon) / std::sqrt(accum + epsilon) * g;
        const double updates = rho * element(2, i) + (1 - rho) * change * change;
        return {minus(element(0, i), {alpha * change, 0.0}),
                {accum, 8 * m_eps * accum},
                {updates, 32 * m_eps * updates}};
    }

    std::vector<Bounded> rmsProp(double var, double mean, double square, double moment, std::size_t first,
                                 double g, bool isCentered) const
    {
        const double alpha = scalar(first);
        const double rho = scalar(first + 1);
        const double epsilon = scalar(first + 3);
        const double newSquare = square + (g * g - square) * (1 - rho);
        const double squareSlack = 4 * m_eps * (square + g * g);
        const double newMean = mean + (g - mean) * (1 - rho);
        const double meanSlack = 4 * m_eps * (std::abs(mean) + std::abs(g));
        const double variance = isCentered ? std::max(0.0, newSquare - newMean * newMean) : newSquare;
        const double below = variance + epsilon;
        const double belowSlack =
            squareSlack +
            (isCentered ? 2 * std::abs(newMean) * meanSlack + 4 * m_eps * newMean * newMean : 0.0);
        const double step = alpha * g / std::sqrt(below);
        const double newMoment = moment * scalar(first + 2) + step;
        const double momentSlack =
            8 * m_eps * (std::abs(moment) + std::abs(step)) + std::abs(step) * belowSlack / below;
        std::vector<Bounded> after{minus(var, {newMoment, momentSlack})};
        if (isCentered)
            after.push_back({newMean, meanSlack});
        after.push_back({newSquare, squareSlack});
        after.push_back({newMoment, momentSlack});
        return after;
    }

    std::vector<Bounded> ftrl(std::int64_t i, double shrinkage, double power) const
    {
        const double var = element(0, i);
        const double accum = element(1, i);
        const double g = element(3, i);
        const double alpha = scalar(4);
        const double l1 = scalar(5);
        const double l2 = scalar(6);
        const double newAccum = accum + g * g;
        const double after = std::pow(newAccum, -power) / alpha;
        const double before = std::pow(accum, -power) / alpha;
        const double linear = element(2, i) + g + 2 * shrinkage * var - (after - before) * var;
        const double slack =
            16 * m_eps *
            (std::abs(element(2, i)) + std::abs(g) + std::abs(var) * (after + before + shrinkage));
        const double quadratic = after + 2 * l2;
        const double sign = linear > 0 ? 1.0 : -1.0;
        const double value = std::abs(linear) > l1 ? (sign * l1 - linear) / quadratic : 0.0;
        return {{value, 16 * m_eps * std::abs(value) + (slack + 4 * m_eps * l1) / quadratic},
                {newAccum, 4 * m_eps * newAccum},
                {linear, slack}};
    }

    std::vector<Bounded> adam(std::int64_t i, double decay, double g) const
    {
        const double m = element(1, i) + (g - element(1, i)) * (1 - scalar(6));
        const double v = element(2, i) + (g * g - element(2, i)) * (1 - scalar(7));
        const double rate = scalar(5) * std::sqrt(1 - scalar(4)) / (1 - scalar(3));
        const double change = rate * m / (std::sqrt(v) + scalar(8));
        const double slackM = 8 * m_eps * (std::abs(element(1, i)) + std::abs(g));
        const double slack =
            64 * m_eps * (std::abs(change) + std::abs(rate)) + std::abs(rate / std::sqrt(v)) * slackM;
        return {minus(element(0, i) * (1 - decay), {change, slack + 4 * m_eps * std::abs(element(0, i))}),
                {m, slackM},
                {v, 8 * m_eps * (element(2, i) + g * g)}};
    }

    const KernelCase& m_case;
    double m_eps;
};

} // namespace

bool expectUpdate(const KernelCase& c, double eps, Expectation& out)
{
    if (c.op < OpCode::Assign || (c.op >= OpCode::ScatterUpdate && c.op <= OpCode::ScatterDiv))
        return false;
    const UpdateReference reference(c, eps);
    std::vector<Expectation> parts(static_cast<std::size_t>(c.written()));
    for (std::int64_t i = 0; i < c.inputs[0].elementCount(); ++i) {
        const std::vector<Bounded> after = reference.at(i);
        if (after.size() != parts.size())
            return false;
        for (std::size_t part = 0; part < parts.size(); ++part)
            parts[part].add(after[part].value, after[part].slack);
    }
    for (const Expectation& part : parts) {
        out.values.insert(out.values.end(), part.values.begin(), part.values.end());
        out.tolerances.insert(out.tolerances.end(), part.tolerances.begin(), part.tolerances.end());
    }
    return true;
}

} // namespace wr::cpu
