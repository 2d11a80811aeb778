// SPDX-License-Identifier: GPL-3.0-or-later
// Weights of a small transformer that learns to read digits, trained here and now: random numbers would tell
// nothing of how well weights pack. For benchmarks; one thread.
#pragma once

#include "engine/tensor/tensor.h"

#include <memory>
#include <vector>

namespace wr::bench {

class TrainedWeights {
public:
    TrainedWeights();
    ~TrainedWeights();
    TrainedWeights(const TrainedWeights&) = delete;
    TrainedWeights& operator=(const TrainedWeights&) = delete;

    /// Why it cannot train.
    const Status& status() const;
    Status train(int steps);
    double loss() const;
    /// Variables and the optimizer's slots.
    std::vector<NamedTensor> state() const;
    /// Variables alone.
    std::vector<NamedTensor> weights() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The float32 tensors rounded to bfloat16.
std::vector<NamedTensor> toBfloat16(const std::vector<NamedTensor>& tensors);

} // namespace wr::bench
