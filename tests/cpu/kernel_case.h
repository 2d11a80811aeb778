// SPDX-License-Identifier: GPL-3.0-or-later
// One call of a kernel with its inputs, and what a plain calculation in double precision expects of it. For
// tests.
#pragma once

#include "engine/backend/kernel.h"
#include "engine/tensor/tensor.h"

#include <QString>
#include <functional>
#include <random>
#include <vector>

namespace wr::cpu {

struct KernelCase {
    backend::OpCode op = backend::OpCode::NoOp;
    DType dtype = DType::Float32; ///< as in the table of kernels
    std::vector<Tensor> inputs;
    DType outType = DType::Float32;
    Shape outShape;
    backend::OpAttributes attributes;

    /// Updates write into their first inputs: how many of them.
    int written() const;
    QString name() const;
};

/// Values of the output, or of the written inputs one after another, and how far each may be off.
struct Expectation {
    std::vector<double> values;
    std::vector<double> tolerances;
    void add(double value, double tolerance = 0.0)
    {
        values.push_back(value);
        tolerances.push_back(tolerance);
    }
};

/// Cases of one row of the table: sizes around the borders, broadcasting, specials.
std::vector<KernelCase> kernelCases(backend::OpCode op, DType dtype);
/// What is expected; nothing for random numbers with fractions.
Expectation expectationOf(const KernelCase& c);
/// What an element-wise op makes of numbers.
double referenceOf(backend::OpCode op, double x);
double referenceOf(backend::OpCode op, double a, double b);
/// The part of it for the ops of addSetupCases(); false for any other op.
bool expectSetup(const KernelCase& c, double eps, Expectation& out);
/// Likewise for the ops of addTrainCases() that need more than a function of one or two numbers.
bool expectTrain(const KernelCase& c, double eps, Expectation& out);
/// The part of it for Assign, its kin and the optimizers' updates; false for any other op.
bool expectUpdate(const KernelCase& c, double eps, Expectation& out);
/// Runs all tiles in the order given (empty: all at once) and returns the output or the written inputs.
std::vector<Tensor> runKernel(const backend::Kernel& kernel, const KernelCase& c, std::mt19937* shuffle);
/// As before, with the tiles run by `runTiles(args, tiles)`.
std::vector<Tensor>
runKernelBy(const backend::Kernel& kernel, const KernelCase& c,
            const std::function<void(const backend::KernelArgs&, std::int64_t)>& runTiles);

} // namespace wr::cpu
